// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/generate_weather.hpp"

#include "core/clock.hpp"
#include "core/progress.hpp"
#include "core/table.hpp"
#include "drivers/json.hpp"
#include "sim/world/weather/case_file.hpp"
#include "sim/world/weather/data_set.hpp"

#include <fmt/core.h>
#include <limits>
#include <numbers>

namespace crossjoule::drivers {
namespace {

namespace weather = sim::weather;
constexpr char planet[] = "planet";

/// What both a data set and a test case need.
struct Common {
  std::string path;
  int lat, lon, truncation;
  double time_step_s, output_h;
  std::vector<weather::Channel> channels;
};

/// The defaults of the two kinds of runs differ.
struct CommonDefaults {
  std::string output;
  double time_step_s, output_h;
  std::vector<std::string> channels;
};

Common take_common(Call& call, CommonDefaults const& defaults) {
  core::Config& config = call.config;
  Common common;
  auto const path =
      config.take("output", defaults.output, "the folder to write; of a case, the file");
  common.path = call.output.empty() ? path : call.output;
  common.lat = config.take("lat", 64, "Gaussian latitudes: no poles among them", {2, 1024});
  common.lon =
      config.take("lon", 0, "longitudes, an even number; 0: twice the latitudes", {0, 2048});
  if (common.lon == 0) common.lon = 2 * common.lat;
  common.truncation =
      config.take("truncation", 0,
                  "largest degree; 0: the largest whose products are free of aliasing", {0, 1024});
  if (common.truncation == 0)
    common.truncation = weather::alias_free_truncation(common.lat, common.lon);
  common.time_step_s = config.take("time_step_s", defaults.time_step_s,
                                   "longest time step; it divides output_hours", {1e-3, 1e6});
  common.output_h =
      config.take("output_hours", defaults.output_h, "hours between outputs", {1e-3, 1e6});
  common.channels =
      weather::channels_from(config.take("channels", defaults.channels,
                                         "u, v, height, vorticity, divergence, heating, depth, "
                                         "speed, pv, psi, chi"));
  return common;
}

/// Four numbers per mountain, one after the other.
std::vector<weather::Mountain> take_mountains(core::Config& table,
                                              std::vector<weather::Mountain> const& defaults) {
  std::vector<double> numbers;
  for (auto const& m : defaults)
    numbers.insert(numbers.end(), {m.latitude_deg, m.longitude_deg, m.height_m, m.width_deg});
  numbers =
      table.take("mountains", numbers,
                 "latitude, longitude (degrees), height (m), width (degrees) of each", {-1e5, 1e5});
  VALIDATE(numbers.size() % 4 == 0,
           "mountains: {} numbers (four for each) give latitude, longitude, height, width{}",
           numbers.size(), table.where("mountains"));
  std::vector<weather::Mountain> mountains;
  for (std::size_t i = 0; i < numbers.size(); i += 4) {
    mountains.push_back({numbers[i], numbers[i + 1], numbers[i + 2], numbers[i + 3]});
    VALIDATE(mountains.back().width_deg > 0,
             "mountains: a width of {} degrees (must be positive) "
             "change it{}",
             mountains.back().width_deg, table.where("mountains"));
  }
  return mountains;
}

weather::ClimateOptions take_climate(core::Config table) {
  weather::ClimateOptions o;
  auto const number = [&](char const* key, double& value, char const* comment, double low,
                          double high) {
    value = table.take(key, value, comment, {low, high});
  };
  number("mean_depth_m", o.mean_depth_m, "mean depth of the fluid", 1, 1e6);
  number("day_hours", o.day_h, "period of the tide", 1e-3, 1e6);
  number("tilt_rad", o.tilt_rad, "latitude of the sun at midsummer", -1.6, 1.6);
  number("tide_m_per_day", o.tide_m_per_day, "source of depth under the sun", -1e5, 1e5);
  number("jet_m_per_s", o.jet_m_per_s, "the two jets that the planet relaxes to", -1000, 1000);
  number("jet_latitude_deg", o.jet_latitude_deg, "north and south", 0, 80);
  number("jet_width_deg", o.jet_width_deg, "where it has fallen to 1/e", 1, 90);
  number("season", o.season, "relative strength of winter jets above the mean", -1, 1);
  number("relaxation_days", o.relaxation_days, "of the surface height", 1e-2, 1e9);
  number("friction_days", o.friction_days, "of the vorticity", 1e-2, 1e9);
  number("divergence_damping_hours", o.divergence_damping_h, "0: none", 0, 1e9);
  number("hyperdiffusion_hours", o.hyperdiffusion_h,
         "e-folding time at the truncation, falling as degree^8; 0: none", 0, 1e9);
  number("eddy_m_per_s", o.eddy_m_per_s, "wind of the random start", 0, 1000);
  o.mountains = take_mountains(table, o.mountains);
  return o;
}

weather::DataSetRequest take_data_set(Call& call) {
  weather::DataSetRequest request;
  auto const common = take_common(
      call, {"weather", request.time_step_s, request.output_h, weather::default_channels()});
  request.path = common.path;
  request.lat = common.lat;
  request.lon = common.lon;
  request.truncation = common.truncation;
  request.time_step_s = common.time_step_s;
  request.output_h = common.output_h;
  request.channels = common.channels;
  request.seed = static_cast<std::uint64_t>(
      call.config.take("seed", std::int64_t{1}, "another seed gives other weather",
                       {0, std::numeric_limits<std::int64_t>::max()}));
  request.climate = take_climate(call.config.section("planet", "the world"));
  auto years = call.config.section("years", "each an independent trajectory, in a file of its own");
  constexpr int most = 9000;
  request.first_year = years.take("first", request.first_year, "name of the first", {1000, 9999});
  request.train_years = years.take("train", request.train_years, "in train/", {1, most});
  request.test_years = years.take("test", request.test_years, "in test/", {0, most});
  request.out_of_sample_years =
      years.take("out_of_sample", request.out_of_sample_years, "in out_of_sample/", {0, most});
  request.climate.year_days =
      years.take("days", request.climate.year_days, "length of a year", {1e-2, 1e6});
  request.spin_up_days =
      years.take("spin_up_days", request.spin_up_days, "before each year, not written", {0, 1e6});
  return request;
}

weather::CaseRequest take_case(Call& call, std::string const& name) {
  weather::CaseRequest request;
  auto const common = take_common(call, {name + ".h5",
                                         request.time_step_s,
                                         request.output_h,
                                         {"u", "v", "height", "vorticity", "divergence"}});
  request.name = name;
  request.path = common.path;
  request.lat = common.lat;
  request.lon = common.lon;
  request.truncation = common.truncation;
  request.time_step_s = common.time_step_s;
  request.output_h = common.output_h;
  request.channels = common.channels;
  request.days = call.config.take("days", weather::standard_days(name),
                                  "as long as the case's authors", {1e-3, 1e5});
  double const angle = call.config.take(
      "angle_deg", 0.0, "williamson2 alone: the flow's axis against the grid's", {-180, 180});
  request.options.angle_rad = angle * std::numbers::pi / 180;
  request.options.viscosity_m2_per_s = call.config.take(
      "viscosity_m2_per_s", -1.0, "on all fields; negative: the case's own", {-1, 1e9});
  return request;
}

void print_data_set(Call const& call, weather::DataSetRequest const& request,
                    weather::DataSetReport const& report, double seconds) {
  if (call.format == Call::Format::json) {
    Json files = Json::array(), channels = Json::array();
    for (auto const& file : report.files)
      files.push(Json::object()
                     .set("path", (request.path / file.name).string())
                     .set("samples", file.samples)
                     .set("bytes", file.bytes));
    for (std::size_t c = 0; c < request.channels.size(); ++c)
      channels.push(Json::object()
                        .set("name", request.channels[c].name)
                        .set("unit", request.channels[c].unit)
                        .set("mean", report.means[c])
                        .set("deviation", report.deviations[c]));
    fmt::print("{}\n", Json::object()
                           .set("files", files)
                           .set("case", planet)
                           .set("lat", request.lat)
                           .set("lon", request.lon)
                           .set("truncation", request.truncation)
                           .set("channels", channels)
                           .set("steps", report.steps)
                           .set("seconds", seconds)
                           .dump());
    return;
  }
  core::Table files({"file", "samples", "MB"});
  for (auto const& file : report.files)
    files.row({(request.path / file.name).string(), std::to_string(file.samples),
               fmt::format("{:.1f}", static_cast<double>(file.bytes) / 1e6)});
  core::Table channels({"channel", "unit", "mean", "deviation"});
  for (std::size_t c = 0; c < request.channels.size(); ++c)
    channels.row({request.channels[c].name, request.channels[c].unit,
                  fmt::format("{:.4g}", report.means[c]),
                  fmt::format("{:.4g}", report.deviations[c])});
  fmt::print("{}\n{}\n{} x {} points, truncation {}; {} time steps in {:.1f} s\n", files.text(),
             channels.text(), request.lat, request.lon, request.truncation, report.steps, seconds);
}

void print_case(Call const& call, weather::CaseRequest const& request,
                weather::CaseReport const& report, double seconds) {
  if (call.format == Call::Format::json) {
    Json rows = Json::array();
    for (auto const& row : report.rows) {
      Json one = Json::object();
      for (auto const& column : weather::diagnostic_columns())
        one.set(column.name, row.*column.value);
      rows.push(one);
    }
    Json const file = Json::object()
                          .set("path", request.path.string())
                          .set("samples", static_cast<std::int64_t>(report.rows.size()))
                          .set("bytes", report.bytes);
    fmt::print("{}\n", Json::object()
                           .set("files", Json::array().push(file))
                           .set("case", request.name)
                           .set("lat", request.lat)
                           .set("lon", request.lon)
                           .set("truncation", request.truncation)
                           .set("diagnostics", rows)
                           .set("steps", report.steps)
                           .set("seconds", seconds)
                           .dump());
    return;
  }
  core::Table table({"day", "height min m", "max m", "speed max m/s", "mass change",
                     "energy change", "enstrophy change", "error l2"});
  auto const& first = report.rows.front();
  for (auto const& row : report.rows) {
    auto const change = [&](double weather::Diagnostics::*value) {
      return fmt::format("{:.2e}", row.*value / (first.*value) - 1);
    };
    table.row({fmt::format("{:g}", row.time_s / 86400), fmt::format("{:.3f}", row.height_min_m),
               fmt::format("{:.3f}", row.height_max_m),
               fmt::format("{:.3f}", row.speed_max_m_per_s), change(&weather::Diagnostics::mass_m),
               change(&weather::Diagnostics::energy_m3_per_s2),
               change(&weather::Diagnostics::enstrophy_per_m_s2),
               report.steady ? fmt::format("{:.2e}", row.error_l2) : "-"});
  }
  fmt::print("{}{}, {} x {} points, truncation {}; {} time steps in {:.1f} s; {}\n", table.text(),
             request.name, request.lat, request.lon, request.truncation, report.steps, seconds,
             request.path.string());
}

/// Which of the worlds; the key is taken first, because the other keys depend on it.
std::string take_world(Call& call, std::string const& fallback) {
  auto worlds = weather::standard_case_names();
  worlds.insert(worlds.begin(), planet);
  return call.config.take_choice(
      "case", fallback, "planet: a data set; or a published test case, also by --case", worlds);
}

/// The defaults of one case, under its own name.
void dump_case(std::string const& name) {
  Call defaults;
  defaults.dump_default = true;
  take_world(defaults, name);
  take_case(defaults, name);
  defaults.go();
}

core::ExitCode run_case(Call& call, core::Comm const& comm, std::string const& name) {
  auto const request = take_case(call, name);
  call.config.refuse_leftovers();
  if (call.dump_default) {
    dump_case(name);
    return core::ExitCode::ok;
  }
  if (!comm.is_root()) return core::ExitCode::ok;  // one trajectory, one rank
  core::Progress progress(name, weather::outputs_of(request), "outputs");
  auto const begin = core::steady_ns();
  auto const report = weather::write_case(request, call.overwrite,
                                          [&](std::int64_t count) { progress.advance(count); });
  print_case(call, request, report, core::seconds_between(begin, core::steady_ns()).value);
  return core::ExitCode::ok;
}

}  // namespace

core::ExitCode generate_weather(Call& call, core::Comm const& comm) {
  std::string const name = take_world(call, planet);
  if (name != planet) return run_case(call, comm, name);
  auto const request = take_data_set(call);
  if (!call.go()) return core::ExitCode::ok;
  core::Progress progress(request.path.string(), weather::work_of(request, comm),
                          comm.size() > 1 ? "fields of rank 0" : "fields");
  auto const begin = core::steady_ns();
  auto const report = weather::write_data_set(request, call.overwrite, comm,
                                              [&](std::int64_t count) { progress.advance(count); });
  if (comm.is_root())
    print_data_set(call, request, report, core::seconds_between(begin, core::steady_ns()).value);
  return core::ExitCode::ok;
}

}  // namespace crossjoule::drivers
