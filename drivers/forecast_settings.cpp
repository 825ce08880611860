// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/forecast_settings.hpp"

#include "core/error.hpp"

namespace crossjoule::drivers {
namespace {

using runtime::Baseline;

Baseline baseline_from(std::string const& name, std::string const& where) {
  std::string known;
  for (int i = 0; i < runtime::baseline_count; ++i) {
    auto const baseline = static_cast<Baseline>(i);
    if (name == to_string(baseline)) return baseline;
    known += fmt::format("{}\"{}\"", i > 0 ? ", " : "", to_string(baseline));
  }
  core::fail(core::ExitCode::bad_input,
             "forecast.baselines: no baseline \"{}\" (there are {}) choose of these{}", name, known,
             where);
}

/// The fields' options start from what the network was trained on.
runtime::FieldOptions field_defaults(runtime::FieldContract const& contract) {
  runtime::FieldOptions options;
  options.input.files = {"weather/test"};  // what `generate weather` writes
  options.channels_in = contract.channels_in;
  options.channels_out = contract.channels_out;
  options.lead = contract.lead;
  options.history = contract.history;
  options.pole_row = contract.pole_row;
  options.fit = contract.fit;
  options.statistics = "weather/stats";
  return options;
}

void read_forecast_table(ForecastSettings& settings, core::Config table) {
  constexpr std::int64_t many = 1'000'000;
  settings.steps = table.take("steps", settings.steps, "network steps of a forecast", {1, many});
  settings.most_cases =
      table.take("cases", settings.most_cases,
                 "initial times, evenly spread over data.from to data.until; 0: all", {0, many});
  settings.batch = table.take("batch", settings.batch,
                              "members that go through the network together", {1, many});
  settings.climatology =
      table.take("climatology", "",
                 "folder of `crossjoule statistics` for the scores and baselines; \"\": "
                 "data.statistics, where it holds one");
  auto const names = table.take("baselines", std::vector<std::string>{"persistence", "climatology"},
                                "also \"anomaly persistence\", \"damped anomaly\"");
  settings.verification.baselines.clear();
  for (auto const& name : names)
    settings.verification.baselines.push_back(baseline_from(name, table.where("baselines")));
  settings.verification.weights = table.take_choice(
      "weights", "cos",
      "of the rows in the scores: cos of their latitudes, fourcastnet (rows taken to span the "
      "globe, as its published scores do), or none",
      {"cos", "fourcastnet", "none"});
  settings.damping = runtime::read_time_range(
      table.section("fit", "the steps on which the factors of the damped anomaly are fitted"));
}

void read_ensemble(ForecastSettings& settings, core::Config table, std::int64_t seed) {
  auto& ensemble = settings.ensemble;
  ensemble.members =
      table.take("members", ensemble.members,
                 "forecasts per initial time; the first is not perturbed", {1, 1 << 20});
  ensemble.amplitude = table.take("amplitude", ensemble.amplitude,
                                  "normal noise on the start, in standard deviations", {0.0, 1e6});
  ensemble.seed = static_cast<std::uint64_t>(seed);
  settings.verification.members = ensemble.members;
}

void read_skill(ForecastSettings& settings, core::Config table, std::int64_t seed) {
  auto& skill = settings.skill;
  skill.replicates =
      table.take("replicates", skill.replicates, "of the bootstrap; 0: no intervals", {0, 100'000});
  skill.block = table.take("block", skill.block,
                           "initial times next to each other that are drawn together, as many as "
                           "the weather needs to forget",
                           {1, 1'000'000});
  skill.level = table.take("level", skill.level, "of the intervals", {0.5, 0.9999});
  skill.seed = static_cast<std::uint64_t>(seed);
}

}  // namespace

ForecastSettings read_forecast_settings(Call& call) {
  core::Config& config = call.config;
  ForecastSettings settings;
  settings.output = call.output_path("forecast.h5");
  settings.network =
      config.take("network", "train.h5", "the record of `crossjoule train` whose network runs");
  refuse_to_replace(settings.output, settings.network);
  if (!call.dump_default)
    settings.contract = runtime::FieldContract::read(core::H5File::open(settings.network));
  settings.device = kernels::device_from(
      config.take_choice("device", "auto", "where a rank computes", {"auto", "cpu", "cuda"}));
  settings.precision =
      config.take_choice("precision", "fp32", "arithmetic and storage", {"fp32", "fp64"});
  auto const seed =
      config.take("seed", std::int64_t{1}, "perturbations and the bootstrap", {0, INT64_MAX});
  auto data = config.section(
      "data",
      "fields to start from and to compare with; what the network was trained on is default");
  data.take_choice("kind", "fields", "as in the training's configuration", {"fields"});
  settings.data = runtime::read_field_options(data, field_defaults(settings.contract));
  settings.data.patch = settings.contract.patch;
  settings.preparation = runtime::read_preparation_options(data, settings.contract.preparation);
  read_forecast_table(settings, config.section("forecast"));
  read_ensemble(settings, config.section("ensemble"), seed);
  read_skill(settings, config.section("skill", "intervals over initial times"), seed);
  auto fields = config.section("fields", "forecasts as a file for xarray");
  settings.fields_path = fields.take("path", "", "the file to write; \"\": none");
  settings.fields_cases =
      fields.take("cases", settings.fields_cases, "initial times in it, evenly spread",
                  core::Range<std::int64_t>{1, 1'000'000});
  auto sweep = config.section("sweep", "latency, throughput and joules of one network step");
  settings.measures = sweep.take("measure", false, "run it, for `crossjoule compare`");
  settings.sweep.batches = {1};
  if (settings.measures || call.dump_default) settings.sweep = runtime::read_sweep_options(sweep);
  settings.meter = meter::read_options(config.section("meter"));
  if (call.require_measured) settings.meter.require = meter::Requirement::measured;
  return settings;
}

}  // namespace crossjoule::drivers
