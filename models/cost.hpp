// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/record.hpp"
#include "models/graph.hpp"

#include <cstdint>

namespace crossjoule::models {

/// Work of one sample. One MAC of a product is one multiplication and one addition; pointwise
/// operations (bias, activation, objective) are a column of their own and counted as executed by
/// kernels/reference on a counting scalar. Fourier transforms count by the convention for real
/// transforms, 2.5 N log2(N) a feature with N = rows x columns, however they are computed.
struct Work {
  std::int64_t product_macs = 0;
  std::int64_t fourier_flops = 0;
  std::int64_t pointwise_flops = 0;
  std::int64_t bytes_in = 0, bytes_out = 0;  ///< activations read and written, at 4 bytes a number
  /// Products and transforms alone: what utilisation figures of the field count.
  std::int64_t tensor_flops() const { return 2 * product_macs + fourier_flops; }
  std::int64_t flops() const { return tensor_flops() + pointwise_flops; }
  Work& operator+=(Work const& other);
};

struct Cost {
  std::int64_t parameters = 0;  ///< trainable numbers, biases included; shared ones count once
  std::int64_t stationary_weights =
      0;                   ///< distinct weights of products: what an analog chip stores
  Work forward, backward;  ///< backward: gradients of parameters and inner activations
};

/// Cost of one node alone, given all shapes of its graph. What the last node does not depend on
/// does no work; parameters that an earlier node owns are not counted.
Cost cost(Graph const& graph, std::vector<Shape> const& shapes, NodeId node);
/// The same of every node, by id: what they have in common is worked out once.
std::vector<Cost> costs(Graph const& graph, std::vector<Shape> const& shapes);
/// Cost of the whole network, the objective included.
Cost cost(Graph const& graph);

/// Name, digest, parameters and MACs per sample: what records and JSON show.
core::NetworkIdentity identity(Graph const& graph);

}  // namespace crossjoule::models
