// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/config.hpp"
#include "core/quantity.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace crossjoule::aimc {

/// A number as a chip file or a study gives it: what it is, how far it may be off, and who says so.
struct Figure {
  double low = 0, value = 0, high = 0;
  std::string unit;                      ///< as printed at the source, e.g. "Top/s"
  std::string origin;                    ///< "published", "derived" or "assumed"
  std::string citation;                  ///< source and place; for an assumption the reason
  std::string spread;                    ///< where low and high come from, if that needs saying
  core::Kind kind = core::Kind::absent;  ///< modelled, or assumed

  bool present() const { return kind != core::Kind::absent; }
  /// The same figure in the type's SI unit: numbers times `si_per_unit`.
  template <class Unit>
  core::Quantity<Unit> as(double si_per_unit = 1) const {
    if (!present()) return {};
    return {{low * si_per_unit}, {value * si_per_unit}, {high * si_per_unit}, kind};
  }
};

/// The publications a chip file cites, by short name: "K" -> authors, journal, year.
struct Sources {
  std::string file;  ///< of the chip, for messages about what it lacks
  std::map<std::string, std::string> texts;
};

/// What a figure must look like.
struct FigureRule {
  std::string_view unit;  ///< the only unit accepted
  double least = 0;       ///< no number may be below
  double most = 1e300;    ///< or above
  bool operator==(FigureRule const&) const = default;
};

/// The table `key` of a chip file: value, low, high, unit, kind, citation = "SOURCE: place"; spread
/// is optional. Error (bad_input) with file and line for a missing number, unit or citation, a unit
/// other than the rule's, an unknown source, or an order other than low <= value <= high.
Figure take_figure(core::Config& table, std::string_view key, FigureRule rule,
                   Sources const& sources);

/// The same figure where `table` itself is it (an element of an array of tables); `name` stands for
/// it in messages, `where` ends them.
Figure take_figure_here(core::Config table, std::string const& name, std::string const& where,
                        FigureRule rule, Sources const& sources);

/// "K: abstract" at `key` of `table` -> "authors, journal, year: abstract".
std::string take_citation(core::Config& table, std::string_view key, Sources const& sources);

/// A design value and the range its laws hold in: value, least, most, unit, kind, citation. Least
/// and most equal the value where they are not given.
struct SettingFigure {
  double value = 0, least = 0, most = 0;
};
SettingFigure take_setting(core::Config& table, std::string_view key, std::string_view unit,
                           Sources const& sources);

/// The table `key` as a whole number >= 1 that is known exactly: value, unit, kind, citation.
std::int64_t take_count(core::Config& table, std::string_view key, std::string_view unit,
                        Sources const& sources);

/// The table `key` of a study: value, low, high, unit and a reason instead of a citation. The kind
/// is assumed. An absent figure where the study has no such table, or an empty one.
Figure take_assumption(core::Config& table, std::string_view key, FigureRule rule,
                       std::string_view comment);

}  // namespace crossjoule::aimc
