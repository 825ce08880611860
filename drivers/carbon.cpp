// SPDX-License-Identifier: BSD-3-Clause
#include "meter/carbon.hpp"
#include "core/error.hpp"
#include "core/h5file.hpp"
#include "core/table.hpp"
#include "drivers/json.hpp"
#include "drivers/verbs.hpp"

#include <fmt/format.h>
#include <limits>

namespace crossjoule::drivers {
namespace {

struct Settings {
  std::vector<meter::GridSeries> series;
  double pue = 1, units = 0;
  meter::Embodied embodied;
};

Settings take_settings(core::Config& config) {
  Settings settings;
  auto const files = config.take("grid", std::vector<std::string>{},
                                 "intensity series (CSV): at most one average and one marginal");
  auto const column = config.take_choice(
      "column", "direct", "of an Electricity Maps file: direct or lca", {"direct", "lca"});
  for (auto const& file : files) {
    settings.series.push_back(meter::read_grid(file, column));
    for (std::size_t k = 0; k + 1 < settings.series.size(); ++k)
      VALIDATE(settings.series[k].kind != settings.series.back().kind,
               "{} and {} are both {} series (one of each kind is compared) drop one",
               settings.series[k].file, file, to_string(settings.series[k].kind));
  }
  settings.pue =
      config.take<double>("pue", 1.0, "power usage effectiveness, an assumption", {1, 10});
  auto& embodied = settings.embodied;
  embodied.kg =
      config.take<double>("embodied_kg", 0.0, "of making the hardware; 0: left out", {0, 1e9});
  embodied.low_kg = config.take<double>("embodied_low_kg", embodied.kg, "lower end", {0, 1e9});
  embodied.high_kg = config.take<double>("embodied_high_kg", embodied.kg, "upper end", {0, 1e9});
  embodied.life_hours =
      config.take<double>("life_hours", embodied.life_hours, "expected life of it", {1, 1e7});
  embodied.reserved_share =
      config.take<double>("reserved_share", 1.0, "share of it that was reserved", {0, 1});
  settings.units =
      config.take<double>("units", 0.0, "functional units (R of SCI); 0: none", {0, 1e18});
  return settings;
}

std::string grams(std::optional<double> value, double low, double high) {
  if (!value) return "-";
  return fmt::format("{:.6g} [{:.6g}, {:.6g}] g", *value, low, high);
}

Json grams_json(std::optional<double> value, double low, double high, core::Kind kind) {
  double const nothing = std::numeric_limits<double>::quiet_NaN();
  return value ? quantity_json(low, *value, high, "g", kind)
               : quantity_json(nothing, nothing, nothing, "g", core::Kind::absent);
}

void print_table(meter::Carbon const& carbon, Settings const& settings, bool is_spread) {
  core::Table table({"what", "carbon", "share of the joules covered"});
  table.row({"operational, average",
             grams(carbon.average_g, carbon.average_low_g, carbon.average_high_g),
             carbon.average_g ? fmt::format("{:.1f} %", 100 * carbon.covered_average) : ""});
  table.row({"operational, marginal",
             grams(carbon.marginal_g, carbon.marginal_low_g, carbon.marginal_high_g),
             carbon.marginal_g ? fmt::format("{:.1f} %", 100 * carbon.covered_marginal) : ""});
  if (settings.embodied.kg > 0)
    table.row({"embodied share",
               grams(carbon.embodied_g, carbon.embodied_low_g, carbon.embodied_high_g), ""});
  fmt::print("energy {} ({}), PUE {:g} (assumed)\n{}", core::with_interval(carbon.energy),
             core::to_string(carbon.energy.kind), carbon.pue, table.text());
  for (auto const& series : settings.series)
    fmt::print("{}: {} {}, {} values, step {:g} s, {} rows dropped, xxh3 {}\n",
               to_string(series.kind), series.file, series.place, series.time_ns.size(),
               series.step_second, series.dropped, series.digest);
  if (carbon.estimated_share > 0)
    fmt::print("{:.1f} % of the joules fall into hours the source itself estimated\n",
               100 * carbon.estimated_share);
  if (is_spread)
    fmt::print("part of the joules has no series: taken at the run's own time, evenly\n");
  if (settings.units > 0 && carbon.average_g)
    fmt::print("SCI {:.6g} g per unit, R = {:g}\n",
               (*carbon.average_g + carbon.embodied_g) / settings.units, settings.units);
}

Json json_of(meter::Carbon const& carbon, Settings const& settings, std::string const& file) {
  Json series = Json::array();
  for (auto const& one : settings.series)
    series.push(Json::object()
                    .set("kind", to_string(one.kind))
                    .set("file", one.file)
                    .set("column", one.column)
                    .set("place", one.place)
                    .set("digest", one.digest)
                    .set("dropped", one.dropped));
  Json document = Json::object();
  document.set("verb", "carbon").set("file", file).set("energy", to_json(carbon.energy));
  document.set("pue", carbon.pue).set("hours", carbon.hours);
  document.set("average", grams_json(carbon.average_g, carbon.average_low_g, carbon.average_high_g,
                                     carbon.energy.kind));
  document.set("marginal", grams_json(carbon.marginal_g, carbon.marginal_low_g,
                                      carbon.marginal_high_g, carbon.energy.kind));
  document.set(
      "embodied",
      grams_json(settings.embodied.kg > 0 ? std::optional(carbon.embodied_g) : std::nullopt,
                 carbon.embodied_low_g, carbon.embodied_high_g, core::Kind::assumed));
  document.set("covered_average", carbon.covered_average);
  document.set("covered_marginal", carbon.covered_marginal);
  document.set("estimated_share", carbon.estimated_share).set("series", series);
  bool const has_sci = settings.units > 0 && carbon.average_g;
  document.set("sci_g_per_unit",
               has_sci ? Json((*carbon.average_g + carbon.embodied_g) / settings.units) : Json());
  return document;
}

}  // namespace

/// `crossjoule carbon RECORD…`: emissions of stored joules; other assumptions, other figures.
core::ExitCode carbon(Call& call, core::Comm const&) {
  Settings const settings = take_settings(call.config);
  if (!call.go()) return core::ExitCode::ok;
  VALIDATE(call.files.size() == 1, "carbon has {} records (it takes one) name it",
           call.files.size());
  auto const file = core::H5File::open(call.files.front());
  auto const timeline = meter::read_timeline(file);
  auto const carbon = meter::carbon_of(timeline, settings.series, settings.pue, settings.embodied);
  if (call.format == Call::Format::json)
    fmt::print("{}\n", json_of(carbon, settings, call.files.front().string()).dump());
  else
    print_table(carbon, settings, timeline.is_spread);
  return core::ExitCode::ok;
}

}  // namespace crossjoule::drivers
