// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/points.hpp"
#include "core/quantity.hpp"
#include "core/record.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crossjoule::drivers {

/// What `compare` reads of a record: /graph and /result/points.
struct Source {
  std::string file;
  core::NetworkIdentity network;
  std::string graph_text;
  std::vector<core::Point> points;
};

/// gross: idle power is part of every figure. subtracted: of none.
enum class IdleRule { gross, subtracted };
/// May measured and modelled digital joules stand in one ratio?
enum class Mixing { refused, allowed };

struct ComparisonRules {
  core::Boundary boundary = core::Boundary::system;
  IdleRule idle = IdleRule::gross;
  Mixing mixing = Mixing::refused;
};

/// A pure number, for ratios.
using Times = core::Unit<struct TimesTag>;
constexpr std::string_view unit_symbol(Times) { return "1"; }
using Ratio = core::Quantity<Times>;

/// How many times less one line takes than a digital line; below 1 it takes more.
struct Ratios {
  Ratio to_best;  ///< against the best digital line over all batches, precisions, devices, modes
  Ratio to_same_batch;  ///< against the best digital line at this line's own batch
};

/// One point within the boundary, with the joules that the idle rule leaves.
struct ComparisonLine {
  std::string file;
  core::Point point;
  core::Quantity<core::Joules> joules;
  Ratios energy, time;
  bool is_digital() const { return point.device != "analog"; }
  /// Complete: no term of the boundary lacks a value, so ratios may be formed.
  bool is_complete() const { return point.missing_terms.empty(); }
};

struct Comparison {
  ComparisonRules rules;
  core::NetworkIdentity network;
  std::string graph_text;
  std::vector<ComparisonLine> lines;  ///< every point within the boundary, in file order
  /// Indices of the digital lines the ratios refer to.
  std::optional<std::size_t> most_efficient, most_efficient_batch_1, fastest, fastest_batch_1;
  bool any_joule_measured = false;
  std::vector<std::string> remarks;  ///< why a ratio is not there, and what the table leaves out

  /// Lines of the printed table: of each platform and mode its smallest batch and, where that is
  /// another one, its most efficient.
  std::vector<std::size_t> table_lines() const;
};

/// Join records of one network. Error (bad_input): other graph digest, a record without points, no
/// point within the boundary, idle to be subtracted but unknown, measured and modelled digital
/// joules together without Mixing::allowed.
Comparison join(std::vector<Source> const& sources, ComparisonRules const& rules);

/// reference / line with the ends combined for independent errors; absent where either is, or where
/// the line is not above zero.
template <class U>
Ratio ratio(core::Quantity<U> const& reference, core::Quantity<U> const& line) {
  if (!reference.present() || !line.present() || !(line.value.value > 0)) return {};
  return {{reference.low / line.high},
          {reference.value / line.value},
          {reference.high / line.low},
          core::worst(reference.kind, line.kind)};
}

/// A digital figure that nobody measured, its interval widened to at least a factor 2 either way.
core::Quantity<core::Joules> with_modelled_band(core::Quantity<core::Joules> joules);

}  // namespace crossjoule::drivers
