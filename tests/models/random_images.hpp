// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/philox.hpp"
#include "models/graph.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace crossjoule::testing {

/// A window that fits an image of rows x columns: any kernel up to 4, strides up to 3, padding
/// below the kernel, also where the last places leave pixels out.
inline models::Window random_window(core::Random& random, std::int64_t rows, std::int64_t columns) {
  auto const upto = [&](std::int64_t most) {
    return 1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most)));
  };
  models::Window w;
  w.kernel_rows = upto(std::min<std::int64_t>(4, rows));
  w.kernel_columns = upto(std::min<std::int64_t>(4, columns));
  w.stride_rows = upto(3);
  w.stride_columns = upto(3);
  w.padding_rows = upto(w.kernel_rows) - 1;
  w.padding_columns = upto(w.kernel_columns) - 1;
  return w;
}

/// A random network on images: convolutions with and without bias, both pools, norms, activations,
/// residual sums; then a global mean, a flattening or rows of log cosh; a dense layer; any
/// objective or none. The same `item` gives the same one.
inline models::Graph random_images(std::uint64_t item) {
  core::Random random(2718, core::purpose("tests/random_images"), item);
  auto const below = [&](std::uint64_t bound) {
    return static_cast<std::int64_t>(random.below(bound));
  };
  models::Graph graph{"images", {}};
  std::vector<models::Shape> shapes;
  auto const add = [&](std::string name, std::vector<models::NodeId> from, models::Op op) {
    models::NodeId const id = graph.add(std::move(name), std::move(from), std::move(op));
    shapes = models::shapes(graph);
    return id;
  };
  models::NodeId node =
      add("input", {},
          models::Input{
              {{{"row", 1 + below(7)}, {"column", 1 + below(7)}, {"feature", 1 + below(4)}}}});
  for (std::int64_t k = 0, count = 1 + below(6); k < count; ++k) {
    std::string const name = "node" + std::to_string(k);
    models::Window const window =
        random_window(random, shapes[node].axes[0].extent, shapes[node].axes[1].extent);
    switch (below(8)) {
      case 0: node = add(name, {node}, models::Pool2d{models::PoolKind::max, window}); break;
      case 1: node = add(name, {node}, models::Pool2d{models::PoolKind::average, window}); break;
      case 2: node = add(name, {node}, models::BatchNorm{}); break;
      case 3:
        node = add(name, {node}, models::Activation{models::ActivationKind::leaky_relu, 0.3});
        break;
      case 4: {  // a residual block whose skip is read twice
        models::NodeId const inner =
            add(name, {node}, models::Conv2d{shapes[node].last(), models::square_window(1), true});
        node = add(name + ".sum", {inner, node}, models::Add{});
        break;
      }
      default: node = add(name, {node}, models::Conv2d{1 + below(5), window, below(2) > 0});
    }
  }
  switch (below(4)) {
    case 0: node = add("mean", {node}, models::GlobalAveragePool{}); break;
    case 1: node = add("flat", {node}, models::Flatten{}); break;
    case 2: node = add("log_cosh", {node}, models::LogCoshSum{}); break;
    default: break;
  }
  if (below(2)) node = add("dense", {node}, models::Linear{1 + below(3), below(2) > 0});
  if (below(4)) add("objective", {node}, models::SquaredDistance{random.uniform(-1, 1)});
  return graph;
}

}  // namespace crossjoule::testing
