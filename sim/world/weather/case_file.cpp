// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/weather/case_file.hpp"

#include "core/error.hpp"
#include "core/log.hpp"
#include "sim/world/weather/year_file.hpp"

#include <array>
#include <cmath>
#include <numbers>
#include <optional>

namespace crossjoule::sim::weather {
namespace {

constexpr double day_s = 86400, hour_s = 3600;
using D = Diagnostics;

constexpr std::array<DiagnosticColumn, 14> columns = {{
    {"time", "s", "since the initial state", &D::time_s},
    {"height_min", "m", "lowest point of the surface", &D::height_min_m},
    {"height_max", "m", "highest point of the surface", &D::height_max_m},
    {"height_mean", "m", "area mean of the surface", &D::height_mean_m},
    {"speed_max", "m s-1", "fastest wind", &D::speed_max_m_per_s},
    {"vorticity_max", "s-1", "largest magnitude of relative vorticity", &D::vorticity_max_per_s},
    {"vorticity_rms", "s-1", "root mean square of relative vorticity", &D::vorticity_rms_per_s},
    {"divergence_rms", "s-1", "root mean square of divergence", &D::divergence_rms_per_s},
    {"mass", "m", "mean depth", &D::mass_m},
    {"energy", "m3 s-2", "mean kinetic and available potential energy over density",
     &D::energy_m3_per_s2},
    {"enstrophy", "m-1 s-2", "mean potential enstrophy", &D::enstrophy_per_m_s2},
    {"error_l1", "1", "l1 norm of the height's error over that of the height", &D::error_l1},
    {"error_l2", "1", "l2 norm of the height's error over that of the height", &D::error_l2},
    {"error_linf", "1", "largest error of the height over the largest height", &D::error_linf},
}};

Axes axes_of(CaseRequest const& request, Sphere const& sphere) {
  Axes axes{{}, request.channels, latitudes_deg(sphere), longitudes_deg(sphere)};
  for (std::int64_t i = 0; i < outputs_of(request); ++i)
    axes.timestamp_s.push_back(static_cast<double>(i) * request.output_h * hour_s);
  return axes;
}

void describe(core::H5File& file, CaseRequest const& request) {
  file.attribute("/", "case", request.name);
  file.attribute("/", "truncation", std::int64_t{request.truncation});
  file.attribute("/", "time_step_s", request.time_step_s);
  file.attribute("/", "angle_deg", request.options.angle_rad * 180 / std::numbers::pi);
}

void write_diagnostics(core::H5File& file, std::vector<Diagnostics> const& rows) {
  for (DiagnosticColumn const& column : columns) {
    std::vector<double> values;
    for (Diagnostics const& row : rows) values.push_back(row.*column.value);
    file.write(std::string("diagnostics/") + column.name, values,
               {column.unit, column.description});
  }
}

}  // namespace

std::span<DiagnosticColumn const> diagnostic_columns() { return columns; }

std::int64_t outputs_of(CaseRequest const& request) {
  double const intervals = request.days * 24 / request.output_h;
  constexpr double most = 1e7, rounding = 1e-9;
  VALIDATE(request.output_h > 0 && intervals > 1 - rounding && intervals < most &&
               std::abs(intervals - std::round(intervals)) < rounding * intervals,
           "an output every {} h for {} days (must be a whole number from 1 to {:g}) change "
           "output_hours or days",
           request.output_h, request.days, most);
  return std::llround(intervals) + 1;
}

CaseReport write_case(CaseRequest const& request, core::Overwrite overwrite,
                      std::function<void(std::int64_t)> const& advance) {
  Sphere sphere(request.lat, request.lon, request.truncation);
  StandardCase const world = standard_case(request.name, sphere, request.options);
  std::int64_t const outputs = outputs_of(request);
  double const interval_s = request.output_h * hour_s;
  VALIDATE(
      request.time_step_s > 0 && request.time_step_s <= interval_s,
      "time_step_s = {} (must be positive, at most the interval of the output, {} s) change it",
      request.time_step_s, interval_s);
  auto const steps = static_cast<std::int64_t>(std::ceil(interval_s / request.time_step_s));
  double const step_s = interval_s / static_cast<double>(steps);
  ShallowWater solver(sphere, world.setup);
  double const limit = solver.longest_step_s(world.mean_depth_m, world.largest_speed_m_per_s);
  if (step_s > limit)
    core::warn("time steps of {:.0f} s will hardly be stable: about {:.0f} s are", step_s, limit);

  auto file = begin_fields_file(request.path, overwrite, axes_of(request, sphere),
                                "shallow water on a sphere: " + request.name);
  describe(file, request);
  CaseReport report;
  report.steady = world.steady;
  std::optional<Field> exact;
  State state = world.state;
  if (world.steady) exact = surface_height(solver, state);
  std::vector<float> fields(request.channels.size() * static_cast<std::size_t>(request.lat) *
                            static_cast<std::size_t>(request.lon));
  for (std::int64_t output = 0; output < outputs; ++output) {
    double const time_s = static_cast<double>(output) * interval_s;
    fill_channels(solver, time_s, state, request.channels, fields);
    file.write_rows<float>("fields", fields);
    report.rows.push_back(diagnose(solver, time_s, state, exact ? &*exact : nullptr));
    if (advance) advance(1);
    for (std::int64_t step = 0; output + 1 < outputs && step < steps; ++step, ++report.steps) {
      solver.step(time_s + static_cast<double>(step) * step_s, step_s, state);
      std::string const field = ShallowWater::non_finite_field(state);
      VALIDATE_AS(
          ExitCode::non_finite, field.empty(),
          "{}: {} is not finite after step {} of {:.6g} s, day {:.3f} (the step is too long "
          "for the grid: about {:.0f} s are stable) lower time_step_s",
          request.name, field, report.steps + 1, step_s,
          static_cast<double>(report.steps + 1) * step_s / day_s, limit);
    }
  }
  write_diagnostics(file, report.rows);
  file.commit();
  report.bytes = static_cast<std::int64_t>(std::filesystem::file_size(request.path));
  return report;
}

}  // namespace crossjoule::sim::weather
