// SPDX-License-Identifier: BSD-3-Clause
#include "meter/carbon.hpp"
#include "core/amend.hpp"
#include "core/error.hpp"
#include "core/h5file.hpp"
#include "core/table.hpp"
#include "drivers/json.hpp"
#include "drivers/verbs.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cctype>
#include <limits>

namespace crossjoule::drivers {
namespace {

struct Settings {
  meter::CarbonInputs inputs;
  bool writes_back = false;
  std::string label;
  bool are_stored = false;  ///< the series come from the record itself
  std::string group() const { return "/energy/carbon/" + label; }
};

Settings take_settings(core::Config& config) {
  Settings settings;
  auto const files = config.take("grid", std::vector<std::string>{},
                                 "intensity series (CSV, JSON): at most one average and one "
                                 "marginal; none: those that the record keeps");
  auto const column = config.take_choice(
      "column", "direct", "of an Electricity Maps file: direct or lca", {"direct", "lca"});
  for (auto const& file : files) {
    auto& series = settings.inputs.series;
    series.push_back(meter::read_grid(file, column));
    for (std::size_t k = 0; k + 1 < series.size(); ++k)
      VALIDATE(series[k].kind != series.back().kind,
               "{} and {} are both {} series (one of each kind is compared) drop one",
               series[k].file, file, to_string(series[k].kind));
  }
  settings.inputs.pue =
      config.take<double>("pue", 1.0, "power usage effectiveness, an assumption", {1, 10});
  auto& embodied = settings.inputs.embodied;
  embodied.kg =
      config.take<double>("embodied_kg", 0.0, "of making the hardware; 0: left out", {0, 1e9});
  embodied.low_kg = config.take<double>("embodied_low_kg", embodied.kg, "lower end", {0, 1e9});
  embodied.high_kg = config.take<double>("embodied_high_kg", embodied.kg, "upper end", {0, 1e9});
  embodied.life_hours =
      config.take<double>("life_hours", embodied.life_hours, "expected life of it", {1, 1e7});
  embodied.reserved_share =
      config.take<double>("reserved_share", 1.0, "share of it that was reserved", {0, 1});
  VALIDATE(embodied.low_kg <= embodied.kg && embodied.kg <= embodied.high_kg,
           "embodied_low_kg = {}, embodied_kg = {}, embodied_high_kg = {} (they must rise) correct "
           "them",
           embodied.low_kg, embodied.kg, embodied.high_kg);
  settings.inputs.units =
      config.take<double>("units", 0.0, "functional units (R of SCI); 0: none", {0, 1e18});
  settings.writes_back =
      config.take("write", false, "keep the figures and their inputs in the record (--write)");
  settings.label = config.take("label", "default", "name of these assumptions in the record");
  bool const is_name =
      !settings.label.empty() && settings.label.size() <= 64 &&
      std::all_of(settings.label.begin(), settings.label.end(),
                  [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
  VALIDATE(is_name, "label = '{}' (letters, digits, - and _, at most 64) choose another{}",
           settings.label, config.where("label"));
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
  auto const& inputs = settings.inputs;
  if (inputs.embodied.kg > 0)
    table.row({"embodied share",
               grams(carbon.embodied_g, carbon.embodied_low_g, carbon.embodied_high_g), ""});
  fmt::print("energy {} ({}), PUE {:g} (assumed)\n{}", core::with_interval(carbon.energy),
             core::to_string(carbon.energy.kind), carbon.pue, table.text());
  for (auto const& series : inputs.series)
    fmt::print("{}: {} {}, {} values{}, step {:g} s, {} rows dropped, xxh3 {}\n",
               to_string(series.kind), series.file, series.place, series.time_ns.size(),
               settings.are_stored ? " kept in the record" : "", series.step_second, series.dropped,
               series.digest);
  if (carbon.estimated_share > 0)
    fmt::print("{:.1f} % of the joules fall into hours the source itself estimated\n",
               100 * carbon.estimated_share);
  if (is_spread)
    fmt::print("part of the joules has no series: taken at the run's own time, evenly\n");
  if (auto const sci = meter::sci_g_per_unit(carbon, inputs))
    fmt::print("SCI {:.6g} g per unit, R = {:g}\n", *sci, inputs.units);
  if (settings.writes_back) fmt::print("written to {} of the record\n", settings.group());
}

Json json_of(meter::Carbon const& carbon, Settings const& settings, std::string const& file) {
  Json series = Json::array();
  for (auto const& one : settings.inputs.series)
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
      grams_json(settings.inputs.embodied.kg > 0 ? std::optional(carbon.embodied_g) : std::nullopt,
                 carbon.embodied_low_g, carbon.embodied_high_g, core::Kind::assumed));
  document.set("covered_average", carbon.covered_average);
  document.set("covered_marginal", carbon.covered_marginal);
  document.set("estimated_share", carbon.estimated_share).set("series", series);
  auto const sci = meter::sci_g_per_unit(carbon, settings.inputs);
  document.set("sci_g_per_unit", sci ? Json(*sci) : Json());
  document.set("written_to", settings.writes_back ? Json(settings.group()) : Json());
  return document;
}

/// Joules over time, and the series that the record keeps where none was given.
meter::EnergyTimeline read_record(std::filesystem::path const& path, Call const& call,
                                  Settings& settings) {
  auto const file = core::H5File::open(path);
  auto timeline = meter::read_timeline(file);
  bool const is_there = file.exists(settings.group());
  VALIDATE(!settings.writes_back || !is_there || call.overwrite == core::Overwrite::yes,
           "{} holds {} (computed before) choose another label or give --force", path.string(),
           settings.group());
  settings.are_stored = settings.inputs.series.empty() && is_there;
  if (settings.are_stored)
    settings.inputs.series = meter::read_stored_grids(file, settings.group());
  return timeline;
}

}  // namespace

/// `crossjoule carbon RECORD`: emissions of stored joules; other assumptions, other figures. With
/// --write they are kept in a group of their own, beside everything that was there.
core::ExitCode carbon(Call& call, core::Comm const&) {
  Settings settings = take_settings(call.config);
  if (!call.go()) return core::ExitCode::ok;
  VALIDATE(call.output.empty(),
           "carbon has no output (it writes into the record itself) give --write");
  VALIDATE(call.files.size() == 1, "carbon has {} records (it takes one) name it",
           call.files.size());
  auto const& path = call.files.front();
  auto const timeline = read_record(path, call, settings);
  auto const& inputs = settings.inputs;
  auto const carbon = meter::carbon_of(timeline, inputs.series, inputs.pue, inputs.embodied);
  if (settings.writes_back)
    core::amend(path, settings.group(), [&](core::H5File& file) {
      meter::write_carbon(file, settings.group(), carbon, inputs);
    });
  if (call.format == Call::Format::json)
    fmt::print("{}\n", json_of(carbon, settings, path.string()).dump());
  else
    print_table(carbon, settings, timeline.is_spread);
  return core::ExitCode::ok;
}

}  // namespace crossjoule::drivers
