// SPDX-License-Identifier: BSD-3-Clause
#include "models/unroll.hpp"

#include "core/error.hpp"

namespace crossjoule::models {
namespace {

/// What a network reads beyond its own output, without axes where that is nothing.
Shape known_beforehand(std::string const& name, Shape const& in, Shape const& out) {
  if (in == out) return {};
  bool const is_first_part = in.axes.size() == 3 && out.axes.size() == 3 &&
                             in.axes[0].name == "channel" && out.axes[0].name == "channel" &&
                             out.axes[0].extent < in.axes[0].extent && in.axes[1] == out.axes[1] &&
                             in.axes[2] == out.axes[2];
  VALIDATE(
      is_first_part,
      "network '{}' makes {} of {} (for several steps its output must be the first channels of "
      "its next input) train one step",
      name, to_string(out), to_string(in));
  Shape known = in;
  known.axes[0].extent -= out.axes[0].extent;
  return known;
}

}  // namespace

Graph without_objective(Graph const& graph) {
  NodeId const objective = objective_node(graph);
  if (objective < 0) return graph;
  NodeId const output = output_node(graph);
  Graph result{graph.name, {graph.nodes.begin(), graph.nodes.begin() + output + 1}};
  return result;
}

Graph with_relative_error(Graph const& graph, std::int64_t steps, RelativeError const& error) {
  std::vector<NodeId> const inputs = input_nodes(graph);
  VALIDATE(inputs.size() == 1 && objective_node(graph) < 0,
           "network '{}' has {} inputs{} (must have one, and no objective) remove the others",
           graph.name, inputs.size(), objective_node(graph) < 0 ? "" : " and an objective");
  std::vector<Shape> const shape = shapes(graph);
  NodeId const output = output_node(graph);
  Shape const known =
      steps > 1 ? known_beforehand(graph.name, shape[inputs[0]], shape[output]) : Shape{};

  Graph result = graph;
  std::vector<NodeId> outputs{output};
  for (std::int64_t step = 2; step <= steps; ++step) {
    NodeId state = outputs.back();
    if (!known.axes.empty()) {
      auto const name = [&](char const* what) { return fmt::format("step{}.{}", step, what); };
      NodeId const more = result.add(name("known"), {}, Input{known});
      state = result.add(name("state"), {state, more}, JoinChannels{});
    }
    std::vector<NodeId> place(graph.nodes.size(), state);  // where the input's readers look
    for (NodeId id = 0; id < static_cast<NodeId>(graph.nodes.size()); ++id) {
      if (id == inputs[0]) continue;
      Node node = graph.nodes[id];
      node.parameter_names = parameter_names(graph, shape, id);
      node.name = fmt::format("step{}.{}", step, node.name);
      for (NodeId& input : node.inputs) input = place[input];
      place[id] = static_cast<NodeId>(result.nodes.size());
      result.nodes.push_back(std::move(node));
    }
    outputs.push_back(place[output]);
  }
  std::vector<NodeId> pairs;
  for (std::size_t step = 0; step < outputs.size(); ++step) {
    std::string const name = step == 0 ? "target" : fmt::format("target{}", step + 1);
    pairs.push_back(outputs[step]);
    pairs.push_back(result.add(name, {}, Input{shape[output]}));
  }
  result.add("objective", pairs, error);
  return result;
}

}  // namespace crossjoule::models
