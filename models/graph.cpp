// SPDX-License-Identifier: BSD-3-Clause
#include "models/graph.hpp"

#include "core/error.hpp"

#include <map>
#include <set>
#include <utility>

namespace crossjoule::models {
namespace {

NodeId count(Graph const& graph) { return static_cast<NodeId>(graph.nodes.size()); }

bool has_parameters(Graph const& graph, std::vector<Shape> const& shapes, NodeId id) {
  std::vector<NodeId> const& inputs = graph.nodes[id].inputs;
  return !inputs.empty() && !parameter_tensors(graph.nodes[id].op, shapes[inputs[0]]).empty();
}

}  // namespace

NodeId Graph::add(std::string node_name, std::vector<NodeId> inputs, Op op,
                  std::vector<std::string> parameter_names) {
  nodes.push_back(
      {std::move(node_name), std::move(inputs), std::move(op), std::move(parameter_names)});
  return static_cast<NodeId>(nodes.size()) - 1;
}

NodeId objective_node(Graph const& graph) {
  if (graph.nodes.empty() || !is_objective(graph.nodes.back().op)) return -1;
  return count(graph) - 1;
}

NodeId output_node(Graph const& graph) {
  NodeId const objective = objective_node(graph);
  if (objective >= 0) return graph.nodes[objective].inputs.front();
  return count(graph) - 1;
}

std::vector<bool> live_nodes(Graph const& graph) {
  std::vector<bool> live(graph.nodes.size(), false);
  for (NodeId id = count(graph) - 1; id >= 0; --id) {
    live[id] = live[id] || id == count(graph) - 1;
    for (NodeId input : graph.nodes[id].inputs) live[input] = live[input] || live[id];
  }
  return live;
}

std::vector<NodeId> input_nodes(Graph const& graph) {
  std::vector<NodeId> inputs;
  for (NodeId id = 0; id < count(graph); ++id)
    if (std::holds_alternative<Input>(graph.nodes[id].op)) inputs.push_back(id);
  return inputs;
}

std::int64_t sample_size(Graph const& graph) {
  std::int64_t size = 0;
  for (NodeId id : input_nodes(graph)) size += std::get<Input>(graph.nodes[id].op).shape.size();
  return size;
}

std::int64_t Parameter::size() const {
  std::int64_t product = 1;
  for (std::int64_t extent : shape) product *= extent;
  return product;
}

std::vector<std::string> parameter_names(Graph const& graph, std::vector<Shape> const& shapes,
                                         NodeId id) {
  Node const& node = graph.nodes[id];
  if (!node.parameter_names.empty() || node.inputs.empty()) return node.parameter_names;
  std::vector<std::string> names;
  for (Tensor const& tensor : parameter_tensors(node.op, shapes[node.inputs[0]]))
    names.push_back(node.name + "." + tensor.suffix);
  return names;
}

std::vector<Parameter> parameters(Graph const& graph) {
  std::vector<Shape> const shape = shapes(graph);
  std::vector<Parameter> all;
  std::set<std::string> known;
  for (NodeId id = 0; id < count(graph); ++id) {
    if (graph.nodes[id].inputs.empty()) continue;
    auto const tensors = parameter_tensors(graph.nodes[id].op, shape[graph.nodes[id].inputs[0]]);
    auto const names = parameter_names(graph, shape, id);
    for (std::size_t n = 0; n < tensors.size(); ++n)
      if (known.insert(names[n]).second) all.push_back({names[n], id, tensors[n].shape});
  }
  return all;
}

std::vector<NodeId> parameter_owners(Graph const& graph, std::vector<Shape> const& shapes) {
  std::map<std::string, NodeId> first;
  std::vector<NodeId> owners;
  for (NodeId id = 0; id < count(graph); ++id) {
    auto const names = parameter_names(graph, shapes, id);
    owners.push_back(names.empty() ? id : first.emplace(names.front(), id).first->second);
  }
  return owners;
}

bool is_differentiable(Node const& node, std::size_t k) {
  if (std::holds_alternative<MeanSquaredError>(node.op)) return k == 0;
  if (std::holds_alternative<RelativeError>(node.op)) return k % 2 == 0;
  return true;
}

std::vector<int> gradient_contributions(Graph const& graph) {
  std::vector<int> contributions(graph.nodes.size(), 0);
  NodeId const objective = objective_node(graph);
  if (objective < 0) return contributions;

  std::vector<Shape> const shape = shapes(graph);
  std::vector<bool> depends_on_parameters(graph.nodes.size(), false);
  for (NodeId id = 0; id < count(graph); ++id) {
    bool depends = has_parameters(graph, shape, id);
    for (NodeId input : graph.nodes[id].inputs) depends = depends || depends_on_parameters[input];
    depends_on_parameters[id] = depends;
  }
  contributions[objective] = 1;
  for (NodeId id = objective; id >= 0; --id) {
    if (contributions[id] == 0) continue;
    Node const& node = graph.nodes[id];
    for (std::size_t k = 0; k < node.inputs.size(); ++k)
      if (is_differentiable(node, k) && depends_on_parameters[node.inputs[k]])
        ++contributions[node.inputs[k]];
  }
  return contributions;
}

}  // namespace crossjoule::models
