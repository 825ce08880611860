// SPDX-License-Identifier: BSD-3-Clause
// Intensity series as web services answer them. A compute node asks none: somebody saved the
// answer.
#include "core/digest.hpp"
#include "core/error.hpp"
#include "meter/carbon.hpp"
#include "meter/json_lines.hpp"
#include "meter/values.hpp"

#include <algorithm>

namespace crossjoule::meter {
namespace {

constexpr double gram_per_pound_times_mwh = 0.45359237;  // lb/MWh -> g/kWh

/// One value of an answer.
struct Sample {
  std::optional<std::int64_t> time_ns;
  std::optional<double> value;
  bool is_estimated = false;
};

/// The member under the first of these names; null without any.
JsonValue const* first_of(JsonValue const& value, std::initializer_list<char const*> names) {
  for (char const* name : names)
    if (auto const* found = value.find(name)) return found;
  return nullptr;
}
std::optional<double> number_of(JsonValue const& value, std::initializer_list<char const*> names) {
  auto const* found = first_of(value, names);
  return found ? found->number() : std::nullopt;
}
std::string text_of(JsonValue const& value, std::initializer_list<char const*> names) {
  auto const* found = first_of(value, names);
  return found ? found->text().value_or("") : "";
}

/// A row of any of the four services.
Sample sample_of(JsonValue const& row) {
  Sample sample;
  sample.time_ns = parse_time_ns(text_of(row, {"point_time", "datetime", "from", "Time", "time"}));
  sample.value = number_of(row, {"value", "carbonIntensity", "Rating", "rating"});
  sample.is_estimated = number_of(row, {"isEstimated"}).value_or(0) != 0;
  if (auto const* both = row.find("intensity")) {  // Great Britain: what came, else what was said
    sample.value = number_of(*both, {"actual"});
    sample.is_estimated = !sample.value;
    if (!sample.value) sample.value = number_of(*both, {"forecast"});
  }
  return sample;
}

/// Kind and unit of an answer of WattTime's; returns the factor to g/kWh.
double read_meta(JsonValue const& answer, GridSeries& series) {
  auto const* meta = answer.find("meta");
  if (!meta) return 1;
  series.place = text_of(*meta, {"region", "ba"});
  series.column = text_of(*meta, {"signal_type"});
  series.kind = series.column == "co2_moer" ? Intensity::marginal : Intensity::average;
  std::string const units = text_of(*meta, {"units"});
  VALIDATE(units == "lbs_co2_per_mwh",
           "{}: units = '{}' (lbs_co2_per_mwh is known) ask for the signal co2_moer", series.file,
           units);
  return gram_per_pound_times_mwh;
}

}  // namespace

GridSeries detail::parse_grid_json(std::string_view text, std::string const& name) {
  auto const answer = parse_json(text);
  VALIDATE(answer.has_value(), "{} is no intensity series (not a JSON document) check it", name);
  GridSeries series;
  series.file = name, series.digest = core::digest(text);
  double const factor = read_meta(*answer, series);
  auto const* rows = first_of(*answer, {"data", "history", "Emissions", "emissions"});
  if (!rows) rows = &*answer;  // a bare array
  std::vector<Sample> samples;
  for (std::size_t k = 0; auto const* row = rows->find(std::to_string(k)); ++k) {
    samples.push_back(sample_of(*row));
    if (series.place.empty()) series.place = text_of(*row, {"Location", "location", "zone"});
  }
  if (series.place.empty()) series.place = text_of(*answer, {"zone"});
  // answers come newest first as well; what cannot be read goes first and is dropped
  std::stable_sort(samples.begin(), samples.end(),
                   [](auto const& a, auto const& b) { return a.time_ns < b.time_ns; });
  for (auto const& sample : samples)
    add_intensity(series, sample.time_ns,
                  sample.value ? std::optional(*sample.value * factor) : std::nullopt,
                  sample.is_estimated);
  finish_grid(series);
  return series;
}

}  // namespace crossjoule::meter
