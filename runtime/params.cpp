// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/params.hpp"

#include "core/digest.hpp"
#include "core/error.hpp"
#include "core/philox.hpp"

#include <cmath>

namespace crossjoule::runtime {
namespace {

/// True when a node that reads `node` is an activation: decides the bound of the initial weights.
bool is_activated(models::Graph const& graph, models::NodeId node) {
  for (auto const& reader : graph.nodes)
    if (std::holds_alternative<models::Activation>(reader.op) && reader.inputs.front() == node)
      return true;
  return false;
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
    auto const& tensor = layout.tensors[t];
    if (tensor.parameter.shape.size() < 2) continue;  // biases start at 0
    auto const fan_in = static_cast<double>(tensor.parameter.shape.back());
    double const bound =
        std::sqrt((is_activated(graph, tensor.parameter.node) ? 6.0 : 3.0) / fan_in);
    core::Random random(seed, core::purpose("runtime/init"), t);
    for (T& value : tensor_span(std::span(values), tensor))
      value = static_cast<T>(random.uniform(-bound, bound));
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
