// SPDX-License-Identifier: BSD-3-Clause
#include "models/graph.hpp"

#include "core/error.hpp"
#include "models/overloaded.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace crossjoule::models {
namespace {

constexpr std::size_t max_axes = 4;

/// Letters and digits of ASCII plus `extra`; never locale dependent.
bool is_word(std::string_view text, std::string_view extra) {
  auto allowed = [extra](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           extra.find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= 200 && std::all_of(text.begin(), text.end(), allowed);
}

/// a * b, refused above max_size; a >= 1.
std::int64_t checked_product(std::int64_t a, std::int64_t b, Node const& node) {
  VALIDATE(b >= 1, "node '{}' has the size {} (must be at least 1) correct it", node.name, b);
  VALIDATE(b <= max_size / a,
           "node '{}' needs {} x {} numbers (at most 2^44 are allowed) make it smaller", node.name,
           a, b);
  return a * b;
}

void check_finite(double value, char const* what, Node const& node) {
  VALIDATE(std::isfinite(value), "node '{}' has {} = {} (must be finite) correct it", node.name,
           what, value);
}

/// Shape of one node's output, the shapes of earlier nodes being known.
class ShapeOf {
 public:
  ShapeOf(Node const& node, std::vector<Shape> const& known) : node_(node), known_(known) {}

  Shape operator()(Input const& input) const {
    expect_inputs(0);
    VALIDATE(!input.shape.axes.empty() && input.shape.axes.size() <= max_axes,
             "input '{}' has {} axes (must have 1 to {}) correct its shape", node_.name,
             input.shape.axes.size(), max_axes);
    std::int64_t size = 1;
    std::set<std::string_view> names;
    for (Axis const& axis : input.shape.axes) {
      VALIDATE(is_word(axis.name, "_"),
               "input '{}' has an axis '{}' (letters, digits and _ only) rename it", node_.name,
               axis.name);
      VALIDATE(names.insert(axis.name).second,
               "input '{}' has two axes '{}' (names must differ) rename one", node_.name,
               axis.name);
      size = checked_product(size, axis.extent, node_);
    }
    return input.shape;
  }
  Shape operator()(Linear const& linear) const {
    expect_inputs(1);
    Shape shape = input(0);
    std::int64_t const rows = shape.size() / shape.last();
    checked_product(checked_product(rows, shape.last(), node_), linear.out_features, node_);
    shape.axes.back().extent = linear.out_features;
    return shape;
  }
  Shape operator()(Activation const& activation) const {
    expect_inputs(1);
    check_finite(activation.alpha, "alpha", node_);
    VALIDATE(activation.alpha > 0, "node '{}' has alpha = {} (must be above 0) correct it",
             node_.name, activation.alpha);
    VALIDATE(activation.kind != ActivationKind::relu || activation.alpha == 1,
             "node '{}' is a relu with alpha = {} (relu has none) remove alpha", node_.name,
             activation.alpha);
    return input(0);
  }
  Shape operator()(Add const&) const {
    expect_inputs(2);
    expect_equal_inputs();
    return input(0);
  }
  Shape operator()(SquaredDistance const& distance) const {
    expect_inputs(1);
    check_finite(distance.centre, "centre", node_);
    return one_number();
  }
  Shape operator()(MeanSquaredError const&) const {
    expect_inputs(2);
    expect_equal_inputs();
    return one_number();
  }

 private:
  Shape const& input(std::size_t k) const { return known_[node_.inputs[k]]; }
  static Shape one_number() { return {{{"objective", 1}}}; }
  void expect_inputs(std::size_t count) const {
    VALIDATE(node_.inputs.size() == count,
             "node '{}' has {} inputs (its kind takes {}) correct them", node_.name,
             node_.inputs.size(), count);
  }
  void expect_equal_inputs() const {
    VALIDATE(input(0) == input(1),
             "node '{}' joins shapes {} and {} (must be the same) correct its inputs", node_.name,
             to_string(input(0)), to_string(input(1)));
  }

  Node const& node_;
  std::vector<Shape> const& known_;
};

void check_names(Graph const& graph) {
  VALIDATE(is_word(graph.name, "_.-"),
           "graph name '{}' is not usable (letters, digits, _ . - only) rename it", graph.name);
  std::set<std::string_view> names;
  for (Node const& node : graph.nodes) {
    VALIDATE(is_word(node.name, "_.-"),
             "node name '{}' is not usable (letters, digits, _ . - only) rename it", node.name);
    VALIDATE(names.insert(node.name).second,
             "node name '{}' is used twice (names must differ) rename one", node.name);
  }
}

}  // namespace

std::vector<Shape> shapes(Graph const& graph) {
  VALIDATE(!graph.nodes.empty(), "graph '{}' has no nodes (an input is the least) add one",
           graph.name);
  VALIDATE(graph.nodes.size() <= max_nodes,
           "graph '{}' has {} nodes (at most {} are allowed) make it smaller", graph.name,
           graph.nodes.size(), max_nodes);
  check_names(graph);
  std::vector<Shape> known;
  known.reserve(graph.nodes.size());
  for (Node const& node : graph.nodes) {
    for (NodeId id : node.inputs)
      VALIDATE(id >= 0 && id < static_cast<NodeId>(known.size()),
               "node '{}' reads node number {} (only earlier nodes can be read) reorder the graph",
               node.name, id);
    bool const is_last = &node == &graph.nodes.back();
    VALIDATE(is_last || !is_objective(node.op),
             "node '{}' is an objective (must be the last node) move it to the end", node.name);
    known.push_back(std::visit(ShapeOf(node, known), node.op));
  }
  return known;
}

}  // namespace crossjoule::models
