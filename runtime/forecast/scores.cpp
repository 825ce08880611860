// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/forecast/scores.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace crossjoule::runtime {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// Sum over points of L(row) term(point).
template <class Term>
double weighted_sum(std::span<double const> row_weights, std::size_t points, Term term) {
  EXPECT(!row_weights.empty() && points % row_weights.size() == 0);
  std::size_t const columns = points / row_weights.size();
  double total = 0;
  for (std::size_t row = 0; row < row_weights.size(); ++row) {
    double sum = 0;
    for (std::size_t point = row * columns; point < (row + 1) * columns; ++point)
      sum += term(point);
    total += row_weights[row] * sum;
  }
  return total;
}

double square(double value) { return value * value; }

/// Sum over all pairs |x_i - x_j| of sorted values: each x_(k) counts 2k - M + 1 times, twice.
double pair_distances(std::span<double const> sorted) {
  double sum = 0;
  for (std::size_t k = 0; k < sorted.size(); ++k)
    sum += (2.0 * static_cast<double>(k) - static_cast<double>(sorted.size()) + 1) * sorted[k];
  return 2 * sum;
}

/// Scores at one point; `values` holds the members and is sorted.
EnsembleScores scores_at(std::span<double> values, double truth) {
  auto const count = static_cast<double>(values.size());
  std::ranges::sort(values);
  double mean = 0, distance = 0, spread = 0;
  for (double value : values) mean += value, distance += std::abs(value - truth);
  mean /= count;
  distance /= count;
  for (double value : values) spread += square(value - mean);
  double const pairs = pair_distances(values);
  return {square(mean - truth), spread / (count - 1), distance - pairs / (2 * count * count),
          distance - pairs / (2 * count * (count - 1))};
}

}  // namespace

double mean_squared_error(std::span<double const> row_weights, std::span<float const> forecast,
                          std::span<float const> truth) {
  EXPECT(forecast.size() == truth.size());
  double const sum = weighted_sum(row_weights, truth.size(), [&](std::size_t p) {
    return square(static_cast<double>(forecast[p]) - truth[p]);
  });
  return sum / static_cast<double>(truth.size());
}

double anomaly_correlation(std::span<double const> row_weights, std::span<float const> forecast,
                           std::span<float const> truth, std::span<float const> climatology) {
  EXPECT(forecast.size() == truth.size() && climatology.size() == truth.size());
  auto const f = [&](std::size_t p) { return static_cast<double>(forecast[p]) - climatology[p]; };
  auto const t = [&](std::size_t p) { return static_cast<double>(truth[p]) - climatology[p]; };
  auto const sum = [&](auto term) { return weighted_sum(row_weights, truth.size(), term); };
  double const of_forecast = sum([&](std::size_t p) { return square(f(p)); });
  double const of_truth = sum([&](std::size_t p) { return square(t(p)); });
  if (of_forecast <= 0 || of_truth <= 0) return none;
  return sum([&](std::size_t p) { return f(p) * t(p); }) / std::sqrt(of_forecast * of_truth);
}

EnsembleScores ensemble_scores(std::span<double const> row_weights, std::span<float const> members,
                               std::span<float const> truth) {
  EXPECT(!members.empty() && members.size() % truth.size() == 0);
  std::size_t const points = truth.size(), count = members.size() / points;
  std::vector<double> values(count);
  EnsembleScores total;
  auto const point_scores = [&](std::size_t p) {
    for (std::size_t m = 0; m < count; ++m) values[m] = members[m * points + p];
    return scores_at(values, truth[p]);
  };
  std::size_t const columns = points / row_weights.size();
  for (std::size_t p = 0; p < points; ++p) {
    auto const here = point_scores(p);
    double const weight = row_weights[p / columns] / static_cast<double>(points);
    total.squared_error += weight * here.squared_error;
    total.variance += weight * here.variance;
    total.crps += weight * here.crps;
    total.fair_crps += weight * here.fair_crps;
  }
  if (count == 1) total.variance = total.fair_crps = none;
  return total;
}

void DampingFit::add(std::span<double const> row_weights, std::span<float const> earlier,
                     std::span<float const> later) {
  EXPECT(earlier.size() == later.size());
  products_ += weighted_sum(row_weights, later.size(), [&](std::size_t p) {
    return static_cast<double>(earlier[p]) * later[p];
  });
  squares_ += weighted_sum(row_weights, later.size(),
                           [&](std::size_t p) { return square(static_cast<double>(earlier[p])); });
}

}  // namespace crossjoule::runtime
