// SPDX-License-Identifier: BSD-3-Clause
#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "core/record.hpp"
#include "core/system.hpp"
#include "drivers/forecast_output.hpp"
#include "drivers/forecast_report.hpp"
#include "drivers/memory.hpp"
#include "drivers/network_groups.hpp"
#include "drivers/run_meter.hpp"
#include "meter/account.hpp"
#include "models/unroll.hpp"
#include "runtime/trained.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace crossjoule::drivers {
namespace {

using runtime::Channels;

/// Different samples that the sweep over batches is fed from: few, for states are large.
std::int64_t pool_rows(ForecastSettings const& settings) {
  return std::min<std::int64_t>(std::ranges::max(settings.sweep.batches), 4);
}

/// Rows for the sweep: starts and targets of the network, as in training.
template <class T>
runtime::Matrix<T> sweep_pool(models::Graph const& graph, std::int64_t rows) {
  runtime::Matrix<T> pool{rows, models::sample_size(graph), {}};
  pool.values.reserve(static_cast<std::size_t>(pool.rows * pool.features));
  for (std::int64_t i = 0; i < pool.rows * pool.features; ++i)
    pool.values.push_back(static_cast<T>(std::sin(0.37 * static_cast<double>(i))));
  return pool;
}

/// Numbers of the scores of one initial time.
std::int64_t score_numbers(ForecastSettings const& settings, ForecastInputs const& inputs) {
  auto const methods = 1 + static_cast<std::int64_t>(settings.verification.baselines.size());
  return (methods * (inputs.climatology ? 2 : 1) + (settings.ensemble.members > 1 ? 4 : 0)) *
         settings.steps * static_cast<std::int64_t>(inputs.source->channels(Channels::out).size());
}

/// Of the sweep over batches, which runs after the forecasts, and of what it is fed from.
template <class T>
std::int64_t sweep_bytes(ForecastSettings const& settings, models::Graph const& graph) {
  if (!settings.measures) return 0;
  auto const pool = pool_rows(settings);
  return runtime::sweep_bytes<T>(graph, settings.sweep, pool) +
         pool * models::sample_size(graph) * static_cast<std::int64_t>(sizeof(T));
}

/// Of the files that this rank's cases begin in, held open.
std::int64_t bytes_of_files(ForecastInputs const& inputs, core::Share mine) {
  if (mine.count() <= 0) return 0;
  auto const start = [&](std::int64_t one) {
    return inputs.cases.starts[static_cast<std::size_t>(one)];
  };
  return inputs.source->files().bytes_held({start(mine.first), start(mine.last - 1) + 1});
}

template <class T>
std::int64_t bytes_needed(ForecastSettings const& settings, ForecastInputs const& inputs,
                          models::Graph const& network, models::Graph const& graph,
                          core::Comm const& comm) {
  auto const out = inputs.source->kept_size(Channels::out), points = inputs.source->grid().points();
  auto const members = settings.ensemble.members;
  auto const mine = cases_of(inputs.cases.size(), comm.rank(), comm.size());
  auto const saved = std::ranges::count_if(
      inputs.saved, [&](auto one) { return mine.first <= one && one < mine.last; });
  auto const saved_numbers = members * settings.steps * out;  // of one initial time
  auto const plan = runtime::predicted_bytes<T>(
      network, {.device = settings.device, .max_batch = settings.batch});
  auto const shapes = models::shapes(network);
  // four fields of the scores, a baseline and the members of one channel; rank 0's two maps
  auto const numbers =
      4 * out + (1 + members) * points + (comm.is_root() ? 2 * out : 0) + saved * saved_numbers;
  // before the sweep: rank 0 takes in what others saved; a file is read again as it is committed,
  // in blocks
  std::int64_t passing = 0;
  if (comm.is_root() && !inputs.saved.empty())
    passing = (saved < std::ssize(inputs.saved) ? saved_numbers : 0) +
              std::max<std::int64_t>(members * settings.steps * points, 2 << 20);
  auto const scores = (mine.count() + 2 * inputs.cases.size()) * score_numbers(settings, inputs);
  return plan.total() +
         settings.batch * shapes.front().size() * static_cast<std::int64_t>(sizeof(T)) +
         runtime::Forecaster<T>::bytes(*inputs.source, *inputs.preparation, members,
                                       settings.data.history) +
         bytes_of_files(inputs, mine) + numbers * static_cast<std::int64_t>(sizeof(float)) +
         scores * static_cast<std::int64_t>(sizeof(double)) +
         std::max(passing * static_cast<std::int64_t>(sizeof(float)),
                  sweep_bytes<T>(settings, graph));
}

/// What all ranks have measured.
struct Outcome {
  runtime::SkillTable table;
  double seconds = 0, network_seconds = 0;
  std::int64_t applications = 0;
  std::vector<core::Point> points;  ///< of the sweep over batches

  double seconds_per_step() const { return network_seconds / static_cast<double>(applications); }
};

Outcome gather(ForecastSettings const& settings, ForecastInputs const& inputs,
               ForecastCases const& done, std::vector<runtime::ScoredMethod> columns,
               core::Comm const& comm) {
  Outcome outcome;
  outcome.table = {.columns = std::move(columns),
                   .leads_h = leads_h(settings, inputs),
                   .channels = inputs.source->channels(Channels::out),
                   .units = inputs.source->units(Channels::out),
                   .cases = inputs.cases.size(),
                   .values = comm.all_gather(done.scores)};
  for (double part : comm.all_gather(std::vector<double>{done.network_seconds}))
    outcome.network_seconds += part;
  outcome.applications = comm.sum(done.applications);
  return outcome;
}

void write_result(core::H5File& file, ForecastSettings const& settings, Outcome const& outcome,
                  std::int64_t ranks) {
  file.attribute("/result", "cases", outcome.table.cases);
  file.attribute("/result", "steps", settings.steps);
  file.attribute("/result", "members", settings.ensemble.members);
  file.attribute("/result", "precision", settings.precision);
  file.attribute("/result", "ranks", ranks);
  file.attribute("/result", "weights", settings.verification.weights);
  file.attribute("/timing", "forecast_seconds", outcome.seconds);
  file.attribute("/timing", "network_seconds_per_step", outcome.seconds_per_step());
  file.attribute("/timing", "applications", outcome.applications);
  if (!outcome.points.empty()) core::write_points(file, outcome.points);
}

/// Rank 0's record, begun before the work so that an output that exists stops it at once.
std::optional<core::Record> begin_record(Call const& call, ForecastSettings const& settings,
                                         core::Comm const& comm) {
  std::optional<core::Record> record;
  if (!comm.is_root()) return record;
  record.emplace(settings.output, call.verb, call.config, call.overwrite);
  VALIDATE(settings.fields_path.empty() || call.overwrite == core::Overwrite::yes ||
               !std::filesystem::exists(settings.fields_path),
           "{}: the file exists (it would be replaced) choose another fields.path or add --force",
           settings.fields_path.string());
  return record;
}

template <class T>
std::vector<core::Point> measure(ForecastSettings const& settings, models::Graph const& graph,
                                 std::span<T const> parameters, core::Comm const& comm,
                                 meter::Meter& meter) {
  if (!settings.measures) return {};
  auto const pool = sweep_pool<T>(graph, pool_rows(settings));
  return runtime::points_of(
      runtime::sweep<T>(graph, parameters, pool, settings.sweep, settings.device, comm, meter),
      core::this_cpu().model, settings.device == kernels::Device::cuda ? "cuda" : "cpu",
      settings.precision);
}

template <class T>
core::ExitCode run(Call& call, ForecastSettings settings, core::Comm const& comm) {
  give_back_large_blocks();
  auto record = begin_record(call, settings, comm);
  kernels::Session const session(settings.device, comm.node().rank());
  settings.device = session.device();
  meter::Meter meter(options_for(settings.meter, session, comm));
  core::log("energy: {}", meter.headline());

  auto data_region = meter.begin(meter::Phase::data);
  auto const trained = runtime::read_trained<T>(core::H5File::open(settings.network));
  auto const inputs = open_forecast_inputs(settings);
  auto const network = models::without_objective(trained.graph);
  // what `estimate` and `train` call the same network, whatever number of steps it was trained over
  auto const graph = models::over_steps(trained.graph, 1);
  auto const predicted_bytes = predict_peak(
      "the forecast", bytes_needed<T>(settings, inputs, network, graph, comm),
      "use fewer ranks per node, a smaller forecast.batch, or fewer fields.cases", comm);
  settings.verification.factors = damping_factors(settings, inputs, comm);
  runtime::Rollout<T> rollout(network, std::span<T const>(trained.parameters), settings.device,
                              settings.batch);
  runtime::Forecaster<T> forecaster(*inputs.source, *inputs.preparation, rollout, settings.ensemble,
                                    settings.data.history);
  runtime::Verification verification(*inputs.source, inputs.climatology, settings.verification);
  data_region.close();
  core::log("{}: {}", network.name, rollout.describe());

  auto const begin = core::steady_ns();
  auto region = meter.begin(meter::Phase::inference);
  auto const done = forecast_cases<T>(settings, inputs, forecaster, verification,
                                      cases_of(inputs.cases.size(), comm.rank(), comm.size()));
  comm.barrier();
  region.close();
  auto outcome = gather(settings, inputs, done, verification.columns(), comm);
  outcome.seconds = core::seconds_between(begin, core::steady_ns()).value;
  write_forecast_fields(call, settings, inputs, done, comm);
  outcome.points = measure<T>(settings, graph, trained.parameters, comm, meter);
  auto const accounts = meter::gather(comm, meter);
  if (!comm.is_root()) return core::ExitCode::ok;

  auto const rows = runtime::summarise(outcome.table, settings.skill);
  auto& file = record->file();
  write_network(*record, graph);
  runtime::write_skill(file, outcome.table, rows, settings.skill);
  write_forecast_maps(file, inputs, done);
  write_result(file, settings, outcome, comm.size());
  meter::write(file, accounts);
  report_peak(file, predicted_bytes);
  record->commit();
  print_forecast(
      call, graph,
      {rows, outcome.table.cases, settings.steps, settings.ensemble.members, outcome.seconds,
       outcome.seconds_per_step(), settings.output, settings.fields_path, meter.headline()});
  return core::ExitCode::ok;
}

}  // namespace

/// `crossjoule forecast study.toml`: rolls a trained network out from many initial times and scores
/// it beside what costs nothing.
core::ExitCode forecast(Call& call, core::Comm const& comm) {
  auto settings = read_forecast_settings(call);
  if (!call.go()) return core::ExitCode::ok;
  return settings.precision == "fp64" ? run<double>(call, std::move(settings), comm)
                                      : run<float>(call, std::move(settings), comm);
}

}  // namespace crossjoule::drivers
