// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "models/graph.hpp"
#include "runtime/plan/plan.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace crossjoule::runtime {

/// What a dataset of a reference file holds.
enum class Expects {
  output,           ///< the network's answer, batch x output size
  objective,        ///< one number: the objective's mean over the batch
  score,            ///< one number per sample: ReferenceFile::score of its objective
  activation,       ///< the value of node `node`, batch x its size
  gradient,         ///< gradient of the mean objective by parameter tensor `tensor`
  node_gradient,    ///< gradient of the mean objective by the value of node `node`
  adam_losses,      ///< mean objective before each Adam step and after the last
  adam_parameters,  ///< parameter tensor `tensor` after the last Adam step
};

/// Of complex values, which hold the real parts of a block and then its imaginary ones.
enum class Part { whole, real, imaginary };

struct Expected {
  std::string dataset;  ///< its name in the file, e.g. "gradients/layer0.w"
  Expects what = Expects::output;
  models::NodeId node = -1;  ///< of an activation or its gradient
  std::size_t tensor = 0;    ///< of a parameter's gradient: index into models::parameters
  Part part = Part::whole;
  std::vector<double> values = {};
};

/// A network with its numbers as somebody else computed them (docs/reference_files.md).
struct ReferenceFile {
  std::string kind;     ///< "afno", "autoencoder" or "svdd"
  models::Graph graph;  ///< built from the parameters' shapes and the attributes
  std::int64_t batch = 0;
  std::vector<double> input;       ///< batch x sample size: inputs and targets
  std::vector<double> parameters;  ///< in ParamLayout order and padding
  double r_max = 1;                ///< svdd: what the score is divided by
  AdamOptions adam;                ///< of the file's optimizer steps
  std::int64_t adam_steps = 0;     ///< 0: the file has none
  std::vector<Expected> expected;  ///< in the order of the file's documentation

  /// Anomaly score of a sample whose objective is `objective`.
  double score(double objective) const;
};

/// Kinds that read_reference_file knows.
std::vector<std::string> reference_kinds();

/// Everything derived from the file, nothing assumed of sizes. Error (bad_input) names the file and
/// the dataset: unknown kind, a dataset that is missing, unknown, of a wrong shape or not finite.
ReferenceFile read_reference_file(std::filesystem::path const& path);

}  // namespace crossjoule::runtime
