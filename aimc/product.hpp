// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "models/graph.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace crossjoule::aimc {

/// What an array sees of an operation with stationary weights: `blocks` equal matrices of inputs x
/// outputs on a diagonal, applied to `vectors` vectors per sample.
struct Product {
  models::NodeId node = 0;
  std::string name;
  std::int64_t inputs = 0, outputs = 0, vectors = 1, blocks = 1;
  bool is_complex = false;   ///< inputs, outputs and weights are complex numbers
  models::NodeId owner = 0;  ///< the node whose weights it uses: its own, or an earlier one's

  std::int64_t distinct_weights() const { return (is_complex ? 2 : 1) * blocks * inputs * outputs; }
};

/// How a chip runs an operation.
enum class Handling {
  source,   ///< a network input: nothing to run
  array,    ///< a product with stationary weights
  column,   ///< done by the digital unit of a tile's column as its outputs pass by
  stream,   ///< digital, vector by vector
  barrier,  ///< digital, and its first output needs all of its input
};
Handling handling(models::Op const& op);

/// The products of a network in topological order, one per operation with stationary weights; those
/// that share weights name the same owner.
std::vector<Product> products(models::Graph const& graph, std::vector<models::Shape> const& shapes);

}  // namespace crossjoule::aimc
