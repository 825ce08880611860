// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/crossover.hpp"

#include <gtest/gtest.h>
#include <random>

namespace crossjoule::aimc {
namespace {

using When = Crossover::When;

TEST(CostLaw, IsRecoveredFromItsOwnFigures) {
  std::mt19937 random(3);
  for (int round = 0; round < 50; ++round) {
    CostLaw const law{std::uniform_real_distribution<>(0, 100)(random),
                      std::uniform_real_distribution<>(0.01, 10)(random)};
    std::vector<double> batches, costs;
    for (double batch : {1, 7, 64, 1000}) {
      batches.push_back(batch);
      costs.push_back(law.at(batch));
    }
    auto const fit = fit_cost_law(batches, costs);
    EXPECT_NEAR(fit.fixed, law.fixed, 1e-9 * (1 + law.fixed));
    EXPECT_NEAR(fit.each / law.each, 1, 1e-9);
    EXPECT_LT(fit.fit_error, 1e-9);
  }
}

TEST(CostLaw, ConstantsAreNeverNegative) {
  auto const rising = fit_cost_law({1, 10, 100}, {1, 2, 3});
  EXPECT_EQ(rising.fixed, 0);
  EXPECT_GT(rising.fit_error, 0.1) << "and it says how badly it fits";
  auto const steep = fit_cost_law({1, 10}, {10, 0.5});
  EXPECT_EQ(steep.each, 0);
  EXPECT_GT(steep.fixed, 0);
  EXPECT_EQ(fit_cost_law({4}, {3}).each, 3) << "one batch has no fixed part to find";
}

TEST(Crossover, IsWhereTheLawsMeet) {
  auto const at = crossover({10, 1}, {0, 3});
  EXPECT_EQ(at.when, When::from_batch);
  EXPECT_DOUBLE_EQ(at.batch, 5) << "fixed / (chip - each)";
  std::mt19937 random(4);
  for (int round = 0; round < 200; ++round) {
    auto pick = [&] { return std::uniform_real_distribution<>(0, 10)(random); };
    CostLaw const device{20 * pick(), pick()}, chip{pick(), pick()};
    auto const found = crossover(device, chip);
    if (found.when == When::from_batch) {
      EXPECT_NEAR(device.at(found.batch) / chip.at(found.batch), 1, 1e-9);
      EXPECT_LT(device.at(2 * found.batch), chip.at(2 * found.batch));
      EXPECT_GT(device.at(1), chip.at(1));
    } else if (found.when == When::never) {
      for (double batch : {1.0, 10.0, 1e6}) EXPECT_GE(device.at(batch), chip.at(batch));
    } else if (found.when == When::always) {
      for (double batch : {1.0, 10.0, 1e6}) EXPECT_LE(device.at(batch), chip.at(batch));
    } else {
      EXPECT_LT(device.at(1), chip.at(1));
      EXPECT_GT(device.at(2 * found.batch), chip.at(2 * found.batch));
    }
  }
}

TEST(Crossover, EqualSlopesNeverOrAlways) {
  EXPECT_EQ(crossover({10, 3}, {0, 3}).when, When::never);
  EXPECT_EQ(crossover({10, 4}, {0, 3}).when, When::never);
  EXPECT_EQ(crossover({0, 3}, {1, 3}).when, When::always);
  EXPECT_EQ(crossover({0.5, 1}, {0, 3}).when, When::always) << "N* = 0.25: from the first on";
}

}  // namespace
}  // namespace crossjoule::aimc
