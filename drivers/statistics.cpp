// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/statistics.hpp"

#include "core/log.hpp"
#include "core/npy.hpp"
#include "core/progress.hpp"
#include "core/record.hpp"
#include "drivers/verbs.hpp"
#include "runtime/fields/calendar.hpp"
#include "runtime/fields/statistics_file.hpp"

#include <fmt/ranges.h>
#include <limits>

namespace crossjoule::drivers {
namespace fs = std::filesystem;
namespace {

constexpr char const* npy_names[] = {"global_means.npy", "global_stds.npy", "time_means.npy"};
constexpr char const* baselines_name = "baselines.h5";

/// A folder that was not there before, gone again where nothing came to stand in it.
class NewFolder {
 public:
  explicit NewFolder(fs::path const& path) {
    std::error_code ignored;
    if (fs::create_directories(path, ignored)) made_ = path;
  }
  ~NewFolder() {
    std::error_code not_empty;
    if (!made_.empty()) fs::remove(made_, not_empty);
  }
  NewFolder(NewFolder const&) = delete;

 private:
  fs::path made_;
};

/// Everything that will be written into the folder, checked before any work is done.
void check_folder(fs::path const& folder, Call const& call, bool with_baselines) {
  VALIDATE(fs::is_directory(folder),
           "{} cannot be made a folder (is it a file?) choose another output", folder.string());
  std::vector<std::string> names(std::begin(npy_names), std::end(npy_names));
  if (with_baselines) names.emplace_back(baselines_name);
  for (auto const& name : names)
    VALIDATE(call.overwrite == core::Overwrite::yes || !fs::exists(folder / name),
             "{}: the file exists (it would be replaced) choose another folder or add --force",
             (folder / name).string());
}

/// FourCastNet's files: (1, C, 1, 1) and (1, C, lat, lon), float32.
void write_npy_files(StatisticsReport const& report, core::Overwrite overwrite) {
  auto const& [folder, files, plan, statistics, baselines] = report;
  auto const channels = static_cast<std::int64_t>(files->channels().size());
  std::vector<float> const means(statistics.mean.begin(), statistics.mean.end());
  std::vector<float> const deviations(statistics.deviation.begin(), statistics.deviation.end());
  core::write_npy<float>(folder / npy_names[0], means, {1, channels, 1, 1}, overwrite);
  core::write_npy<float>(folder / npy_names[1], deviations, {1, channels, 1, 1}, overwrite);
  core::write_npy<float>(folder / npy_names[2], statistics.time_mean,
                         {1, channels, files->grid().rows, files->grid().columns}, overwrite);
}

void warn_constant(StatisticsReport const& report) {
  std::vector<std::string> constant;
  for (std::size_t i = 0; i < report.statistics.deviation.size(); ++i)
    if (!(report.statistics.deviation[i] > 0)) constant.push_back(report.files->channels()[i]);
  if (!constant.empty())
    core::warn("{} of {} channels are constant: {}", constant.size(),
               report.files->channels().size(), fmt::join(constant, ", "));
}

/// One pass over the fields; the record is committed on rank 0.
void compute(StatisticsReport& report, Call const& call, core::Comm const& comm) {
  std::optional<core::Record> record;
  runtime::StatisticsHooks hooks;
  core::Progress progress("statistics", report.plan.steps, "steps");
  if (comm.is_root()) {
    record.emplace(report.folder / runtime::statistics_file_name, "statistics", call.config,
                   call.overwrite);
    runtime::begin_climatology(record->file(), *report.files, report.plan);
    hooks.on_bin = [&](runtime::StatisticsPlan::Bin const&, std::span<float const> mean) {
      record->file().write_rows<float>("/climatology/values", mean);
    };
    hooks.on_steps = [&](std::int64_t count) { progress.advance(count); };
  }
  report.statistics = runtime::compute_statistics(*report.files, report.plan, comm, hooks);
  if (!comm.is_root()) return;
  write_npy_files(report, call.overwrite);
  runtime::write_statistics(record->file(), *report.files, report.plan, report.statistics);
  record->commit();
}

void add_baselines(StatisticsReport& report, StatisticsRequest const& request, Call const& call,
                   core::Comm const& comm) {
  comm.barrier();  // the record is there for all ranks
  runtime::Climatology const climatology(report.folder);
  report.baselines = runtime::compute_baselines(report.files, climatology, request.baselines, comm);
  if (!comm.is_root()) return;
  core::Record record(report.folder / baselines_name, "statistics", call.config, call.overwrite);
  runtime::write_baselines(record.file(), report.baselines);
  record.commit();
}

}  // namespace

StatisticsRequest take_statistics_request(core::Config& config,
                                          std::vector<fs::path> const& files) {
  StatisticsRequest request;
  auto data = config.section("data", "the fields: docs/fields.md");
  request.input = runtime::read_field_files_options(data);
  if (!files.empty()) request.input.files = files;
  request.range = runtime::read_time_range(data);
  std::vector<std::string> cycles = runtime::cycle_names();
  cycles.insert(cycles.begin(), "auto");
  auto const cycle = config.take_choice(
      "climatology", "auto", "times that share a mean; auto: what suits the series", cycles);
  if (cycle != "auto") request.cycle = runtime::cycle_from(cycle);
  auto baselines = config.section(
      "baselines", "forecasts without a network on a test range; [data] is what they learn from");
  request.baselines.leads = baselines.take("leads", std::vector<std::int64_t>{},
                                           "in file steps; []: none", {1, 1'000'000});
  request.baselines.train = request.range;
  request.baselines.test = runtime::read_time_range(baselines);
  request.baselines.within =
      baselines.take_choice("within", "states",
                            "what must lie in the range: start and target, or the target alone",
                            {"states", "targets"}) == "states"
          ? runtime::Within::states
          : runtime::Within::targets;
  return request;
}

/// `crossjoule statistics DIR|FILES|config.toml`: means, standard deviations, time means and a
/// climatology of fields, on all ranks, into a folder; scores of forecasts without a network.
core::ExitCode statistics(Call& call, core::Comm const& comm) {
  auto const request = take_statistics_request(call.config, call.files);
  StatisticsReport report;
  report.folder = call.output_path("statistics");
  if (!call.go()) return core::ExitCode::ok;

  report.files = std::make_shared<runtime::FieldFiles const>(request.input);
  auto const runs = report.files->runs_within(request.range);
  auto const cycle = request.cycle ? *request.cycle : runtime::suitable_cycle(*report.files, runs);
  report.plan = runtime::plan_statistics(*report.files, request.range, cycle);
  for (std::int64_t const lead : request.baselines.leads) {  // said before the pass, not after
    runtime::FieldOptions options;
    options.range = request.baselines.test;
    options.lead = lead;
    options.within = request.baselines.within;
    runtime::FieldSource const source(report.files, options);
  }
  std::optional<NewFolder> folder;
  if (comm.is_root()) {
    folder.emplace(report.folder);
    check_folder(report.folder, call, !request.baselines.leads.empty());
  }
  core::log("{}: {} steps, climatology {} in {} bins, {:.0f} MB of memory",
            report.files->describe(), report.plan.steps, runtime::to_string(cycle),
            report.plan.bins.size(),
            1e-6 * static_cast<double>(runtime::statistics_bytes(*report.files)));
  compute(report, call, comm);
  if (!request.baselines.leads.empty()) add_baselines(report, request, call, comm);
  if (!comm.is_root()) return core::ExitCode::ok;
  warn_constant(report);
  fmt::print(
      "{}", call.format == Call::Format::json ? statistics_json(report) : statistics_table(report));
  return core::ExitCode::ok;
}

}  // namespace crossjoule::drivers
