// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/terms.hpp"

#include "core/error.hpp"

namespace crossjoule::aimc {
namespace {

FigureRule rule_of(TermLaw const& law) {
  return {law.unit, divides(law.term) ? 1e-12 : 0.0, law.term == Term::host_share ? 1.0 : 1e300};
}

template <class Wanted>
std::string names_within(core::Boundary boundary, Wanted&& wanted) {
  std::string names;
  for (auto const& law : term_laws())
    if (law.boundary <= boundary && wanted(law)) {
      if (!names.empty()) names += "; ";
      names += law.name;
    }
  return names;
}

}  // namespace

std::array<TermLaw, term_count> const& term_laws() {
  using core::Boundary;
  static std::array<TermLaw, term_count> const laws = {{
      {Term::digital_joules_per_output, "digital_joules_per_output", "J", Boundary::chip,
       Need::always,
       "digital units, per output of a tile's column (scale, offset, partial sum, activation)"},
      {Term::digital_seconds_per_layer, "digital_seconds_per_layer", "s", Boundary::chip,
       Need::always, "what the digital units add to the latency of one layer"},
      {Term::link_joules_per_byte, "link_joules_per_byte", "J/B", Boundary::chip, Need::always,
       "moving activations into and out of tiles"},
      {Term::static_watts_per_tile, "static_watts_per_tile", "W", Boundary::chip, Need::always,
       "a powered tile with its converters and its share of the chip, for the whole latency"},
      {Term::host_link_joules_per_byte, "host_link_joules_per_byte", "J/B", Boundary::system,
       Need::always, "moving inputs and outputs between host and chip"},
      {Term::host_link_seconds, "host_link_seconds", "s", Boundary::system, Need::always,
       "what the host link adds to the latency of one batch"},
      {Term::host_idle_watts, "host_idle_watts", "W", Boundary::system, Need::always,
       "the host while it waits"},
      {Term::host_share, "host_share", "1", Boundary::system, Need::always,
       "part of the host's power that is charged to this network, 0 to 1"},
      {Term::digital_joules_per_flop, "digital_joules_per_flop", "J", Boundary::chip,
       Need::digital_work,
       "an operation that no array and no column's unit does (transforms, normalisations)"},
      {Term::digital_flops_per_second, "digital_flops_per_second", "flop/s", Boundary::chip,
       Need::digital_work, "how many of those the chip does in a second"},
      {Term::write_seconds_per_row, "write_seconds_per_row", "s", Boundary::chip, Need::never,
       "programming one row of a tile with its verification; tiles work side by side"},
      {Term::write_joules_per_weight, "write_joules_per_weight", "J", Boundary::chip, Need::never,
       "programming one weight with its verification"},
      {Term::endurance_writes, "endurance_writes", "1", Boundary::chip, Need::never,
       "how often a cell may be written"},
      {Term::calibration_interval_seconds, "calibration_interval_seconds", "s", Boundary::chip,
       Need::never, "between two recalibrations, each one product per row of every tile"},
      {Term::link_bytes_per_second, "link_bytes_per_second", "B/s", Boundary::chip, Need::never,
       "what the port of a tile, and that of the digital unit, moves; absent: links never wait"},
      {Term::buffer_bytes_per_tile, "buffer_bytes_per_tile", "B", Boundary::chip, Need::never,
       "room for activations that wait, all tiles together; absent: as much as it takes"},
      {Term::host_link_bytes_per_second, "host_link_bytes_per_second", "B/s", Boundary::system,
       Need::never, "between host and chip, each way; absent: the host link never waits"},
  }};
  return laws;
}

std::string Terms::missing(core::Boundary boundary, Need least) const {
  return names_within(boundary, [&](TermLaw const& law) {
    return law.need <= least && !(*this)[law.term].present();
  });
}

std::string Terms::assumed(core::Boundary boundary) const {
  return names_within(
      boundary, [&](TermLaw const& law) { return (*this)[law.term].kind == core::Kind::assumed; });
}

Terms take_terms(core::Config& table, Sources const& sources) {
  Terms terms;
  for (auto const& law : term_laws())
    if (table.has(law.name)) terms[law.term] = take_figure(table, law.name, rule_of(law), sources);
  return terms;
}

Terms take_assumptions(core::Config& table) {
  Terms terms;
  for (auto const& law : term_laws()) {
    auto const comment =
        fmt::format("{}: value, low, high, unit = \"{}\", reason", law.meaning, law.unit);
    terms[law.term] = take_assumption(table, law.name, rule_of(law), comment);
  }
  return terms;
}

Terms merged(Terms first, Terms const& second) {
  for (std::size_t k = 0; k < term_count; ++k)
    if (!first.figures[k].present()) first.figures[k] = second.figures[k];
  return first;
}

}  // namespace crossjoule::aimc
