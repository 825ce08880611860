// SPDX-License-Identifier: BSD-3-Clause
#include "models/graph.hpp"

#include "core/error.hpp"
#include "models/overloaded.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
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
    bool const is_threshold = activation.kind == ActivationKind::soft_shrink;
    VALIDATE(activation.alpha > 0 || (is_threshold && activation.alpha == 0),
             "node '{}' has alpha = {} (must be {}) correct it", node_.name, activation.alpha,
             is_threshold ? "at least 0" : "above 0");
    bool const has_none =
        activation.kind == ActivationKind::relu || activation.kind == ActivationKind::gelu;
    VALIDATE(!has_none || activation.alpha == 1,
             "node '{}' is a {} with alpha = {} ({} has none) remove alpha", node_.name,
             to_string(activation.kind), activation.alpha, to_string(activation.kind));
    return input(0);
  }
  Shape operator()(Add const&) const {
    expect_inputs(2);
    expect_equal_inputs();
    return input(0);
  }
  Shape operator()(LayerNorm const& norm) const {
    expect_inputs(1);
    check_finite(norm.epsilon, "epsilon", node_);
    VALIDATE(norm.epsilon > 0, "node '{}' has epsilon = {} (must be above 0) correct it",
             node_.name, norm.epsilon);
    return input(0);
  }
  Shape operator()(BatchNorm const&) const {
    expect_inputs(1);
    return input(0);
  }
  Shape operator()(Conv2d const& conv) const {
    expect_inputs(1);
    expect_axes({"row", "column", "feature"});
    std::int64_t const rows = positions(0, conv.window), columns = positions(1, conv.window);
    std::int64_t const taps =
        checked_product(conv.window.kernel_rows, conv.window.kernel_columns, node_);
    checked_product(checked_product(checked_product(rows, columns, node_),
                                    checked_product(taps, input(0).last(), node_), node_),
                    conv.out_features, node_);
    return {{{"row", rows}, {"column", columns}, {"feature", conv.out_features}}};
  }
  Shape operator()(Pool2d const& pool) const {
    expect_inputs(1);
    expect_axes({"row", "column", "feature"});
    Window const& window = pool.window;
    std::int64_t const rows = positions(0, window), columns = positions(1, window);
    VALIDATE(
        window.padding_rows < window.kernel_rows && window.padding_columns < window.kernel_columns,
        "node '{}' pads a pool of {}x{} by {}x{} (must be less than the kernel) correct it",
        node_.name, window.kernel_rows, window.kernel_columns, window.padding_rows,
        window.padding_columns);
    checked_product(checked_product(checked_product(rows, columns, node_), input(0).last(), node_),
                    checked_product(window.kernel_rows, window.kernel_columns, node_), node_);
    return {{{"row", rows}, {"column", columns}, {"feature", input(0).last()}}};
  }
  Shape operator()(GlobalAveragePool const&) const {
    expect_inputs(1);
    expect_axes({"row", "column", "feature"});
    return {{{"feature", input(0).last()}}};
  }
  Shape operator()(Flatten const&) const {
    expect_inputs(1);
    return {{{"feature", input(0).size()}}};
  }
  Shape operator()(LogCoshSum const&) const {
    expect_inputs(1);
    Shape shape = input(0);
    shape.axes.back().extent = 1;
    return shape;
  }
  Shape operator()(PatchEmbed const& embed) const {
    expect_inputs(1);
    expect_axes({"channel", "row", "column"});
    std::int64_t const rows = patches(1, embed.patch), columns = patches(2, embed.patch);
    checked_product(checked_product(input(0).size(), embed.out_features, node_), 1, node_);
    return {{{"row", rows}, {"column", columns}, {"feature", embed.out_features}}};
  }
  Shape operator()(PatchRestore const& restore) const {
    expect_inputs(1);
    expect_axes({"row", "column", "feature"});
    std::int64_t const pixels = checked_product(restore.patch, restore.patch, node_);
    VALIDATE(input(0).last() % pixels == 0,
             "node '{}' has {} features (must be a multiple of patch^2 = {}) correct the head",
             node_.name, input(0).last(), pixels);
    return {{{"channel", input(0).last() / pixels},
             {"row", input(0).axes[0].extent * restore.patch},
             {"column", input(0).axes[1].extent * restore.patch}}};
  }
  Shape operator()(JoinChannels const&) const {
    VALIDATE(!node_.inputs.empty(), "node '{}' has no input (it joins one or more) name some",
             node_.name);
    Shape shape = input(0);
    std::int64_t channels = 0;
    for (std::size_t k = 0; k < node_.inputs.size(); ++k) {
      expect_axes({"channel", "row", "column"}, k);
      VALIDATE(std::equal(shape.axes.begin() + 1, shape.axes.end(), input(k).axes.begin() + 1),
               "node '{}' joins {} and {} (only their channels may differ) correct one", node_.name,
               to_string(shape), to_string(input(k)));
      channels += input(k).axes[0].extent;
    }
    shape.axes[0].extent = channels;
    checked_product(checked_product(channels, shape.axes[1].extent, node_), shape.axes[2].extent,
                    node_);
    return shape;
  }
  Shape operator()(TakeChannels const& take) const {
    expect_inputs(1);
    expect_axes({"channel", "row", "column"});
    Shape shape = input(0);
    std::int64_t const channels = shape.axes[0].extent;
    VALIDATE(take.first >= 0 && take.count >= 1 && take.first < channels &&
                 take.count <= channels - take.first,
             "node '{}' takes {} channels from number {} on (there are {}) correct it", node_.name,
             take.count, take.first, channels);
    shape.axes[0].extent = take.count;
    return shape;
  }
  Shape operator()(FourierTransform const& transform) const {
    expect_inputs(1);
    expect_axes({"row", "column", "feature"});
    std::int64_t const features = input(0).last();
    VALIDATE(transform.blocks >= 1 && features % transform.blocks == 0,
             "node '{}' has {} blocks (they must divide the {} features) correct them", node_.name,
             transform.blocks, features);
    expect_modes(transform.first_row, transform.rows, transform.columns, input(0).axes[0].extent,
                 input(0).axes[1].extent);
    return {{{"row", transform.rows},
             {"mode", transform.columns},
             {"block", transform.blocks},
             {"part", 2 * features / transform.blocks}}};
  }
  Shape operator()(InverseFourierTransform const& inverse) const {
    expect_inputs(1);
    expect_axes({"row", "mode", "block", "part"});
    VALIDATE(input(0).last() % 2 == 0,
             "node '{}' reads {} parts (must be even: real and imaginary ones) correct its input",
             node_.name, input(0).last());
    checked_product(
        checked_product(input(0).axes[2].extent * input(0).last() / 2, inverse.rows, node_),
        inverse.columns, node_);
    expect_modes(inverse.first_row, input(0).axes[0].extent, input(0).axes[1].extent, inverse.rows,
                 inverse.columns);
    return {{{"row", inverse.rows},
             {"column", inverse.columns},
             {"feature", input(0).axes[2].extent * input(0).last() / 2}}};
  }
  Shape operator()(ComplexLinear const& linear) const {
    expect_inputs(1);
    Shape shape = input(0);
    VALIDATE(shape.axes.size() >= 2 && shape.last() % 2 == 0,
             "node '{}' reads the shape {} (must end with blocks and an even number of parts) "
             "correct its input",
             node_.name, to_string(shape));
    checked_product(checked_product(shape.size(), linear.out_features, node_), 2, node_);
    shape.axes.back().extent = 2 * linear.out_features;
    return shape;
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

  Shape operator()(RelativeError const& error) const {
    VALIDATE(node_.inputs.size() >= 2 && node_.inputs.size() % 2 == 0,
             "node '{}' has {} inputs (its kind takes pairs of output and target) correct them",
             node_.name, node_.inputs.size());
    for (std::size_t k = 0; k < node_.inputs.size(); k += 2) expect_equal_inputs(k);
    for (double const latitude_deg : {error.first_latitude_deg, error.last_latitude_deg})
      VALIDATE(latitude_deg >= -90 && latitude_deg <= 90,
               "node '{}' has the latitude {} (must be -90 to 90 degrees) correct it", node_.name,
               latitude_deg);
    if (error.weight == RowWeight::latitude)
      for (std::size_t k = 0; k < node_.inputs.size(); k += 2)
        expect_axes({"channel", "row", "column"}, k);
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
  void expect_equal_inputs(std::size_t k = 0) const {
    VALIDATE(input(k) == input(k + 1),
             "node '{}' joins shapes {} and {} (must be the same) correct its inputs", node_.name,
             to_string(input(k)), to_string(input(k + 1)));
  }
  void expect_axes(std::vector<std::string> const& names, std::size_t k = 0) const {
    std::vector<std::string> found;
    for (Axis const& axis : input(k).axes) found.push_back(axis.name);
    VALIDATE(found == names, "node '{}' reads the shape {} (must have the axes {}) correct it",
             node_.name, to_string(input(k)), fmt::join(names, ", "));
  }
  std::int64_t patches(std::size_t axis, std::int64_t patch) const {
    std::int64_t const extent = input(0).axes[axis].extent;
    VALIDATE(patch >= 1 && extent % patch == 0,
             "node '{}' has patch = {} (must divide the {} {}s of the grid) correct it or crop or "
             "pad the data",
             node_.name, patch, extent, input(0).axes[axis].name);
    return extent / patch;
  }
  /// Places of a window along an axis.
  std::int64_t positions(std::size_t axis, Window const& window) const {
    auto const [kernel, stride, padding] =
        axis == 0
            ? std::array{window.kernel_rows, window.stride_rows, window.padding_rows}
            : std::array{window.kernel_columns, window.stride_columns, window.padding_columns};
    VALIDATE(kernel >= 1 && kernel <= max_size,
             "node '{}' has a kernel of {} (must be at least 1 and at most 2^44) correct it",
             node_.name, kernel);
    VALIDATE(stride >= 1 && stride <= max_size,
             "node '{}' has a stride of {} (must be at least 1 and at most 2^44) correct it",
             node_.name, stride);
    VALIDATE(padding >= 0 && padding <= max_size,
             "node '{}' has a padding of {} (must be 0 or more and at most 2^44) correct it",
             node_.name, padding);
    std::int64_t const extent = input(0).axes[axis].extent + 2 * padding;
    VALIDATE(kernel <= extent,
             "node '{}' has a kernel of {} {}s (at most the {} of its input with padding) correct "
             "it",
             node_.name, kernel, input(0).axes[axis].name, extent);
    return (extent - kernel) / stride + 1;
  }
  void expect_modes(std::int64_t first_row, std::int64_t rows, std::int64_t columns,
                    std::int64_t grid_rows, std::int64_t grid_columns) const {
    VALIDATE(first_row >= 0 && first_row < grid_rows && rows >= 1 && rows <= grid_rows,
             "node '{}' keeps {} rows from row {} of the spectrum (it has {}) correct them",
             node_.name, rows, first_row, grid_rows);
    VALIDATE(columns >= 1 && columns <= grid_columns / 2 + 1,
             "node '{}' keeps {} columns of the spectrum (it has {}) correct them", node_.name,
             columns, grid_columns / 2 + 1);
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

/// Names of parameters are unique, but for nodes of one kind that share all of theirs.
class ParameterNames {
 public:
  ParameterNames(Graph const& graph, std::vector<Shape> const& known)
      : graph_(graph), known_(known) {}

  void check(NodeId id) {
    Node const& node = graph_.nodes[id];
    Owned mine{node.op.index(), {}, parameter_names(graph_, known_, id)};
    if (!node.inputs.empty()) mine.tensors = parameter_tensors(node.op, known_[node.inputs[0]]);
    VALIDATE(mine.names.size() == mine.tensors.size(),
             "node '{}' names {} parameters (its kind has {}) correct them", node.name,
             mine.names.size(), mine.tensors.size());
    for (std::string const& name : mine.names) {
      VALIDATE(is_word(name, "_.-"),
               "node '{}' has a parameter '{}' (letters, digits, _ . - only) rename it", node.name,
               name);
      auto const [owner, is_new] = owned_.emplace(name, mine);
      bool const is_shared = !is_new && !node.parameter_names.empty() && owner->second == mine &&
                             std::count(mine.names.begin(), mine.names.end(), name) == 1;
      VALIDATE(
          is_new || is_shared,
          "node '{}' has a parameter '{}' that an earlier node has too (only nodes of one kind "
          "and size that name all of them share) rename it",
          node.name, name);
    }
  }

 private:
  /// What a node's parameters are: its kind, their shapes and names.
  struct Owned {
    std::size_t kind;
    std::vector<Tensor> tensors;
    std::vector<std::string> names;
    bool operator==(Owned const&) const = default;
  };
  Graph const& graph_;
  std::vector<Shape> const& known_;
  std::map<std::string, Owned> owned_;
};

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
  ParameterNames names(graph, known);
  for (NodeId id = 0; id < static_cast<NodeId>(graph.nodes.size()); ++id) names.check(id);
  return known;
}

}  // namespace crossjoule::models
