// SPDX-License-Identifier: BSD-3-Clause
#include "core/error.hpp"
#include "runtime/reference_reader.hpp"

namespace crossjoule::runtime {
namespace {

/// One dense layer as the file describes it.
struct Layer {
  std::int64_t in = 0, out = 0;
  bool bias = false;
  models::NodeId value = -1;  ///< the node after the nonlinearity
};

/// A parameter with two axes starts a layer, one with a single axis is the bias of the layer
/// before.
std::vector<Layer> layers_of(ReferenceReader const& reader,
                             std::vector<std::string> const& datasets, std::int64_t features) {
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

models::Activation activation_of(ReferenceReader const& reader, std::string const& kind) {
  models::Activation activation;
  std::string const usual = kind == "svdd" ? "elu" : "relu";
  activation.kind = reader.naming_file([&] {
    return models::activation_from(reader.has("nonlinearity") ? reader.text("nonlinearity")
                                                              : usual);
  });
  if (activation.kind == models::ActivationKind::elu && reader.has("alpha"))
    activation.alpha = reader.number("alpha");
  return activation;
}

/// Nodes and names as models::svdd and models::autoencoder make them, so that digests agree.
models::Graph graph_of(ReferenceReader const& reader, std::string const& kind,
                       std::int64_t features, std::vector<Layer>& layers) {
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
  reader.naming_file([&] { return models::shapes(graph); });
  return graph;
}

void expect_count(ReferenceReader const& reader, char const* group, std::size_t found,
                  std::size_t wanted, char const* why) {
  VALIDATE(found == wanted,
           "{}: group '{}' has {} datasets (must be {}: one per {}) add or remove some",
           reader.name(), group, found, wanted, why);
}

std::vector<Expected> read_expected(ReferenceReader& reader, std::int64_t batch,
                                    std::vector<Layer> const& layers,
                                    std::vector<models::Parameter> const& tensors) {
  std::vector<Expected> all;
  all.push_back({"output", Expects::output, -1, 0, Part::whole,
                 reader.read("output", {batch, layers.back().out})});
  all.push_back({"loss", Expects::objective, -1, 0, Part::whole, reader.read("loss", {1})});
  all.push_back({"score", Expects::score, -1, 0, Part::whole, reader.read("score", {batch})});

  auto const activations = reader.in_order("activations");
  expect_count(reader, "activations", activations.size(), layers.size(), "layer");
  for (std::size_t n = 0; n < layers.size(); ++n)
    all.push_back({activations[n], Expects::activation, layers[n].value, 0, Part::whole,
                   reader.read(activations[n], {batch, layers[n].out})});

  auto const gradients = reader.in_order("gradients");
  expect_count(reader, "gradients", gradients.size(), tensors.size(), "parameter");
  for (std::size_t n = 0; n < tensors.size(); ++n)
    all.push_back({gradients[n], Expects::gradient, tensors[n].node, n, Part::whole,
                   reader.read(gradients[n], tensors[n].shape)});
  return all;
}

}  // namespace

void read_dense_reference(ReferenceReader& reader, ReferenceFile& into) {
  Extents const input_shape = reader.shape("input");
  VALIDATE(
      input_shape.size() == 2 && input_shape[0] >= 1 && input_shape[1] >= 1,
      "{}: dataset 'input' has shape {} (must be batch x features, both at least 1) correct it",
      reader.name(), describe(input_shape));
  into.batch = input_shape[0];
  if (into.kind == "svdd") {
    into.r_max = reader.number("r_max");
    VALIDATE(into.r_max > 0, "{}: attribute 'r_max' = {} (must be above 0) correct it",
             reader.name(), into.r_max);
  }
  auto const datasets = reader.in_order("parameters");
  auto layers = layers_of(reader, datasets, input_shape[1]);
  VALIDATE(into.kind != "autoencoder" || layers.back().out == input_shape[1],
           "{}: the last layer has {} features and the input {} (an autoencoder's are equal) "
           "correct one",
           reader.name(), layers.back().out, input_shape[1]);
  into.graph = graph_of(reader, into.kind, input_shape[1], layers);
  into.input = reader.read("input", input_shape);
  into.parameters = reader.read_packed(datasets, ParamLayout(into.graph));
  into.expected = read_expected(reader, into.batch, layers, models::parameters(into.graph));
}

}  // namespace crossjoule::runtime
