// SPDX-License-Identifier: BSD-3-Clause
#include "core/log.hpp"
#include "core/record.hpp"
#include "core/system.hpp"
#include "core/table.hpp"
#include "drivers/accuracy.hpp"
#include "drivers/json.hpp"
#include "drivers/network_groups.hpp"
#include "drivers/verbs.hpp"
#include "meter/account.hpp"
#include "models/cost.hpp"
#include "runtime/scorer.hpp"
#include "runtime/source.hpp"
#include "runtime/standardisation.hpp"
#include "runtime/sweep.hpp"
#include "runtime/trained.hpp"

#include <fmt/core.h>
#include <optional>

namespace crossjoule::drivers {
namespace {

/// Different samples fed in turn while sweeping: more than the caches of a core hold.
constexpr std::int64_t pool_rows = 8192;

struct Settings {
  std::filesystem::path output, network;
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

Settings read_settings(Call& call) {
  core::Config& config = call.config;
  Settings settings;
  settings.output = call.output_path("infer.h5");
  settings.network =
      config.take("network", "train.h5", "the record of `crossjoule train` whose network runs");
  settings.device = kernels::device_from(
      config.take_choice("device", "auto", "where a rank computes", {"auto", "cpu", "cuda"}));
  settings.precision =
      config.take_choice("precision", "fp32", "arithmetic and storage", {"fp32", "fp64"});
  settings.accuracy =
      read_accuracy_options(config.section("accuracy", "scores of signal against background"),
                            call.dump_default ? "events-76" : trained_layout(settings.network));
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

template <class T>
core::ExitCode run(Call& call, Settings& settings, core::Comm const& comm) {
  auto const file = core::H5File::open(settings.network);
  auto const trained = runtime::read_trained<T>(file);
  auto const standardisation = runtime::Standardisation::read(file);
  std::optional<core::Record> record;
  if (comm.is_root()) record.emplace(settings.output, call.verb, call.config, call.overwrite);
  kernels::Session const session(settings.device, comm.node().rank());
  if (session.device() == kernels::Device::cuda) settings.meter.chip = meter::Chip::gpu;
  meter::Meter meter(settings.meter);
  core::log("energy: {}", meter.headline());

  runtime::Scorer<T> scorer(trained, standardisation, trained_layout(settings.network),
                            session.device(), comm, meter);
  auto const accuracy = measure_accuracy(scorer, settings.accuracy, comm);
  bool const have_events = !settings.accuracy.background.files.empty();
  auto const pool = have_events ? scorer.samples(settings.accuracy.background, pool_rows)
                                : scorer.made_up_samples(pool_rows);
  auto const measured = runtime::sweep<T>(trained.graph, trained.parameters, pool, settings.sweep,
                                          session.device(), comm, meter);
  auto const accounts = meter::gather(comm, meter);
  if (!comm.is_root()) return core::ExitCode::ok;

  auto const headline = accounts.empty() ? meter.headline() : accounts.front().headline;
  auto const points =
      runtime::points_of(measured, core::this_cpu().model,
                         std::string(kernels::to_string(session.device())), settings.precision);
  write_network(*record, trained.graph);
  write_accuracy(record->file(), accuracy);
  write_timing(record->file(), measured);
  core::write_points(record->file(), points);
  meter::write(record->file(), accounts);
  record->commit();

  if (call.format == Call::Format::json) {
    Json document = Json::object();
    document.set("network", to_json(models::identity(trained.graph)))
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
