// SPDX-License-Identifier: BSD-3-Clause
#include "models/unroll.hpp"

#include "core/error.hpp"

namespace crossjoule::models {
namespace {

/// What a network reads beyond its own outputs, without axes where that is nothing.
Shape known_beforehand(std::string const& name, Shape const& in, Shape const& out,
                       History const& history) {
  if (in == out && history.states == 1) return {};
  bool const is_first_part = in.axes.size() == 3 && out.axes.size() == 3 &&
                             in.axes[0].name == "channel" && out.axes[0].name == "channel" &&
                             out.axes[0].extent < in.axes[0].extent && in.axes[1] == out.axes[1] &&
                             in.axes[2] == out.axes[2];
  VALIDATE(
      is_first_part,
      "network '{}' makes {} of {} (for several steps its output must be the first channels of "
      "its next input) train one step",
      name, to_string(out), to_string(in));
  std::int64_t const made = out.axes[0].extent, read = in.axes[0].extent;
  bool const has_room =
      history.states == 1 ||
      (history.states > 1 && history.first >= made &&
       (history.states - 1) <= (read - history.first) / made && history.first < read);
  VALIDATE(has_room,
           "network '{}' reads {} channels (the {} states before need {} each from channel {} on) "
           "raise channels_in",
           name, read, history.states - 1, made, history.first);
  Shape known = in;
  known.axes[0].extent -= history.states * made;
  return known.axes[0].extent > 0 ? known : Shape{};
}

/// What the network reads in a further step: the output of the step before, the fields that are
/// known, the history, which shifts by one state, and further planes that are known.
NodeId add_next_state(Graph& graph, std::string const& step, NodeId output, NodeId read_before,
                      std::int64_t made, Shape const& known, History const& history) {
  std::vector<NodeId> parts{output};
  NodeId const more = known.axes.empty() ? -1 : graph.add(step + ".known", {}, Input{known});
  if (history.states == 1) {
    if (more >= 0) parts.push_back(more);
  } else {
    std::int64_t const fields = history.first - made;
    std::int64_t const planes = known.axes.empty() ? 0 : known.axes[0].extent - fields;
    auto const part_of_known = [&](char const* name, std::int64_t first, std::int64_t count) {
      if (count == 0) return;
      bool const is_all = count == known.axes[0].extent;
      parts.push_back(is_all ? more : graph.add(step + name, {more}, TakeChannels{first, count}));
    };
    part_of_known(".fields", 0, fields);
    parts.push_back(graph.add(step + ".newest_before", {read_before}, TakeChannels{0, made}));
    if (history.states > 2)
      parts.push_back(graph.add(step + ".older", {read_before},
                                TakeChannels{history.first, (history.states - 2) * made}));
    part_of_known(".planes", fields, planes);
  }
  return parts.size() == 1 ? output : graph.add(step + ".state", parts, JoinChannels{});
}

}  // namespace

Graph without_objective(Graph const& graph) {
  NodeId const objective = objective_node(graph);
  if (objective < 0) return graph;
  NodeId const output = output_node(graph);
  Graph result{graph.name, {graph.nodes.begin(), graph.nodes.begin() + output + 1}};
  return result;
}

Graph with_relative_error(Graph const& graph, std::int64_t steps, RelativeError const& error,
                          History const& history) {
  std::vector<NodeId> const inputs = input_nodes(graph);
  VALIDATE(inputs.size() == 1 && objective_node(graph) < 0,
           "network '{}' has {} inputs{} (must have one, and no objective) remove the others",
           graph.name, inputs.size(), objective_node(graph) < 0 ? "" : " and an objective");
  std::vector<Shape> const shape = shapes(graph);
  NodeId const output = output_node(graph);
  Shape const known =
      steps > 1 ? known_beforehand(graph.name, shape[inputs[0]], shape[output], history) : Shape{};

  Graph result = graph;
  std::vector<NodeId> outputs{output};
  NodeId state = inputs[0];
  for (std::int64_t step = 2; step <= steps; ++step) {
    state = add_next_state(result, fmt::format("step{}", step), outputs.back(), state,
                           shape[output].axes[0].extent, known, history);
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

Graph over_steps(Graph const& graph, std::int64_t steps, History const& history) {
  NodeId const objective = objective_node(graph);
  if (objective < 0) return graph;
  auto const* error =
      std::get_if<RelativeError>(&graph.nodes[static_cast<std::size_t>(objective)].op);
  return error ? with_relative_error(without_objective(graph), steps, *error, history) : graph;
}

}  // namespace crossjoule::models
