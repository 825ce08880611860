// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/design.hpp"

#include "core/error.hpp"

#include <cmath>

namespace crossjoule::aimc {

std::array<KnobLaw, knob_count> const& knob_laws() {
  static std::array<KnobLaw, knob_count> const laws = {{
      {Knob::rows, "rows", "1", true, "cells along the inputs of one array"},
      {Knob::columns, "columns", "1", true, "cells along the outputs of one array"},
      {Knob::rows_per_read, "rows_per_read", "1", true, "rows that are read at once"},
      {Knob::columns_per_adc, "columns_per_adc", "1", true, "columns that share a converter"},
      {Knob::tiles_per_adc, "tiles_per_adc", "1", true,
       "tiles of a layer that take turns on a group of converters, their outputs held meanwhile"},
      {Knob::input_bits, "input_bits", "bit", true, "bits of an input"},
      {Knob::output_bits, "output_bits", "bit", true, "bits of an output"},
      {Knob::adc_bits, "adc_bits", "bit", true, "bits of the converter"},
      {Knob::weight_bits, "weight_bits", "bit", true, "bits of a weight"},
      {Knob::cell_bits, "cell_bits", "bit", true, "bits of weight in one cell"},
      {Knob::guard_columns, "guard_columns", "1", true, "columns of a weight beside its slices"},
      {Knob::node, "node", "nm", false, "process node"},
      {Knob::supply, "supply", "V", false, "supply voltage"},
      {Knob::threshold, "threshold", "V", false, "supply at which the laws have no drive left"},
  }};
  return laws;
}

void Design::define(Knob knob, double value, double least, double most) {
  settings_[index(knob)] = {true, value, least, most};
}

void Design::set(std::string_view name, double value, std::string const& chip,
                 std::string const& where) {
  for (auto const& law : knob_laws()) {
    auto& setting = settings_[index(law.knob)];
    if (law.name != name || !setting.is_given) continue;
    VALIDATE(value >= setting.least && value <= setting.most,
             "{} = {}{} of chip {} (its laws hold from {} to {}) stay within{}", name, value,
             law.unit == "1" ? "" : fmt::format(" {}", law.unit), chip, setting.least, setting.most,
             where);
    VALIDATE(!law.is_whole || value == std::floor(value),
             "{} = {} of chip {} (must be a whole number) round it{}", name, value, chip, where);
    setting.value = value;
    return;
  }
  auto const known = names();
  core::fail(core::ExitCode::bad_input, "chip {} has no design value \"{}\" ({}) {}{}", chip, name,
             known.empty() ? "its figures are published for one design alone" : "it has " + known,
             known.empty() ? "choose a chip with laws" : "choose one", where);
}

bool Design::has(std::string_view name) const {
  for (auto const& law : knob_laws())
    if (law.name == name) return has(law.knob);
  return false;
}

std::string Design::text() const {
  std::string text;
  for (auto const& law : knob_laws())
    if (has(law.knob))
      text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", law.name, (*this)[law.knob]);
  return text;
}

std::string Design::names() const {
  std::string text;
  for (auto const& law : knob_laws())
    if (has(law.knob)) text += fmt::format("{}{}", text.empty() ? "" : ", ", law.name);
  return text;
}

Design take_design(core::Config& table, Sources const& sources) {
  Design design;
  for (auto const& law : knob_laws()) {
    if (!table.has(law.name)) continue;
    auto const [value, least, most] = take_setting(table, law.name, law.unit, sources);
    design.define(law.knob, value, least, most);
    design.set(law.name, value, "of the file", table.where(law.name));
  }
  return design;
}

}  // namespace crossjoule::aimc
