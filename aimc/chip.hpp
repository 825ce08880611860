// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "aimc/design.hpp"
#include "aimc/figure.hpp"
#include "aimc/law.hpp"
#include "aimc/terms.hpp"
#include "core/config.hpp"
#include "core/quantity.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace crossjoule::aimc {

/// May a mode's figures be quoted together with the chip's published accuracy?
enum class Standing { sustained, peak };
std::string_view to_string(Standing standing);

/// One way of reading the arrays: either the figures of the whole chip as published, or laws for
/// the time and energy of one product of one tile.
struct ReadMode {
  std::string name, note;
  std::string calibrated_on, predicts_blind;  ///< which published figures, in words
  Standing standing = Standing::sustained;
  Figure throughput;  ///< Top/s of the whole chip; one MAC is two ops
  Figure efficiency;  ///< Top/s/W
  Figure density;     ///< Top/s/mm2; may be absent
  std::vector<Law> time, energy, area, static_power;  ///< of one tile, in s, J, mm2, W

  bool has_laws() const { return !time.empty(); }
  /// "four-phase", or "one-phase (peak)".
  std::string label() const;
};

/// Signed weights of which each takes two cells, side by side along rows or columns.
enum class Pairs { none, rows, columns };

/// An in-memory chip: equal arrays of rows x columns signed weights (not cells), each with its
/// converters, and one or more read modes.
struct Chip {
  std::string name, title, technology;
  std::int64_t tile_rows = 1, tile_columns = 1;  ///< weights, inputs along rows
  std::int64_t tiles = 1;                        ///< per chip
  std::int64_t input_bits = 8, output_bits = 8;
  double node_nm = 0;  ///< process node; 0 where the file does not say
  Pairs pairs = Pairs::none;
  bool has_digital_unit = true;  ///< for operations that neither an array nor a column does
  Design design, reference;      ///< as turned by a study, and as the file gives it
  std::vector<ReadMode> modes;   ///< the default one first
  Terms terms;                   ///< what else the chip's file gives
  Sources sources;

  /// The mode of that name ("" for the default); Error (bad_input) lists the names there are.
  ReadMode const& mode(std::string_view mode_name) const;
  std::string precision() const;
  /// Turn a design value (input_bits, supply, rows ...); sizes follow. Error as of Design::set.
  void turn(std::string_view knob, double value, std::string const& where = {});
};

/// A chip file; `file` names it in messages. Error (bad_input) with file and line for anything that
/// is not as docs/how_to_add_a_chip.md says.
Chip read_chip(core::Config& config, std::string const& file);

/// One product of one tile: every row and column driven, used or not.
struct TileFigures {
  double seconds = 0;
  double pace = 0;  ///< s between products of a tile that never rests: less where outputs are held
  std::array<double, component_count> seconds_of{};          ///< by component, where laws say
  std::array<double, component_count> joules{};              ///< by component
  std::array<double, component_count> square_millimetres{};  ///< of one tile; all 0 if unknown
  double static_watts = 0;                                   ///< 0 if the file has no law for it
  double full_load_watts = 0;  ///< energy / pace: what a tile draws when it never rests

  /// Array with DAC and ADC: the boundary "device".
  double device_joules() const;
  double area() const;
};
TileFigures tile_figures(Chip const& chip, ReadMode const& mode, Pick const& pick = {});
/// The worst kind among the figures a mode's time and energy rest on.
core::Kind kind_of(ReadMode const& mode);
/// Does the mode's energy contain the component, so that no term need give it?
bool covers(ReadMode const& mode, Component component);

/// Ops of one full-array matrix-vector product: 2 rows columns, for one MAC is two ops.
double ops_per_mvm(Chip const& chip);
/// Time of one matrix-vector product of one array: ops / (throughput / tiles), or the mode's laws.
core::Quantity<core::Seconds> mvm_time(Chip const& chip, ReadMode const& mode);
/// Between products of one array that never rests: the same, or the slower of array and converter
/// group where outputs are held.
core::Quantity<core::Seconds> mvm_pace(Chip const& chip, ReadMode const& mode);
/// Energy of one full-array product within the boundary device, unused rows and columns included:
/// ops / efficiency, or the mode's laws.
core::Quantity<core::Joules> mvm_energy(Chip const& chip, ReadMode const& mode);
/// Power of the whole chip at full load: throughput / efficiency.
core::Quantity<core::Watts> full_load_power(Chip const& chip, ReadMode const& mode);
/// Area of the whole chip: throughput / density, or tiles x the area laws; absent without either.
core::Quantity<core::SquareMillimetres> area(Chip const& chip, ReadMode const& mode);

}  // namespace crossjoule::aimc
