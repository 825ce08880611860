// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/tile_map.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <type_traits>

namespace crossjoule::aimc {
namespace {

constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return a / b + (a % b != 0); }

LayerMap cut(LayerMap layer, Chip const& chip) {
  layer.row_tiles = ceil_div(layer.inputs, chip.tile_rows);
  layer.column_tiles = ceil_div(layer.outputs, chip.tile_columns);
  auto block = [](std::int64_t k, std::int64_t size, std::int64_t total) {
    return core::Share{k * size, std::min((k + 1) * size, total)};
  };
  for (std::int64_t r = 0; r < layer.row_tiles; ++r)
    for (std::int64_t c = 0; c < layer.column_tiles; ++c)
      layer.tiles.push_back(
          {block(r, chip.tile_rows, layer.inputs), block(c, chip.tile_columns, layer.outputs)});
  return layer;
}

/// Out features of the node's product, 0 for an op without stationary weights. Exhaustive on
/// purpose: a new op must say here whether an array can hold it.
std::int64_t product_outputs(models::Op const& op) {
  return std::visit(
      [](auto const& each) -> std::int64_t {
        using Each = std::decay_t<decltype(each)>;
        if constexpr (std::is_same_v<Each, models::Linear>) {
          return each.out_features;
        } else {
          VALIDATE((!std::is_same_v<Each, models::PatchEmbed> &&
                    !std::is_same_v<Each, models::ComplexLinear>),
                   "the network has patches or complex layers (the tile map lays out dense ones) "
                   "estimate another network");
          static_assert(
              std::is_same_v<Each, models::Input> || std::is_same_v<Each, models::LayerNorm> ||
              std::is_same_v<Each, models::PatchEmbed> ||
              std::is_same_v<Each, models::PatchRestore> ||
              std::is_same_v<Each, models::FourierTransform> ||
              std::is_same_v<Each, models::InverseFourierTransform> ||
              std::is_same_v<Each, models::ComplexLinear> ||
              std::is_same_v<Each, models::RelativeError> ||
              std::is_same_v<Each, models::Activation> || std::is_same_v<Each, models::Add> ||
              std::is_same_v<Each, models::SquaredDistance> ||
              std::is_same_v<Each, models::MeanSquaredError>);
          return 0;
        }
      },
      op);
}

}  // namespace

std::int64_t TileMap::tiles() const {
  std::int64_t total = 0;
  for (auto const& layer : layers) total += static_cast<std::int64_t>(layer.tiles.size());
  return total;
}

std::int64_t TileMap::weights() const {
  std::int64_t total = 0;
  for (auto const& layer : layers) total += layer.weights();
  return total;
}

double TileMap::utilisation() const {
  return static_cast<double>(weights()) /
         (static_cast<double>(tiles()) * static_cast<double>(tile_rows) *
          static_cast<double>(tile_columns));
}

std::int64_t TileMap::chips(std::int64_t copies) const {
  return ceil_div(tiles() * copies, tiles_per_chip);
}

std::int64_t TileMap::vectors_per_sample() const {
  std::int64_t most = 1;
  for (auto const& layer : layers) most = std::max(most, layer.vectors);
  return most;
}

TileMap map(models::Graph const& graph, Chip const& chip) {
  auto const shapes = models::shapes(graph);
  TileMap result{chip.tile_rows, chip.tile_columns, chip.tiles, {}, 0};
  std::vector<std::int64_t> products_before(graph.nodes.size(), 0);
  for (std::size_t id = 0; id < graph.nodes.size(); ++id) {
    auto const& node = graph.nodes[id];
    for (auto input : node.inputs)
      products_before[id] =
          std::max(products_before[id], products_before[static_cast<std::size_t>(input)]);
    auto const outputs = product_outputs(node.op);
    if (outputs == 0) continue;
    auto const& in = shapes[static_cast<std::size_t>(node.inputs.front())];
    LayerMap layer{static_cast<models::NodeId>(id), node.name, in.last(), outputs, 0, 0,
                   in.size() / in.last(),           {}};
    result.layers.push_back(cut(std::move(layer), chip));
    result.depth = std::max(result.depth, ++products_before[id]);
  }
  VALIDATE(
      !result.layers.empty(),
      "network \"{}\" has no product with stationary weights (nothing to lay on arrays) give it a "
      "linear layer",
      graph.name);
  return result;
}

}  // namespace crossjoule::aimc
