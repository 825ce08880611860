// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/schedule.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace crossjoule::aimc {
namespace {

using core::Kind, core::Quantity, core::Seconds;

Quantity<Seconds> exactly(double seconds) {
  return Quantity<Seconds>::exactly({seconds}, Kind::modelled);
}

/// When the last vector leaves a row of stages, each of which handles one vector at a time:
/// simulated stage by stage.
double simulated_latency(std::vector<double> const& stages, int vectors) {
  std::vector<double> free_at(stages.size(), 0.0);
  double last = 0;
  for (int v = 0; v < vectors; ++v) {
    double ready = 0;
    for (std::size_t s = 0; s < stages.size(); ++s) {
      ready = std::max(ready, free_at[s]) + stages[s];
      free_at[s] = ready;
    }
    last = ready;
  }
  return last;
}

TEST(Schedule, LatencyIsThatOfASimulatedPipeline) {
  std::mt19937 random(3);
  auto pick = [&](int most) { return std::uniform_int_distribution<int>(1, most)(random); };
  for (int round = 0; round < 50; ++round) {
    auto const layers = pick(7), vectors = pick(4), batch = pick(30);
    double const product = pick(100), digital = pick(100);
    Schedule const analog{layers, vectors, exactly(product), {}};
    EXPECT_NEAR(analog.latency(batch).value.value,
                simulated_latency(std::vector<double>(static_cast<std::size_t>(layers), product),
                                  batch * vectors),
                1e-9);
    std::vector<double> stages;
    for (int layer = 0; layer < layers; ++layer) stages.insert(stages.end(), {product, digital});
    Schedule const both{layers, vectors, exactly(product), exactly(digital)};
    EXPECT_NEAR(both.latency(batch).value.value, simulated_latency(stages, batch * vectors), 1e-9);
  }
}

TEST(Schedule, FullPipelineIsTheClosedForm) {
  Schedule const schedule{4, 1, exactly(1e-7), {}};
  EXPECT_DOUBLE_EQ(schedule.latency(1).value.value, 4e-7);
  EXPECT_NEAR(schedule.latency(100).value.value, 103e-7, 1e-18);
  EXPECT_NEAR(schedule.rate_hz(), 1e7, 1e-3);
}

TEST(Schedule, ReplicasCoverTheRateAndNoMore) {
  std::mt19937 random(5);
  std::uniform_real_distribution<double> exponent(-9, -5);
  for (int round = 0; round < 100; ++round) {
    Schedule const schedule{4, 1, exactly(std::pow(10.0, exponent(random))), {}};
    auto const copies = static_cast<double>(schedule.replicas(4e7));
    EXPECT_GE(copies * schedule.rate_hz() * (1 + 1e-9), 4e7);
    if (copies > 1) {
      EXPECT_LT((copies - 1) * schedule.rate_hz(), 4e7);
    }
  }
}

TEST(Schedule, AnIntervalThatJustFitsNeedsOneCopy) {
  EXPECT_EQ((Schedule{1, 1, exactly(25e-9), {}}.replicas(4e7)), 1);
  EXPECT_EQ((Schedule{1, 1, exactly(75e-9), {}}.replicas(4e7)), 3);
  EXPECT_EQ((Schedule{1, 1, exactly(75.1e-9), {}}.replicas(4e7)), 4);
}

}  // namespace
}  // namespace crossjoule::aimc
