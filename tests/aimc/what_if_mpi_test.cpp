// SPDX-License-Identifier: BSD-3-Clause
// Sweeps and draws on this many ranks are those of one rank, to the bit.
#include "aimc/what_if.hpp"

#include "aimc/presets.hpp"
#include "models/build.hpp"

#include <gtest/gtest.h>

namespace crossjoule::aimc {
namespace {

core::Comm const* world = nullptr;

TEST(WhatIfOnRanks, DrawsAreThoseOfOneRank) {
  auto const graph = models::svdd();
  auto const chip = preset("neurram");
  Case const at(graph, chip, chip.mode(""), {}, {{1, 100}, 0});
  for (std::int64_t draws : {1, 2, 97}) {
    auto const shared = monte_carlo(at, draws, 5, *world);
    auto const alone = monte_carlo(at, draws, 5, core::Comm::serial());
    ASSERT_EQ(shared.size(), alone.size());
    for (std::size_t b = 0; b < shared.size(); ++b)
      for (std::size_t line = 0; line < 3; ++line) {
        EXPECT_EQ(shared[b].joules[line].mean, alone[b].joules[line].mean) << draws;
        EXPECT_EQ(shared[b].joules[line].p05, alone[b].joules[line].p05) << draws;
        EXPECT_EQ(shared[b].latency[line].p95, alone[b].latency[line].p95) << draws;
      }
  }
}

TEST(WhatIfOnRanks, PointsAreThoseOfOneRank) {
  auto const graph = models::svdd();
  auto const chip = preset("macro-sram");
  std::vector<SweepAxis> const axes = {
      {SweepAxis::What::knob, "rows", {64, 128, 512}, {}},
      {SweepAxis::What::knob, "adc_bits", {4, 99}, {}}};  // the second is refused
  auto const shared = sweep(graph, chip, "", {}, {}, axes, 100, *world);
  auto const alone = sweep(graph, chip, "", {}, {}, axes, 100, core::Comm::serial());
  ASSERT_EQ(shared.size(), alone.size());
  for (std::size_t k = 0; k < shared.size(); ++k) {
    EXPECT_EQ(shared[k].fits, alone[k].fits);
    EXPECT_EQ(shared[k].is_best, alone[k].is_best);
    if (!shared[k].fits) continue;
    EXPECT_EQ(shared[k].latency, alone[k].latency);
    EXPECT_EQ(shared[k].joules, alone[k].joules);
  }
}

}  // namespace
}  // namespace crossjoule::aimc

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  auto const comm = crossjoule::core::Comm::world();
  crossjoule::aimc::world = &comm;
  int const failures = RUN_ALL_TESTS();
  return comm.sum(failures) == 0 ? 0 : 1;
}
