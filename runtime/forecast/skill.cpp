// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/forecast/skill.hpp"

#include "core/error.hpp"
#include "core/philox.hpp"
#include "runtime/percentile.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace crossjoule::runtime {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// A figure made of one score: the mean of `each` over cases, then `whole` of it.
struct Figure {
  char const* quantity;
  Score score;
  enum class Mean { of_scores, of_roots, rooted } mean;
  bool has_unit;
};
constexpr Figure figures[] = {
    {"rmse", Score::squared_error, Figure::Mean::rooted, true},
    {"rmse_of_cases", Score::squared_error, Figure::Mean::of_roots, true},
    {"acc", Score::correlation, Figure::Mean::of_scores, false},
    {"spread", Score::variance, Figure::Mean::rooted, true},
    {"crps", Score::crps, Figure::Mean::of_scores, true},
    {"fair_crps", Score::fair_crps, Figure::Mean::of_scores, true},
};

/// The scores of one column, lead and channel over all cases.
std::vector<double> series_of(SkillTable const& table, std::size_t column, std::size_t lead,
                              std::size_t channel) {
  std::vector<double> series(static_cast<std::size_t>(table.cases));
  for (std::int64_t one = 0; one < table.cases; ++one)
    series[static_cast<std::size_t>(one)] = table.at(one, column, lead, channel);
  return series;
}

/// NaN where no case with a value has weight.
double combine(std::span<double const> series, std::span<int const> weights, Figure::Mean mean) {
  double sum = 0, count = 0;
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (std::isnan(series[i]) || weights[i] == 0) continue;
    sum += weights[i] * (mean == Figure::Mean::of_roots ? std::sqrt(series[i]) : series[i]);
    count += weights[i];
  }
  if (count == 0) return none;
  return mean == Figure::Mean::rooted ? std::sqrt(sum / count) : sum / count;
}

/// Weights of every replicate, made once for all figures.
using Replicates = std::vector<std::vector<int>>;

/// The figure with all cases, and the percentile interval of `of(weights)` over the replicates.
template <class Of>
Interval with_interval(std::int64_t cases, Replicates const& replicates, double level, Of of,
                       std::int64_t counted) {
  std::vector<int> const once(static_cast<std::size_t>(cases), 1);
  double const value = of(once);
  if (counted < 2 || replicates.empty()) return {value, none, none};
  std::vector<double> drawn;
  for (auto const& weights : replicates)
    if (double const figure = of(weights); !std::isnan(figure)) drawn.push_back(figure);
  if (drawn.empty()) return {value, none, none};
  std::sort(drawn.begin(), drawn.end());
  return {value, percentile(drawn, (1 - level) / 2), percentile(drawn, (1 + level) / 2)};
}

std::int64_t count_of(std::span<double const> series) {
  return std::ranges::count_if(series, [](double value) { return !std::isnan(value); });
}

std::optional<std::size_t> column_of(SkillTable const& table, ScoredMethod const& wanted) {
  auto const found = std::ranges::find(table.columns, wanted);
  if (found == table.columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - table.columns.begin());
}

/// One row per lead and channel.
template <class Make>
void add_rows(std::vector<SkillRow>& rows, SkillTable const& table, SkillRow const& head,
              bool has_unit, Make make) {
  for (std::size_t channel = 0; channel < table.channels.size(); ++channel)
    for (std::size_t lead = 0; lead < table.leads_h.size(); ++lead) {
      SkillRow row = head;
      row.channel = table.channels[channel];
      row.unit = has_unit ? table.units[channel] : "1";
      row.lead_h = table.leads_h[lead];
      make(row, lead, channel);
      rows.push_back(std::move(row));
    }
}

}  // namespace

double SkillTable::at(std::int64_t one, std::size_t column, std::size_t lead,
                      std::size_t channel) const {
  std::size_t const place =
      (static_cast<std::size_t>(one) * columns.size() + column) * leads_h.size() + lead;
  return values[place * channels.size() + channel];
}

std::vector<int> resampled_cases(std::int64_t cases, std::int64_t block, std::uint64_t seed,
                                 std::int64_t replicate) {
  EXPECT(cases >= 1 && block >= 1);
  block = std::min(block, cases);
  std::vector<int> weights(static_cast<std::size_t>(cases), 0);
  core::Random random(seed, core::purpose("forecast/bootstrap"),
                      static_cast<std::uint64_t>(replicate));
  for (std::int64_t drawn = 0; drawn < cases;) {
    auto const first = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(cases)));
    for (std::int64_t k = 0; k < block && drawn < cases; ++k, ++drawn)
      ++weights[static_cast<std::size_t>((first + k) % cases)];
  }
  return weights;
}

std::vector<SkillRow> summarise(SkillTable const& table, SkillOptions const& options) {
  Replicates replicates;
  for (std::int64_t r = 0; r < options.replicates; ++r)
    replicates.push_back(resampled_cases(table.cases, options.block, options.seed, r));

  std::vector<SkillRow> rows;
  auto const network = column_of(table, {"network", Score::squared_error});
  for (std::size_t column = 0; column < table.columns.size(); ++column) {
    auto const& [method, score] = table.columns[column];
    for (auto const& figure : figures) {
      if (figure.score != score) continue;
      auto const fill = [&](SkillRow& row, std::size_t lead, std::size_t channel) {
        auto const series = series_of(table, column, lead, channel);
        row.cases = count_of(series);
        row.figure = with_interval(
            table.cases, replicates, options.level,
            [&](std::span<int const> w) { return combine(series, w, figure.mean); }, row.cases);
      };
      add_rows(rows, table, {.method = method, .quantity = figure.quantity}, figure.has_unit, fill);
    }
    if (score != Score::squared_error || !network || *network == column) continue;
    auto const ratio = [&](SkillRow& row, std::size_t lead, std::size_t channel) {
      auto const ours = series_of(table, *network, lead, channel);
      auto const theirs = series_of(table, column, lead, channel);
      row.cases = count_of(theirs);
      auto const of = [&](std::span<int const> w) {
        return combine(ours, w, Figure::Mean::rooted) / combine(theirs, w, Figure::Mean::rooted);
      };
      row.figure = with_interval(table.cases, replicates, options.level, of, row.cases);
    };
    add_rows(rows, table, {.method = method, .quantity = "ratio"}, false, ratio);
  }
  return rows;
}

}  // namespace crossjoule::runtime
