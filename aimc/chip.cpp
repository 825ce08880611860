// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/chip.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <cmath>

namespace crossjoule::aimc {
namespace {

Sources take_sources(core::Config& config, std::string const& file) {
  Sources sources{file, {}};
  auto table = config.section("sources");
  for (auto const& name : table.section_names()) {
    auto source = table.section(name);
    auto& text = sources.texts[name] = source.take("text", "", "");
    VALIDATE(!text.empty(), "sources.{} has no text (authors, journal, year) write it{}", name,
             table.where(name));
  }
  VALIDATE(!sources.texts.empty(),
           "chip file has no [sources.NAME] table (numbers must be citable) add one [{}]", file);
  return sources;
}

/// What a mode says in words about where its numbers come from.
void take_words(core::Config& table, ReadMode& mode) {
  mode.standing = table.take_choice("standing", "sustained", "", {"sustained", "peak"}) == "peak"
                      ? Standing::peak
                      : Standing::sustained;
  mode.note = table.take("note", "", "");
  mode.calibrated_on = table.take("calibrated_on", "", "");
  mode.predicts_blind = table.take("predicts_blind", "", "");
}

ReadMode take_mode(core::Config table, std::string const& name, Chip const& chip) {
  ReadMode mode;
  mode.name = name;
  take_words(table, mode);
  mode.time = take_laws(table, "time", "s", chip.design, chip.sources);
  mode.energy = take_laws(table, "energy", "J", chip.design, chip.sources);
  mode.area = take_laws(table, "area", "mm2", chip.design, chip.sources);
  mode.static_power = take_laws(table, "static", "W", chip.design, chip.sources);
  VALIDATE(mode.time.empty() == mode.energy.empty(),
           "mode {} has laws for {} alone (a product needs time and energy) add [[modes.{}.{}]] "
           "[{}]",
           name, mode.time.empty() ? "energy" : "time", name, mode.time.empty() ? "time" : "energy",
           chip.sources.file);
  VALIDATE(!chip.design.has(Knob::tiles_per_adc) ||
               std::any_of(mode.time.begin(), mode.time.end(),
                           [](Law const& law) {
                             return law.shares[static_cast<std::size_t>(Component::adc)] > 0;
                           }),
           "mode {} says nothing of its converters' time (tiles_per_adc makes tiles wait for them) "
           "give a time law of component adc, or leave out design.tiles_per_adc [{}]",
           name, chip.sources.file);
  constexpr double least = 1e-12;  // divides; a chip that does one op per second is a misprint
  if (!mode.has_laws()) {
    mode.throughput = take_figure(table, "throughput", {"Top/s", least}, chip.sources);
    mode.efficiency = take_figure(table, "efficiency", {"Top/s/W", least}, chip.sources);
  }
  if (table.has("density"))
    mode.density = take_figure(table, "density", {"Top/s/mm2", least}, chip.sources);
  return mode;
}

/// Weights per array from cells per array: slices of a weight, pairs for its sign, guard columns.
void size_tiles(Chip& chip) {
  auto const& design = chip.design;
  if (design.has(Knob::input_bits)) chip.input_bits = std::llround(design[Knob::input_bits]);
  if (design.has(Knob::output_bits)) chip.output_bits = std::llround(design[Knob::output_bits]);
  if (!design.has(Knob::rows)) return;
  double per_weight = 1;
  if (design.has(Knob::weight_bits) && design.has(Knob::cell_bits))
    per_weight = std::ceil(design[Knob::weight_bits] / design[Knob::cell_bits]);
  if (chip.pairs == Pairs::columns) per_weight *= 2;
  if (design.has(Knob::guard_columns)) per_weight += design[Knob::guard_columns];
  auto const rows_per_weight = chip.pairs == Pairs::rows ? 2.0 : 1.0;
  chip.tile_rows = static_cast<std::int64_t>(design[Knob::rows] / rows_per_weight);
  chip.tile_columns = static_cast<std::int64_t>(design[Knob::columns] / per_weight);
  VALIDATE(chip.tile_rows > 0 && chip.tile_columns > 0,
           "an array of chip {} holds no weight ({} x {} cells, {} columns a weight) enlarge it or "
           "take fewer bits [{}]",
           chip.name, design[Knob::rows], design[Knob::columns], per_weight, chip.sources.file);
}

void take_tile(core::Config tile, Chip& chip) {
  auto const& file = chip.sources.file;
  VALIDATE(chip.design.has(Knob::rows) == chip.design.has(Knob::columns),
           "design has one of rows and columns alone (both or none) add the other [{}]", file);
  auto const pairs = tile.take_choice("pairs", "none", "", {"none", "rows", "columns"});
  chip.pairs = pairs == "rows" ? Pairs::rows : pairs == "columns" ? Pairs::columns : Pairs::none;
  if (!chip.design.has(Knob::rows)) {
    chip.tile_rows = take_count(tile, "rows", "1", chip.sources);
    chip.tile_columns = take_count(tile, "columns", "1", chip.sources);
  }
  if (!chip.design.has(Knob::input_bits))
    chip.input_bits = take_count(tile, "input_bits", "bit", chip.sources);
  if (!chip.design.has(Knob::output_bits))
    chip.output_bits = take_count(tile, "output_bits", "bit", chip.sources);
  constexpr std::int64_t widest = 64;  // of a word that is moved between tiles
  VALIDATE(chip.input_bits <= widest && chip.output_bits <= widest,
           "inputs of {} bit and outputs of {} bit (at most {} each) correct them [{}]",
           chip.input_bits, chip.output_bits, widest, file);
  size_tiles(chip);
}

double sum_of(std::vector<Law> const& laws, Chip const& chip, ReadMode const& mode,
              std::string_view quantity, Pick const& pick) {
  double total = 0;
  for (auto const& law : laws)
    total +=
        pick(law.constant, fmt::format("{}/{}/{}/{}", chip.name, mode.name, quantity, law.name)) *
        law.scale(chip.design, chip.reference);
  return total;
}

void add_by_component(std::array<double, component_count>& parts, std::vector<Law> const& laws,
                      Chip const& chip, ReadMode const& mode, std::string_view quantity,
                      Pick const& pick) {
  for (auto const& law : laws) {
    auto const constant =
        pick(law.constant, fmt::format("{}/{}/{}/{}", chip.name, mode.name, quantity, law.name));
    for (std::size_t k = 0; k < component_count; ++k)
      parts[k] += constant * law.scale(chip.design, chip.reference, static_cast<Component>(k));
  }
}

/// The published figures of a whole chip as those of one tile.
TileFigures from_published(Chip const& chip, ReadMode const& mode, Pick const& pick) {
  constexpr double ops_per_top = 1e12;
  auto id = [&](char const* what) { return fmt::format("{}/{}/{}", chip.name, mode.name, what); };
  auto const falls = Pick::Sense::cost_falls;
  auto const tops = pick(mode.throughput, id("throughput"), falls);
  auto const ops = ops_per_mvm(chip);
  TileFigures tile;
  tile.seconds = ops * static_cast<double>(chip.tiles) / ops_per_top / tops;
  tile.joules[0] = ops / ops_per_top / pick(mode.efficiency, id("efficiency"), falls);
  return tile;
}

template <class U, class Of>
core::Quantity<U> over_ends(core::Kind kind, Of&& of) {
  core::Quantity<U> result{
      {of(Pick{Pick::At::low})}, {of(Pick{})}, {of(Pick{Pick::At::high})}, kind};
  if (result.low > result.high) std::swap(result.low, result.high);
  return result;
}

/// a / b of two independent figures.
template <class Unit>
core::Quantity<Unit> quotient(Figure const& a, Figure const& b) {
  if (!a.present() || !b.present()) return {};
  return {{a.low / b.high}, {a.value / b.value}, {a.high / b.low}, core::worst(a.kind, b.kind)};
}

core::Kind worst_of(std::vector<Law> const& laws) {
  auto kind = core::Kind::modelled;
  for (auto const& law : laws) kind = core::worst(kind, law.constant.kind);
  return kind;
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

void Chip::turn(std::string_view knob, double value, std::string const& where) {
  design.set(knob, value, name, where);
  size_tiles(*this);
}

Chip read_chip(core::Config& config, std::string const& file) {
  Chip chip;
  chip.name = config.take("name", "", "");
  VALIDATE(!chip.name.empty(),
           "chip has no name (records and tables print it) add name = \"...\" [{}]", file);
  VALIDATE(chip.name.find_first_of(" \t\n/") == std::string::npos,
           "chip name \"{}\" holds a blank or a slash (records name a group by it) use letters, "
           "digits and -{}",
           chip.name, config.where("name"));
  chip.title = config.take("title", chip.name, "");
  chip.technology = config.take("technology", "", "");
  auto const default_mode = config.take("default_mode", "", "");
  chip.sources = take_sources(config, file);

  auto design = config.section("design");
  chip.design = chip.reference = take_design(design, chip.sources);
  take_tile(config.section("tile"), chip);
  auto whole = config.section("chip");
  chip.tiles = take_count(whole, "tiles", "1", chip.sources);
  chip.has_digital_unit =
      whole.take_choice("digital_unit", "on-chip", "", {"on-chip", "none"}) == "on-chip";
  if (whole.has("node")) chip.node_nm = take_setting(whole, "node", "nm", chip.sources).value;
  if (chip.design.has(Knob::node)) chip.node_nm = chip.design[Knob::node];

  auto modes = config.section("modes");
  for (auto const& name : modes.section_names())
    chip.modes.push_back(take_mode(modes.section(name), name, chip));
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

double TileFigures::device_joules() const {
  return joules[static_cast<std::size_t>(Component::tile)] +
         joules[static_cast<std::size_t>(Component::array)] +
         joules[static_cast<std::size_t>(Component::dac)] +
         joules[static_cast<std::size_t>(Component::adc)];
}

double TileFigures::area() const {
  double total = 0;
  for (auto part : square_millimetres) total += part;
  return total;
}

TileFigures tile_figures(Chip const& chip, ReadMode const& mode, Pick const& pick) {
  TileFigures tile;
  if (mode.has_laws()) {
    tile.seconds = sum_of(mode.time, chip, mode, "time", pick);
    add_by_component(tile.seconds_of, mode.time, chip, mode, "time", pick);
    add_by_component(tile.joules, mode.energy, chip, mode, "energy", pick);
  } else {
    tile = from_published(chip, mode, pick);
  }
  tile.pace = tile.seconds;
  if (chip.design.has(Knob::tiles_per_adc)) {
    auto const converting = tile.seconds_of[static_cast<std::size_t>(Component::adc)];
    tile.pace = std::max(tile.seconds - converting, chip.design[Knob::tiles_per_adc] * converting);
  }
  add_by_component(tile.square_millimetres, mode.area, chip, mode, "area", pick);
  tile.static_watts = sum_of(mode.static_power, chip, mode, "static", pick);
  double total = 0;
  for (auto part : tile.joules) total += part;
  tile.full_load_watts = total / tile.pace;
  return tile;
}

core::Kind kind_of(ReadMode const& mode) {
  if (mode.has_laws()) return core::worst(worst_of(mode.time), worst_of(mode.energy));
  return core::worst(mode.throughput.kind, mode.efficiency.kind);
}

bool covers(ReadMode const& mode, Component component) {
  return std::any_of(mode.energy.begin(), mode.energy.end(), [&](Law const& law) {
    return law.shares[static_cast<std::size_t>(component)] > 0;
  });
}

double ops_per_mvm(Chip const& chip) {
  return 2.0 * static_cast<double>(chip.tile_rows) * static_cast<double>(chip.tile_columns);
}

core::Quantity<core::Seconds> mvm_time(Chip const& chip, ReadMode const& mode) {
  auto const kind = mode.has_laws() ? worst_of(mode.time) : mode.throughput.kind;
  return over_ends<core::Seconds>(
      kind, [&](Pick const& pick) { return tile_figures(chip, mode, pick).seconds; });
}

core::Quantity<core::Seconds> mvm_pace(Chip const& chip, ReadMode const& mode) {
  return over_ends<core::Seconds>(mvm_time(chip, mode).kind, [&](Pick const& pick) {
    return tile_figures(chip, mode, pick).pace;
  });
}

core::Quantity<core::Joules> mvm_energy(Chip const& chip, ReadMode const& mode) {
  auto const kind = mode.has_laws() ? worst_of(mode.energy) : mode.efficiency.kind;
  return over_ends<core::Joules>(
      kind, [&](Pick const& pick) { return tile_figures(chip, mode, pick).device_joules(); });
}

core::Quantity<core::Watts> full_load_power(Chip const& chip, ReadMode const& mode) {
  if (!mode.has_laws()) return quotient<core::Watts>(mode.throughput, mode.efficiency);
  auto const tiles = static_cast<double>(chip.tiles);
  return over_ends<core::Watts>(kind_of(mode), [&](Pick const& pick) {
    return tiles * tile_figures(chip, mode, pick).full_load_watts;
  });
}

core::Quantity<core::SquareMillimetres> area(Chip const& chip, ReadMode const& mode) {
  if (mode.area.empty()) {
    if (!mode.has_laws()) return quotient<core::SquareMillimetres>(mode.throughput, mode.density);
    if (!mode.density.present()) return {};
    auto const tops = ops_per_mvm(chip) * static_cast<double>(chip.tiles) * 1e-12;
    return over_ends<core::SquareMillimetres>(
        core::worst(kind_of(mode), mode.density.kind), [&](Pick const& pick) {
          return tops / tile_figures(chip, mode, pick).pace /
                 pick(mode.density, "density", Pick::Sense::cost_falls);
        });
  }
  auto const tiles = static_cast<double>(chip.tiles);
  return over_ends<core::SquareMillimetres>(worst_of(mode.area), [&](Pick const& pick) {
    return tiles * tile_figures(chip, mode, pick).area();
  });
}

}  // namespace crossjoule::aimc
