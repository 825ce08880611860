// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/reference_file.hpp"

#include "core/error.hpp"
#include "core/h5file.hpp"
#include "runtime/params.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace crossjoule::runtime {
namespace {

using Extents = std::vector<std::int64_t>;

std::string describe(Extents const& shape) {
  std::string text;
  for (std::int64_t extent : shape) text += (text.empty() ? "" : " x ") + std::to_string(extent);
  return "(" + text + ")";
}

/// An open reference file; every message names it, and every dataset that is read is ticked off.
class Reader {
 public:
  explicit Reader(std::filesystem::path const& path)
      : file_(core::H5File::open(path)), path_(path) {}

  core::H5File const& file() const { return file_; }
  std::string name() const { return path_.string(); }

  bool has(std::string const& attribute) const { return file_.has_attribute("/", attribute); }
  std::string text(std::string const& attribute) const {
    VALIDATE(has(attribute), "{}: attribute '{}' is missing (it describes the network) write it",
             name(), attribute);
    return file_.read_attribute_text("/", attribute);
  }
  double number(std::string const& attribute) const {
    VALIDATE(has(attribute), "{}: attribute '{}' is missing (it describes the network) write it",
             name(), attribute);
    double const value = file_.read_attribute_number("/", attribute);
    VALIDATE(std::isfinite(value), "{}: attribute '{}' = {} (must be finite) correct it", name(),
             attribute, value);
    return value;
  }
  Extents shape(std::string const& dataset) const {
    VALIDATE(
        file_.exists(dataset) && !file_.is_group(dataset),
        "{}: dataset '{}' is missing (docs/reference_files.md lists what a file holds) write it",
        name(), dataset);
    return file_.shape(dataset);
  }
  /// All numbers of a dataset, which must have this shape (a scalar may be (1) or have no axes).
  std::vector<double> read(std::string const& dataset, Extents const& wanted) {
    Extents found = shape(dataset);
    if (found.empty()) found = {1};
    VALIDATE(found == wanted,
             "{}: dataset '{}' has shape {} (must be {} to fit the others) correct it", name(),
             dataset, describe(found), describe(wanted));
    VALIDATE(file_.is_floating(dataset),
             "{}: dataset '{}' holds integers (must be floating point) convert it", name(),
             dataset);
    std::vector<double> values = file_.read<double>(dataset);
    auto const bad =
        std::find_if_not(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
    VALIDATE(bad == values.end(),
             "{}: dataset '{}' has the value {} at number {} (must be finite) correct it", name(),
             dataset, *bad, bad - values.begin());
    known_.insert(dataset);
    return values;
  }
  /// Names below a group in flat order: by attribute `index`, which every dataset carries.
  std::vector<std::string> in_order(std::string const& group) const {
    VALIDATE(file_.exists(group) && file_.is_group(group),
             "{}: group '{}' is missing (docs/reference_files.md lists what a file holds) write it",
             name(), group);
    std::vector<std::pair<std::int64_t, std::string>> indexed;
    for (std::string const& child : file_.children(group)) {
      std::string const dataset = group + "/" + child;
      VALIDATE(!file_.is_group(dataset) && file_.has_attribute(dataset, "index"),
               "{}: '{}' has no attribute 'index' (it gives the flat order) write one on every "
               "dataset of '{}'",
               name(), dataset, group);
      indexed.emplace_back(file_.read_attribute_integer(dataset, "index"), dataset);
    }
    std::sort(indexed.begin(), indexed.end());
    std::vector<std::string> names;
    for (auto const& [index, dataset] : indexed) {
      VALIDATE(index == static_cast<std::int64_t>(names.size()),
               "{}: '{}' has index {} (the indices of a group count 0, 1, 2 ...) correct it",
               name(), dataset, index);
      names.push_back(dataset);
    }
    return names;
  }
  /// Error for a dataset that nobody read: a check that silently skips numbers is none.
  void refuse_unknown() const {
    for (std::string const& child : file_.children("/")) {
      if (!file_.is_group(child)) {
        refuse_unless_known(child);
        continue;
      }
      for (std::string const& inner : file_.children(child))
        refuse_unless_known(child + "/" + inner);
    }
  }

 private:
  void refuse_unless_known(std::string const& dataset) const {
    VALIDATE(known_.count(dataset) == 1,
             "{}: dataset '{}' is not known (this kind of network has no such value) remove it",
             name(), dataset);
  }
  core::H5File file_;
  std::filesystem::path path_;
  std::set<std::string> known_;
};

/// One dense layer as the file describes it.
struct Layer {
  std::int64_t in = 0, out = 0;
  bool bias = false;
  models::NodeId value = -1;  ///< the node after the nonlinearity
};

/// A parameter with two axes starts a layer, one with a single axis is the bias of the layer
/// before.
std::vector<Layer> layers_of(Reader const& reader, std::vector<std::string> const& datasets,
                             std::int64_t features) {
  std::vector<Layer> layers;
  for (std::string const& dataset : datasets) {
    Extents const shape = reader.shape(dataset);
    if (shape.size() == 2) {
      std::int64_t const in = layers.empty() ? features : layers.back().out;
      VALIDATE(shape[1] == in && shape[0] >= 1,
               "{}: weights '{}' have shape {} (out x in, and {} features come in) correct them",
               reader.name(), dataset, describe(shape), in);
      layers.push_back({in, shape[0], false, -1});
      continue;
    }
    VALIDATE(shape.size() == 1 && !layers.empty() && !layers.back().bias &&
                 shape[0] == layers.back().out,
             "{}: parameter '{}' has shape {} (no weights (out x in), and no bias of the layer "
             "before it) correct it",
             reader.name(), dataset, describe(shape));
    layers.back().bias = true;
  }
  VALIDATE(!layers.empty(),
           "{}: group 'parameters' is empty (a network has at least one layer) write it",
           reader.name());
  return layers;
}

models::Activation activation_of(Reader const& reader, std::string const& kind) {
  models::Activation activation;
  std::string const usual = kind == "svdd" ? "elu" : "relu";
  try {
    activation.kind =
        models::activation_from(reader.has("nonlinearity") ? reader.text("nonlinearity") : usual);
  } catch (core::Error const& error) {
    throw core::Error(error.code(), fmt::format("{}: {}", reader.name(), error.what()));
  }
  if (activation.kind == models::ActivationKind::elu && reader.has("alpha"))
    activation.alpha = reader.number("alpha");
  return activation;
}

/// Nodes and names as models::svdd and models::autoencoder make them, so that digests agree.
models::Graph graph_of(Reader const& reader, std::string const& kind, std::int64_t features,
                       std::vector<Layer>& layers) {
  models::Activation const activation = activation_of(reader, kind);
  models::Graph graph{kind, {}};
  models::NodeId const input = graph.add("input", {}, models::Input{{{{"feature", features}}}});
  models::NodeId last = input;
  for (std::size_t n = 0; n < layers.size(); ++n) {
    std::string const name = fmt::format("layer{}", n);
    last = graph.add(name, {last}, models::Linear{layers[n].out, layers[n].bias});
    if (n + 1 < layers.size()) last = graph.add(name + ".activation", {last}, activation);
    layers[n].value = last;
  }
  if (kind == "svdd")
    graph.add("objective", {last}, models::SquaredDistance{reader.number("centre")});
  else
    graph.add("objective", {last, input}, models::MeanSquaredError{});
  try {
    models::shapes(graph);
  } catch (core::Error const& error) {
    throw core::Error(error.code(), fmt::format("{}: {}", reader.name(), error.what()));
  }
  return graph;
}

std::vector<double> read_packed(Reader& reader, std::vector<std::string> const& datasets,
                                ParamLayout const& layout) {
  std::vector<double> packed(static_cast<std::size_t>(layout.words), 0.0);
  for (std::size_t n = 0; n < datasets.size(); ++n) {
    auto const values = reader.read(datasets[n], layout.tensors[n].parameter.shape);
    std::copy(values.begin(), values.end(), packed.begin() + layout.tensors[n].offset);
  }
  return packed;
}

void expect_count(Reader const& reader, char const* group, std::size_t found, std::size_t wanted,
                  char const* why) {
  VALIDATE(found == wanted,
           "{}: group '{}' has {} datasets (must be {}: one per {}) add or remove some",
           reader.name(), group, found, wanted, why);
}

std::vector<Expected> read_expected(Reader& reader, std::int64_t batch,
                                    std::vector<Layer> const& layers,
                                    std::vector<models::Parameter> const& tensors) {
  std::vector<Expected> all;
  all.push_back(
      {"output", Expects::output, -1, 0, reader.read("output", {batch, layers.back().out})});
  all.push_back({"loss", Expects::objective, -1, 0, reader.read("loss", {1})});
  all.push_back({"score", Expects::score, -1, 0, reader.read("score", {batch})});

  auto const activations = reader.in_order("activations");
  expect_count(reader, "activations", activations.size(), layers.size(), "layer");
  for (std::size_t n = 0; n < layers.size(); ++n)
    all.push_back({activations[n], Expects::activation, layers[n].value, 0,
                   reader.read(activations[n], {batch, layers[n].out})});

  auto const gradients = reader.in_order("gradients");
  expect_count(reader, "gradients", gradients.size(), tensors.size(), "parameter");
  for (std::size_t n = 0; n < tensors.size(); ++n)
    all.push_back({gradients[n], Expects::gradient, tensors[n].node, n,
                   reader.read(gradients[n], tensors[n].shape)});
  return all;
}

}  // namespace

std::vector<std::string> reference_kinds() { return {"autoencoder", "svdd"}; }

double ReferenceFile::score(double objective) const {
  return kind == "svdd" ? std::sqrt(objective) / r_max : objective;
}

ReferenceFile read_reference_file(std::filesystem::path const& path) {
  Reader reader(path);
  ReferenceFile result;
  result.kind = reader.text("kind");
  auto const kinds = reference_kinds();
  VALIDATE(std::find(kinds.begin(), kinds.end(), result.kind) != kinds.end(),
           "{}: kind '{}' is not known (autoencoder, svdd) verify a file of one of these",
           reader.name(), result.kind);

  Extents const input_shape = reader.shape("input");
  VALIDATE(
      input_shape.size() == 2 && input_shape[0] >= 1 && input_shape[1] >= 1,
      "{}: dataset 'input' has shape {} (must be batch x features, both at least 1) correct it",
      reader.name(), describe(input_shape));
  result.batch = input_shape[0];
  if (reader.has("batch"))
    VALIDATE(reader.number("batch") == static_cast<double>(result.batch),
             "{}: attribute 'batch' = {} (but 'input' has {} rows) correct one", reader.name(),
             reader.number("batch"), result.batch);
  if (result.kind == "svdd") {
    result.r_max = reader.number("r_max");
    VALIDATE(result.r_max > 0, "{}: attribute 'r_max' = {} (must be above 0) correct it",
             reader.name(), result.r_max);
  }

  auto const datasets = reader.in_order("parameters");
  auto layers = layers_of(reader, datasets, input_shape[1]);
  VALIDATE(result.kind != "autoencoder" || layers.back().out == input_shape[1],
           "{}: the last layer has {} features and the input {} (an autoencoder's are equal) "
           "correct one",
           reader.name(), layers.back().out, input_shape[1]);
  result.graph = graph_of(reader, result.kind, input_shape[1], layers);
  result.input = reader.read("input", input_shape);
  result.parameters = read_packed(reader, datasets, ParamLayout(result.graph));
  result.expected = read_expected(reader, result.batch, layers, models::parameters(result.graph));
  reader.refuse_unknown();
  return result;
}

}  // namespace crossjoule::runtime
