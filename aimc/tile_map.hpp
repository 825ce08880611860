// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "aimc/chip.hpp"
#include "aimc/product.hpp"
#include "core/comm.hpp"
#include "models/graph.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace crossjoule::aimc {

/// One tile in use: which block of its layer's weights it holds. Rows and columns count within the
/// layer; with blocks on a diagonal they are those of its first block, and `blocks` of them follow
/// each other down the tile's own diagonal.
struct Tile {
  core::Share rows, columns;  ///< inputs and outputs of the layer
  std::int64_t blocks = 1;    ///< blocks on its diagonal (1: a plain part of one matrix)
  std::int64_t weights() const { return blocks * rows.count() * columns.count(); }
};

/// One stationary product cut into tiles, row blocks outermost.
struct LayerMap {
  models::NodeId node = 0;
  std::string name;
  std::int64_t inputs = 0, outputs = 0;          ///< rows and columns of one block of the product
  std::int64_t row_tiles = 0, column_tiles = 0;  ///< tiles along each, per block or group of blocks
  std::int64_t vectors = 1;                      ///< products per sample
  std::vector<Tile> tiles;                       ///< of one replica
  std::int64_t blocks = 1;            ///< equal blocks on the diagonal of the whole matrix
  std::int64_t blocks_per_tile = 1;   ///< of them on one tile's diagonal
  std::int64_t distinct_weights = 0;  ///< parameters; a complex one is stored twice in real form
  std::int64_t passes = 1;            ///< reads per vector: 2 where complex parts share a tile
  std::int64_t replicas = 1;          ///< copies that share the layer's vectors
  std::int64_t round = 0;             ///< first programming that holds it
  std::int64_t rounds = 1;            ///< programmings it takes, where it is larger than the budget

  /// Positions taken in the arrays by one replica.
  std::int64_t weights() const { return blocks * inputs * outputs; }
  /// Products of tiles per sample, all tiles of all replicas together.
  std::int64_t tile_products() const {
    return static_cast<std::int64_t>(tiles.size()) * vectors * passes;
  }
  /// Products one tile does per sample: what its stage takes.
  std::int64_t busy_vectors() const { return (vectors + replicas - 1) / replicas * passes; }
};

/// How complex blocks are laid out: as the real matrix [[Wr, Wi], [-Wi, Wr]], one pass, each weight
/// stored twice; or as [Wr, Wi], two passes (real and imaginary inputs), each weight stored once.
enum class ComplexForm { real_pairs, two_passes };
/// May several samples share a product, their copies on a tile's diagonal?
enum class Packing { one_copy, packed };
/// Copies of busy layers: none, or as many as fill the tile budget to shorten the interval.
enum class Replication { none, search };
/// What happens to weights beyond the tile budget.
enum class Overflow { refuse, reprogram };

/// Operations that no array and no column's unit does: the chip's digital unit takes them, and a
/// chip without one refuses the network unless the study gives figures of one beside it; or a
/// digital unit takes them on any chip; or none.
enum class Unheld { chip_decides, digital_unit, refuse };

struct MapOptions {
  ComplexForm complex = ComplexForm::real_pairs;
  Packing packing = Packing::one_copy;
  Replication replication = Replication::none;
  Overflow overflow = Overflow::refuse;
  Unheld unheld = Unheld::chip_decides;
  std::int64_t chips = 0;  ///< tile budget in chips; 0: as many as it takes
};

/// All stationary products of a network on the arrays of one chip type, one copy. Tiles are never
/// shared between layers; biases and everything without weights stay digital.
struct TileMap {
  std::int64_t tile_rows = 1, tile_columns = 1, tiles_per_chip = 1;
  std::vector<LayerMap> layers;          ///< in topological order
  std::int64_t depth = 0;                ///< products on the longest path from input to output
  std::int64_t samples_per_product = 1;  ///< packed copies: samples that share every product
  std::int64_t samples_that_fit = 1;     ///< copies that packing would put on the diagonals
  std::int64_t rounds = 1;               ///< programmings of the chip per batch
  /// Tiles of a layer that take turns on a group of converters, their outputs held meanwhile; 0: a
  /// tile has converters of its own and waits for them.
  std::int64_t tiles_per_adc = 0;

  /// Tiles that exist, replicas included: those of the largest round.
  std::int64_t tiles() const;
  /// Positions taken by one copy, and the parameters they hold.
  std::int64_t weights() const;
  std::int64_t distinct_weights() const;
  /// Positions taken / positions that the tiles holding them have.
  double utilisation() const;
  /// Chips that `copies` copies need: ceil(tiles copies / tiles per chip).
  std::int64_t chips(std::int64_t copies) const;
  /// Largest number of products one tile does per sample: what sets the pipeline's interval.
  std::int64_t vectors_per_sample() const;
  /// Products of tiles per sample, where all that may share them do.
  double tile_products() const;
  /// Turns in which a batch goes through: packed samples take one together.
  std::int64_t turns(std::int64_t batch) const;
  LayerMap const* layer_of(models::NodeId node) const;
};

/// Cut every product of `graph` into blocks of at most tile_rows x tile_columns weights.
/// Error (bad_input) for a network without a product (nothing of it could be analog), and for one
/// that does not fit options.chips where overflow is refused.
TileMap map(models::Graph const& graph, Chip const& chip, MapOptions const& options = {});

/// The same for a list of products that is no graph (a published layer table).
TileMap place(std::vector<Product> const& products, Chip const& chip,
              MapOptions const& options = {});

}  // namespace crossjoule::aimc
