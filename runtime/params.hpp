// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/h5file.hpp"
#include "models/graph.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace crossjoule::runtime {

/// Where each parameter tensor lies in the one flat buffer of a network: in the order of
/// models::parameters, each on a 64-byte boundary (for 4-byte numbers, hence also for 8-byte ones).
/// Parameters, gradients and both Adam moments share this layout.
struct ParamLayout {
  struct Tensor {
    models::Parameter parameter;
    std::int64_t offset = 0;  ///< in numbers
  };
  std::vector<Tensor> tensors;
  std::int64_t words = 0;  ///< numbers in the buffer, padding included; padding is always 0

  explicit ParamLayout(models::Graph const& graph);
  Tensor const& find(std::string const& name) const;
};

/// Initial values, drawn per tensor element from core::Random keyed by (seed, "runtime/init",
/// tensor, element). Dense networks: He-uniform for layers followed by an activation (bound
/// sqrt(6 / fan_in)), Glorot-like sqrt(3 / fan_in) for others, biases 0. Networks with a PatchEmbed
/// as FourCastNet's code does: position table and Linear weights normal with deviation 0.02, cut at
/// +-2, Linear biases 0, patch weights and bias uniform in +-1 / sqrt(channels patch^2).
/// Everywhere: LayerNorm and BatchNorm 1 and 0, Conv2d weights He-uniform, complex weights and
/// biases normal with deviation 0.02.
template <class T>
std::vector<T> initial_parameters(ParamLayout const& layout, models::Graph const& graph,
                                  std::uint64_t seed);

/// Write every tensor as one dataset below `group` (attribute `order` holds the names), and back.
template <class T>
void write_parameters(core::H5File& file, std::string const& group, ParamLayout const& layout,
                      std::span<T const> values);
template <class T>
std::vector<T> read_parameters(core::H5File const& file, std::string const& group,
                               ParamLayout const& layout);

/// xxh3-128 over all tensors in order, padding skipped.
template <class T>
std::string parameter_digest(ParamLayout const& layout, std::span<T const> values);

}  // namespace crossjoule::runtime
