// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "aimc/chip.hpp"
#include "core/comm.hpp"
#include "models/graph.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace crossjoule::aimc {

/// One tile in use: which block of its layer's weights it holds.
struct Tile {
  core::Share rows, columns;  ///< inputs and outputs of the layer
  std::int64_t weights() const { return rows.count() * columns.count(); }
};

/// One stationary product cut into tiles, row blocks outermost.
struct LayerMap {
  models::NodeId node = 0;
  std::string name;
  std::int64_t inputs = 0, outputs = 0;          ///< rows and columns of the whole product
  std::int64_t row_tiles = 0, column_tiles = 0;  ///< blocks along each
  std::int64_t vectors = 1;                      ///< products per sample
  std::vector<Tile> tiles;

  std::int64_t weights() const { return inputs * outputs; }
};

/// All stationary products of a network on the arrays of one chip type, one copy. Tiles are never
/// shared between layers; biases and everything without weights stay digital.
struct TileMap {
  std::int64_t tile_rows = 1, tile_columns = 1, tiles_per_chip = 1;
  std::vector<LayerMap> layers;  ///< in topological order
  std::int64_t depth = 0;        ///< products on the longest path from input to output

  std::int64_t tiles() const;
  std::int64_t weights() const;
  /// Weights placed / weights the tiles in use can hold.
  double utilisation() const;
  /// Chips that `copies` copies need: ceil(tiles copies / tiles per chip).
  std::int64_t chips(std::int64_t copies) const;
  /// Largest number of products one tile does per sample: what sets the pipeline's interval.
  std::int64_t vectors_per_sample() const;
};

/// Cut every Linear of `graph` into blocks of at most tile_rows x tile_columns weights.
/// Error (bad_input) for a network without a product: nothing of it could be analog.
TileMap map(models::Graph const& graph, Chip const& chip);

}  // namespace crossjoule::aimc
