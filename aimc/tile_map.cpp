// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/tile_map.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <cmath>

namespace crossjoule::aimc {
namespace {

constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return a / b + (a % b != 0); }

/// A product as real rows and columns on arrays.
LayerMap as_layer(Product const& product, ComplexForm form) {
  LayerMap layer;
  layer.node = product.node;
  layer.name = product.name;
  layer.inputs = product.inputs;
  layer.outputs = product.outputs;
  layer.vectors = product.vectors;
  layer.blocks = product.blocks;
  layer.distinct_weights = product.distinct_weights();
  if (!product.is_complex) return layer;
  layer.outputs *= 2;
  if (form == ComplexForm::real_pairs)
    layer.inputs *= 2;
  else
    layer.passes = 2;
  return layer;
}

/// Blocks that fit a tile go down its diagonal, several to a tile; a larger one is cut, and then
/// every block has tiles of its own.
void cut(LayerMap& layer, Chip const& chip) {
  layer.row_tiles = ceil_div(layer.inputs, chip.tile_rows);
  layer.column_tiles = ceil_div(layer.outputs, chip.tile_columns);
  bool const fits = layer.row_tiles == 1 && layer.column_tiles == 1;
  layer.blocks_per_tile = fits ? std::min({chip.tile_rows / layer.inputs,
                                           chip.tile_columns / layer.outputs, layer.blocks})
                               : 1;
  auto part = [](std::int64_t k, std::int64_t size, std::int64_t total) {
    return core::Share{k * size, std::min((k + 1) * size, total)};
  };
  layer.tiles.reserve(static_cast<std::size_t>(ceil_div(layer.blocks, layer.blocks_per_tile) *
                                               layer.row_tiles * layer.column_tiles));
  for (std::int64_t block = 0; block < layer.blocks; block += layer.blocks_per_tile)
    for (std::int64_t r = 0; r < layer.row_tiles; ++r)
      for (std::int64_t c = 0; c < layer.column_tiles; ++c) {
        auto rows = part(r, chip.tile_rows, layer.inputs);
        auto columns = part(c, chip.tile_columns, layer.outputs);
        rows = {rows.first + block * layer.inputs, rows.last + block * layer.inputs};
        columns = {columns.first + block * layer.outputs, columns.last + block * layer.outputs};
        layer.tiles.push_back(
            {rows, columns, std::min(layer.blocks_per_tile, layer.blocks - block)});
      }
}

/// Samples that every product of the network can serve at once: copies down the diagonals.
std::int64_t packed_samples(TileMap const& tiles) {
  std::int64_t copies = tiles.tile_rows;
  for (auto const& layer : tiles.layers) {
    if (layer.tiles.size() != 1) return 1;
    copies = std::min({copies, tiles.tile_rows / (layer.inputs * layer.blocks),
                       tiles.tile_columns / (layer.outputs * layer.blocks)});
  }
  return std::max<std::int64_t>(copies, 1);
}

std::int64_t tiles_at_interval(TileMap const& tiles, std::int64_t interval) {
  std::int64_t total = 0;
  for (auto const& layer : tiles.layers)
    total += static_cast<std::int64_t>(layer.tiles.size()) *
             ceil_div(layer.vectors, std::max<std::int64_t>(1, interval / layer.passes));
  return total;
}

/// The shortest interval whose replicas fit the budget, and no more replicas than that takes: tiles
/// fall as the interval grows, so that bisection finds it.
void replicate(TileMap& tiles, std::int64_t budget) {
  std::int64_t low = 1, high = tiles.vectors_per_sample();
  for (auto const& layer : tiles.layers) low = std::max(low, layer.passes);
  while (low < high) {
    auto const middle = low + (high - low) / 2;
    if (tiles_at_interval(tiles, middle) <= budget)
      high = middle;
    else
      low = middle + 1;
  }
  for (auto& layer : tiles.layers)
    layer.replicas = ceil_div(layer.vectors, std::max<std::int64_t>(1, high / layer.passes));
}

/// Layers in order, as many to a round as the budget holds; one that is larger takes rounds of its
/// own.
void divide_into_rounds(TileMap& tiles, std::int64_t budget) {
  std::int64_t round = 0, used = 0;
  for (auto& layer : tiles.layers) {
    auto const need = static_cast<std::int64_t>(layer.tiles.size());
    if (used > 0 && used + need > budget) ++round, used = 0;
    layer.round = round;
    layer.rounds = ceil_div(need, budget);
    round += layer.rounds - 1;
    used = layer.rounds > 1 ? budget : used + need;
  }
  tiles.rounds = round + 1;
}

void fit(TileMap& tiles, Chip const& chip, MapOptions const& options) {
  tiles.samples_that_fit = packed_samples(tiles);
  if (options.packing == Packing::packed) tiles.samples_per_product = tiles.samples_that_fit;
  if (options.chips == 0) {
    VALIDATE(options.replication == Replication::none,
             "replicas are to be searched without a tile budget (there would be no end) give "
             "mapping.chips");
    return;
  }
  auto const budget = options.chips * chip.tiles;
  auto const need = tiles.tiles();
  if (need <= budget) {
    if (options.replication == Replication::search) replicate(tiles, budget);
    return;
  }
  VALIDATE(options.overflow == Overflow::reprogram,
           "network needs {} tiles of chip {} and the budget is {} ({} chips of {}) raise "
           "mapping.chips to {}, or let weights take turns with mapping.overflow = \"reprogram\"",
           need, chip.name, budget, options.chips, chip.tiles, ceil_div(need, chip.tiles));
  divide_into_rounds(tiles, budget);
}

}  // namespace

std::int64_t TileMap::tiles() const {
  if (rounds == 1) {
    std::int64_t total = 0;
    for (auto const& layer : layers)
      total += static_cast<std::int64_t>(layer.tiles.size()) * layer.replicas;
    return total;
  }
  std::vector<std::int64_t> of_round(static_cast<std::size_t>(rounds), 0);
  for (auto const& layer : layers)
    of_round[static_cast<std::size_t>(layer.round)] +=
        ceil_div(static_cast<std::int64_t>(layer.tiles.size()), layer.rounds);
  return *std::max_element(of_round.begin(), of_round.end());
}

std::int64_t TileMap::weights() const {
  std::int64_t total = 0;
  for (auto const& layer : layers) total += layer.weights();
  return total;
}

std::int64_t TileMap::distinct_weights() const {
  std::int64_t total = 0;
  for (auto const& layer : layers) total += layer.distinct_weights;
  return total;
}

double TileMap::utilisation() const {
  double taken = 0, held = 0;
  for (auto const& layer : layers) {
    taken += static_cast<double>(layer.replicas * layer.weights() * samples_per_product);
    held += static_cast<double>(layer.replicas) * static_cast<double>(layer.tiles.size());
  }
  return taken / (held * static_cast<double>(tile_rows) * static_cast<double>(tile_columns));
}

std::int64_t TileMap::chips(std::int64_t copies) const {
  return ceil_div(tiles() * copies, tiles_per_chip);
}

std::int64_t TileMap::vectors_per_sample() const {
  std::int64_t most = 1;
  for (auto const& layer : layers) most = std::max(most, layer.busy_vectors());
  return most;
}

double TileMap::tile_products() const {
  double total = 0;
  for (auto const& layer : layers) total += static_cast<double>(layer.tile_products());
  return total / static_cast<double>(samples_per_product);
}

std::int64_t TileMap::turns(std::int64_t batch) const {
  return ceil_div(batch, samples_per_product);
}

LayerMap const* TileMap::layer_of(models::NodeId node) const {
  auto const found = std::find_if(layers.begin(), layers.end(),
                                  [&](LayerMap const& layer) { return layer.node == node; });
  return found == layers.end() ? nullptr : &*found;
}

TileMap place(std::vector<Product> const& products, Chip const& chip, MapOptions const& options) {
  TileMap result;
  result.tile_rows = chip.tile_rows;
  result.tile_columns = chip.tile_columns;
  result.tiles_per_chip = chip.tiles;
  if (chip.design.has(Knob::tiles_per_adc))
    result.tiles_per_adc = std::llround(chip.design[Knob::tiles_per_adc]);
  for (auto const& product : products) {
    auto const first =
        std::find_if(result.layers.begin(), result.layers.end(), [&](LayerMap const& layer) {
          return product.owner != product.node && layer.node == product.owner;
        });
    if (first != result.layers.end()) {  // shared weights: the same tiles, one use after another
      first->vectors += product.vectors;
      continue;
    }
    result.layers.push_back(as_layer(product, options.complex));
    cut(result.layers.back(), chip);
  }
  result.depth = static_cast<std::int64_t>(products.size());
  fit(result, chip, options);
  return result;
}

TileMap map(models::Graph const& graph, Chip const& chip, MapOptions const& options) {
  auto const found = products(graph, models::shapes(graph));
  VALIDATE(!found.empty(),
           "network \"{}\" has no product with stationary weights (nothing to lay on arrays) give "
           "it a linear layer",
           graph.name);
  auto result = place(found, chip, options);
  std::vector<std::int64_t> products_before(graph.nodes.size(), 0);
  for (std::size_t id = 0; id < graph.nodes.size(); ++id) {
    for (auto input : graph.nodes[id].inputs)
      products_before[id] =
          std::max(products_before[id], products_before[static_cast<std::size_t>(input)]);
    if (handling(graph.nodes[id].op) == Handling::array) ++products_before[id];
  }
  result.depth = *std::max_element(products_before.begin(), products_before.end());
  return result;
}

}  // namespace crossjoule::aimc
