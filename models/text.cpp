// SPDX-License-Identifier: BSD-3-Clause
#include "models/text.hpp"

#include "core/digest.hpp"
#include "models/overloaded.hpp"

#include <fmt/format.h>
#include <functional>

namespace crossjoule::models {
namespace {

using NodeName = std::function<std::string(NodeId)>;

std::string join_inputs(Node const& node, NodeName const& name) {
  std::string text;
  for (NodeId id : node.inputs) text += (text.empty() ? "" : ", ") + name(id);
  return text;
}

/// One node as a line; fmt prints the shortest decimal that reads back to the same double.
std::string line(Graph const& graph, NodeId id, NodeName const& name) {
  Node const& node = graph.nodes[id];
  auto const print = [&](std::string_view kind, std::string const& settings) {
    return fmt::format("{} = {}({}){}{}\n", name(id), kind, join_inputs(node, name),
                       settings.empty() ? "" : " ", settings);
  };
  return std::visit(
      Overloaded{[&](Input const& op) {
                   return print("input", fmt::format("shape={}", to_string(op.shape)));
                 },
                 [&](Linear const& op) {
                   return print("linear",
                                fmt::format("out_features={} bias={}", op.out_features, op.bias));
                 },
                 [&](Activation const& op) {
                   if (op.kind == ActivationKind::relu) return print("relu", "");
                   return print(to_string(op.kind), fmt::format("alpha={}", op.alpha));
                 },
                 [&](Add const&) { return print("add", ""); },
                 [&](SquaredDistance const& op) {
                   return print("squared_distance", fmt::format("centre={}", op.centre));
                 },
                 [&](MeanSquaredError const&) { return print("mean_squared_error", ""); }},
      node.op);
}

std::string print_nodes(Graph const& graph, NodeName const& name) {
  std::string text;
  for (NodeId id = 0; id < static_cast<NodeId>(graph.nodes.size()); ++id)
    text += line(graph, id, name);
  return text;
}

}  // namespace

std::string to_text(Graph const& graph) {
  shapes(graph);  // a graph whose names hold spaces would not read back
  return fmt::format("graph {}\n", graph.name) +
         print_nodes(graph, [&](NodeId id) { return graph.nodes[id].name; });
}

std::string digest(Graph const& graph) {
  shapes(graph);
  return core::digest(print_nodes(graph, [](NodeId id) { return fmt::format("{}", id); }));
}

}  // namespace crossjoule::models
