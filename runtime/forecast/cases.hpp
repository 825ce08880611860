// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/config.hpp"
#include "runtime/fields/field_source.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace crossjoule::runtime {

/// Which initial times a verification takes.
struct CaseOptions {
  TimeRange range = {};
  Within within = Within::states;  ///< start and target in the range, or the target alone
  std::int64_t lead = 1;           ///< file steps of one network step
  std::int64_t steps = 4;          ///< network steps of a forecast
  std::int64_t history = 1;        ///< states read: the start and those before, leads apart
  std::int64_t stride = 1;         ///< file steps between initial times
  std::int64_t most = 0;           ///< at most so many, evenly spread; 0: all
};

/// Initial times as file steps, in order, each with at least one target.
struct Cases {
  std::vector<std::int64_t> starts;
  std::vector<std::vector<bool>> has_target;  ///< per case, per network step from 1 on

  std::int64_t size() const { return static_cast<std::int64_t>(starts.size()); }
  /// Network steps up to the last target of a case.
  std::int64_t steps_of(std::int64_t one) const;
};

/// Start, history and targets of a case lie in one unbroken run; the history in the range where the
/// start must. Error (bad_input) where there is no case.
Cases find_cases(FieldFiles const& files, CaseOptions const& options);

/// Weights of the rows of a grid, with mean 1: "cos" of the latitudes; "fourcastnet": of rows taken
/// to span 90 to -90 degrees, as its published scores have it; "none".
std::vector<double> score_weights(Grid const& grid, std::string const& rule);

}  // namespace crossjoule::runtime
