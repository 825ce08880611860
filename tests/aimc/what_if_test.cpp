// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/what_if.hpp"

#include "chips.hpp"
#include "models/build.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <random>

namespace crossjoule::aimc {
namespace {

SweepAxis axis(std::string const& name, std::vector<double> values) {
  return {SweepAxis::What::knob, name, std::move(values), {}};
}

std::vector<SweepPoint> swept(std::string const& chip_name, std::vector<SweepAxis> const& axes,
                              std::int64_t most = 1000) {
  auto const chip = preset(chip_name);
  return sweep(models::svdd(), chip, "", {}, {}, axes, most, core::Comm::serial());
}

TEST(Sweep, PointsAreThoseOfSingleEstimates) {
  auto const graph = models::svdd();
  auto const points = swept("macro-sram", {axis("rows", {64, 128, 256}), axis("adc_bits", {4, 6})});
  ASSERT_EQ(points.size(), 6u);
  for (auto const& point : points) {
    auto chip = preset("macro-sram");
    chip.turn("rows", point.at[0]);
    chip.turn("adc_bits", point.at[1]);
    auto const one = estimate(graph, chip, chip.mode(""), {}, {});
    auto const& lines = one.batches.front().boundaries;
    EXPECT_DOUBLE_EQ(point.latency, lines[2].latency.value.value);
    EXPECT_NEAR(point.joules[2] / lines[2].joules_per_sample().value.value, 1, 1e-12);
    EXPECT_EQ(point.tiles, static_cast<double>(one.tiles.tiles()));
    EXPECT_NEAR(point.area / one.area().value.value, 1, 1e-12);
  }
}

TEST(Sweep, MoreBitsNeverCostLess) {
  for (auto const* knob : {"adc_bits", "input_bits", "weight_bits"}) {
    auto const points = swept("macro-sram", {axis(knob, {2, 3, 4, 6, 8, 10})});
    for (std::size_t k = 1; k < points.size(); ++k) {
      EXPECT_GE(points[k].joules[1] * (1 + 1e-12), points[k - 1].joules[1]) << knob;
      EXPECT_GE(points[k].latency * (1 + 1e-12), points[k - 1].latency) << knob;
    }
  }
  auto const volts = swept("jia20", {axis("supply", {0.85, 0.9, 1.0, 1.1, 1.2})});
  for (std::size_t k = 1; k < volts.size(); ++k) {
    EXPECT_GT(volts[k].joules[0], volts[k - 1].joules[0]);
    EXPECT_LT(volts[k].latency, volts[k - 1].latency);
  }
}

/// Copies of the network share a batch: as many times the tiles, the interval that part.
TEST(Sweep, DoublingReplicasHalvesTheInterval) {
  auto const graph = models::svdd();
  auto const chip = preset("hermes-64");
  Workload workload;
  workload.batches = {64};
  auto const points = sweep(graph, chip, "", {}, workload,
                            {{SweepAxis::What::replicas, "replicas", {1, 2, 4, 64, 128}, {}}}, 100,
                            core::Comm::serial());
  Case const one(graph, chip, chip.mode(""), {}, {{1, 32, 64}, 0});
  auto const alone = one.at({});
  for (auto const& point : points) {
    EXPECT_DOUBLE_EQ(point.interval, alone.interval / point.at[0]);
    EXPECT_EQ(point.tiles, 6 * point.at[0]);
    EXPECT_NEAR(point.joules[0] / points[0].joules[0], 1, 1e-12) << "the arrays do the same work";
  }
  EXPECT_DOUBLE_EQ(points[0].latency, alone.batches[2][2].latency);
  EXPECT_DOUBLE_EQ(points[1].latency, alone.batches[1][2].latency) << "32 samples each";
  EXPECT_DOUBLE_EQ(points[3].latency, alone.batches[0][2].latency) << "one sample each";
  EXPECT_DOUBLE_EQ(points[4].latency, points[3].latency);
  EXPECT_GT(points[4].joules[1], points[3].joules[1]) << "idle copies are powered too";
}

TEST(Sweep, TooManyPointsAreRefusedWithTheCount) {
  auto const message = refusal([] {
    swept("macro-sram", {axis("rows", {64, 128}), axis("adc_bits", {4, 6})}, 3);
  });
  EXPECT_NE(message.find("4 points"), std::string::npos) << message;
}

TEST(Sweep, ADesignOutOfRangeIsMarkedAndTheOthersStand) {
  auto const points = swept("macro-sram", {axis("adc_bits", {4, 99})});
  EXPECT_TRUE(points[0].fits);
  EXPECT_FALSE(points[1].fits);
  EXPECT_TRUE(std::isnan(points[1].latency));
  EXPECT_FALSE(points[1].is_best);
}

/// The front by brute force over random points.
TEST(Sweep, TheFrontIsThatOfBruteForce) {
  std::mt19937 random(11);
  auto pick = [&] { return std::uniform_int_distribution<int>(1, 6)(random); };
  for (int round = 0; round < 20; ++round) {
    std::vector<SweepPoint> points(40);
    for (auto& point : points) {
      point.latency = pick();
      point.joules[2] = pick();
      point.area = pick();
    }
    mark_best(points);
    for (auto const& a : points) {
      bool beaten = false;
      for (auto const& b : points) {
        bool const no_worse =
            b.latency <= a.latency && b.joules[2] <= a.joules[2] && b.area <= a.area;
        bool const better = b.latency < a.latency || b.joules[2] < a.joules[2] || b.area < a.area;
        beaten |= no_worse && better;
      }
      EXPECT_EQ(a.is_best, !beaten);
    }
  }
}

Case svdd_case(models::Graph const& graph, Chip const& chip, Workload const& workload) {
  return {graph, chip, chip.mode(""), {}, workload};
}

TEST(MonteCarlo, StaysWithinTheIntervalAndItsMedianIsTheValue) {
  auto const graph = models::svdd();
  auto const chip = preset("neurram");
  Workload workload;
  workload.batches = {1, 100};
  auto const at = svdd_case(graph, chip, workload);
  auto const drawn = monte_carlo(at, 400, 7, core::Comm::serial());
  auto const low = at.at({Pick::At::low}), high = at.at({Pick::At::high}), value = at.at({});
  ASSERT_EQ(drawn.size(), 2u);
  for (std::size_t b = 0; b < 2; ++b)
    for (std::size_t line = 0; line < 3; ++line) {
      EXPECT_GE(drawn[b].joules[line].p05, low.batches[b][line].joules());
      EXPECT_LE(drawn[b].joules[line].p95, high.batches[b][line].joules());
      EXPECT_LE(drawn[b].latency[line].p05, drawn[b].latency[line].p50);
      EXPECT_LE(drawn[b].latency[line].p50, drawn[b].latency[line].p95);
    }
  EXPECT_NEAR(drawn[0].joules[0].p50 / value.batches[0][0].joules(), 1, 0.03);
  auto const again = monte_carlo(at, 400, 7, core::Comm::serial());
  EXPECT_EQ(again[1].joules[2].p95, drawn[1].joules[2].p95) << "same seed, same bits";
  EXPECT_NE(monte_carlo(at, 400, 8, core::Comm::serial())[1].joules[2].p95, drawn[1].joules[2].p95);
}

TEST(MonteCarlo, AFigureKnownExactlyIsDrawnExactly) {
  Figure const exact{2, 2, 2, "s", "published", "", "", core::Kind::modelled};
  Pick pick{Pick::At::drawn};
  for (pick.draw = 0; pick.draw < 20; ++pick.draw) EXPECT_EQ(pick(exact, "x"), 2);
}

TEST(Tornado, NamesWhatDrivesTheResultFirst) {
  auto const graph = models::svdd();
  auto const chip = preset("hermes-64");
  auto const bars = tornado(svdd_case(graph, chip, {}));
  ASSERT_GE(bars.size(), 3u);
  for (std::size_t k = 1; k < bars.size(); ++k)
    EXPECT_GE(bars[k - 1].joules_high - bars[k - 1].joules_low,
              bars[k].joules_high - bars[k].joules_low);
  EXPECT_EQ(bars.front().figure, "static_watts_per_tile") << "its interval is the widest";
}

TEST(Crossover, IsTheClosedForm) {
  EXPECT_DOUBLE_EQ(crossover_batch(10, 1, 3), 5);
  EXPECT_EQ(crossover_batch(10, 3, 3), 0) << "never";
  EXPECT_EQ(crossover_batch(10, 4, 3), 0) << "never";
}

}  // namespace
}  // namespace crossjoule::aimc
