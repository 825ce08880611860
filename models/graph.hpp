// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace crossjoule::models {

/// One named axis of a shape, e.g. {"feature", 76}.
struct Axis {
  std::string name;
  std::int64_t extent = 1;
  bool operator==(Axis const&) const = default;
};

/// Up to four named axes, outermost first. Batch is no part of it.
struct Shape {
  std::vector<Axis> axes;
  std::int64_t size() const;
  std::int64_t last() const { return axes.back().extent; }
  bool operator==(Shape const&) const = default;
};

/// "row:8,column:16,feature:4".
std::string to_string(Shape const& shape);

// --- the closed set of operations: plain data, one visitor per use ------------------------------
/// What a sample brings in.
struct Input {
  Shape shape;
  bool operator==(Input const&) const = default;
};
/// y = x W^T + b over the last axis; W is (out_features, in_features).
struct Linear {
  std::int64_t out_features = 1;
  bool bias = true;
  bool operator==(Linear const&) const = default;
};
enum class ActivationKind { relu, elu };
/// relu: max(x, 0), derivative 0 at 0; its alpha must be 1. elu: x > 0 ? x : alpha (exp(x) - 1)
/// with alpha > 0, so that the sign of y tells the branch.
struct Activation {
  ActivationKind kind = ActivationKind::relu;
  double alpha = 1;
  bool operator==(Activation const&) const = default;
};
/// Sum of two inputs of one shape: residual connections.
struct Add {
  bool operator==(Add const&) const = default;
};
/// Objective of Deep SVDD: sum_k (x_k - centre)^2, one number per sample.
struct SquaredDistance {
  double centre = 0;
  bool operator==(SquaredDistance const&) const = default;
};
/// Objective of an autoencoder: mean over features of (x - target)^2, one number per sample; inputs
/// are {output, target} and the target counts as a constant in gradients.
struct MeanSquaredError {
  bool operator==(MeanSquaredError const&) const = default;
};

using Op = std::variant<Input, Linear, Activation, Add, SquaredDistance, MeanSquaredError>;

/// True for operations that end a graph with the number per sample that training makes small.
bool is_objective(Op const& op);

/// Index of a node in its graph; inputs always have smaller ids.
using NodeId = int;

struct Node {
  std::string name;  ///< unique, e.g. "layer0", "layer0.activation"
  std::vector<NodeId> inputs;
  Op op;
  bool operator==(Node const&) const = default;
};

/// A network as data: nodes in topological order. Nodes that nobody reads are outputs; the last
/// node is the objective where the network has one.
struct Graph {
  std::string name;
  std::vector<Node> nodes;

  NodeId add(std::string node_name, std::vector<NodeId> inputs, Op op);
  bool operator==(Graph const&) const = default;
};

/// No tensor and no product of one sample may be larger: with at most `max_nodes` nodes every count
/// of models::cost fits 64 bits.
inline constexpr std::int64_t max_size = std::int64_t{1} << 44;
inline constexpr std::size_t max_nodes = 65536;

/// Shape of every node's output, by id. Error (bad_input) for a graph that does not fit together:
/// wrong number of inputs, ids out of order, shapes that differ, names used twice or with
/// characters other than letters, digits, '_', '.', '-', hyper-parameters that are not finite, an
/// objective that is not the last node, sizes < 1 or above max_size.
std::vector<Shape> shapes(Graph const& graph);

/// The node whose value is the network's answer: the first input of the objective, or the last
/// node.
NodeId output_node(Graph const& graph);
/// The objective node, or -1.
NodeId objective_node(Graph const& graph);

/// One parameter tensor, in the flat order every user of the graph shares.
struct Parameter {
  std::string name;  ///< "<node>.weight" (out, in) or "<node>.bias" (out)
  NodeId node = 0;
  std::vector<std::int64_t> shape;
  std::int64_t size() const;
};
std::vector<Parameter> parameters(Graph const& graph);

std::string_view to_string(ActivationKind kind);
/// The inverse of to_string; Error (bad_input) lists the known names.
ActivationKind activation_from(std::string_view text);

/// How many of a node's inputs, counted from the first, gradients flow into (a target is a
/// constant).
std::size_t differentiable_inputs(Node const& node);

/// How often each node's gradient receives a contribution on the way back from the objective, by
/// id: 0 for nodes whose gradient nobody needs (inputs, nodes without a parameter at or above them,
/// nodes the objective does not depend on), 1 for the objective itself. All 0 without an objective.
std::vector<int> gradient_contributions(Graph const& graph);

}  // namespace crossjoule::models
