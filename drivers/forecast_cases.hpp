// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "drivers/forecast_inputs.hpp"
#include "runtime/forecast/forecaster.hpp"
#include "runtime/forecast/verification.hpp"

#include <cstdint>
#include <vector>

namespace crossjoule::drivers {

/// What one rank has made of its cases.
struct ForecastCases {
  std::vector<double> scores;                  ///< of its cases, as SkillTable holds them
  std::vector<std::vector<float>> saved;       ///< (channel, member, step, row, column)
  std::vector<float> map_forecast, map_truth;  ///< (channel, row, column) of the first case
  double network_seconds = 0;
  std::int64_t applications = 0;
};

/// Rolls the network out from the initial times `mine` and scores each step that has a target.
template <class T>
ForecastCases forecast_cases(ForecastSettings const& settings, ForecastInputs const& inputs,
                             runtime::Forecaster<T>& forecaster,
                             runtime::Verification& verification, core::Share mine);

}  // namespace crossjoule::drivers
