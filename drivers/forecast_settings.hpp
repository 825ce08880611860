// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "drivers/verbs.hpp"
#include "kernels/session.hpp"
#include "meter/meter.hpp"
#include "runtime/forecast/cases.hpp"
#include "runtime/forecast/forecaster.hpp"
#include "runtime/forecast/verification.hpp"
#include "runtime/sweep.hpp"

#include <filesystem>
#include <string>

namespace crossjoule::drivers {

/// What `crossjoule forecast` is asked for.
struct ForecastSettings {
  std::filesystem::path output, network, fields_path, climatology;
  kernels::Device device = kernels::Device::automatic;
  std::string precision;
  runtime::FieldContract contract;  ///< of the network's training
  runtime::FieldOptions data;       ///< its range, stride and within are those of the initial times
  runtime::PreparationOptions preparation;
  std::int64_t steps = 4, most_cases = 0, batch = 1, fields_cases = 1;
  runtime::VerificationOptions verification;
  runtime::TimeRange damping;  ///< where the factors of the damped anomaly are fitted
  runtime::EnsembleOptions ensemble;
  runtime::SkillOptions skill;
  bool measures = false;  ///< a sweep over batches too
  runtime::SweepOptions sweep;
  meter::MeterOptions meter;
};

ForecastSettings read_forecast_settings(Call& call);

}  // namespace crossjoule::drivers
