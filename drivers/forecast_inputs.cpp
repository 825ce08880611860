// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/forecast_inputs.hpp"

#include "core/error.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <limits>

namespace crossjoule::drivers {
namespace {

using runtime::Channels;
using runtime::FieldSource;

constexpr double none = std::numeric_limits<double>::quiet_NaN();

std::shared_ptr<runtime::Climatology const> open_climatology(ForecastSettings const& settings) {
  auto path = settings.climatology;
  if (path.empty()) {
    path = settings.data.statistics;
    auto const record = std::filesystem::is_directory(path) ? path / "statistics.h5" : path;
    if (path.empty() || !std::filesystem::exists(record)) return nullptr;
    path = record;
    if (!core::H5File::open(path).exists("/climatology")) return nullptr;
  }
  return std::make_shared<runtime::Climatology const>(path);
}

}  // namespace

ForecastInputs open_forecast_inputs(ForecastSettings const& settings) {
  ForecastInputs inputs;
  auto all = settings.data;
  all.range = {};
  all.within = runtime::Within::states;
  all.targets = 0;
  all.stride = 1;
  all.history = 1;         // every file step is a sample: the forecaster reads those before
  all.statistics.clear();  // the network's own, below
  auto source = std::make_shared<FieldSource>(all);
  VALIDATE_AS(ExitCode::internal, source->samples() == source->files().steps(),
              "{} samples of {} steps", source->samples(), source->files().steps());
  settings.contract.check(*source);
  settings.contract.check_history(settings.data.history, *source);
  auto const& contract = settings.contract;
  auto names = contract.channels_in;
  names.insert(names.end(), contract.channels_out.begin(), contract.channels_out.end());
  runtime::ChannelStatistics statistics{names, contract.scaling_in.mean, contract.scaling_in.scale,
                                        settings.network.string()};
  auto const append = [](auto& to, auto const& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  append(statistics.mean, contract.scaling_out.mean);
  append(statistics.deviation, contract.scaling_out.scale);
  source->normalise_with(statistics);
  inputs.source = source;
  inputs.preparation = std::make_shared<runtime::Preparation const>(*source, settings.preparation);
  inputs.climatology = open_climatology(settings);
  inputs.cases = runtime::find_cases(source->files(), {.range = settings.data.range,
                                                       .within = settings.data.within,
                                                       .lead = settings.data.lead,
                                                       .steps = settings.steps,
                                                       .history = settings.data.history,
                                                       .stride = settings.data.stride,
                                                       .most = settings.most_cases});
  if (!settings.fields_path.empty()) {
    auto const wanted = std::min(settings.fields_cases, inputs.cases.size());
    for (std::int64_t i = 0; i < wanted; ++i)
      inputs.saved.push_back(i * inputs.cases.size() / wanted);
  }
  core::log("fields: {}; {} initial times", source->files().describe(), inputs.cases.size());
  if (!inputs.climatology)
    core::log(
        "no climatology: no correlations (name a folder of `crossjoule statistics` in "
        "forecast.climatology)");
  return inputs;
}

std::vector<std::vector<double>> damping_factors(ForecastSettings const& settings,
                                                 ForecastInputs const& inputs,
                                                 core::Comm const& comm) {
  auto const& baselines = settings.verification.baselines;
  if (std::ranges::find(baselines, runtime::Baseline::damped_anomaly) == baselines.end()) return {};
  VALIDATE(inputs.climatology,
           "no climatology (the damped anomaly needs it) name a folder of `crossjoule statistics` "
           "in forecast.climatology");
  runtime::BaselineOptions options{.train = settings.damping, .test = settings.damping};
  for (std::int64_t k = 1; k <= settings.steps; ++k)
    options.leads.push_back(k * settings.data.lead);
  auto const& channels = inputs.source->channels(Channels::out);
  std::vector<std::vector<double>> factors(options.leads.size(),
                                           std::vector<double>(channels.size(), none));
  for (auto const& score : runtime::compute_baselines(inputs.source->shared_files(),
                                                      *inputs.climatology, options, comm)) {
    auto const channel = std::ranges::find(channels, score.channel);
    if (score.baseline != runtime::Baseline::damped_anomaly || channel == channels.end()) continue;
    auto const step = static_cast<std::size_t>(score.lead / settings.data.lead) - 1;
    factors[step][static_cast<std::size_t>(channel - channels.begin())] = score.factor;
  }
  return factors;
}

std::vector<double> leads_h(ForecastSettings const& settings, ForecastInputs const& inputs) {
  std::vector<double> leads;
  auto const seconds = inputs.source->lead_seconds();
  for (std::int64_t k = 1; k <= settings.steps; ++k)
    leads.push_back(seconds > 0 ? static_cast<double>(k * seconds) / 3600
                                : static_cast<double>(k * settings.data.lead));
  return leads;
}

}  // namespace crossjoule::drivers
