// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/crossover.hpp"

#include "points.hpp"

#include <gtest/gtest.h>

namespace crossjoule::drivers {
namespace {

using When = aimc::Crossover::When;

/// A CPU of 8 / N + 1 J and a chip of 3 J per sample: N* = 4.
std::vector<Point> cpu_and_chip(double chip_joules) {
  std::vector<Point> points;
  for (std::int64_t batch : {1, 4, 16, 64}) {
    auto const n = static_cast<double>(batch);
    points.push_back(digital(batch, 8 / n + 1, 8e-3 / n + 1e-3));
    points.push_back(analog(batch, chip_joules, 1e-6));
  }
  return points;
}

CrossoverLine const& in(std::vector<CrossoverLine> const& lines, std::string const& quantity) {
  for (auto const& line : lines)
    if (line.quantity == quantity) return line;
  throw std::runtime_error("no line of " + quantity);
}

TEST(Crossovers, AreTheClosedFormOfTheFittedLaw) {
  auto const lines = crossovers(cpu_and_chip(3));
  ASSERT_EQ(lines.size(), 2u);
  auto const& energy = in(lines, "energy");
  EXPECT_EQ(energy.value.when, When::from_batch);
  EXPECT_NEAR(energy.value.batch, 4, 1e-9);
  EXPECT_LT(energy.fit_error, 1e-9);
  EXPECT_EQ(energy.kind, Kind::measured_counter);
  // ends: both are known to a factor 1.1
  EXPECT_NEAR(energy.early.batch, (8 / 1.1) / (3 * 1.1 - 1 / 1.1), 1e-9);
  EXPECT_NEAR(energy.late.batch, (8 * 1.1) / (3 / 1.1 - 1.1), 1e-9);
  EXPECT_EQ(in(lines, "time").value.when, When::never) << "the chip's 1 us is below any batch";
  auto const text = crossover_text(lines);
  EXPECT_NE(text.find("never"), std::string::npos);
  EXPECT_NE(crossover_json(lines).dump().find("\"when\": \"never\""), std::string::npos);
}

TEST(Crossovers, AChipBelowTheAsymptoteIsNeverUndercut) {
  EXPECT_EQ(in(crossovers(cpu_and_chip(0.5)), "energy").value.when, When::never);
}

TEST(Crossovers, OneBatchGivesNoAnswer) {
  auto const lines = crossovers({digital(8, 1, 1e-3), analog(1, 3, 1e-6)});
  EXPECT_EQ(in(lines, "energy").batches, 0u);
  EXPECT_NE(crossover_text(lines).find("fewer than two batches"), std::string::npos);
}

TEST(Crossovers, APartialSumIsMarked) {
  auto points = cpu_and_chip(3);
  for (auto& point : points)
    if (point.device == "analog") point.missing_terms = "host_idle_watts";
  EXPECT_NE(crossover_text(crossovers(points)).find("upper bound"), std::string::npos);
}

TEST(Crossovers, LinesAtAFixedRateAndOtherBoundariesAreLeftOut) {
  auto points = cpu_and_chip(3);
  auto at_rate = analog(1, 500, 1);
  at_rate.seconds_per_sample = {};
  at_rate.mode = "four-phase, at 40 MHz";
  auto device = analog(1, 1e-3, 1);
  device.boundary = Boundary::device;
  points.push_back(at_rate);
  points.push_back(device);
  EXPECT_EQ(crossovers(points).size(), 2u);
}

}  // namespace
}  // namespace crossjoule::drivers
