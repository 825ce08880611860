// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "aimc/figure.hpp"
#include "core/config.hpp"
#include "core/points.hpp"

#include <array>
#include <string>
#include <string_view>

namespace crossjoule::aimc {

/// What an estimate needs beside the arrays. Publications rarely give these, so a preset leaves
/// them absent and a study may assume them, with a reason.
enum class Term {
  digital_joules_per_output,     ///< scale, offset, partial sum, activation of one column's output
  digital_seconds_per_layer,     ///< what the digital units add to the latency of one layer
  link_joules_per_byte,          ///< moving activations to, from and between tiles
  static_watts_per_tile,         ///< a powered tile with its converters and its share of the chip
  host_link_joules_per_byte,     ///< moving inputs and outputs between host and chip
  host_link_seconds,             ///< what the host link adds to the latency of one batch
  host_idle_watts,               ///< the host while it waits for the chip
  host_share,                    ///< part of the host that is charged to this network
  digital_joules_per_flop,       ///< transforms, normalisations and whatever else has no array
  digital_flops_per_second,      ///< how fast the chip does them
  write_seconds_per_row,         ///< programming one row of a tile with its verification
  write_joules_per_weight,       ///< programming one weight with its verification
  endurance_writes,              ///< how often a cell may be written
  calibration_interval_seconds,  ///< between two recalibrations
  link_bytes_per_second,         ///< of one tile's port, and of the digital unit's
  buffer_bytes_per_tile,         ///< room for activations that wait
  host_link_bytes_per_second,    ///< each way between host and chip
};
constexpr std::size_t term_count = 17;

/// Does more of the term make the chip cheaper: a rate, a room, a time between recalibrations?
constexpr bool divides(Term term) {
  return term == Term::digital_flops_per_second || term >= Term::calibration_interval_seconds;
}

/// When a term is missed where nobody gave it.
enum class Need {
  always,        ///< no estimate is complete without it
  digital_work,  ///< where the network has operations that no array and no column's unit does
  never          ///< its part of the energy is then absent
};

/// Name, unit, the smallest boundary that contains it, and what it is, for messages and docs.
struct TermLaw {
  Term term;
  std::string_view name, unit;
  core::Boundary boundary;
  Need need;
  std::string_view meaning;
};
std::array<TermLaw, term_count> const& term_laws();

/// A figure per term, absent where nobody gave one.
struct Terms {
  std::array<Figure, term_count> figures;
  Figure const& operator[](Term term) const { return figures[static_cast<std::size_t>(term)]; }
  Figure& operator[](Term term) { return figures[static_cast<std::size_t>(term)]; }
  /// Names of the terms within `boundary` that are needed and absent (or assumed), "; " between
  /// them.
  std::string missing(core::Boundary boundary, Need least = Need::always) const;
  std::string assumed(core::Boundary boundary) const;
};

/// The `[terms]` table of a chip file: cited figures.
Terms take_terms(core::Config& table, Sources const& sources);
/// The `[assumed]` table of a study: figures with a reason.
Terms take_assumptions(core::Config& table);
/// `first`, filled up with `second` where a figure is absent.
Terms merged(Terms first, Terms const& second);
}  // namespace crossjoule::aimc
