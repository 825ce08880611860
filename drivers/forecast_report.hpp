// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "drivers/verbs.hpp"
#include "models/graph.hpp"
#include "runtime/forecast/skill.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace crossjoule::drivers {

/// What `forecast` says at the end.
struct ForecastReport {
  std::vector<runtime::SkillRow> skill;
  std::int64_t cases = 0, steps = 0, members = 1;
  double seconds = 0;           ///< of all forecasts, reading and scoring included
  double seconds_per_step = 0;  ///< of the network alone, per state
  std::filesystem::path record, fields;
  std::string energy;
};

/// The table of errors and correlations per channel and lead, or with --json the one document.
void print_forecast(Call const& call, models::Graph const& graph, ForecastReport const& report);

}  // namespace crossjoule::drivers
