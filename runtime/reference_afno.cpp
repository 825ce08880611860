// SPDX-License-Identifier: BSD-3-Clause
#include "core/error.hpp"
#include "models/afno.hpp"
#include "runtime/reference_reader.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace crossjoule::runtime {
namespace {

/// What a dataset of a block shows of a node, and whether the golden files hold its gradient too.
struct Shown {
  char const* dataset;
  char const* node;
  Part part;
  enum class Gradient { absent, present } gradient;
};
constexpr std::array<Shown, 13> shown_of_block{{
    {"norm1", "norm1", Part::whole, Shown::Gradient::present},
    {"spectrum_re", "spectrum", Part::real, Shown::Gradient::absent},
    {"spectrum_im", "spectrum", Part::imaginary, Shown::Gradient::absent},
    {"hidden_re", "hidden", Part::real, Shown::Gradient::absent},
    {"hidden_im", "hidden", Part::imaginary, Shown::Gradient::absent},
    {"filtered_re", "filtered", Part::real, Shown::Gradient::present},
    {"filtered_im", "filtered", Part::imaginary, Shown::Gradient::present},
    {"filter_out", "filter_out", Part::whole, Shown::Gradient::present},
    {"after_filter", "after_filter", Part::whole, Shown::Gradient::absent},
    {"norm2", "norm2", Part::whole, Shown::Gradient::present},
    {"fc1", "fc1", Part::whole, Shown::Gradient::present},
    {"mlp", "fc2", Part::whole, Shown::Gradient::absent},
    {"out", "out", Part::whole, Shown::Gradient::present},
}};

/// So that embed x ratio, rounded down, is the width of the hidden layer, which its weights show.
double mlp_ratio(ReferenceReader const& reader, std::int64_t embed) {
  auto const features = static_cast<double>(embed);
  Extents const fc1 = reader.shape("parameters/block0.fc1.w");
  auto const hidden = static_cast<double>(fc1.empty() ? 0 : fc1[0]);
  if (reader.has("mlp_ratio"))
    VALIDATE(std::abs(reader.number("mlp_ratio") * features - hidden) < 1,
             "{}: attribute 'mlp_ratio' = {} (but 'parameters/block0.fc1.w' has {} rows for {} "
             "features) correct one",
             reader.name(), reader.number("mlp_ratio"), hidden, embed);
  return (hidden + 0.5) / features;
}

/// The network's options from the file's attributes.
models::AfnoOptions read_options(ReferenceReader const& reader) {
  models::AfnoOptions o;
  o.rows = reader.whole("img_h", 1);
  o.columns = reader.whole("img_w", 1);
  o.channels_in = reader.whole("c_in", 1);
  o.channels_out = reader.whole("c_out", 1);
  o.patch = reader.whole("patch", 1);
  o.embed = reader.whole("embed", 1);
  o.depth = reader.whole("depth", 1);
  o.blocks = reader.whole("blocks", 1);
  o.mlp_ratio = mlp_ratio(reader, o.embed);
  o.sparsity = reader.has("softshrink_lambda") ? reader.number("softshrink_lambda") : 0.01;
  if (reader.has("hard_thresholding_fraction"))
    o.hard_thresholding_fraction = reader.number("hard_thresholding_fraction");
  VALIDATE(o.hard_thresholding_fraction > 0 && o.hard_thresholding_fraction <= 1,
           "{}: attribute 'hard_thresholding_fraction' = {} (must be above 0 and at most 1) "
           "correct it",
           reader.name(), o.hard_thresholding_fraction);
  VALIDATE(o.sparsity >= 0,
           "{}: attribute 'softshrink_lambda' = {} (must be at least 0) correct it", reader.name(),
           o.sparsity);
  if (reader.has("kept_row_rule")) {
    std::string const rule = reader.text("kept_row_rule");
    VALIDATE(rule == "upstream" || rule == "low",
             "{}: attribute 'kept_row_rule' = '{}' (must be upstream or low) correct it",
             reader.name(), rule);
    o.kept_rows = rule == "low" ? models::KeptRows::low : models::KeptRows::upstream;
  }
  if (reader.has("double_skip") && reader.whole("double_skip", 0) == 0)
    o.skip = models::AfnoOptions::Skip::single;
  // the width of the spectral layer shows in the shape of its weights
  if (Extents const w1 = reader.shape("parameters/block0.w1"); w1.size() == 4 && o.blocks > 0 &&
                                                               o.embed % o.blocks == 0 &&
                                                               w1[3] % (o.embed / o.blocks) == 0)
    o.hidden_factor = std::max<std::int64_t>(1, w1[3] / (o.embed / o.blocks));
  o.final_norm = reader.has_dataset("parameters/norm.w") ? models::AfnoOptions::FinalNorm::unused
                                                         : models::AfnoOptions::FinalNorm::absent;
  return o;
}

/// Attributes that say again what follows from the others.
void check_derived(ReferenceReader const& reader, models::AfnoOptions const& o) {
  auto const kept = models::kept_modes(o.rows / o.patch, o.columns / o.patch,
                                       o.hard_thresholding_fraction, o.kept_rows);
  auto const agrees = [&](char const* attribute, std::int64_t wanted) {
    if (reader.has(attribute))
      VALIDATE(reader.number(attribute) == static_cast<double>(wanted),
               "{}: attribute '{}' = {} (but {} follows from the others) correct one",
               reader.name(), attribute, reader.number(attribute), wanted);
  };
  agrees("tokens_h", o.rows / o.patch);
  agrees("tokens_w", o.columns / o.patch);
  agrees("kept_cols", kept.columns);
  if (o.kept_rows != models::KeptRows::upstream) return;  // the window is not one range of rows
  agrees("kept_row_begin", kept.first_row);
  agrees("kept_row_end", kept.first_row + kept.rows);
}

models::Graph graph_of(ReferenceReader const& reader) {
  models::AfnoOptions const options = read_options(reader);
  double const epsilon =
      reader.has("layer_norm_epsilon") ? reader.number("layer_norm_epsilon") : 1e-6;
  return reader.naming_file([&] {
    models::Graph graph = models::afno(options);
    check_derived(reader, options);
    for (models::Node& node : graph.nodes)
      if (auto* const norm = std::get_if<models::LayerNorm>(&node.op)) norm->epsilon = epsilon;
    models::shapes(graph);
    return graph;
  });
}

/// Reads what a file expects of one network.
class Expectations {
 public:
  Expectations(ReferenceReader& reader, ReferenceFile& into)
      : reader_(reader),
        into_(into),
        shapes_(models::shapes(into.graph)),
        tensors_(models::parameters(into.graph)) {}

  void read() {
    auto const output = models::output_node(into_.graph);
    add({"output", Expects::output, output}, extents(output, Part::whole));
    add({"loss", Expects::objective}, {1});
    read_tensors("gradients", Expects::gradient);
    read_nodes("activations", Expects::activation);
    if (reader_.has_dataset("input_gradient"))
      add({"input_gradient", Expects::node_gradient, 0}, extents(0, Part::whole));
    if (reader_.has_dataset("output_gradient"))
      add({"output_gradient", Expects::node_gradient, output}, extents(output, Part::whole));
    if (reader_.has_group("activation_gradients"))
      read_nodes("activation_gradients", Expects::node_gradient);
    if (reader_.has_group("adam")) read_adam();
  }

 private:
  void add(Expected expected, Extents const& shape) {
    expected.values = reader_.read(expected.dataset, shape);
    into_.expected.push_back(std::move(expected));
  }

  /// (batch, axes of the node); complex values may join their blocks or not.
  Extents extents(models::NodeId node, Part part) const {
    Extents all{into_.batch};
    for (models::Axis const& axis : shapes_[node].axes) all.push_back(axis.extent);
    if (part != Part::whole) all.back() /= 2;
    return all;
  }
  Extents extents_in_file(std::string const& dataset, models::NodeId node, Part part) const {
    Extents all = extents(node, part);
    if (part == Part::whole || reader_.shape(dataset).size() == all.size()) return all;
    std::int64_t const features = all.back();
    all.pop_back();
    all.back() *= features;
    return all;
  }

  void read_tensors(std::string const& group, Expects what) {
    std::vector<Expected> all;
    for (std::size_t n = 0; n < tensors_.size(); ++n)
      all.push_back({group + "/" + tensors_[n].name, what, tensors_[n].node, n});
    check_names(group, all);
    for (Expected& each : all) add(each, tensors_[each.tensor].shape);
  }

  void read_nodes(std::string const& group, Expects what) {
    std::vector<Expected> all{{group + "/embed", what, node("embed")}};
    for (std::int64_t block = 0; reader_.has_dataset("parameters/" + name(block, "w1")); ++block)
      for (Shown const& shown : shown_of_block) {
        bool const is_there = reader_.has_dataset(group + "/" + name(block, shown.dataset));
        bool const must = (what == Expects::activation && exists(name(block, shown.node))) ||
                          shown.gradient == Shown::Gradient::present;
        if (is_there || must)
          all.push_back({group + "/" + name(block, shown.dataset), what,
                         node(node_of(block, shown)), 0, shown.part});
      }
    check_names(group, all);
    for (Expected& each : all) add(each, extents_in_file(each.dataset, each.node, each.part));
  }

  /// With a single skip nothing is added after the filter: what the file calls after_filter, if it
  /// holds one, is what comes out of it.
  std::string node_of(std::int64_t block, Shown const& shown) const {
    bool const is_single =
        shown.node == std::string_view("after_filter") && !exists(name(block, shown.node));
    return name(block, is_single ? "filter_out" : shown.node);
  }

  /// The indices of a group are sound, and nothing is missing.
  void check_names(std::string const& group, std::vector<Expected> const& wanted) const {
    for (Expected const& each : wanted) reader_.shape(each.dataset);  // says which one is missing
    std::size_t const found = reader_.in_order(group).size();
    VALIDATE(found == wanted.size(),
             "{}: group '{}' has {} datasets (must be {} for this network) add or remove some",
             reader_.name(), group, found, wanted.size());
  }

  void read_adam() {
    Extents const shape = reader_.shape("adam/loss");
    VALIDATE(shape.size() == 1 && shape[0] >= 2,
             "{}: dataset 'adam/loss' has shape {} (must be the loss before each step and after "
             "the last) correct it",
             reader_.name(), describe(shape));
    into_.adam_steps = shape[0] - 1;
    auto const constant = [&](char const* attribute, double least, double below) {
      double const value = reader_.number(attribute, "adam/loss");
      VALIDATE(value >= least && value < below,
               "{}: attribute '{}' of 'adam/loss' = {} (must be at least {} and below {}) correct "
               "it",
               reader_.name(), attribute, value, least, below);
      return value;
    };
    into_.adam = {constant("lr", 0, 1e6), constant("beta1", 0, 1), constant("beta2", 0, 1),
                  constant("epsilon", 0, 1)};
    add({"adam/loss", Expects::adam_losses}, shape);
    read_tensors("adam/parameters", Expects::adam_parameters);
  }

  static std::string name(std::int64_t block, char const* what) {
    return fmt::format("block{}.{}", block, what);
  }
  bool exists(std::string const& name) const { return find(name) != into_.graph.nodes.end(); }
  models::NodeId node(std::string const& name) const {
    auto const found = find(name);
    VALIDATE(found != into_.graph.nodes.end(),
             "{}: the network has no value '{}' (but the file holds one) remove it", reader_.name(),
             name);
    return static_cast<models::NodeId>(found - into_.graph.nodes.begin());
  }
  std::vector<models::Node>::const_iterator find(std::string const& name) const {
    return std::find_if(into_.graph.nodes.begin(), into_.graph.nodes.end(),
                        [&](models::Node const& node) { return node.name == name; });
  }

  ReferenceReader& reader_;
  ReferenceFile& into_;
  std::vector<models::Shape> shapes_;
  std::vector<models::Parameter> tensors_;
};

/// Samples one after the other: the input of each, then its target.
std::vector<double> join(std::vector<double> const& input, std::vector<double> const& target,
                         std::int64_t batch) {
  std::vector<double> all;
  all.reserve(input.size() + target.size());
  auto const append = [&](std::vector<double> const& from, std::int64_t sample) {
    auto const size = static_cast<std::int64_t>(from.size()) / batch;
    all.insert(all.end(), from.begin() + sample * size, from.begin() + (sample + 1) * size);
  };
  for (std::int64_t sample = 0; sample < batch; ++sample) {
    append(input, sample);
    append(target, sample);
  }
  return all;
}

}  // namespace

void read_afno_reference(ReferenceReader& reader, ReferenceFile& into) {
  into.graph = graph_of(reader);
  Extents const input = reader.shape("input");
  VALIDATE(
      input.size() == 4 && input[0] >= 1,
      "{}: dataset 'input' has shape {} (must be batch x channels x rows x columns) correct it",
      reader.name(), describe(input));
  into.batch = input[0];
  auto const axes = [&](models::NodeId node) {
    Extents all{into.batch};
    for (models::Axis const& axis : std::get<models::Input>(into.graph.nodes[node].op).shape.axes)
      all.push_back(axis.extent);
    return all;
  };
  auto const inputs = models::input_nodes(into.graph);
  into.input = join(reader.read("input", axes(inputs[0])), reader.read("target", axes(inputs[1])),
                    into.batch);

  ParamLayout const layout(into.graph);
  std::vector<std::string> datasets;
  for (auto const& tensor : layout.tensors)
    datasets.push_back("parameters/" + tensor.parameter.name);
  into.parameters = reader.read_packed(datasets, layout);
  std::size_t const found = reader.in_order("parameters").size();
  VALIDATE(found == datasets.size(),
           "{}: group 'parameters' has {} datasets (must be {} for this network) add or remove "
           "some",
           reader.name(), found, datasets.size());
  Expectations(reader, into).read();
}

}  // namespace crossjoule::runtime
