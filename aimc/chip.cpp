// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/chip.hpp"

#include "core/error.hpp"

#include <algorithm>

namespace crossjoule::aimc {
namespace {

constexpr double ops_per_top = 1e12;

/// numerator / figure, a larger figure making a smaller quotient.
template <class Unit>
core::Quantity<Unit> quotient(double numerator, Figure const& figure) {
  if (!figure.present()) return {};
  return {
      {numerator / figure.high}, {numerator / figure.value}, {numerator / figure.low}, figure.kind};
}

/// a / b of two independent figures.
template <class Unit>
core::Quantity<Unit> quotient(Figure const& a, Figure const& b) {
  if (!a.present() || !b.present()) return {};
  return {{a.low / b.high}, {a.value / b.value}, {a.high / b.low}, core::worst(a.kind, b.kind)};
}

Sources take_sources(core::Config& config, std::string const& file) {
  Sources sources{file, {}};
  auto table = config.section("sources");
  for (auto const& name : table.section_names())
    sources.texts[name] = table.section(name).take("text", "", "");
  VALIDATE(!sources.texts.empty(),
           "chip file has no [sources.NAME] table (numbers must be citable) add one [{}]", file);
  return sources;
}

ReadMode take_mode(core::Config table, std::string const& name, Sources const& sources) {
  ReadMode mode;
  mode.name = name;
  mode.standing = table.take_choice("standing", "sustained", "", {"sustained", "peak"}) == "peak"
                      ? Standing::peak
                      : Standing::sustained;
  mode.note = table.take("note", "", "");
  mode.calibrated_on = table.take("calibrated_on", "", "");
  constexpr double least = 1e-12;  // divides; a chip that does one op per second is a misprint
  mode.throughput = take_figure(table, "throughput", {"Top/s", least}, sources);
  mode.efficiency = take_figure(table, "efficiency", {"Top/s/W", least}, sources);
  if (table.has("density"))
    mode.density = take_figure(table, "density", {"Top/s/mm2", least}, sources);
  return mode;
}

}  // namespace

std::string_view to_string(Standing standing) {
  return standing == Standing::peak ? "peak" : "sustained";
}

std::string ReadMode::label() const { return standing == Standing::peak ? name + " (peak)" : name; }

ReadMode const& Chip::mode(std::string_view mode_name) const {
  if (mode_name.empty()) return modes.front();
  std::string names;
  for (auto const& each : modes) {
    if (each.name == mode_name) return each;
    names += (names.empty() ? "" : ", ") + each.name;
  }
  core::fail(core::ExitCode::bad_input, "chip {} has no read mode \"{}\" (it has {}) choose one",
             name, mode_name, names);
}

std::string Chip::precision() const {
  return fmt::format("{} bit in, {} bit out", input_bits, output_bits);
}

Chip read_chip(core::Config& config, std::string const& file) {
  Chip chip;
  chip.name = config.take("name", "", "");
  VALIDATE(!chip.name.empty(),
           "chip has no name (records and tables print it) add name = \"...\" [{}]", file);
  chip.title = config.take("title", chip.name, "");
  chip.technology = config.take("technology", "", "");
  auto const default_mode = config.take("default_mode", "", "");
  chip.sources = take_sources(config, file);

  auto tile = config.section("tile");
  chip.tile_rows = take_count(tile, "rows", "1", chip.sources);
  chip.tile_columns = take_count(tile, "columns", "1", chip.sources);
  chip.input_bits = take_count(tile, "input_bits", "bit", chip.sources);
  chip.output_bits = take_count(tile, "output_bits", "bit", chip.sources);
  auto whole = config.section("chip");
  chip.tiles = take_count(whole, "tiles", "1", chip.sources);

  auto modes = config.section("modes");
  for (auto const& name : modes.section_names())
    chip.modes.push_back(take_mode(modes.section(name), name, chip.sources));
  auto const first = std::find_if(chip.modes.begin(), chip.modes.end(),
                                  [&](ReadMode const& mode) { return mode.name == default_mode; });
  VALIDATE(first != chip.modes.end(),
           "default_mode = \"{}\" (must name one of the file's [modes.NAME] tables) name one [{}]",
           default_mode, file);
  std::rotate(chip.modes.begin(), first, first + 1);

  auto terms = config.section("terms");
  chip.terms = take_terms(terms, chip.sources);
  return chip;
}

double ops_per_mvm(Chip const& chip) {
  return 2.0 * static_cast<double>(chip.tile_rows) * static_cast<double>(chip.tile_columns);
}

core::Quantity<core::Seconds> mvm_time(Chip const& chip, ReadMode const& mode) {
  auto const ops_of_all_tiles = ops_per_mvm(chip) * static_cast<double>(chip.tiles);
  return quotient<core::Seconds>(ops_of_all_tiles / ops_per_top, mode.throughput);
}

core::Quantity<core::Joules> mvm_energy(Chip const& chip, ReadMode const& mode) {
  return quotient<core::Joules>(ops_per_mvm(chip) / ops_per_top, mode.efficiency);
}

core::Quantity<core::Watts> full_load_power(ReadMode const& mode) {
  return quotient<core::Watts>(mode.throughput, mode.efficiency);
}

core::Quantity<core::SquareMillimetres> area(ReadMode const& mode) {
  return quotient<core::SquareMillimetres>(mode.throughput, mode.density);
}

}  // namespace crossjoule::aimc
