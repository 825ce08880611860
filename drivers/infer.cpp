// SPDX-License-Identifier: BSD-3-Clause
#include "core/log.hpp"
#include "core/record.hpp"
#include "core/system.hpp"
#include "core/table.hpp"
#include "drivers/accuracy.hpp"
#include "drivers/json.hpp"
#include "drivers/memory.hpp"
#include "drivers/network_groups.hpp"
#include "drivers/run_meter.hpp"
#include "drivers/untrained.hpp"
#include "drivers/verbs.hpp"
#include "meter/account.hpp"
#include "models/build.hpp"
#include "models/cost.hpp"
#include "runtime/scorer.hpp"
#include "runtime/source.hpp"
#include "runtime/standardisation.hpp"
#include "runtime/sweep.hpp"
#include "runtime/trained.hpp"

#include <fmt/core.h>
#include <algorithm>
#include <optional>

namespace crossjoule::drivers {
namespace {

/// Different samples fed in turn while sweeping: more than the caches of a core hold.
constexpr std::int64_t pool_rows = 8192;

struct Settings {
  std::filesystem::path output, network;
  std::optional<models::Graph> untrained;
  kernels::Device device = kernels::Device::automatic;
  std::string precision;
  AccuracyOptions accuracy;
  runtime::SweepOptions sweep;
  meter::MeterOptions meter;
};

std::string trained_layout(std::filesystem::path const& network) {
  auto const file = core::H5File::open(network);
  VALIDATE(
      file.exists("/standardisation") && file.has_attribute("/standardisation", "layout"),
      "{}: no trained network (it has no /standardisation) name a record of `crossjoule train`",
      network.string());
  return file.read_attribute_text("/standardisation", "layout");
}

/// `network`: the path of a record, or a table as in train and estimate.
void take_network(core::Config& config, Settings& settings) {
  auto const tables = config.section_names();
  if (std::find(tables.begin(), tables.end(), "network") != tables.end())
    settings.untrained = models::build(config.section("network"));
  else
    settings.network =
        config.take("network", "train.h5",
                    "the record of `crossjoule train` whose network runs; or a table as in "
                    "estimate, [network] kind = ...: its time and energy without training");
}

Settings read_settings(Call& call) {
  core::Config& config = call.config;
  Settings settings;
  settings.output = call.output_path("infer.h5");
  take_network(config, settings);
  if (!settings.untrained) refuse_to_replace(settings.output, settings.network);
  settings.device = kernels::device_from(
      config.take_choice("device", "auto", "where a rank computes", {"auto", "cpu", "cuda"}));
  settings.precision =
      config.take_choice("precision", "fp32", "arithmetic and storage", {"fp32", "fp64"});
  settings.accuracy = read_accuracy_options(
      config.section("accuracy", "scores of signal against background"),
      call.dump_default || settings.untrained ? "events-76" : trained_layout(settings.network));
  VALIDATE(!settings.untrained || settings.accuracy.background.files.empty(),
           "accuracy.background names files and the network is not trained (its scores would mean "
           "nothing) name a record of `crossjoule train`, or no files");
  settings.sweep =
      runtime::read_sweep_options(config.section("sweep", "latency and throughput by batch size"));
  settings.meter = meter::read_options(config.section("meter"));
  if (call.require_measured) settings.meter.require = meter::Requirement::measured;
  return settings;
}

/// /timing: what the sweep measured beside /result/points, one row per (mode, batch).
void write_timing(core::H5File& file, std::vector<runtime::SweepPoint> const& sweep) {
  std::vector<std::string> modes;
  std::vector<std::int64_t> batches, ranks, busy, iterations;
  std::vector<double> p50, p95, p99;
  for (auto const& point : sweep) {
    modes.emplace_back(to_string(point.mode));
    batches.push_back(point.batch);
    ranks.push_back(point.ranks);
    busy.push_back(point.busy_ranks);
    iterations.push_back(point.iterations);
    p50.push_back(point.p50.value);
    p95.push_back(point.p95.value);
    p99.push_back(point.p99.value);
  }
  file.write_strings("/timing/mode", modes, "how the ranks serve a batch");
  file.write("/timing/batch", batches, {"1", "samples per batch"});
  file.write("/timing/ranks", ranks, {"1", "ranks of the job"});
  file.write("/timing/busy_ranks", busy, {"1", "ranks with at least one event of the batch"});
  file.write("/timing/iterations", iterations, {"1", "batches timed on each rank"});
  file.write("/timing/p50", p50, {"s", "median latency of a batch"});
  file.write("/timing/p95", p95, {"s", "95th percentile of the latency of a batch"});
  file.write("/timing/p99", p99, {"s", "99th percentile of the latency of a batch"});
}

Json sweep_json(std::vector<runtime::SweepPoint> const& sweep,
                std::vector<core::Point> const& points) {
  Json rows = Json::array();
  for (std::size_t i = 0; i < sweep.size(); ++i) {
    auto const& point = points[2 * i + 1];  // the system line of the pair
    Json row = Json::object();
    row.set("mode", point.mode).set("batch", point.batch).set("ranks", point.ranks);
    row.set("busy_ranks", sweep[i].busy_ranks)
        .set("boundary", std::string(to_string(point.boundary)));
    row.set("p50_s", sweep[i].p50.value)
        .set("p95_s", sweep[i].p95.value)
        .set("p99_s", sweep[i].p99.value);
    row.set("seconds_per_sample", to_json(point.seconds_per_sample));
    row.set("joules_per_sample", to_json(point.joules_per_sample));
    rows.push(row);
  }
  return rows;
}

void print_sweep(std::vector<runtime::SweepPoint> const& sweep,
                 std::vector<core::Point> const& points, std::string const& headline) {
  fmt::print("\nSweep; energy: {}\n", headline);
  core::Table table({"mode", "batch", "ranks", "p50", "p95", "p99", "throughput /s",
                     "energy per sample (system)", "kind"});
  for (std::size_t i = 0; i < sweep.size(); ++i) {
    auto const& point = points[2 * i + 1];
    auto const& measured = sweep[i];
    table.row({point.mode, std::to_string(point.batch),
               fmt::format("{}/{}", measured.busy_ranks, measured.ranks),
               core::si(measured.p50.value, "s"), core::si(measured.p95.value, "s"),
               core::si(measured.p99.value, "s"),
               fmt::format("{:.4g}", 1 / point.seconds_per_sample.value.value),
               core::with_interval(point.joules_per_sample),
               std::string(to_string(point.joules_per_sample.kind))});
  }
  fmt::print("{}", table.text());
}

/// What is timed, and how well it does.
template <class T>
struct Subject {
  runtime::Trained<T> network;
  runtime::Matrix<T> samples;
  Accuracy accuracy;
};
template <class T>
Subject<T> untrained_subject(Settings const& settings, core::Comm const& comm) {
  core::log("network {}: not trained, initial parameters and made-up samples",
            settings.untrained->name);
  auto made = make_untrained<T>(*settings.untrained, settings.sweep, comm);
  return {std::move(made.network), std::move(made.samples), {}};
}
template <class T>
Subject<T> trained_subject(Settings const& settings, runtime::Trained<T> trained,
                           kernels::Device device, core::Comm const& comm, meter::Meter& meter) {
  predict_peak("infer", runtime::sweep_bytes<T>(trained.graph, settings.sweep, pool_rows),
               "take smaller sweep.batches", comm);
  auto const file = core::H5File::open(settings.network);
  runtime::Scorer<T> scorer(trained, runtime::Standardisation::read(file),
                            trained_layout(settings.network), device, comm, meter);
  auto const accuracy = measure_accuracy(scorer, settings.accuracy, comm);
  bool const have_events = !settings.accuracy.background.files.empty();
  auto samples = have_events ? scorer.samples(settings.accuracy.background, pool_rows)
                             : scorer.made_up_samples(pool_rows);
  return {std::move(trained), std::move(samples), accuracy};
}

template <class T>
core::ExitCode run(Call& call, Settings& settings, core::Comm const& comm) {
  runtime::Trained<T> trained;
  if (!settings.untrained) trained = runtime::read_trained<T>(core::H5File::open(settings.network));
  std::optional<core::Record> record;
  if (comm.is_root()) record.emplace(settings.output, call.verb, call.config, call.overwrite);
  kernels::Session const session(settings.device, comm.node().rank());
  meter::Meter meter(options_for(settings.meter, session, comm));
  core::log("energy: {}", meter.headline());

  auto const subject = settings.untrained ? untrained_subject<T>(settings, comm)
                                          : trained_subject<T>(settings, std::move(trained),
                                                               session.device(), comm, meter);
  auto const& [network, samples, accuracy] = subject;
  auto const measured = runtime::sweep<T>(network.graph, network.parameters, samples,
                                          settings.sweep, session.device(), comm, meter);
  auto const accounts = meter::gather(comm, meter);
  if (!comm.is_root()) return core::ExitCode::ok;

  auto const headline = accounts.empty() ? meter.headline() : accounts.front().headline;
  auto const points =
      runtime::points_of(measured, core::this_cpu().model,
                         std::string(kernels::to_string(session.device())), settings.precision);
  write_network(*record, network.graph);
  write_accuracy(record->file(), accuracy);
  write_timing(record->file(), measured);
  core::write_points(record->file(), points);
  meter::write(record->file(), accounts);
  record->commit();

  if (call.format == Call::Format::json) {
    Json document = Json::object();
    document.set("network", to_json(models::identity(network.graph)))
        .set("energy_source", headline);
    document.set("accuracy", accuracy_json(accuracy)).set("sweep", sweep_json(measured, points));
    fmt::print("{}\n", document.set("record", settings.output.string()).dump());
  } else {
    print_accuracy(accuracy);
    print_sweep(measured, points, headline);
  }
  return core::ExitCode::ok;
}

}  // namespace

/// `crossjoule infer study.toml`: scores samples and sweeps batch sizes, metered, on all ranks.
core::ExitCode infer(Call& call, core::Comm const& comm) {
  auto settings = read_settings(call);
  if (!call.go()) return core::ExitCode::ok;
  return settings.precision == "fp64" ? run<double>(call, settings, comm)
                                      : run<float>(call, settings, comm);
}

}  // namespace crossjoule::drivers
