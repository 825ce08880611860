// SPDX-License-Identifier: BSD-3-Clause
#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "core/progress.hpp"
#include "core/record.hpp"
#include "core/system.hpp"
#include "drivers/forecast_report.hpp"
#include "drivers/forecast_settings.hpp"
#include "drivers/memory.hpp"
#include "drivers/network_groups.hpp"
#include "meter/account.hpp"
#include "models/unroll.hpp"
#include "runtime/forecast/field_rows.hpp"
#include "runtime/forecast/forecast_file.hpp"
#include "runtime/trained.hpp"

#include <algorithm>
#include <limits>
#include <optional>

namespace crossjoule::drivers {
namespace {

using runtime::Channels;
using runtime::FieldSource;

constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// The network of one step with its objective: what `estimate` and `train` call the same network,
/// whatever number of steps it was trained over.
models::Graph one_step(models::Graph const& graph) {
  auto const objective = models::objective_node(graph);
  if (objective < 0) return graph;
  auto const* error =
      std::get_if<models::RelativeError>(&graph.nodes[static_cast<std::size_t>(objective)].op);
  return error ? models::with_relative_error(models::without_objective(graph), 1, *error) : graph;
}

/// The fields, every file step of which is a sample, and what is compared.
struct Inputs {
  std::shared_ptr<FieldSource const> source;
  std::shared_ptr<runtime::Preparation const> preparation;
  std::shared_ptr<runtime::Climatology const> climatology;  ///< may be null
  runtime::Cases cases;
  std::vector<std::int64_t> saved;  ///< cases that go into the file of forecasts
};

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

Inputs open_inputs(ForecastSettings const& settings) {
  Inputs inputs;
  auto all = settings.data;
  all.range = {};
  all.within = runtime::Within::states;
  all.targets = 0;
  all.stride = 1;
  all.statistics.clear();  // the network's own, below
  auto source = std::make_shared<FieldSource>(all);
  VALIDATE_AS(ExitCode::internal, source->samples() == source->files().steps(),
              "{} samples of {} steps", source->samples(), source->files().steps());
  settings.contract.check(*source);
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

/// f of the damped anomaly, [step][channel], fitted on another range than the cases'.
std::vector<std::vector<double>> damping_factors(ForecastSettings const& settings,
                                                 Inputs const& inputs, core::Comm const& comm) {
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

/// What one rank has made of its cases.
struct Done {
  std::vector<double> scores;                  ///< of its cases, as SkillTable holds them
  std::vector<std::vector<float>> saved;       ///< (channel, member, step, row, column)
  std::vector<float> map_forecast, map_truth;  ///< (channel, row, column) of the first case
  double network_seconds = 0;
  std::int64_t applications = 0;
};

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

template <class T>
Done forecast_cases(ForecastSettings const& settings, Inputs const& inputs,
                    runtime::Forecaster<T>& forecaster, runtime::Verification& verification,
                    core::Share mine) {
  auto const channels = inputs.source->channels(Channels::out).size();
  auto const steps = static_cast<std::size_t>(settings.steps);
  auto const columns = verification.columns().size();
  Done done;
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

std::vector<double> leads_h(ForecastSettings const& settings, Inputs const& inputs) {
  std::vector<double> leads;
  auto const seconds = inputs.source->lead_seconds();
  for (std::int64_t k = 1; k <= settings.steps; ++k)
    leads.push_back(seconds > 0 ? static_cast<double>(k * seconds) / 3600
                                : static_cast<double>(k * settings.data.lead));
  return leads;
}

/// Rank 0 writes the saved cases in their order, its own and those that the others send.
void write_fields(Call const& call, ForecastSettings const& settings, Inputs const& inputs,
                  Done const& done, core::Comm const& comm) {
  if (inputs.saved.empty()) return;
  constexpr int tag = 41;
  auto const total = inputs.cases.size();
  if (!comm.is_root()) {
    for (auto const& fields : done.saved) comm.send(std::as_bytes(std::span(fields)), 0, tag);
    return;
  }
  auto const& files = inputs.source->files();
  runtime::ForecastAxes axes{.has_times = files.has_times(),
                             .leads_h = leads_h(settings, inputs),
                             .members = settings.ensemble.members,
                             .channels = inputs.source->channels(Channels::out),
                             .units = inputs.source->units(Channels::out),
                             .grid = inputs.source->grid()};
  for (auto const one : inputs.saved) {
    auto const step = inputs.cases.starts[static_cast<std::size_t>(one)];
    axes.starts_s.push_back(files.has_times() ? files.time_of(step) : step);
  }
  runtime::ForecastFile file(settings.fields_path, axes, call.overwrite);
  file.attribute("source", "crossjoule forecast, network " + settings.network.filename().string());
  auto const size = static_cast<std::size_t>(settings.ensemble.members * settings.steps *
                                             inputs.source->kept_size(Channels::out));
  std::size_t own = 0;
  std::vector<float> received;
  for (auto const one : inputs.saved) {
    int rank = 0;
    while (core::share_of(total, rank, comm.size()).last <= one) ++rank;
    if (rank > 0) {
      received.resize(size);
      comm.receive(std::as_writable_bytes(std::span(received)), rank, tag);
    }
    file.add(rank > 0 ? received : done.saved[own++]);
  }
  file.commit();
}

void write_maps(core::H5File& file, Inputs const& inputs, Done const& done) {
  if (done.map_truth.empty()) return;
  auto const& grid = inputs.source->grid();
  std::vector<std::int64_t> const shape{
      static_cast<std::int64_t>(inputs.source->channels(Channels::out).size()), grid.rows,
      grid.columns};
  file.write<float>("/result/maps/forecast", done.map_forecast, shape,
                    {"channel", "the first case at its last lead (channel, lat, lon)"});
  file.write<float>("/result/maps/truth", done.map_truth, shape,
                    {"channel", "the fields at that time (channel, lat, lon)"});
  file.write_strings("/result/maps/channel", inputs.source->channels(Channels::out), "first axis");
  file.write_strings("/result/maps/unit", inputs.source->units(Channels::out), "of the channels");
  file.write("/result/maps/lat", grid.lat_degrees, {"degrees_north", "rows"});
  file.write("/result/maps/lon", grid.lon_degrees, {"degrees_east", "columns"});
  auto const steps = inputs.cases.steps_of(0);
  auto const start = inputs.cases.starts.front();
  file.attribute("/result/maps", "start", inputs.source->files().time_text(start));
  file.attribute("/result/maps", "lead_h",
                 static_cast<double>(steps * inputs.source->lead_seconds()) / 3600);
}

/// Rows for the sweep: starts and targets of the network, as in training.
template <class T>
runtime::Matrix<T> sweep_pool(models::Graph const& graph, std::int64_t most) {
  runtime::Matrix<T> pool{std::min<std::int64_t>(most, 4), models::sample_size(graph), {}};
  for (std::int64_t i = 0; i < pool.rows * pool.features; ++i)
    pool.values.push_back(static_cast<T>(std::sin(0.37 * static_cast<double>(i))));
  return pool;
}

template <class T>
std::int64_t bytes_needed(ForecastSettings const& settings, Inputs const& inputs,
                          models::Graph const& network) {
  auto const out = inputs.source->kept_size(Channels::out);
  auto const per_field = static_cast<std::int64_t>(sizeof(float));
  auto const plan = runtime::predicted_bytes<T>(
      network, {.device = settings.device, .max_batch = settings.batch});
  auto const shapes = models::shapes(network);
  return plan.total() +
         settings.batch * shapes.front().size() * static_cast<std::int64_t>(sizeof(T)) +
         runtime::Forecaster<T>::bytes(*inputs.source, *inputs.preparation,
                                       settings.ensemble.members) +
         per_field * out *
             (5 + settings.ensemble.members +
              static_cast<std::int64_t>(inputs.saved.size()) * settings.ensemble.members *
                  settings.steps);
}

template <class T>
core::ExitCode run(Call& call, ForecastSettings settings, core::Comm const& comm) {
  std::optional<core::Record> record;
  if (comm.is_root()) {
    record.emplace(settings.output, call.verb, call.config, call.overwrite);
    VALIDATE(settings.fields_path.empty() || call.overwrite == core::Overwrite::yes ||
                 !std::filesystem::exists(settings.fields_path),
             "{}: the file exists (it would be replaced) choose another fields.path or add --force",
             settings.fields_path.string());
  }
  kernels::Session const session(settings.device, comm.node().rank());
  settings.device = session.device();
  if (session.device() == kernels::Device::cuda) settings.meter.chip = meter::Chip::gpu;
  meter::Meter meter(settings.meter);
  core::log("energy: {}", meter.headline());

  auto data_region = meter.begin(meter::Phase::data);
  auto const trained = runtime::read_trained<T>(core::H5File::open(settings.network));
  auto const inputs = open_inputs(settings);
  auto const network = models::without_objective(trained.graph);
  predict_peak("the forecast", bytes_needed<T>(settings, inputs, network),
               "use fewer ranks per node, a smaller forecast.batch, or fewer fields.cases", comm);
  settings.verification.factors = damping_factors(settings, inputs, comm);
  runtime::Rollout<T> rollout(network, std::span<T const>(trained.parameters), settings.device,
                              settings.batch);
  runtime::Forecaster<T> forecaster(*inputs.source, *inputs.preparation, rollout,
                                    settings.ensemble);
  runtime::Verification verification(*inputs.source, inputs.climatology, settings.verification);
  data_region.close();
  core::log("{}: {}", network.name, rollout.describe());

  auto const begin = core::steady_ns();
  auto region = meter.begin(meter::Phase::inference);
  auto const done = forecast_cases<T>(settings, inputs, forecaster, verification,
                                      comm.share(inputs.cases.size()));
  comm.barrier();
  region.close();
  double const seconds = core::seconds_between(begin, core::steady_ns()).value;
  write_fields(call, settings, inputs, done, comm);

  auto const graph = one_step(trained.graph);
  std::vector<core::Point> points;
  if (settings.measures) {
    auto const largest = std::ranges::max(settings.sweep.batches);
    points = runtime::points_of(
        runtime::sweep<T>(graph, trained.parameters, sweep_pool<T>(graph, largest), settings.sweep,
                          settings.device, comm, meter),
        core::this_cpu().model, session.device() == kernels::Device::cuda ? "cuda" : "cpu",
        settings.precision);
  }
  runtime::SkillTable table{.columns = verification.columns(),
                            .leads_h = leads_h(settings, inputs),
                            .channels = inputs.source->channels(Channels::out),
                            .units = inputs.source->units(Channels::out),
                            .cases = inputs.cases.size(),
                            .values = comm.all_gather(done.scores)};
  auto const busy = comm.all_gather(std::vector<double>{done.network_seconds});
  auto const applications = comm.sum(done.applications);
  auto const accounts = meter::gather(comm, meter);
  if (!comm.is_root()) return core::ExitCode::ok;

  auto const rows = runtime::summarise(table, settings.skill);
  auto& file = record->file();
  write_network(*record, graph);
  runtime::write_skill(file, table, rows, settings.skill);
  write_maps(file, inputs, done);
  double network_seconds = 0;
  for (double part : busy) network_seconds += part;
  double const per_step = network_seconds / static_cast<double>(applications);
  file.attribute("/result", "cases", table.cases);
  file.attribute("/result", "steps", settings.steps);
  file.attribute("/result", "members", settings.ensemble.members);
  file.attribute("/result", "precision", settings.precision);
  file.attribute("/result", "ranks", std::int64_t{comm.size()});
  file.attribute("/result", "weights", settings.verification.weights);
  file.attribute("/timing", "forecast_seconds", seconds);
  file.attribute("/timing", "network_seconds_per_step", per_step);
  file.attribute("/timing", "applications", applications);
  file.attribute("/timing", "peak_resident_bytes", peak_resident_bytes());
  if (!points.empty()) core::write_points(file, points);
  meter::write(file, accounts);
  record->commit();
  print_forecast(call, graph,
                 {rows, table.cases, settings.steps, settings.ensemble.members, seconds, per_step,
                  settings.output, settings.fields_path, meter.headline()});
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
