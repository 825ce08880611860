// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/weather/data_set.hpp"

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/ordered_sum.hpp"
#include "sim/world/weather/data_set_files.hpp"
#include "sim/world/weather/staged_folder.hpp"
#include "sim/world/weather/year_file.hpp"

#include <algorithm>
#include <cmath>
#include <system_error>

namespace crossjoule::sim::weather {
namespace {

constexpr double day_s = 86400, hour_s = 3600;

/// One year of the data set.
struct Job {
  int year;
  std::string folder;
  bool trains;
};

std::vector<Job> jobs_of(DataSetRequest const& request) {
  std::vector<Job> jobs;
  auto const add = [&](int count, std::string const& folder) {
    for (int i = 0; i < count; ++i)
      jobs.push_back(
          {request.first_year + static_cast<int>(jobs.size()), folder, folder == "train"});
  };
  add(request.train_years, "train");
  add(request.test_years, "test");
  add(request.out_of_sample_years, "out_of_sample");
  return jobs;
}

std::int64_t spin_up_outputs(DataSetRequest const& request) {
  return static_cast<std::int64_t>(std::ceil(request.spin_up_days * 24 / request.output_h));
}

void validate(DataSetRequest const& request) {
  VALIDATE(request.train_years >= 1 && request.test_years >= 0 && request.out_of_sample_years >= 0,
           "{} years to train on, {} to test, {} out of sample (at least one to train on, none "
           "negative) change [years]",
           request.train_years, request.test_years, request.out_of_sample_years);
  VALIDATE(request.first_year >= 1000 && request.first_year <= 9999 - request.years() + 1,
           "{} years from {} (files are called ????.h5: years 1000 to 9999) change years.first",
           request.years(), request.first_year);
  constexpr double most = 1e7, rounding = 1e-9;  // outputs of a year, steps of an output
  double const samples = request.climate.year_days * 24 / request.output_h;
  VALIDATE(request.output_h > 0 && samples > 2 - rounding && samples < most &&
               std::abs(samples - std::round(samples)) < rounding * samples,
           "an output every {} h in a year of {} days (must be a whole number from 2 to {:g}) "
           "change output_hours or years.days",
           request.output_h, request.climate.year_days, most);
  double const interval_s = request.output_h * hour_s;
  VALIDATE(request.time_step_s > interval_s / most && request.time_step_s <= interval_s,
           "time_step_s = {} (must be positive, at most the interval of the output, {} s, and no "
           "less than a {:g}th of it) change it",
           request.time_step_s, interval_s, most);
}

/// Integrates years on one rank, one after the other.
class Maker {
 public:
  Maker(DataSetRequest const& request)
      : request_(request),
        sphere_(request.lat, request.lon, request.truncation),
        climate_(sphere_, request.climate),
        solver_(sphere_, climate_.setup()),
        interval_s_(request.output_h * hour_s),
        steps_(static_cast<int>(std::ceil(interval_s_ / request.time_step_s))) {
    double const limit =
        solver_.longest_step_s(request.climate.mean_depth_m, 1.3 * request.climate.jet_m_per_s);
    if (interval_s_ / steps_ > limit)
      core::warn("time steps of {:.0f} s will hardly be stable: about {:.0f} s are",
                 interval_s_ / steps_, limit);
  }

  Axes axes(int year) const {
    Axes axes{{}, request_.channels, latitudes_deg(sphere_), longitudes_deg(sphere_)};
    for (std::int64_t i = 0; i < request_.samples_per_year(); ++i)
      axes.timestamp_s.push_back(year_begin_s(year) + static_cast<double>(i) * interval_s_);
    return axes;
  }

  /// One year file; its sums (see Sums) go to `sums`.
  YearFile make(Job const& job, std::filesystem::path const& folder, std::span<double> sums,
                std::function<void(std::int64_t)> const& advance) {
    std::int64_t const spin_up = spin_up_outputs(request_), samples = request_.samples_per_year();
    auto const path = folder / job.folder / fmt::format("{}.h5", job.year);
    auto file = begin_fields_file(path, core::Overwrite::no, axes(job.year),
                                  "shallow water on a sphere, one time after the other");
    describe(file, request_, job.year);
    double time_s = -static_cast<double>(spin_up) * interval_s_;
    State state = climate_.start(time_s, request_.seed, static_cast<std::uint64_t>(job.year));
    Sums channel_sums(request_.channels.size(), sums);
    std::vector<float> fields(request_.channels.size() * static_cast<std::size_t>(request_.lat) *
                              static_cast<std::size_t>(request_.lon));
    for (std::int64_t output = -spin_up; output < samples; ++output) {
      time_s = static_cast<double>(output) * interval_s_;
      if (output >= 0) {
        fill_channels(solver_, time_s, state, request_.channels, fields);
        file.write_rows<float>("fields", fields);
        channel_sums.add(fields);
      }
      if (output + 1 < samples) integrate(job.year, time_s, state);
      if (advance) advance(1);
    }
    channel_sums.finish(samples);
    file.commit();
    return {fmt::format("{}/{}.h5", job.folder, job.year), samples,
            static_cast<std::int64_t>(std::filesystem::file_size(path))};
  }

  std::int64_t steps_per_year() const {
    return (spin_up_outputs(request_) + request_.samples_per_year() - 1) * steps_;
  }
  Sphere& sphere() { return sphere_; }
  Climate const& climate() const { return climate_; }

 private:
  /// From one output to the next.
  void integrate(int year, double time_s, State& state) {
    double const step_s = interval_s_ / steps_;
    for (int step = 0; step < steps_; ++step) {
      solver_.step(time_s + step * step_s, step_s, state);
      std::string const field = ShallowWater::non_finite_field(state);
      VALIDATE_AS(
          ExitCode::non_finite, field.empty(),
          "year {}: {} is not finite after step {} of {:.6g} s, day {:.3f} (the step is too "
          "long for the grid, or the flow too fast) lower time_step_s",
          year, field,
          std::llround(time_s / step_s) + spin_up_outputs(request_) * steps_ + step + 1, step_s,
          (time_s + (step + 1) * step_s) / day_s);
    }
  }

  DataSetRequest const& request_;
  Sphere sphere_;
  Climate climate_;
  ShallowWater solver_;
  double interval_s_;
  int steps_;  ///< per output
};

/// File sizes of all years on every rank, in their order.
std::vector<YearFile> gather(std::vector<Job> const& jobs, std::vector<YearFile> const& mine,
                             std::int64_t samples, core::Comm const& comm) {
  std::vector<std::int64_t> bytes;
  for (YearFile const& file : mine) bytes.push_back(file.bytes);
  std::vector<YearFile> files;
  for (std::int64_t const size : comm.all_gather(bytes)) {
    Job const& job = jobs[files.size()];
    files.push_back({fmt::format("{}/{}.h5", job.folder, job.year), samples, size});
  }
  return files;
}

}  // namespace

std::int64_t DataSetRequest::samples_per_year() const {
  return std::llround(climate.year_days * 24 / output_h);
}

int alias_free_truncation(int lat, int lon) { return std::min((2 * lat - 1) / 3, (lon - 1) / 3); }

std::int64_t work_of(DataSetRequest const& request, core::Comm const& comm) {
  return comm.share(request.years()).count() *
         (spin_up_outputs(request) + request.samples_per_year());
}

DataSetReport write_data_set(DataSetRequest const& request, core::Overwrite overwrite,
                             core::Comm const& comm,
                             std::function<void(std::int64_t)> const& advance) {
  validate(request);
  Maker maker(request);
  StagedFolder folder(request.path, overwrite, is_data_set_file, comm);
  auto const jobs = jobs_of(request);
  if (comm.is_root()) {
    for (char const* name : {"train", "test", "out_of_sample", "stats", "static"}) {
      std::error_code error;
      std::filesystem::create_directory(folder.path() / name, error);
      VALIDATE_AS(ExitCode::damaged, !error,
                  "{} could not be written ({}: {}) free space or choose another output",
                  request.path.string(), name, error.message());
    }
    write_orography(folder.path() / "static" / "orography.h5", maker.sphere(),
                    maker.climate().mountains());
  }
  comm.barrier();
  core::OrderedSum<double> total(comm, static_cast<std::int64_t>(jobs.size()),
                                 Sums::words(request.channels.size(), request.lat, request.lon));
  std::vector<YearFile> mine;
  for (std::int64_t i = total.mine().first; i < total.mine().last; ++i) {
    Job const& job = jobs[static_cast<std::size_t>(i)];
    auto const leaf = total.next_leaf();
    mine.push_back(maker.make(job, folder.path(), leaf, advance));
    if (!job.trains) std::ranges::fill(leaf, 0.0);
    total.add_leaf();
  }
  std::span<double const> const sums = total.finish();
  DataSetReport report;
  report.files = gather(jobs, mine, request.samples_per_year(), comm);
  report.steps = maker.steps_per_year() * static_cast<std::int64_t>(jobs.size());
  Statistics const statistics = Sums::statistics(sums, request.channels.size(), request.train_years,
                                                 request.samples_per_year());
  report.means = statistics.means;
  report.deviations = statistics.deviations;
  if (comm.is_root()) {
    write_statistics(folder.path() / "stats", statistics, request.lat, request.lon);
    write_data_json(folder.path() / "data.json", request, maker.axes(request.first_year));
  }
  folder.commit();
  return report;
}

}  // namespace crossjoule::sim::weather
