// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/comparison.hpp"

#include "points.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <random>

namespace crossjoule::drivers {
namespace {

std::string all_remarks(Comparison const& table) {
  std::string text;
  for (auto const& remark : table.remarks) text += remark + "\n";
  return text;
}

TEST(Comparison, HeadlineIsAgainstTheMostEfficientDigitalLine) {
  auto const table = join({source("cpu.h5", {digital(1, 8e-6, 2e-5), digital(1000, 1e-6, 1e-6)}),
                           source("chip.h5", {analog(1, 2e-6, 2e-6), analog(1000, 5e-7, 5e-7)})},
                          {});
  ASSERT_TRUE(table.most_efficient && table.most_efficient_batch_1);
  EXPECT_EQ(*table.most_efficient, 1u);
  EXPECT_EQ(*table.most_efficient_batch_1, 0u);
  auto const &chip_1 = table.lines[2], &chip_1000 = table.lines[3];
  EXPECT_DOUBLE_EQ(chip_1.energy.to_best.value.value, 0.5) << "it loses, and says so";
  EXPECT_DOUBLE_EQ(chip_1.energy.to_same_batch.value.value, 4);
  EXPECT_DOUBLE_EQ(chip_1000.energy.to_best.value.value, 2);
  EXPECT_DOUBLE_EQ(chip_1000.time.to_best.value.value, 2);
  EXPECT_DOUBLE_EQ(chip_1.time.to_same_batch.value.value, 10);
}

TEST(Comparison, RatioCombinesTheEndsOfBothIntervals) {
  auto const table = join({source("a.h5", {digital(1, 4e-6, 1e-6), analog(1, 1e-6, 1e-6)})}, {});
  auto const& ratio = table.lines[1].energy.to_best;
  EXPECT_NEAR(ratio.low.value, 4 / 1.1 / 1.1, 1e-12);
  EXPECT_NEAR(ratio.value.value, 4, 1e-12);
  EXPECT_NEAR(ratio.high.value, 4 * 1.1 * 1.1, 1e-12);
  EXPECT_EQ(ratio.kind, Kind::assumed) << "as good as its worst part";
}

TEST(Comparison, ModelledDigitalJoulesGetAtLeastAFactorTwo) {
  auto const table =
      join({source("a.h5", {digital(1, 4e-6, 1e-6, Kind::modelled), analog(1, 1e-6, 1e-6)})}, {});
  EXPECT_DOUBLE_EQ(table.lines[0].joules.low.value, 2e-6);
  EXPECT_DOUBLE_EQ(table.lines[0].joules.high.value, 8e-6);
  EXPECT_NEAR(table.lines[1].energy.to_best.low.value, 2 / 1.1, 1e-12);
  EXPECT_NEAR(table.lines[1].energy.to_best.high.value, 8 * 1.1, 1e-12);
  EXPECT_DOUBLE_EQ(table.lines[1].joules.high.value, 1.1e-6)
      << "an estimate keeps its own interval";
  EXPECT_FALSE(table.any_joule_measured);
}

TEST(Comparison, WideModelledIntervalsStayAndMeasuredOnesAreNotWidened) {
  auto const wide = with_modelled_band(about<Joules>(1, Kind::modelled, 5));
  EXPECT_DOUBLE_EQ(wide.low.value, 0.2);
  EXPECT_DOUBLE_EQ(wide.high.value, 5);
  EXPECT_DOUBLE_EQ(with_modelled_band(about<Joules>(1, Kind::measured_sampled)).high.value, 1.1);
  EXPECT_FALSE(with_modelled_band({}).present());
}

TEST(Comparison, OtherGraphsAreRefusedNamingFilesAndDigests) {
  auto const message = refusal([] {
    join({source("a.h5", {digital(1, 1, 1)}, "d1"), source("b.h5", {analog(1, 1, 1)}, "d2")}, {});
  });
  for (auto part : {"a.h5", "b.h5", "d1", "d2"})
    EXPECT_NE(message.find(part), std::string::npos) << message;
}

TEST(Comparison, EmptyPointsAndEmptyBoundariesAreRefused) {
  EXPECT_NE(refusal([] { join({source("a.h5", {})}, {}); }).find("a.h5"), std::string::npos);
  EXPECT_NE(refusal([] { join({}, {}); }), "");
  auto const message =
      refusal([] { join({source("a.h5", {digital(1, 1, 1)})}, {.boundary = Boundary::device}); });
  EXPECT_NE(message.find("device"), std::string::npos);
}

TEST(Comparison, OnlyLinesOfTheBoundaryAreJoined) {
  auto inner = digital(1, 1e-9, 1e-6);
  inner.boundary = Boundary::device;
  auto const sources =
      std::vector{source("a.h5", {inner, digital(1, 1e-6, 1e-6)}), source("b.h5", {inner})};
  auto const system = join(sources, {});
  ASSERT_EQ(system.lines.size(), 1u);
  EXPECT_DOUBLE_EQ(system.lines[0].joules.value.value, 1e-6);
  EXPECT_NE(all_remarks(system).find("b.h5"), std::string::npos);
  EXPECT_EQ(join(sources, {.boundary = Boundary::device}).lines.size(), 2u);
}

TEST(Comparison, MissingTermsShowValuesWithoutRatio) {
  auto partial = analog(1, 1e-9, 1e-9);
  partial.missing_terms = "static_watts_per_tile; host_idle_watts";
  auto const table = join({source("a.h5", {digital(1, 1e-6, 1e-6), partial})}, {});
  EXPECT_TRUE(table.lines[1].joules.present());
  EXPECT_FALSE(table.lines[1].energy.to_best.present());
  EXPECT_FALSE(table.lines[1].energy.to_same_batch.present());
  EXPECT_FALSE(table.lines[1].time.to_best.present());
  EXPECT_NE(all_remarks(table).find("static_watts_per_tile"), std::string::npos);
  EXPECT_TRUE(table.lines[0].energy.to_best.present()) << "the complete line keeps its own";
}

TEST(Comparison, AnIncompleteDigitalLineIsNoReference) {
  auto partial = digital(1000, 1e-9, 1e-9);
  partial.missing_terms = "DRAM";
  auto const table =
      join({source("a.h5", {digital(1, 1e-6, 1e-6), partial, analog(1, 1e-6, 1e-6)})}, {});
  EXPECT_EQ(*table.most_efficient, 0u);
  EXPECT_EQ(*table.fastest, 0u);
  auto alone = join({source("a.h5", {partial, analog(1, 1e-6, 1e-6)})}, {});
  EXPECT_FALSE(alone.most_efficient);
  EXPECT_FALSE(alone.lines[1].energy.to_best.present());
  EXPECT_NE(all_remarks(alone).find("no energy ratio"), std::string::npos);
}

TEST(Comparison, AnalogRecordsAloneHaveNoRatioAndSaySo) {
  auto const table =
      join({source("a.h5", {analog(1, 1e-6, 1e-6)}), source("b.h5", {analog(1, 2e-6, 1e-6)})}, {});
  for (auto const& line : table.lines)
    EXPECT_FALSE(line.energy.to_best.present() || line.time.to_best.present());
  EXPECT_NE(all_remarks(table).find("no digital record"), std::string::npos);
}

TEST(Comparison, TwoDigitalRecordsCompareAgainstTheBetter) {
  auto const table = join(
      {source("a.h5", {digital(1, 4e-6, 1e-6)}), source("b.h5", {digital(1, 1e-6, 3e-6)})}, {});
  EXPECT_DOUBLE_EQ(table.lines[0].energy.to_best.value.value, 0.25);
  EXPECT_DOUBLE_EQ(table.lines[1].energy.to_best.value.value, 1);
  EXPECT_DOUBLE_EQ(table.lines[1].time.to_best.value.value, 1.0 / 3);
  EXPECT_TRUE(table.any_joule_measured);
}

TEST(Comparison, ARecordAgainstItselfIsOneWithinItsInterval) {
  auto const record = source("a.h5", {digital(1, 4e-6, 1e-6), digital(10, 1e-6, 2e-7)});
  auto const table = join({record, record}, {});
  for (auto k : {1u, 3u}) {
    for (auto const& ratio : {table.lines[k].energy.to_best, table.lines[k].time.to_best,
                              table.lines[k].energy.to_same_batch}) {
      EXPECT_DOUBLE_EQ(ratio.value.value, 1);
      EXPECT_LE(ratio.low.value, 1);
      EXPECT_GE(ratio.high.value, 1);
    }
  }
}

/// Another batch can only make the digital side better: the headline never gets more flattering.
TEST(Comparison, AddingABatchNeverWorsensTheHeadlineDigitalLine) {
  std::mt19937 random(11);
  std::uniform_real_distribution<double> exponent(-8, -4);
  for (int round = 0; round < 50; ++round) {
    std::vector<Point> points = {analog(1, 1e-6, 1e-6)};
    double best = 1e300, ratio = 1e300;
    for (std::int64_t batch = 1; batch <= 100000; batch *= 10) {
      auto const joules = std::pow(10.0, exponent(random));
      points.push_back(digital(batch, joules, joules));
      auto const table = join({source("a.h5", points)}, {});
      auto const now = table.lines[*table.most_efficient].joules.value.value;
      EXPECT_LE(now, best);
      EXPECT_LE(table.lines[0].energy.to_best.value.value, ratio);
      best = now;
      ratio = table.lines[0].energy.to_best.value.value;
    }
  }
}

TEST(Comparison, IdleIsSubtractedFromAllLinesOrFromNone) {
  auto const record = source("a.h5", {digital(1, 4e-6, 1e-6), analog(1, 1e-6, 1e-6)});
  auto const table = join({record}, {.idle = IdleRule::subtracted});
  EXPECT_NEAR(table.lines[0].joules.value.value, 3e-6, 1e-15);
  EXPECT_NEAR(table.lines[1].joules.value.value, 0.75e-6, 1e-15);
  EXPECT_LE(table.lines[0].joules.low.value, 4e-6 / 1.1 - 1e-6 * 1.1 + 1e-15);
  auto without = record;
  without.points[1].idle_joules_per_sample = {};
  EXPECT_NE(
      refusal([&] { join({without}, {.idle = IdleRule::subtracted}); }).find("no idle figure"),
      std::string::npos);
  EXPECT_EQ(refusal([&] { join({without}, {}); }), "") << "gross needs none";
}

/// Idle power is a part of a modelled total, so what is left is known as well as the rest of it.
TEST(Comparison, SubtractingAModelsIdleLeavesTheRestOfTheModel) {
  auto chip = analog(1, 1e-6, 1e-6);
  chip.joules_per_sample = {{2e-6}, {5e-6}, {20e-6}, Kind::assumed};
  chip.idle_joules_per_sample = {{1e-6}, {3.5e-6}, {18e-6}, Kind::assumed};
  auto const table = join({source("a.h5", {chip})}, {.idle = IdleRule::subtracted});
  EXPECT_NEAR(table.lines[0].joules.low.value, 1e-6, 1e-18);
  EXPECT_NEAR(table.lines[0].joules.value.value, 1.5e-6, 1e-18);
  EXPECT_NEAR(table.lines[0].joules.high.value, 2e-6, 1e-18);
}

TEST(Comparison, NothingLeftAfterIdleHasNoRatio) {
  auto all_idle = analog(1, 1e-6, 1e-6);
  all_idle.idle_joules_per_sample = all_idle.joules_per_sample;
  auto const table =
      join({source("a.h5", {digital(1, 4e-6, 1e-6), all_idle})}, {.idle = IdleRule::subtracted});
  EXPECT_GE(table.lines[1].joules.low.value, 0);
  EXPECT_FALSE(table.lines[1].energy.to_best.present());
}

TEST(Comparison, MeasuredAndModelledDigitalJoulesMixOnlyWhenAllowed) {
  auto const sources = std::vector{source("gpu.h5", {digital(1, 1e-6, 1e-6)}),
                                   source("cpu.h5", {digital(1, 1e-6, 1e-6, Kind::modelled)})};
  auto const message = refusal([&] { join(sources, {}); });
  EXPECT_NE(message.find("gpu.h5"), std::string::npos);
  EXPECT_NE(message.find("cpu.h5"), std::string::npos);
  EXPECT_NE(message.find("allow_mixed"), std::string::npos);
  EXPECT_NE(message.find("--allow-mixed"), std::string::npos);
  auto const mixed = join(sources, {.mixing = Mixing::allowed});
  EXPECT_NE(all_remarks(mixed).find("mixed"), std::string::npos) << "allowed, and said";
  EXPECT_EQ(mixed.lines[1].joules.kind, Kind::modelled) << "nothing is relabelled";
  EXPECT_EQ(mixed.lines[0].energy.to_best.kind, Kind::measured_counter);
  EXPECT_EQ(mixed.lines[1].energy.to_best.kind, Kind::modelled);
  auto const beside = join({sources[0], source("chip.h5", {analog(1, 1e-6, 1e-6)})}, {});
  EXPECT_EQ(all_remarks(beside).find("mixed"), std::string::npos)
      << "an estimate beside a measurement is what the table is for";
  EXPECT_FALSE(core::is_measured(beside.lines[1].joules.kind));
}

TEST(Comparison, JoulesThatNobodyHasLeaveTheTimesComparable) {
  auto blind = digital(1, 1, 1e-6);
  blind.joules_per_sample = blind.idle_joules_per_sample = {};
  auto const table = join({source("a.h5", {blind, analog(1, 1e-6, 1e-7)})}, {});
  EXPECT_FALSE(table.lines[1].energy.to_best.present());
  EXPECT_DOUBLE_EQ(table.lines[1].time.to_best.value.value, 10);
}

TEST(Comparison, TableShowsSmallestAndMostEfficientBatchOfEachMode) {
  auto other = digital(1, 1e-6, 1e-6);
  other.mode = "copy-per-core";
  auto const table =
      join({source("a.h5", {digital(10, 3e-6, 1e-6), digital(1, 9e-6, 1e-6),
                            digital(100, 1e-6, 1e-6), digital(1000, 2e-6, 1e-6), other})},
           {});
  EXPECT_EQ(table.table_lines(), (std::vector<std::size_t>{1, 2, 4}));
}

}  // namespace
}  // namespace crossjoule::drivers
