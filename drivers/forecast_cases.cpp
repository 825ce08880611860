// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/forecast_cases.hpp"

#include "core/progress.hpp"

#include <algorithm>
#include <limits>

namespace crossjoule::drivers {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// Put fields (member, channel, point) of one step into (channel, member, step, point).
void keep_fields(std::span<float const> fields, std::size_t members, std::size_t channels,
                 std::size_t step, std::size_t steps, std::vector<float>& into) {
  std::size_t const points = fields.size() / members / channels;
  into.resize(fields.size() * steps, std::numeric_limits<float>::quiet_NaN());
  for (std::size_t m = 0; m < members; ++m)
    for (std::size_t c = 0; c < channels; ++c)
      std::copy_n(fields.begin() + static_cast<std::ptrdiff_t>((m * channels + c) * points), points,
                  into.begin() +
                      static_cast<std::ptrdiff_t>((((c * members) + m) * steps + step) * points));
}

}  // namespace

template <class T>
ForecastCases forecast_cases(ForecastSettings const& settings, ForecastInputs const& inputs,
                             runtime::Forecaster<T>& forecaster,
                             runtime::Verification& verification, core::Share mine) {
  auto const channels = inputs.source->channels(runtime::Channels::out).size();
  auto const steps = static_cast<std::size_t>(settings.steps);
  auto const columns = verification.columns().size();
  ForecastCases done;
  std::vector<double> row(columns * channels);
  core::Progress progress("forecast", mine.count(), "initial times");
  for (auto one = mine.first; one < mine.last; ++one) {
    auto const start = inputs.cases.starts[static_cast<std::size_t>(one)];
    auto const& has_target = inputs.cases.has_target[static_cast<std::size_t>(one)];
    auto const first = done.scores.size();
    done.scores.resize(first + columns * steps * channels, none);
    bool const keeps = std::ranges::find(inputs.saved, one) != inputs.saved.end();
    if (keeps) done.saved.emplace_back();
    verification.begin(start);
    auto const visit = [&](std::int64_t step, std::span<float const> fields) {
      auto const lead = static_cast<std::size_t>(step) - 1;
      if (keeps)
        keep_fields(fields, static_cast<std::size_t>(settings.ensemble.members), channels, lead,
                    steps, done.saved.back());
      if (!has_target[lead]) return;
      verification.score(step, fields, row);
      for (std::size_t column = 0; column < columns; ++column)
        std::copy_n(row.begin() + static_cast<std::ptrdiff_t>(column * channels), channels,
                    done.scores.begin() +
                        static_cast<std::ptrdiff_t>(first + (column * steps + lead) * channels));
      if (one != 0) return;
      auto const truth = verification.truth();
      done.map_truth.assign(truth.begin(), truth.end());
      done.map_forecast.assign(fields.begin(),
                               fields.begin() + static_cast<std::ptrdiff_t>(truth.size()));
    };
    forecaster.run(start, inputs.cases.steps_of(one), visit);
    progress.advance(1);
  }
  done.network_seconds = forecaster.network_seconds();
  done.applications = forecaster.applications();
  return done;
}

template ForecastCases forecast_cases<float>(ForecastSettings const&, ForecastInputs const&,
                                             runtime::Forecaster<float>&, runtime::Verification&,
                                             core::Share);
template ForecastCases forecast_cases<double>(ForecastSettings const&, ForecastInputs const&,
                                              runtime::Forecaster<double>&, runtime::Verification&,
                                              core::Share);

}  // namespace crossjoule::drivers
