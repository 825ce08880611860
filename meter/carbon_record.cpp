// SPDX-License-Identifier: BSD-3-Clause
// Carbon in a record: figures, what they rest on, and the series behind them.
#include "meter/carbon.hpp"
#include "meter/values.hpp"

#include <algorithm>
#include <chrono>

namespace crossjoule::meter {
namespace {

struct Grams {
  double low, value, high;
};

void write_figure(core::H5File& file, std::string const& name, std::optional<Grams> const& grams,
                  core::Kind kind, std::string_view description) {
  file.attribute(name, "kind", core::to_string(grams ? kind : core::Kind::absent));
  file.attribute(name, "unit", "g");
  file.attribute(name, "description", description);
  if (!grams) return;  // absent is never 0
  file.attribute(name, "low", grams->low), file.attribute(name, "value", grams->value);
  file.attribute(name, "high", grams->high);
}

/// Values that hold at some moment of [begin, end].
std::pair<std::size_t, std::size_t> needed(GridSeries const& series, std::int64_t begin,
                                           std::int64_t end) {
  auto const& times = series.time_ns;
  auto first = std::upper_bound(times.begin(), times.end(), begin);
  if (first != times.begin()) --first;
  auto last = std::upper_bound(times.begin(), times.end(), end);
  if (last != times.end()) ++last;  // one more tells how long the last one holds
  return {static_cast<std::size_t>(first - times.begin()),
          static_cast<std::size_t>(last - times.begin())};
}

void write_series(core::H5File& file, std::string const& group, GridSeries const& series,
                  Carbon const& carbon) {
  auto const range = needed(series, carbon.begin_ns, carbon.end_ns);
  auto const part = [&](auto const& values) {
    auto const begin = values.begin();
    return std::vector(begin + static_cast<std::ptrdiff_t>(range.first),
                       begin + static_cast<std::ptrdiff_t>(range.second));
  };
  file.write(group + "/t_utc_ns", part(series.time_ns), {"ns", "from when a value holds, UTC"});
  file.write(group + "/g_per_kwh", part(series.g_per_kwh), {"g/kWh", "carbon intensity"});
  file.write(group + "/estimated", part(series.estimated),
             {"1", "1: the source itself calls the value an estimate"});
  file.attribute(group, "file", series.file), file.attribute(group, "file_xxh3", series.digest);
  file.attribute(group, "column", series.column), file.attribute(group, "place", series.place);
  file.attribute(group, "step_s", series.step_second);
  file.attribute(group, "dropped", series.dropped);
  file.attribute(group, "values_in_file", static_cast<std::int64_t>(series.time_ns.size()));
}

}  // namespace

std::optional<double> sci_g_per_unit(Carbon const& carbon, CarbonInputs const& inputs) {
  if (!(inputs.units > 0) || !carbon.average_g) return {};
  return (*carbon.average_g + carbon.embodied_g) / inputs.units;
}

void write_carbon(core::H5File& file, std::string const& group, Carbon const& carbon,
                  CarbonInputs const& inputs) {
  auto const& embodied = inputs.embodied;
  auto const grams = [](std::optional<double> value, double low, double high) {
    return value ? std::optional(Grams{low, *value, high}) : std::nullopt;
  };
  write_figure(file, group + "/average",
               grams(carbon.average_g, carbon.average_low_g, carbon.average_high_g),
               carbon.energy.kind, "operational carbon, average intensity (attribution), with PUE");
  write_figure(file, group + "/marginal",
               grams(carbon.marginal_g, carbon.marginal_low_g, carbon.marginal_high_g),
               carbon.energy.kind, "operational carbon, marginal intensity (decisions), with PUE");
  write_figure(file, group + "/embodied",
               embodied.kg > 0 ? std::optional(Grams{carbon.embodied_low_g, carbon.embodied_g,
                                                     carbon.embodied_high_g})
                               : std::nullopt,
               core::Kind::assumed, "share of making the hardware, per SCI (ISO/IEC 21031)");
  auto const number = [&](char const* name, double value) { file.attribute(group, name, value); };
  number("pue", inputs.pue), number("hours", carbon.hours);
  number("covered_average", carbon.covered_average);
  number("covered_marginal", carbon.covered_marginal);
  number("estimated_share", carbon.estimated_share);
  number("embodied_kg", embodied.kg), number("embodied_low_kg", embodied.low_kg);
  number("embodied_high_kg", embodied.high_kg), number("life_hours", embodied.life_hours);
  number("reserved_share", embodied.reserved_share), number("units", inputs.units);
  if (auto const sci = sci_g_per_unit(carbon, inputs)) number("sci_g_per_unit", *sci);
  auto const now = std::chrono::system_clock::now().time_since_epoch();
  file.attribute(group, "computed_utc",
                 utc_text(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()));
  file.attribute(group, "format", std::int64_t{1});
  for (auto const& series : inputs.series)
    write_series(file, group + "/grid/" + std::string(to_string(series.kind)), series, carbon);
}

std::vector<GridSeries> read_stored_grids(core::H5File const& file, std::string const& group) {
  std::vector<GridSeries> all;
  for (auto const kind : {Intensity::average, Intensity::marginal}) {
    std::string const base = group + "/grid/" + std::string(to_string(kind));
    if (!file.exists(base + "/g_per_kwh")) continue;
    GridSeries series;
    series.kind = kind;
    series.time_ns = file.read<std::int64_t>(base + "/t_utc_ns");
    series.g_per_kwh = file.read<double>(base + "/g_per_kwh");
    series.estimated = file.read<std::uint8_t>(base + "/estimated");
    series.file = file.read_attribute_text(base, "file");
    series.digest = file.read_attribute_text(base, "file_xxh3");
    series.column = file.read_attribute_text(base, "column");
    series.place = file.read_attribute_text(base, "place");
    series.step_second = file.read_attribute_number(base, "step_s");
    series.dropped = file.read_attribute_integer(base, "dropped");
    if (!series.time_ns.empty()) all.push_back(std::move(series));
  }
  return all;
}

}  // namespace crossjoule::meter
