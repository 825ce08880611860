// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/iso_node.hpp"

#include "aimc/process_node.hpp"
#include "core/error.hpp"

namespace crossjoule::aimc {
namespace {

bool is_digital(Part part) { return part == Part::digital || part == Part::links; }
bool is_host(Part part) { return part == Part::host_link || part == Part::host_idle; }

/// The area of all chips with its digital components scaled, and the rest where `analog` says so. A
/// chip that publishes no split is arrays and converters throughout.
core::Quantity<core::SquareMillimetres> area_at_node(Estimate const& estimate, Chip const& chip,
                                                     ReadMode const& mode, double ratio,
                                                     AnalogParts analog) {
  auto const tile = tile_figures(chip, mode);
  auto const of = [&](Component which) {
    return tile.square_millimetres[static_cast<std::size_t>(which)];
  };
  auto const digital =
      tile.area() > 0 ? (of(Component::digital) + of(Component::links)) / tile.area() : 0.0;
  auto const rest = analog == AnalogParts::scaled ? ratio : 1.0;
  return (digital * ratio + (1 - digital) * rest) * estimate.area();
}

}  // namespace

core::Quantity<core::Joules> joules_at_node(BoundaryEstimate const& line, double ratio,
                                            AnalogParts analog) {
  auto total = core::Quantity<core::Joules>::exactly({0}, core::Kind::modelled);
  for (std::size_t k = 0; k < part_count; ++k) {
    auto const part = static_cast<Part>(k);
    if (!line.parts[k].present()) continue;
    bool const follows = is_digital(part) || (analog == AnalogParts::scaled && !is_host(part));
    total = total + (follows ? ratio : 1.0) * line.parts[k];
  }
  total.kind = core::Kind::modelled;
  return total;
}

IsoNode at_node(Estimate const& estimate, Chip const& chip, ReadMode const& mode, double node_nm) {
  VALIDATE(chip.node_nm > 0,
           "chip {} names no process node (its figures cannot be brought to {} nm) add node to its "
           "[chip], or leave out estimate.iso_node_nm",
           chip.name, node_nm);
  IsoNode iso;
  iso.node_nm = node_nm;
  iso.energy_ratio = digital_energy_ratio(chip.node_nm, node_nm);
  iso.area_ratio = digital_area_ratio(chip.node_nm, node_nm);
  iso.area_unscaled = area_at_node(estimate, chip, mode, iso.area_ratio, AnalogParts::unscaled);
  iso.area_scaled = area_at_node(estimate, chip, mode, iso.area_ratio, AnalogParts::scaled);
  for (auto const& batch : estimate.batches) {
    auto& lines = iso.batches.emplace_back();
    for (std::size_t k = 0; k < lines.size(); ++k) {
      auto const& line = batch.boundaries[k];
      auto const unscaled = joules_at_node(line, iso.energy_ratio, AnalogParts::unscaled);
      auto const scaled = joules_at_node(line, iso.energy_ratio, AnalogParts::scaled);
      auto const count = static_cast<double>(batch.batch);
      lines[k] = {unscaled, scaled,
                  merits(estimate.macs, count, line.latency, between(unscaled, scaled),
                         between(iso.area_unscaled, iso.area_scaled))};
    }
  }
  return iso;
}

}  // namespace crossjoule::aimc
