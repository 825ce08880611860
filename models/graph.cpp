// SPDX-License-Identifier: BSD-3-Clause
#include "models/graph.hpp"

#include "core/error.hpp"
#include "models/overloaded.hpp"

#include <utility>

namespace crossjoule::models {
namespace {

bool has_parameters(Op const& op) {
  return std::visit(
      Overloaded{[](Input const&) { return false; },                                           //
                 [](Linear const&) { return true; }, [](Activation const&) { return false; },  //
                 [](Add const&) { return false; }, [](SquaredDistance const&) { return false; },
                 [](MeanSquaredError const&) { return false; }},
      op);
}

}  // namespace

bool is_objective(Op const& op) {
  return std::visit(
      Overloaded{[](Input const&) { return false; },                                            //
                 [](Linear const&) { return false; }, [](Activation const&) { return false; },  //
                 [](Add const&) { return false; }, [](SquaredDistance const&) { return true; },
                 [](MeanSquaredError const&) { return true; }},
      op);
}

std::int64_t Shape::size() const {
  std::int64_t product = 1;
  for (Axis const& axis : axes) product *= axis.extent;
  return product;
}

std::string to_string(Shape const& shape) {
  std::string text;
  for (Axis const& axis : shape.axes)
    text += fmt::format("{}{}:{}", text.empty() ? "" : ",", axis.name, axis.extent);
  return text;
}

NodeId Graph::add(std::string node_name, std::vector<NodeId> inputs, Op op) {
  nodes.push_back({std::move(node_name), std::move(inputs), std::move(op)});
  return static_cast<NodeId>(nodes.size()) - 1;
}

NodeId objective_node(Graph const& graph) {
  if (graph.nodes.empty() || !is_objective(graph.nodes.back().op)) return -1;
  return static_cast<NodeId>(graph.nodes.size()) - 1;
}

NodeId output_node(Graph const& graph) {
  NodeId const objective = objective_node(graph);
  if (objective >= 0) return graph.nodes[objective].inputs.front();
  return static_cast<NodeId>(graph.nodes.size()) - 1;
}

std::int64_t Parameter::size() const {
  std::int64_t product = 1;
  for (std::int64_t extent : shape) product *= extent;
  return product;
}

std::vector<Parameter> parameters(Graph const& graph) {
  std::vector<Shape> const shape = shapes(graph);
  std::vector<Parameter> all;
  for (NodeId id = 0; id < static_cast<NodeId>(graph.nodes.size()); ++id) {
    Node const& node = graph.nodes[id];
    std::visit(Overloaded{[](Input const&) {}, [](Activation const&) {}, [](Add const&) {},
                          [](SquaredDistance const&) {}, [](MeanSquaredError const&) {},
                          [&](Linear const& linear) {
                            std::int64_t const in = shape[node.inputs[0]].last();
                            all.push_back({node.name + ".weight", id, {linear.out_features, in}});
                            if (linear.bias)
                              all.push_back({node.name + ".bias", id, {linear.out_features}});
                          }},
               node.op);
  }
  return all;
}

std::size_t differentiable_inputs(Node const& node) {
  return std::visit(Overloaded{[](Input const&) -> std::size_t { return 0; },
                               [](Linear const&) -> std::size_t { return 1; },
                               [](Activation const&) -> std::size_t { return 1; },
                               [](Add const&) -> std::size_t { return 2; },
                               [](SquaredDistance const&) -> std::size_t { return 1; },
                               [](MeanSquaredError const&) -> std::size_t { return 1; }},
                    node.op);
}

std::vector<int> gradient_contributions(Graph const& graph) {
  auto const count = static_cast<NodeId>(graph.nodes.size());
  std::vector<int> contributions(graph.nodes.size(), 0);
  NodeId const objective = objective_node(graph);
  if (objective < 0) return contributions;

  std::vector<bool> depends_on_parameters(graph.nodes.size(), false);
  for (NodeId id = 0; id < count; ++id) {
    bool depends = has_parameters(graph.nodes[id].op);
    for (NodeId input : graph.nodes[id].inputs) depends = depends || depends_on_parameters[input];
    depends_on_parameters[id] = depends;
  }
  contributions[objective] = 1;
  for (NodeId id = objective; id >= 0; --id) {
    if (contributions[id] == 0) continue;
    Node const& node = graph.nodes[id];
    for (std::size_t k = 0; k < differentiable_inputs(node); ++k)
      if (depends_on_parameters[node.inputs[k]]) ++contributions[node.inputs[k]];
  }
  return contributions;
}

std::string_view to_string(ActivationKind kind) {
  switch (kind) {
    case ActivationKind::relu: return "relu";
    case ActivationKind::elu: return "elu";
  }
  core::fail(core::ExitCode::internal, "activation {} has no name", static_cast<int>(kind));
}

ActivationKind activation_from(std::string_view text) {
  if (text == "relu") return ActivationKind::relu;
  if (text == "elu") return ActivationKind::elu;
  core::fail(core::ExitCode::bad_input,
             "activation '{}' is not known (elu, relu) take one of these", text);
}

}  // namespace crossjoule::models
