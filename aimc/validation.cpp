// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/validation.hpp"

#include "aimc/presets.hpp"
#include "core/error.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace crossjoule::aimc {
namespace {

/// Everything a row's quantity may be made of.
struct Context {
  Chip chip;
  ReadMode const* mode = nullptr;
  TileFigures tile;
  double area = 0;  ///< of a chip; NaN where the file gives none
  LayerTable const* network = nullptr;
  std::optional<TileMap> tiles;
  std::int64_t batch = 1;

  double all_joules() const {
    double total = 0;
    for (auto part : tile.joules) total += part;
    return total;
  }
  double tile_count() const { return static_cast<double>(chip.tiles); }
  double chip_area() const { return area; }
  /// Operations one product does: inputs below full rows get no credit.
  double throughput() const { return ops_per_mvm(chip) * tile_count() / tile.pace; }
  double interval() const { return static_cast<double>(tiles->vectors_per_sample()) * tile.pace; }
  /// The products of one sample follow each other vector by vector, samples behind samples. (Where
  /// tiles share converters, each layer's wait for its group is left out: an estimate has it.)
  double latency() const {
    if (!network->groups.empty()) return grouped_latency();
    double first = 0, most = 0;
    for (auto const& layer : tiles->layers) {
      first += 1;
      most = std::max(most, static_cast<double>(layer.busy_vectors()));
    }
    return first * tile.seconds + (turns() * most - 1) * tile.pace;
  }
  double grouped_latency() const {
    double vectors = 0;
    auto layer = tiles->layers.begin();
    for (auto size : network->groups) {
      std::int64_t most = 0;
      for (std::int64_t k = 0; k < size && layer != tiles->layers.end(); ++k, ++layer)
        most = std::max(most, layer->busy_vectors());
      vectors += static_cast<double>(most);
    }
    return turns() * vectors * tile.pace;
  }
  /// Packed samples take one together.
  double turns() const { return static_cast<double>(tiles->turns(batch)); }
  /// Products of tiles for the whole batch.
  double reads() const {
    return tiles->tile_products() * static_cast<double>(tiles->samples_per_product) * turns();
  }
  double macs() const {
    double total = 0;
    for (auto const& product : network->products)
      total +=
          static_cast<double>(product.distinct_weights()) * static_cast<double>(product.vectors);
    return total;
  }
  double ops() const { return network->ops > 0 ? network->ops : 2 * macs(); }
  double replicas(double rate) const { return std::ceil(interval() * rate * (1 - 1e-12)); }
};

constexpr double bunch_crossings_hz = 4e7;

struct Quantity {
  std::string_view name;
  bool needs_network;
  double (*of)(Context const&);
};

double component(Context const& at, Component which) {
  return at.tile.joules[static_cast<std::size_t>(which)];
}
double per_op(Context const& at, Component which) {
  return component(at, which) / ops_per_mvm(at.chip);
}
double per_column(Context const& at, Component which) {
  return component(at, which) / at.chip.design[Knob::columns];
}
double component_area(Context const& at, Component which) {
  return at.tile.square_millimetres[static_cast<std::size_t>(which)];
}

using C = Context const&;
constexpr Quantity quantities[] = {
    {"product_time", false, [](C at) { return at.tile.seconds; }},
    {"product_energy", false, [](C at) { return at.tile.device_joules(); }},
    {"product_energy_all", false, [](C at) { return at.all_joules(); }},
    {"energy_per_mac", false,
     [](C at) { return 2 * at.tile.device_joules() / ops_per_mvm(at.chip); }},
    {"energy_per_mac_all", false, [](C at) { return 2 * at.all_joules() / ops_per_mvm(at.chip); }},
    {"energy_per_op.array", false, [](C at) { return per_op(at, Component::array); }},
    {"energy_per_op.adc", false, [](C at) { return per_op(at, Component::adc); }},
    {"energy_per_op.dac", false, [](C at) { return per_op(at, Component::dac); }},
    {"energy_per_column.array", false, [](C at) { return per_column(at, Component::array); }},
    {"energy_per_column.adc", false, [](C at) { return per_column(at, Component::adc); }},
    {"energy_per_column.digital", false, [](C at) { return per_column(at, Component::digital); }},
    {"energy.array", false, [](C at) { return component(at, Component::array); }},
    {"energy.adc", false, [](C at) { return component(at, Component::adc); }},
    {"energy.dac", false, [](C at) { return component(at, Component::dac); }},
    {"energy.digital", false, [](C at) { return component(at, Component::digital); }},
    {"area.adc", false, [](C at) { return component_area(at, Component::adc); }},
    {"area.array", false, [](C at) { return component_area(at, Component::array); }},
    {"area.dac", false, [](C at) { return component_area(at, Component::dac); }},
    {"area.digital", false, [](C at) { return component_area(at, Component::digital); }},
    {"throughput", false, [](C at) { return at.throughput(); }},
    {"efficiency", false, [](C at) { return ops_per_mvm(at.chip) / at.tile.device_joules(); }},
    {"efficiency_all", false, [](C at) { return ops_per_mvm(at.chip) / at.all_joules(); }},
    {"power", false, [](C at) { return at.tile_count() * at.tile.full_load_watts; }},
    {"area", false, [](C at) { return at.chip_area(); }},
    {"density", false, [](C at) { return at.throughput() / at.chip_area(); }},
    {"network_tiles", true, [](C at) { return static_cast<double>(at.tiles->tiles()); }},
    {"network_chips", true, [](C at) { return static_cast<double>(at.tiles->chips(1)); }},
    {"network_macs", true, [](C at) { return at.macs(); }},
    {"network_products", true, [](C at) { return at.tiles->tile_products(); }},
    {"network_reads", true, [](C at) { return at.reads(); }},
    {"network_utilisation", true, [](C at) { return at.tiles->utilisation(); }},
    {"network_time", true, [](C at) { return at.latency(); }},
    {"network_energy", true, [](C at) { return at.reads() * at.tile.device_joules(); }},
    {"network_energy_per_mac", true,
     [](C at) {
       return at.reads() * at.tile.device_joules() / (at.macs() * static_cast<double>(at.batch));
     }},
    {"network_rate", true, [](C at) { return 1 / at.interval(); }},
    {"network_throughput", true, [](C at) { return at.ops() / at.interval(); }},
    {"network_efficiency_all", true,
     [](C at) { return at.ops() / (at.tiles->tile_products() * at.all_joules()); }},
    {"network_area", true,
     [](C at) { return static_cast<double>(at.tiles->tiles()) * at.tile.area(); }},
    {"network_replicas_at_40MHz", true, [](C at) { return at.replicas(bunch_crossings_hz); }},
    {"network_power_at_40MHz", true,
     [](C at) { return bunch_crossings_hz * at.tiles->tile_products() * at.tile.device_joules(); }},
};

struct UnitOf {
  std::string_view name;
  double si;
};
constexpr UnitOf units[] = {
    {"s", 1},        {"ms", 1e-3},   {"us", 1e-6},      {"ns", 1e-9},        {"J", 1},
    {"mJ", 1e-3},    {"uJ", 1e-6},   {"nJ", 1e-9},      {"pJ", 1e-12},       {"fJ", 1e-15},
    {"W", 1},        {"mW", 1e-3},   {"mm2", 1},        {"Hz", 1},           {"MHz", 1e6},
    {"Top/s", 1e12}, {"Gop/s", 1e9}, {"Top/s/W", 1e12}, {"Top/s/mm2", 1e12}, {"1", 1},
    {"%", 1e-2}};

template <class Table>
auto const& named(Table const& table, std::string const& name, std::string const& row,
                  char const* what) {
  std::string names;
  for (auto const& each : table) {
    if (each.name == name) return each;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", each.name);
  }
  core::fail(core::ExitCode::bad_input, "row {} asks for {} \"{}\" (there are {}) choose one", row,
             what, name, names);
}

/// A user's chip or a preset, each read once.
Chip chip_of(ValidationRow const& row, std::vector<Chip>& chips) {
  auto own = std::find_if(chips.begin(), chips.end(),
                          [&](Chip const& chip) { return chip.name == row.chip; });
  if (own == chips.end()) own = chips.insert(chips.end(), preset(row.chip));
  auto chip = *own;
  for (auto const& [knob, value] : row.design)
    chip.turn(knob, value, fmt::format(" (row {})", row.id));
  return chip;
}

}  // namespace

bool ValidationResult::passed() const { return std::abs(error()) <= row.band; }

std::vector<ValidationResult> validate(ValidationSheet const& sheet,
                                       std::vector<Chip> const& chips) {
  std::vector<ValidationResult> results;
  auto known = chips;
  for (auto const& row : sheet.rows) {
    auto const& quantity = named(quantities, row.quantity, row.id, "quantity");
    auto const& unit = named(units, row.unit, row.id, "unit");
    Context at;
    at.chip = chip_of(row, known);
    at.mode = &at.chip.mode(row.mode);
    at.batch = row.batch;
    VALIDATE(quantity.needs_network == !row.network.empty(),
             "row {} of quantity {} {} (the quantity {}) correct it", row.id, row.quantity,
             row.network.empty() ? "names no network" : "names a network",
             quantity.needs_network ? "is that of a network" : "is that of the chip alone");
    if (quantity.needs_network) {
      at.network = &named(sheet.networks, row.network, row.id, "network");
      MapOptions options;
      options.packing = row.packing;
      at.tiles = place(at.network->products, at.chip, options);
    }
    auto const areas = area(at.chip, *at.mode);
    auto computed = [&](Pick const& pick, core::SquareMillimetres end) {
      at.tile = tile_figures(at.chip, *at.mode, pick);
      at.area = end.value;
      return quantity.of(at) / unit.si;
    };
    auto const cheap = computed({Pick::At::low}, areas.low),
               dear = computed({Pick::At::high}, areas.high);
    results.push_back(
        {row, computed({}, areas.value), std::min(cheap, dear), std::max(cheap, dear)});
  }
  return results;
}

}  // namespace crossjoule::aimc
