// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "aimc/figure.hpp"
#include "core/config.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace crossjoule::aimc {

/// A number of a chip's design that a study may turn, within the range its laws hold in.
enum class Knob {
  rows,             ///< cells along the inputs of one array
  columns,          ///< cells along its outputs
  rows_per_read,    ///< rows that conduct at once (or that one pipeline register serves)
  columns_per_adc,  ///< columns that take turns on one converter
  tiles_per_adc,    ///< tiles of a layer that take turns on a group of converters
  input_bits,
  output_bits,
  adc_bits,
  weight_bits,
  cell_bits,      ///< bits of weight one cell holds
  guard_columns,  ///< columns a weight takes beside its slices (carries of a digital adder)
  node,           ///< process node, nm
  supply,         ///< V
  threshold       ///< V below which the fitted laws have no drive
};
constexpr std::size_t knob_count = 14;

/// Name, unit and meaning, for chip files, messages and docs.
struct KnobLaw {
  Knob knob;
  std::string_view name, unit;
  bool is_whole;
  std::string_view meaning;
};
std::array<KnobLaw, knob_count> const& knob_laws();

/// The `[design]` of a chip: the value of each knob it has, and the range it may be turned in.
class Design {
 public:
  bool has(Knob knob) const { return settings_[index(knob)].is_given; }
  bool has(std::string_view name) const;
  double operator[](Knob knob) const { return settings_[index(knob)].value; }
  /// Turn a knob. Error (bad_input) names the knobs the chip has, or the range; `where` ends it.
  void set(std::string_view name, double value, std::string const& chip, std::string const& where);
  void define(Knob knob, double value, double least, double most);
  /// "input_bits = 8, supply = 0.8"; empty for a chip without knobs.
  std::string text() const;
  /// Names of the knobs it has, ", " between them.
  std::string names() const;

 private:
  struct Setting {
    bool is_given = false;
    double value = 0, least = 0, most = 0;
  };
  static std::size_t index(Knob knob) { return static_cast<std::size_t>(knob); }
  std::array<Setting, knob_count> settings_{};
};

/// The `[design]` table of a chip file: NAME = { value, least, most, unit, kind, citation }; least
/// and most are optional and equal the value where absent: the knob is then fixed.
Design take_design(core::Config& table, Sources const& sources);

/// A pure number made of a design, by which a law's constant is multiplied or divided. Docs and
/// messages list the names.
struct Factor {
  std::string_view name;
  double (*of)(Design const& design);
  std::vector<Knob> needs;
  std::string_view meaning;
};
std::vector<Factor> const& factors();
/// The factor of that name; Error (bad_input) lists the names there are.
Factor const& factor(std::string_view name, std::string const& where);

}  // namespace crossjoule::aimc
