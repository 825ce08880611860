// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "models/ops.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace crossjoule::models {

/// Index of a node in its graph; inputs always have smaller ids.
using NodeId = int;

struct Node {
  std::string name;  ///< unique, e.g. "layer0", "layer0.activation"
  std::vector<NodeId> inputs;
  Op op;
  /// Names of its parameters, in flat order; empty: "<name>.<suffix>". A node that names those of
  /// an earlier node of the same kind shares them: weights of a network applied twice.
  std::vector<std::string> parameter_names = {};
  bool operator==(Node const&) const = default;
};

/// A network as data: nodes in topological order. The last node is the objective where the network
/// has one, else the output. What neither depends on is never run; its parameters count.
struct Graph {
  std::string name;
  std::vector<Node> nodes;

  NodeId add(std::string node_name, std::vector<NodeId> inputs, Op op,
             std::vector<std::string> parameter_names = {});
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
/// By id: does the last node depend on it (or is it)?
std::vector<bool> live_nodes(Graph const& graph);
/// The Input nodes, in order: a sample is their values one after the other.
std::vector<NodeId> input_nodes(Graph const& graph);
/// Numbers of one sample: of all Input nodes together.
std::int64_t sample_size(Graph const& graph);

/// One parameter tensor, in the flat order every user of the graph shares.
struct Parameter {
  std::string name;  ///< unique, e.g. "layer0.w"
  NodeId node = 0;   ///< the first that uses it
  std::vector<std::int64_t> shape;
  std::int64_t size() const;
};
/// All distinct tensors; shared ones stand where their first user has them.
std::vector<Parameter> parameters(Graph const& graph);
/// The names of one node's parameters, in flat order, given the shapes of all nodes.
std::vector<std::string> parameter_names(Graph const& graph, std::vector<Shape> const& shapes,
                                         NodeId node);

/// By id: the first node with the same parameters (the node itself where it shares none).
std::vector<NodeId> parameter_owners(Graph const& graph, std::vector<Shape> const& shapes);

/// Does a gradient flow into input k of a node (a target is a constant)?
bool is_differentiable(Node const& node, std::size_t k);

/// How often each node's gradient receives a contribution on the way back from the objective, by
/// id: 0 for nodes whose gradient nobody needs (inputs, nodes without a parameter at or above them,
/// nodes the objective does not depend on), 1 for the objective itself. All 0 without an objective.
std::vector<int> gradient_contributions(Graph const& graph);

}  // namespace crossjoule::models
