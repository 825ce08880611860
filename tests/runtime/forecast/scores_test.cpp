// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/forecast/scores.hpp"

#include "core/philox.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <numbers>
#include <vector>

namespace crossjoule::runtime {
namespace {

std::vector<float> noise(std::size_t count, std::uint64_t item) {
  core::Random random(3, core::purpose("test/scores"), item);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(random.normal());
  return values;
}

/// cos(latitude) of rows from pole to pole, over its mean.
std::vector<double> weights_of(std::size_t rows) {
  std::vector<double> weights(rows);
  double sum = 0;
  for (std::size_t j = 0; j < rows; ++j)
    sum += weights[j] = std::cos(std::numbers::pi * (static_cast<double>(j) / (rows - 1.0) - 0.5));
  for (double& weight : weights) weight *= static_cast<double>(rows) / sum;
  return weights;
}

constexpr std::size_t rows = 7, columns = 11, points = rows * columns;

TEST(Scores, SquaredErrorIsTheWeightedMean) {
  auto const f = noise(points, 1), t = noise(points, 2);
  auto const weights = weights_of(rows);
  double sum = 0, area = 0;
  for (std::size_t p = 0; p < points; ++p) {
    double const w = std::cos(std::numbers::pi * (static_cast<double>(p / columns) / 6 - 0.5));
    sum += w * (double{f[p]} - t[p]) * (double{f[p]} - t[p]);
    area += w;
  }
  EXPECT_NEAR(mean_squared_error(weights, f, t), sum / area, 1e-13);
  auto shifted = t;
  for (float& value : shifted) value += 2;
  EXPECT_NEAR(mean_squared_error(weights, shifted, t), 4, 1e-5);  // weights have mean 1
}

TEST(Scores, CorrelationOfKnownAnomalies) {
  auto const weights = weights_of(rows);
  auto const c = noise(points, 3), a = noise(points, 4);
  auto f = c, t = c, opposite = c;
  for (std::size_t p = 0; p < points; ++p)
    t[p] += a[p], f[p] += 0.5F * a[p], opposite[p] -= 3 * a[p];
  EXPECT_NEAR(anomaly_correlation(weights, f, t, c), 1, 1e-6);
  EXPECT_NEAR(anomaly_correlation(weights, opposite, t, c), -1, 1e-6);
  EXPECT_TRUE(std::isnan(anomaly_correlation(weights, c, t, c)));
  auto const unrelated = noise(points, 5);
  EXPECT_LT(std::abs(anomaly_correlation(weights, unrelated, t, c)), 0.99);
}

/// The double sum of the definition.
double crps_by_definition(std::vector<double> const& x, double y, bool fair) {
  double first = 0, pairs = 0;
  auto const m = static_cast<double>(x.size());
  for (double a : x) {
    first += std::abs(a - y);
    for (double b : x) pairs += std::abs(a - b);
  }
  return first / m - pairs / (2 * m * (fair ? m - 1 : m));
}

TEST(Scores, EnsembleIsEquivalentToTheDefinitions) {
  for (std::size_t const members : {1, 2, 5, 8}) {
    auto const x = noise(points * members, 6), y = noise(points, 7);
    auto const weights = weights_of(rows);
    auto const scores = ensemble_scores(weights, x, y);
    EnsembleScores want;
    for (std::size_t p = 0; p < points; ++p) {
      std::vector<double> at;
      double mean = 0, variance = 0;
      for (std::size_t m = 0; m < members; ++m) at.push_back(x[m * points + p]), mean += at.back();
      mean /= static_cast<double>(members);
      for (double a : at) variance += (a - mean) * (a - mean);
      double const w = weights[p / columns] / points;
      want.squared_error += w * (mean - y[p]) * (mean - y[p]);
      want.variance += w * variance / (static_cast<double>(members) - 1);
      want.crps += w * crps_by_definition(at, y[p], false);
      want.fair_crps += w * crps_by_definition(at, y[p], true);
    }
    EXPECT_NEAR(scores.squared_error, want.squared_error, 1e-12) << members;
    EXPECT_NEAR(scores.crps, want.crps, 1e-12) << members;
    if (members == 1) {
      EXPECT_TRUE(std::isnan(scores.variance) && std::isnan(scores.fair_crps));
      continue;
    }
    EXPECT_NEAR(scores.variance, want.variance, 1e-12) << members;
    EXPECT_NEAR(scores.fair_crps, want.fair_crps, 1e-12) << members;
  }
}

TEST(Scores, FairCrpsOfNormalMembersIsThatOfTheNormalDistribution) {
  // y = 0: sigma (2 phi(0) - 1/sqrt(pi)) for N(0, sigma^2) (Gneiting & Raftery 2007, eq. 21)
  constexpr std::size_t many = 20'000, members = 4;
  auto const x = noise(many * members, 8);
  std::vector<float> const y(many, 0);
  auto const scores = ensemble_scores(std::vector<double>(1, 1.0), x, y);
  double const want = 2 / std::sqrt(2 * std::numbers::pi) - 1 / std::sqrt(std::numbers::pi);
  EXPECT_NEAR(scores.fair_crps, want, 0.01);
  EXPECT_GT(scores.crps, want + 0.05);  // the finite ensemble's own score is larger
  EXPECT_NEAR(scores.variance, 1, 0.02);
}

TEST(Scores, DampingIsTheLeastSquaresFactor) {
  auto const weights = weights_of(rows);
  DampingFit fit;
  EXPECT_EQ(fit.factor(), 0);
  auto const a = noise(points, 9), other = noise(points, 10);
  auto later = a;
  for (float& value : later) value *= 0.75F;
  fit.add(weights, a, later);
  EXPECT_NEAR(fit.factor(), 0.75, 1e-7);
  fit.add(weights, other, later);  // the best factor is where the error's derivative is 0
  double const f = fit.factor();
  auto const error = [&](double factor) {
    double sum = 0;
    for (auto const* earlier : {&a, &other}) {
      auto scaled = *earlier;
      for (float& value : scaled) value *= static_cast<float>(factor);
      sum += mean_squared_error(weights, scaled, later);
    }
    return sum;
  };
  EXPECT_LT(error(f), error(f + 0.01));
  EXPECT_LT(error(f), error(f - 0.01));
}

}  // namespace
}  // namespace crossjoule::runtime
