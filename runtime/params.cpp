// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/params.hpp"

#include "core/digest.hpp"
#include "core/error.hpp"
#include "core/philox.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>

namespace crossjoule::runtime {
namespace {

/// True when a node that reads `node` is an activation: decides the bound of the initial weights.
bool is_activated(models::Graph const& graph, models::NodeId node) {
  for (auto const& reader : graph.nodes)
    if (std::holds_alternative<models::Activation>(reader.op) && reader.inputs.front() == node)
      return true;
  return false;
}

bool has_patches(models::Graph const& graph) {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(), [](models::Node const& node) {
    return std::holds_alternative<models::PatchEmbed>(node.op);
  });
}

/// How the numbers of a tensor are drawn.
struct Start {
  enum class Kind { constant, uniform, normal, cut_normal } kind = Kind::constant;
  double scale = 0;  ///< the constant, the bound, or the standard deviation
};
constexpr double afno_deviation = 0.02;
/// A cut normal number is drawn again beyond this absolute value, as the published code does.
constexpr double normal_cut = 2;

/// Which of its node's tensors a parameter is, counted from the last: 0 for a bias.
std::size_t places_from_end(models::Parameter const& parameter, models::Graph const& graph) {
  auto const names = models::parameter_names(graph, models::shapes(graph), parameter.node);
  auto const found = std::find(names.begin(), names.end(), parameter.name);
  return static_cast<std::size_t>(names.end() - found) - 1;
}

Start start_of(models::Linear const& op, models::Parameter const& parameter,
               models::Graph const& graph) {
  if (op.bias && parameter.shape.size() < 2) return {};
  if (has_patches(graph)) return {Start::Kind::cut_normal, afno_deviation};
  auto const fan_in = static_cast<double>(parameter.shape.back());
  return {Start::Kind::uniform,
          std::sqrt((is_activated(graph, parameter.node) ? 6.0 : 3.0) / fan_in)};
}
Start start_of(models::LayerNorm const&, models::Parameter const& parameter,
               models::Graph const& graph) {
  return {Start::Kind::constant, places_from_end(parameter, graph) == 1 ? 1.0 : 0.0};
}
Start start_of(models::BatchNorm const&, models::Parameter const& parameter,
               models::Graph const& graph) {
  return start_of(models::LayerNorm{}, parameter, graph);
}
Start start_of(models::Conv2d const&, models::Parameter const& parameter, models::Graph const&) {
  if (parameter.shape.size() == 1) return {};
  auto const fan_in = static_cast<double>(parameter.size() / parameter.shape.front());
  return {Start::Kind::uniform, std::sqrt(6.0 / fan_in)};
}
Start start_of(models::PatchEmbed const& op, models::Parameter const& parameter,
               models::Graph const& graph) {
  if (places_from_end(parameter, graph) == 2) return {Start::Kind::cut_normal, afno_deviation};
  models::NodeId const images = graph.nodes[parameter.node].inputs[0];
  auto const channels = static_cast<double>(models::shapes(graph)[images].axes[0].extent);
  return {Start::Kind::uniform, 1 / (std::sqrt(channels) * static_cast<double>(op.patch))};
}
Start start_of(models::ComplexLinear const&, models::Parameter const&, models::Graph const&) {
  return {Start::Kind::normal, afno_deviation};  // biases too
}
template <class Other>
Start start_of(Other const&, models::Parameter const& parameter, models::Graph const&) {
  static_assert(
      std::is_same_v<Other, models::Input> || std::is_same_v<Other, models::Activation> ||
      std::is_same_v<Other, models::Add> || std::is_same_v<Other, models::PatchRestore> ||
      std::is_same_v<Other, models::FourierTransform> ||
      std::is_same_v<Other, models::InverseFourierTransform> ||
      std::is_same_v<Other, models::SquaredDistance> ||
      std::is_same_v<Other, models::MeanSquaredError> ||
      std::is_same_v<Other, models::RelativeError> || std::is_same_v<Other, models::Pool2d> ||
      std::is_same_v<Other, models::GlobalAveragePool> || std::is_same_v<Other, models::Flatten> ||
      std::is_same_v<Other, models::LogCoshSum> || std::is_same_v<Other, models::JoinChannels> ||
      std::is_same_v<Other, models::TakeChannels>);  // a new op must say how it starts
  core::fail(core::ExitCode::internal, "parameter {} belongs to an operation without parameters",
             parameter.name);
}
Start start_of(models::Parameter const& parameter, models::Graph const& graph) {
  return std::visit([&](auto const& op) { return start_of(op, parameter, graph); },
                    graph.nodes[parameter.node].op);
}

template <class T>
void draw(Start const& start, core::Random& random, std::span<T> into) {
  auto const one = [&]() -> double {
    switch (start.kind) {
      case Start::Kind::constant: return start.scale;
      case Start::Kind::uniform: return random.uniform(-start.scale, start.scale);
      case Start::Kind::normal: return start.scale * random.normal();
      case Start::Kind::cut_normal: break;
    }
    double value = 0;
    do {
      value = start.scale * random.normal();
    } while (std::abs(value) > normal_cut);
    return value;
  };
  for (T& value : into) value = static_cast<T>(one());
}

template <class T>
std::span<T> tensor_span(std::span<T> values, ParamLayout::Tensor const& tensor) {
  return values.subspan(static_cast<std::size_t>(tensor.offset),
                        static_cast<std::size_t>(tensor.parameter.size()));
}

}  // namespace

template <class T>
std::vector<T> initial_parameters(ParamLayout const& layout, models::Graph const& graph,
                                  std::uint64_t seed) {
  std::vector<T> values(static_cast<std::size_t>(layout.words), T(0));
  for (std::size_t t = 0; t < layout.tensors.size(); ++t) {
    core::Random random(seed, core::purpose("runtime/init"), t);
    auto const tensor = tensor_span(std::span(values), layout.tensors[t]);
    draw(start_of(layout.tensors[t].parameter, graph), random, tensor);
  }
  return values;
}

template <class T>
void write_parameters(core::H5File& file, std::string const& group, ParamLayout const& layout,
                      std::span<T const> values) {
  std::string order;
  for (auto const& tensor : layout.tensors) {
    std::string const& name = tensor.parameter.name;
    file.write<T>(group + "/" + name, tensor_span(values, tensor), tensor.parameter.shape,
                  {"1", "parameter tensor, row-major (out, in)"});
    order += order.empty() ? name : " " + name;
  }
  file.attribute(group, "order", order);
}

template <class T>
std::vector<T> read_parameters(core::H5File const& file, std::string const& group,
                               ParamLayout const& layout) {
  std::vector<T> values(static_cast<std::size_t>(layout.words), T(0));
  for (auto const& tensor : layout.tensors) {
    std::string const name = group + "/" + tensor.parameter.name;
    VALIDATE(file.exists(name),
             "{}: no dataset '{}' (the network needs it) train the network again",
             file.path().string(), name);
    VALIDATE(
        file.shape(name) == tensor.parameter.shape,
        "{}: dataset '{}' has another shape than the network (a file of another network?) train "
        "the network again",
        file.path().string(), name);
    auto const read = file.read<T>(name);
    auto into = tensor_span(std::span(values), tensor);
    for (std::size_t i = 0; i < into.size(); ++i) {
      VALIDATE(std::isfinite(read[i]), "{}: dataset '{}' holds a number that is not finite at {}",
               file.path().string(), name, i);
      into[i] = read[i];
    }
  }
  return values;
}

template <class T>
std::string parameter_digest(ParamLayout const& layout, std::span<T const> values) {
  core::Digester digester;
  for (auto const& tensor : layout.tensors)
    digester.add(std::as_bytes(tensor_span(values, tensor)));
  return digester.hex();
}

#define CROSSJOULE_INSTANTIATE(T)                                                          \
  template std::vector<T> initial_parameters<T>(ParamLayout const&, models::Graph const&,  \
                                                std::uint64_t);                            \
  template void write_parameters<T>(core::H5File&, std::string const&, ParamLayout const&, \
                                    std::span<T const>);                                   \
  template std::vector<T> read_parameters<T>(core::H5File const&, std::string const&,      \
                                             ParamLayout const&);                          \
  template std::string parameter_digest<T>(ParamLayout const&, std::span<T const>);
CROSSJOULE_INSTANTIATE(float)
CROSSJOULE_INSTANTIATE(double)
#undef CROSSJOULE_INSTANTIATE

}  // namespace crossjoule::runtime
