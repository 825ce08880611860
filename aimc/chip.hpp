// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "aimc/figure.hpp"
#include "aimc/terms.hpp"
#include "core/config.hpp"
#include "core/quantity.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace crossjoule::aimc {

/// May a mode's figures be quoted together with the chip's published accuracy?
enum class Standing { sustained, peak };
std::string_view to_string(Standing standing);

/// One way of reading the arrays, with the figures of the whole chip as published.
struct ReadMode {
  std::string name, note, calibrated_on;
  Standing standing = Standing::sustained;
  Figure throughput;  ///< Top/s of the whole chip; one MAC is two ops
  Figure efficiency;  ///< Top/s/W
  Figure density;     ///< Top/s/mm2; may be absent

  /// "four-phase", or "one-phase (peak)".
  std::string label() const;
};

/// An analog in-memory chip: equal arrays of rows x columns signed weights (not cells), each with
/// its converters, and one or more read modes.
struct Chip {
  std::string name, title, technology;
  std::int64_t tile_rows = 1, tile_columns = 1;  ///< weights, inputs along rows
  std::int64_t tiles = 1;                        ///< per chip
  std::int64_t input_bits = 8, output_bits = 8;
  std::vector<ReadMode> modes;  ///< the default one first
  Terms terms;                  ///< what else the chip's file gives; absent in the presets
  Sources sources;

  /// The mode of that name ("" for the default); Error (bad_input) lists the names there are.
  ReadMode const& mode(std::string_view mode_name) const;
  std::string precision() const;
};

/// A chip file; `file` names it in messages. Error (bad_input) with file and line for anything that
/// is not as docs/how_to_add_a_chip.md says.
Chip read_chip(core::Config& config, std::string const& file);

/// Ops of one full-array matrix-vector product: 2 rows columns, for one MAC is two ops.
double ops_per_mvm(Chip const& chip);
/// Time of one matrix-vector product of one array: ops / (throughput / tiles).
core::Quantity<core::Seconds> mvm_time(Chip const& chip, ReadMode const& mode);
/// Energy of one full-array product, unused rows and columns included: ops / efficiency.
core::Quantity<core::Joules> mvm_energy(Chip const& chip, ReadMode const& mode);
/// Power of the whole chip at full load: throughput / efficiency.
core::Quantity<core::Watts> full_load_power(ReadMode const& mode);
/// Area of the whole chip: throughput / density; absent without a density.
core::Quantity<core::SquareMillimetres> area(ReadMode const& mode);

}  // namespace crossjoule::aimc
