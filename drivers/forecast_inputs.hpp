// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/comm.hpp"
#include "drivers/forecast_settings.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace crossjoule::drivers {

/// The fields, every file step of which is a sample, and what is compared.
struct ForecastInputs {
  std::shared_ptr<runtime::FieldSource const> source;
  std::shared_ptr<runtime::Preparation const> preparation;
  std::shared_ptr<runtime::Climatology const> climatology;  ///< may be null
  runtime::Cases cases;
  std::vector<std::int64_t> saved;  ///< cases that go into the file of forecasts
};

/// Opens what the settings name. Error (bad_input): fields that do not fit the network's contract,
/// no initial time.
ForecastInputs open_forecast_inputs(ForecastSettings const& settings);

/// The cases of a rank: equal parts but for one, and rank 0 has the first case, whose maps go into
/// the record, also where ranks outnumber cases.
constexpr core::Share cases_of(std::int64_t cases, int rank, int size) {
  return {(cases * rank + size - 1) / size, (cases * (rank + 1) + size - 1) / size};
}

/// f of the damped anomaly, [step][channel], fitted on another range than the cases'; empty where
/// that baseline is not asked for. Collective. Error (bad_input): no climatology.
std::vector<std::vector<double>> damping_factors(ForecastSettings const& settings,
                                                 ForecastInputs const& inputs,
                                                 core::Comm const& comm);

/// Hours from the initial time to each step; where the files have no times, steps of theirs.
std::vector<double> leads_h(ForecastSettings const& settings, ForecastInputs const& inputs);

}  // namespace crossjoule::drivers
