// SPDX-License-Identifier: BSD-3-Clause
#include "models/afno.hpp"
#include "models/build.hpp"
#include "runtime/params.hpp"
#include "runtime/percentile.hpp"
#include "runtime/shuffle.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>

namespace crossjoule::runtime {
namespace {

TEST(EpochOrder, IsAPermutationThatChangesWithSeedAndEpoch) {
  for (std::int64_t rows : {0, 1, 2, 7, 1000}) {
    auto order = epoch_order(rows, 3, 0);
    if (rows == 1000) {
      EXPECT_NE(order, epoch_order(rows, 3, 1));
      EXPECT_NE(order, epoch_order(rows, 4, 0));
      EXPECT_EQ(order, epoch_order(rows, 3, 0));
    }
    std::sort(order.begin(), order.end());
    for (std::int64_t i = 0; i < rows; ++i) ASSERT_EQ(order[static_cast<std::size_t>(i)], i);
  }
}

TEST(EpochOrder, PutsEveryRowEverywhereEquallyOften) {
  std::array<std::array<int, 5>, 5> seen{};
  constexpr int draws = 20000;
  for (int epoch = 0; epoch < draws; ++epoch) {
    auto const order = epoch_order(5, 1, epoch);
    for (std::size_t place = 0; place < 5; ++place)
      ++seen[place][static_cast<std::size_t>(order[place])];
  }
  for (auto const& row : seen)
    for (int count : row)
      EXPECT_NEAR(count, draws / 5.0, 5 * std::sqrt(draws * 0.2 * 0.8));  // 5 standard errors
}

TEST(Percentile, AgreesWithHandWorkedValues) {
  std::vector<double> const values = {1, 2, 4, 8};
  EXPECT_DOUBLE_EQ(percentile(values, 0), 1);
  EXPECT_DOUBLE_EQ(percentile(values, 0.5), 3);
  EXPECT_DOUBLE_EQ(percentile(values, 1), 8);
  EXPECT_DOUBLE_EQ(percentile(values, 0.9), 6.8);  // numpy.percentile([1, 2, 4, 8], 90)
  EXPECT_DOUBLE_EQ(percentile(std::vector<int>{5}, 0.99), 5);
}

TEST(Percentile, SlowestOfTakesTheLargestOfEachPlace) {
  std::vector<std::int64_t> const three_ranks = {1, 5, 2, 4, 2, 9, 3, 3, 3};
  EXPECT_EQ(slowest_of<std::int64_t>(three_ranks, 3), (std::vector<std::int64_t>{4, 5, 9}));
  EXPECT_EQ(slowest_of<std::int64_t>(three_ranks, 1), three_ranks);
}

TEST(ParamLayout, StartsEveryTensorOn64Bytes) {
  ParamLayout const layout(models::svdd());
  ASSERT_EQ(layout.tensors.size(), 8u);
  std::int64_t numbers = 0;
  for (auto const& tensor : layout.tensors) {
    EXPECT_EQ(tensor.offset % 16, 0);
    numbers += tensor.parameter.size();
  }
  EXPECT_EQ(numbers, 205325);  // physics-workloads sheet, z = 13
  EXPECT_GE(layout.words, numbers);
}

TEST(InitialParameters, StayInTheirBoundsAndFillThem) {
  auto const graph = models::svdd();
  ParamLayout const layout(graph);
  auto const values = initial_parameters<double>(layout, graph, 1);
  auto const& first = layout.tensors.front();
  double const bound = std::sqrt(6.0 / 76);
  auto const begin = values.begin() + first.offset;
  auto const [low, high] = std::minmax_element(begin, begin + first.parameter.size());
  EXPECT_GT(*low, -bound);
  EXPECT_LT(*high, bound);
  EXPECT_GT(*high - *low, 1.99 * bound);
  EXPECT_EQ(values[static_cast<std::size_t>(layout.find("layer0.b").offset)], 0);
}

/// Mean and standard deviation of one tensor's initial values, and their range.
struct Spread {
  double mean = 0, deviation = 0, low = 0, high = 0;
};
Spread spread_of(ParamLayout const& layout, std::vector<double> const& values,
                 std::string const& name) {
  auto const& tensor = layout.find(name);
  auto const begin = values.begin() + tensor.offset, end = begin + tensor.parameter.size();
  auto const count = static_cast<double>(tensor.parameter.size());
  auto const [low, high] = std::minmax_element(begin, end);
  Spread spread{0, 0, *low, *high};
  for (auto at = begin; at != end; ++at) spread.mean += *at / count;
  for (auto at = begin; at != end; ++at)
    spread.deviation += (*at - spread.mean) * (*at - spread.mean) / count;
  spread.deviation = std::sqrt(spread.deviation);
  return spread;
}

/// FourCastNet's published start; 5 standard errors of mean and deviation.
TEST(InitialParameters, OfAnAfnoAreThePublishedOnes) {
  auto const graph = models::afno({.rows = 64,
                                   .columns = 64,
                                   .channels_in = 5,
                                   .channels_out = 5,
                                   .patch = 4,
                                   .embed = 64,
                                   .depth = 1,
                                   .blocks = 2});
  ParamLayout const layout(graph);
  auto const values = initial_parameters<double>(layout, graph, 3);
  auto const of = [&](char const* name) { return spread_of(layout, values, name); };
  for (char const* name : {"pos_embed", "block0.w1", "block0.w2", "block0.fc1.w", "block0.fc2.w",
                           "head.w", "block0.b1", "block0.b2"}) {
    auto const count = static_cast<double>(layout.find(name).parameter.size());
    EXPECT_NEAR(of(name).deviation, 0.02, 5 * 0.02 / std::sqrt(2 * count)) << name;
    EXPECT_NEAR(of(name).mean, 0, 5 * 0.02 / std::sqrt(count)) << name;
    if (count > 1000) {
      EXPECT_GT(of(name).high, 0.05) << name;  // normal, not uniform
    }
  }
  double const bound = 1 / std::sqrt(5.0 * 16);
  for (char const* name : {"patch.w", "patch.b"}) {
    EXPECT_GE(of(name).low, -bound) << name;
    EXPECT_LE(of(name).high, bound) << name;
    EXPECT_GT(of(name).high - of(name).low, 1.8 * bound) << name;
  }
  for (char const* name : {"block0.norm1.w", "block0.norm2.w", "norm.w"})
    EXPECT_TRUE(of(name).low == 1 && of(name).high == 1) << name;
  for (char const* name : {"block0.norm1.b", "norm.b", "block0.fc1.b", "block0.fc2.b"})
    EXPECT_TRUE(of(name).low == 0 && of(name).high == 0) << name;
}

/// Bits of dense networks as they always were: runs of earlier versions can be repeated.
TEST(InitialParameters, OfDenseNetworksKeepTheirBits) {
  auto const graph = models::svdd();
  ParamLayout const layout(graph);
  EXPECT_EQ(parameter_digest<float>(layout, initial_parameters<float>(layout, graph, 1)),
            "138df80ae960bf814ecbe5a1b6f38caf");
}

}  // namespace
}  // namespace crossjoule::runtime
