// SPDX-License-Identifier: BSD-3-Clause
#include "meter/carbon.hpp"

#include "core/digest.hpp"
#include "core/error.hpp"
#include "meter/imports.hpp"
#include "meter/values.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace crossjoule::meter {
namespace {

constexpr double gram_per_pound_times_mwh = 0.45359237;  // lb/MWh -> g/kWh
constexpr double joule_per_kwh = 3.6e6;

struct Columns {
  int time = -1, value = -1, estimated = -1, place = -1;
  double factor = 1;
  Intensity kind = Intensity::average;
  std::string name;
};

Columns find_columns(std::vector<std::string> const& heading, std::string const& wanted,
                     std::string const& file) {
  Columns columns;
  for (int k = 0; k < static_cast<int>(heading.size()); ++k) {
    std::string const raw = heading[static_cast<std::size_t>(k)];
    std::string const word = lower(raw);
    auto const has = [&](std::string_view part) { return word.find(part) != std::string::npos; };
    bool const is_time = word.starts_with("datetime") || word.starts_with("time") ||
                         word.starts_with("point_time") ||
                         word.starts_with(
                             "\xef\xbb\xbf"
                             "datetime");
    if (is_time && columns.time < 0) columns.time = k;
    if (word == "zone id" || (word.starts_with("zone") && columns.place < 0)) columns.place = k;
    if (word == "data estimated") columns.estimated = k;
    bool const is_life_cycle = has("(lca)") || has("(life cycle)");
    bool const is_wanted = wanted == "lca" ? is_life_cycle : has("(direct)");
    bool const has_form = has("(direct)") || is_life_cycle;
    if (has("carbon intensity") && (is_wanted || (!has_form && columns.value < 0)))
      columns.value = k, columns.factor = 1, columns.kind = Intensity::average, columns.name = raw;
    bool const is_moer = word == "moer" || word == "value";
    if (is_moer && columns.value < 0)
      columns.value = k, columns.factor = gram_per_pound_times_mwh,
      columns.kind = Intensity::marginal, columns.name = raw;
  }
  VALIDATE(columns.time >= 0 && columns.value >= 0,
           "{} is no intensity series (no columns of time and carbon intensity or MOER) see "
           "docs/energy.md",
           file);
  return columns;
}

}  // namespace

std::string_view to_string(Intensity kind) {
  return kind == Intensity::average ? "average" : "marginal";
}

namespace detail {

void add_intensity(GridSeries& series, std::optional<std::int64_t> time_ns,
                   std::optional<double> g_per_kwh, bool is_estimated) {
  constexpr std::int64_t latest_ns = 7'000'000'000'000'000'000;  // in the year 2191
  bool const is_time = time_ns && *time_ns >= 0 && *time_ns < latest_ns;
  bool const is_sound = is_time && g_per_kwh && *g_per_kwh >= 0 && *g_per_kwh < 1e5 &&
                        (series.time_ns.empty() || *time_ns > series.time_ns.back());
  if (!is_sound) {
    ++series.dropped;
    return;
  }
  series.time_ns.push_back(*time_ns), series.g_per_kwh.push_back(*g_per_kwh);
  series.estimated.push_back(is_estimated);
}

void finish_grid(GridSeries& series) {
  VALIDATE(!series.time_ns.empty(), "{} holds no intensity (every row was unreadable) check it",
           series.file);
  std::vector<std::int64_t> steps(series.time_ns.size());
  std::adjacent_difference(series.time_ns.begin(), series.time_ns.end(), steps.begin());
  steps.erase(steps.begin());
  if (steps.empty()) return;
  auto const middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::nth_element(steps.begin(), middle, steps.end());
  series.step_second = static_cast<double>(*middle) * 1e-9;
}

}  // namespace detail

GridSeries parse_grid(std::string_view text, std::string const& name, std::string const& column) {
  VALIDATE(column == "direct" || column == "lca", "column = {} (neither direct nor lca) use one",
           column);
  if (auto const first = trim(text); first.starts_with('{') || first.starts_with('['))
    return detail::parse_grid_json(text, name);
  CsvReader reader(text);
  auto const columns =
      find_columns(reader.next().value_or(std::vector<std::string>{}), column, name);
  GridSeries series;
  series.digest = core::digest(text), series.kind = columns.kind, series.column = columns.name,
  series.file = name;
  while (auto const row = reader.next()) {
    auto const cell = [&](int k) {
      return k >= 0 && k < static_cast<int>(row->size()) ? (*row)[static_cast<std::size_t>(k)]
                                                         : std::string();
    };
    auto const value = parse_number(cell(columns.value));
    detail::add_intensity(series, parse_time_ns(cell(columns.time)),
                          value ? std::optional(*value * columns.factor) : std::nullopt,
                          lower(cell(columns.estimated)) == "true");
    if (series.place.empty()) series.place = cell(columns.place);
  }
  detail::finish_grid(series);
  return series;
}

GridSeries read_grid(std::filesystem::path const& file, std::string const& column) {
  return parse_grid(detail::read_log(file), file.string(), column);
}

namespace {

/// Index of the value that holds at a moment; it holds for one step and a half at most.
std::optional<std::size_t> place_of(GridSeries const& series, std::int64_t time_ns) {
  auto const next = std::upper_bound(series.time_ns.begin(), series.time_ns.end(), time_ns);
  if (next == series.time_ns.begin()) return {};
  auto const k = static_cast<std::size_t>(next - series.time_ns.begin()) - 1;
  bool const is_last = k + 1 == series.time_ns.size();
  double const held = static_cast<double>(time_ns - series.time_ns[k]) * 1e-9;
  return is_last && held >= series.step_second ? std::nullopt : std::optional(k);
}

}  // namespace

std::optional<double> intensity_at(GridSeries const& series, std::int64_t time_ns) {
  auto const k = place_of(series, time_ns);
  return k ? std::optional(series.g_per_kwh[*k]) : std::nullopt;
}

namespace {

/// Sum over slices of joules x intensity, with the joules that the series covers.
struct Weighted {
  double gram = 0, covered_joule = 0, estimated_joule = 0;
};

/// Cuts a slice where the series steps.
void weigh_slice(EnergySlice const& slice, GridSeries const& series, Weighted& sum) {
  std::int64_t at = slice.begin_ns;
  double const length =
      static_cast<double>(std::max<std::int64_t>(1, slice.end_ns - slice.begin_ns));
  do {
    auto const k = place_of(series, at);
    auto const next = std::upper_bound(series.time_ns.begin(), series.time_ns.end(), at);
    std::int64_t end = next == series.time_ns.end() ? slice.end_ns : std::min(slice.end_ns, *next);
    if (k && *k + 1 == series.time_ns.size())
      end = std::min(end,
                     series.time_ns.back() + static_cast<std::int64_t>(series.step_second * 1e9));
    end = std::max(end, std::min(slice.end_ns, at + 1));
    double const share = slice.end_ns > slice.begin_ns ? static_cast<double>(end - at) / length : 1;
    if (k) {
      double const joule = slice.joule * share;
      sum.gram += joule / joule_per_kwh * series.g_per_kwh[*k];
      sum.covered_joule += joule;
      if (series.estimated[*k]) sum.estimated_joule += joule;
    }
    at = end;
  } while (at < slice.end_ns);
}

}  // namespace

Carbon carbon_of(EnergyTimeline const& timeline, std::vector<GridSeries> const& all, double pue,
                 Embodied const& embodied) {
  Carbon carbon;
  carbon.energy = timeline.total, carbon.pue = pue;
  double joule = 0;
  std::int64_t begin = timeline.slices.front().begin_ns, end = begin;
  for (auto const& slice : timeline.slices) {
    joule += slice.joule;
    begin = std::min(begin, slice.begin_ns), end = std::max(end, slice.end_ns);
  }
  carbon.hours = static_cast<double>(end - begin) * 1e-9 / 3600;
  carbon.begin_ns = begin, carbon.end_ns = end;
  double const low = joule > 0 ? timeline.total.low.value / joule : 1;
  double const high = joule > 0 ? timeline.total.high.value / joule : 1;
  for (auto const& series : all) {
    Weighted sum;
    for (auto const& slice : timeline.slices) weigh_slice(slice, series, sum);
    if (sum.covered_joule <= 0) continue;
    double const gram = pue * sum.gram * joule / sum.covered_joule;
    double const covered = sum.covered_joule / joule;
    if (series.kind == Intensity::average) {
      carbon.average_g = gram, carbon.average_low_g = low * gram;
      carbon.average_high_g = high * gram, carbon.covered_average = covered;
      carbon.estimated_share = sum.estimated_joule / sum.covered_joule;
    } else {
      carbon.marginal_g = gram, carbon.marginal_low_g = low * gram;
      carbon.marginal_high_g = high * gram, carbon.covered_marginal = covered;
    }
  }
  double const share = carbon.hours / embodied.life_hours * embodied.reserved_share * 1000;
  carbon.embodied_g = embodied.kg * share, carbon.embodied_low_g = embodied.low_kg * share,
  carbon.embodied_high_g = embodied.high_kg * share;
  return carbon;
}

}  // namespace crossjoule::meter
