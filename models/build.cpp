// SPDX-License-Identifier: BSD-3-Clause
#include "models/build.hpp"

#include "core/error.hpp"
#include "models/afno.hpp"
#include "models/cnn.hpp"
#include "models/cost.hpp"
#include "models/rbm.hpp"
#include "models/text.hpp"

#include <fstream>
#include <initializer_list>
#include <iterator>

namespace crossjoule::models {
namespace {

constexpr core::Range<std::int64_t> size_range{1, std::int64_t{1} << 24};
constexpr std::streamsize longest_text = 16 << 20;

enum class Norm { none, batch };

/// Dense layers with `activation` (and norm) between them, none after the last; returns the last
/// node.
NodeId add_layers(Graph& graph, NodeId previous, std::vector<std::int64_t> const& widths,
                  Activation activation, Norm norm = Norm::none) {
  for (std::size_t layer = 0; layer < widths.size(); ++layer) {
    std::string const name = fmt::format("layer{}", layer);
    previous = graph.add(name, {previous}, Linear{widths[layer]});
    if (layer + 1 == widths.size()) break;
    if (norm == Norm::batch) previous = graph.add(name + ".norm", {previous}, BatchNorm{});
    previous = graph.add(name + ".activation", {previous}, activation);
  }
  return previous;
}

/// `activation` and the alpha of those that have one.
Activation take_activation(core::Config& network, std::string const& comment, double leaky_alpha) {
  Activation activation;
  activation.kind = activation_from(network.take_choice("activation", to_string(activation.kind),
                                                        comment, {"relu", "elu", "leaky_relu"}));
  core::Range<double> const above_zero{1e-30, 1e30};
  if (activation.kind == ActivationKind::elu)
    activation.alpha = network.take("alpha", 1.0, "alpha of elu, above 0", above_zero);
  if (activation.kind == ActivationKind::leaky_relu)
    activation.alpha =
        network.take("alpha", leaky_alpha, "slope of leaky_relu below 0, above 0", above_zero);
  return activation;
}

NodeId add_input(Graph& graph, std::int64_t features) {
  return graph.add("input", {}, Input{{{{"feature", features}}}});
}

std::vector<std::int64_t> append(std::vector<std::int64_t> widths, std::int64_t last) {
  widths.push_back(last);
  return widths;
}

/// Place of the first of `keys` that the user wrote, for errors that concern all of them.
std::string place(core::Config const& network, std::initializer_list<char const*> keys) {
  for (char const* key : keys)
    if (std::string where = network.where(key); !where.empty()) return where;
  return {};
}

/// Work out all sizes now, so that an overflow is reported with the place it comes from.
Graph checked(Graph graph, core::Config const& network, std::initializer_list<char const*> keys) {
  try {
    cost(graph);
  } catch (core::Error const& error) {
    throw core::Error(error.code(), error.what() + place(network, keys));
  }
  return graph;
}

Graph build_svdd(core::Config& network) {
  SvddOptions options;
  options.inputs = network.take("inputs", options.inputs,
                                "features of an event, 76 = 19 objects x 4", size_range);
  options.hidden = network.take("hidden", options.hidden,
                                "widths of the hidden layers, first to last", size_range);
  options.latent = network.take("latent", options.latent, "width z of the output", size_range);
  options.centre = network.take("centre", options.centre, "every component of the centre",
                                core::Range<double>{});
  return checked(svdd(options), network, {"hidden", "latent", "inputs", "kind"});
}

Graph build_autoencoder(core::Config& network) {
  AutoencoderOptions options;
  options.inputs = network.take("inputs", options.inputs,
                                "features of an event, 57 = 19 objects x 3", size_range);
  options.hidden = network.take("hidden", options.hidden,
                                "widths of the hidden layers, first to last", size_range);
  options.batch_norm = network.take(
      "batch_norm", options.batch_norm,
      "normalise inputs and hidden layers? (its statistics folded into scale and shift)");
  options.activation = take_activation(network, "between layers: relu, elu or leaky_relu", 0.3);
  return checked(autoencoder(options), network, {"hidden", "inputs", "kind"});
}

Graph build_mlp(core::Config& network) {
  MlpOptions options;
  options.inputs = network.take("inputs", options.inputs, "features of a sample", size_range);
  options.layers = network.take("layers", options.layers,
                                "widths of all layers, the last is the output", size_range);
  options.activation = take_activation(network, "between layers: relu, elu or leaky_relu", 0.01);
  std::string const objective =
      network.take_choice("objective", "none",
                          "what training makes small: none, squared_distance or mean_squared_error",
                          {"none", "squared_distance", "mean_squared_error"});
  if (objective == "squared_distance") {
    options.objective = Objective::squared_distance;
    options.centre =
        network.take("centre", 0.0, "every component of the centre", core::Range<double>{});
  }
  if (objective == "mean_squared_error") options.objective = Objective::mean_squared_error;

  VALIDATE(!options.layers.empty(), "layers is empty (one width is the least) add the output's{}",
           place(network, {"layers", "kind"}));
  VALIDATE(
      options.objective != Objective::mean_squared_error || options.layers.back() == options.inputs,
      "the last layer has {} features and the input {} (mean_squared_error compares them) make "
      "them equal{}",
      options.layers.back(), options.inputs, place(network, {"layers", "inputs", "objective"}));
  return checked(mlp(options), network, {"layers", "inputs", "kind"});
}

Graph build_afno(core::Config& network) {
  AfnoOptions const options = read_afno_options(network);
  try {
    return checked(afno(options), network, {});
  } catch (core::Error const& error) {
    throw core::Error(
        error.code(),
        error.what() + place(network, {"patch", "rows", "columns", "blocks", "embed",
                                       "hard_thresholding_fraction", "steps", "kind"}));
  }
}

Graph build_cnn(core::Config& network, Graph (*make)(ImageOptions const&),
                ImageOptions const& defaults) {
  Graph const graph = make(read_image_options(network, defaults));
  return checked(graph, network, {"rows", "columns", "channels", "classes", "kind"});
}

std::string read_text_file(std::string const& path, std::string const& where) {
  std::ifstream file(path, std::ios::binary);
  VALIDATE(file.good(),
           "network file '{}' cannot be read (absent or not allowed) correct the path{}", path,
           where);
  std::string text(longest_text + 1, '\0');
  file.read(text.data(), longest_text + 1);
  VALIDATE(file.gcount() <= longest_text,
           "network file '{}' is longer than 16 MiB (no network is) correct the path{}", path,
           where);
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

Graph build_text(core::Config& network) {
  std::string text =
      network.take("text", "", "the network in text form, see docs/how_to_add_an_op.md");
  std::string const file = network.take("file", "", "or a file that holds the text form");
  VALIDATE(text.empty() != file.empty(),
           "kind = \"text\" needs `text` or `file` (exactly one of them) set one{}",
           place(network, {"file", "text", "kind"}));
  if (text.empty()) text = read_text_file(file, network.where("file"));
  try {
    return from_text(text);
  } catch (core::Error const& error) {
    std::string const origin = file.empty() ? "network text: " : file + ": ";
    throw core::Error(error.code(), origin + error.what() + place(network, {"file", "text"}));
  }
}

}  // namespace

Graph svdd(SvddOptions const& options) {
  Graph graph{"svdd", {}};
  NodeId const input = add_input(graph, options.inputs);
  NodeId const output =
      add_layers(graph, input, append(options.hidden, options.latent), {ActivationKind::elu, 1});
  graph.add("objective", {output}, SquaredDistance{options.centre});
  return graph;
}

Graph autoencoder(AutoencoderOptions const& options) {
  Graph graph{"autoencoder", {}};
  NodeId const input = add_input(graph, options.inputs);
  NodeId const first = options.batch_norm ? graph.add("input_norm", {input}, BatchNorm{}) : input;
  NodeId const output =
      add_layers(graph, first, append(options.hidden, options.inputs), options.activation,
                 options.batch_norm ? Norm::batch : Norm::none);
  graph.add("objective", {output, input}, MeanSquaredError{});
  return graph;
}

Graph mlp(MlpOptions const& options) {
  Graph graph{"mlp", {}};
  NodeId const input = add_input(graph, options.inputs);
  NodeId const output = add_layers(graph, input, options.layers, options.activation);
  switch (options.objective) {
    case Objective::none: break;
    case Objective::squared_distance:
      graph.add("objective", {output}, SquaredDistance{options.centre});
      break;
    case Objective::mean_squared_error:
      graph.add("objective", {output, input}, MeanSquaredError{});
      break;
  }
  return graph;
}

Graph build(core::Config network) {
  std::string const kind = network.take_choice(
      "kind", "svdd", "svdd, autoencoder, afno, mlp, rbm, vgg8, resnet18, resnet50 or text",
      {"svdd", "autoencoder", "afno", "mlp", "rbm", "vgg8", "resnet18", "resnet50", "text"});
  if (kind == "afno") return build_afno(network);
  if (kind == "autoencoder") return build_autoencoder(network);
  if (kind == "mlp") return build_mlp(network);
  if (kind == "rbm")
    return checked(rbm(read_rbm_options(network)), network,
                   {"hidden_per_visible", "visible", "kind"});
  if (kind == "vgg8") return build_cnn(network, vgg8, cifar10);
  if (kind == "resnet18") return build_cnn(network, resnet18, {});
  if (kind == "resnet50") return build_cnn(network, resnet50, {});
  if (kind == "text") return build_text(network);
  return build_svdd(network);
}

}  // namespace crossjoule::models
