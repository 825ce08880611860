// SPDX-License-Identifier: BSD-3-Clause
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

}  // namespace
}  // namespace crossjoule::runtime
