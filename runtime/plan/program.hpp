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
  bool is_live = true;    ///< false: the last node does not depend on it, it is never computed
  bool is_stored = true;  ///< false: the pre-activation of a fused layer
  std::int64_t size() const { return rows * columns; }
};

/// Which activations run together with the product before them.
enum class Fusing {
  none,
  from_results,  ///< those whose derivative is computed from their result: training
  all,           ///< inference
};

/// What backward does for one input of a step.
struct InputGradient {
  bool is_wanted = false;
  bool adds = false;            ///< another reader has written it before
  kernels::Fused epilogue{};    ///< derivative of the activation that made the input, if fused here
  models::NodeId operand = -1;  ///< the value that derivative is computed from
};

/// A parameter tensor in the flat buffer.
struct TensorPlace {
  std::int64_t offset = 0, size = 0;
};

/// One kernel: an op, or a product with the activation that follows it.
struct Step {
  models::NodeId result = 0;           ///< the value it makes
  models::NodeId node = 0;             ///< the op's own node (differs from `result` when fused)
  std::vector<models::NodeId> inputs;  ///< the values it reads
  models::Op op;
  kernels::Fused epilogue{};         ///< the activation, fused or on its own
  models::NodeId owner = 0;          ///< the first node with the same parameters
  std::vector<TensorPlace> tensors;  ///< of models::parameter_tensors
  bool adds_to_parameters = false;   ///< backward meets another user of the parameters before
  bool has_gradient = false;         ///< the objective depends on the result through a parameter
  bool gradient_is_ready = false;    ///< the activation's derivative was applied by its reader
  std::vector<InputGradient> input_gradients;
};

/// What is done with a step: its value, the gradients of its parameters, those of its inputs. Steps
/// without a product do both of the latter in one go.
enum class Task { forward, parameters, inputs };

/// A graph as a list of kernels, free of device, precision and batch.
struct Program {
  models::Graph graph;
  std::vector<models::Shape> shapes;  ///< by node id
  ParamLayout layout;
  std::vector<Value> values;  ///< by node id
  std::vector<Step> steps;    ///< of live nodes
  std::vector<models::NodeId> inputs;
  models::NodeId output = 0, objective = -1;

  /// Which gradients backward computes: those on the way to a parameter, or those of inputs too.
  enum class Gradients { of_parameters, of_all };

  /// Error (bad_input) for a graph without inputs.
  explicit Program(models::Graph const& graph, Fusing fusing = Fusing::from_results,
                   Gradients gradients = Gradients::of_parameters);
  /// Error (bad_input) where the graph has no objective.
  void require_trainable() const;
  /// Rows of a sample never meet but in the objective, and it has one input: it can run in tiles.
  bool is_row_wise() const;
  /// Do the gradients of this step's parameters come from a product of their own?
  static bool is_product(Step const& step);
  /// The values a task reads, the results of backward's derivatives included.
  std::vector<models::NodeId> reads(Step const& step, Task task) const;
  Step const& step_of(models::NodeId result) const;
  /// "layer0+elu: linear 76 -> 512" and so on.
  std::string describe(Step const& step) const;
};

/// An activation and its parameter as the kernels take them.
kernels::Fused fused(models::Activation const& activation);

}  // namespace crossjoule::runtime
