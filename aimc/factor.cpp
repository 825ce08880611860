// SPDX-License-Identifier: BSD-3-Clause
// The closed list of what a law's constant may be multiplied or divided by.
#include "aimc/design.hpp"
#include "aimc/process_node.hpp"
#include "core/error.hpp"

#include <algorithm>
#include <cmath>

namespace crossjoule::aimc {
namespace {

using D = Design const&;

double square(double x) { return x * x; }

/// Pulses that carry magnitude: a sign needs none, and one bit still takes one pulse.
double magnitude_bits(D d) { return std::max(d[Knob::input_bits] - 1, 1.0); }

/// Reads of a two-phase chip: inputs above four bits go in two halves.
double input_slices(D d) { return d[Knob::input_bits] > 4 ? 2 : 1; }

/// Unit pulses of all halves together: 2^b - 1 each.
double integration_steps(D d) {
  auto const bits = magnitude_bits(d);
  if (input_slices(d) == 1) return std::exp2(bits) - 1;
  auto const high = std::ceil(bits / 2);
  return std::exp2(high) - 1 + std::exp2(bits - high) - 1;
}

double pulses_at_once(D d) { return std::exp2(magnitude_bits(d)) - 1; }

double reads(D d) { return std::ceil(d[Knob::rows] / d[Knob::rows_per_read]); }

double slices(D d) { return std::ceil(d[Knob::weight_bits] / d[Knob::cell_bits]); }

/// Fits of ZigZag-IMC to 22 and 28 nm converters; B bits: fJ at 1 V, ns, um^2.
double adc_energy(D d) {
  auto const bits = d[Knob::adc_bits];
  return 100 * bits + 0.001 * std::pow(4, bits);
}
double adc_delay(D d) {
  return d[Knob::adc_bits] * (0.00653 * std::min(d[Knob::rows], d[Knob::rows_per_read]) + 0.640);
}
double adc_area(D d) {
  auto const bits = d[Knob::adc_bits];
  return std::pow(10, 1.206 - 0.0369 * bits) * std::exp2(bits);
}

template <Knob knob>
double value(D d) {
  return d[knob];
}

}  // namespace

std::vector<Factor> const& factors() {
  using enum Knob;
  static std::vector<Factor> const all = {
      {"rows", value<rows>, {rows}, "cells along the inputs"},
      {"columns", value<columns>, {columns}, "cells along the outputs"},
      {"cells", [](D d) { return d[rows] * d[columns]; }, {rows, columns}, "cells of an array"},
      {"reads", reads, {rows, rows_per_read}, "groups of rows read one after another"},
      {"rows_per_read", value<rows_per_read>, {rows_per_read}, "rows read at once"},
      {"columns_per_adc", value<columns_per_adc>, {columns_per_adc}, "columns that take turns"},
      {"tiles_per_adc", value<tiles_per_adc>, {tiles_per_adc}, "tiles that take turns"},
      {"converters",
       [](D d) { return std::ceil(d[columns] / d[columns_per_adc]); },
       {columns, columns_per_adc},
       "converters of an array"},
      {"input_bits", value<input_bits>, {input_bits}, "bits of an input"},
      {"magnitude_bits", magnitude_bits, {input_bits}, "input bits without the sign, at least 1"},
      {"input_slices", input_slices, {input_bits}, "reads of a two-phase chip: 2 above 4 bits"},
      {"integration_steps", integration_steps, {input_bits}, "unit pulses of those reads"},
      {"pulses_at_once", pulses_at_once, {input_bits}, "unit pulses in a single read"},
      {"output_bits", value<output_bits>, {output_bits}, "bits of an output"},
      {"adc_bits", value<adc_bits>, {adc_bits}, "bits of the converter"},
      {"weight_bits", value<weight_bits>, {weight_bits}, "bits of a weight"},
      {"weight_slices", slices, {weight_bits, cell_bits}, "cells a weight is cut into"},
      {"weight_columns",
       [](D d) { return slices(d) + d[guard_columns]; },
       {weight_bits, cell_bits, guard_columns},
       "columns of a weight with its guard columns"},
      {"adc_energy", adc_energy, {adc_bits}, "100 B + 0.001 4^B: a converter's fJ at 1 V"},
      {"adc_delay", adc_delay, {adc_bits, rows, rows_per_read}, "B (0.00653 rows + 0.640), ns"},
      {"adc_area", adc_area, {adc_bits}, "10^(1.206 - 0.0369 B) 2^B, um^2"},
      {"dac_energy",
       [](D d) { return d[input_bits] > 1 ? 0.05 * d[input_bits] : 0.0; },
       {input_bits},
       "0.05 B: a DAC's pJ at 1 V; 0 for one bit"},
      {"supply", value<supply>, {supply}, "supply voltage"},
      {"supply2", [](D d) { return square(d[supply]); }, {supply}, "its square"},
      {"overdrive",
       [](D d) { return d[supply] - d[threshold]; },
       {supply, threshold},
       "supply less threshold"},
      {"wire", [](D d) { return process_node(d[node]).wire_nm; }, {node}, "wire of the node, nm"},
      {"wire2", [](D d) { return square(process_node(d[node]).wire_nm); }, {node}, "its square"},
      {"node_supply",
       [](D d) { return process_node(d[node]).supply_volt; },
       {node},
       "nominal supply of the node"},
      {"node_supply2",
       [](D d) { return square(process_node(d[node]).supply_volt); },
       {node},
       "its square"},
  };
  return all;
}

Factor const& factor(std::string_view name, std::string const& where) {
  std::string names;
  for (auto const& each : factors()) {
    if (each.name == name) return each;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", each.name);
  }
  core::fail(core::ExitCode::bad_input, "factor \"{}\" is unknown (there are {}) choose one{}",
             name, names, where);
}

}  // namespace crossjoule::aimc
