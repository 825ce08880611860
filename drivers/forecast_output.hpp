// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/record.hpp"
#include "drivers/forecast_cases.hpp"
#include "drivers/verbs.hpp"

namespace crossjoule::drivers {

/// The file of saved forecasts: rank 0 writes them in their order, its own and those that the
/// others send. Collective.
void write_forecast_fields(Call const& call, ForecastSettings const& settings,
                           ForecastInputs const& inputs, ForecastCases const& done,
                           core::Comm const& comm);

/// /result/maps: the first case at its last lead beside the truth.
void write_forecast_maps(core::H5File& file, ForecastInputs const& inputs,
                         ForecastCases const& done);

}  // namespace crossjoule::drivers
