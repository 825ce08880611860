// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/epilogue.hpp"
#include "models/graph.hpp"
#include "runtime/params.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace crossjoule::runtime {

/// What one sample holds at a node: a matrix over the last axis.
struct Value {
  std::int64_t rows = 1, columns = 1;
  bool is_stored = true;  ///< false: the pre-activation of a fused layer
  std::int64_t size() const { return rows * columns; }
};

/// What backward does for one input of a step.
struct InputGradient {
  bool is_wanted = false;
  bool adds = false;          ///< another reader has written it before
  kernels::Fused epilogue{};  ///< derivative of the activation that made the input, if fused here
};

/// One kernel: an op, or a linear op with the activation that follows it.
struct Step {
  models::NodeId result = 0;           ///< the value it makes
  models::NodeId node = 0;             ///< the op's own node (differs from `result` when fused)
  std::vector<models::NodeId> inputs;  ///< the values it reads
  models::Op op;
  kernels::Fused epilogue{};            ///< the activation, fused or on its own
  std::int64_t weight = -1, bias = -1;  ///< places in the flat parameters; -1: none
  bool has_gradient = false;            ///< the objective depends on the result
  bool gradient_is_ready = false;       ///< the activation's derivative was applied by its reader
  std::vector<InputGradient> input_gradients;
};

/// A graph as a list of kernels, free of device, precision and batch.
struct Program {
  models::Graph graph;
  ParamLayout layout;
  std::vector<Value> values;  ///< by node id
  std::vector<Step> steps;
  models::NodeId input = 0, output = 0, objective = -1;

  /// Error (bad_input) for a graph without exactly one input.
  explicit Program(models::Graph const& graph);
  /// Error (bad_input) where the graph has no objective or one in the middle.
  void require_trainable() const;
  Step const& step_of(models::NodeId result) const;
  /// "layer0+elu: linear 76 -> 512" and so on.
  std::string describe(Step const& step) const;
};

/// relu, elu and their parameter as the kernels take them.
kernels::Fused fused(models::Activation const& activation);

}  // namespace crossjoule::runtime
