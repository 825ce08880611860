// SPDX-License-Identifier: BSD-3-Clause
#include "meter/accumulator.hpp"

#include "core/philox.hpp"

#include <gtest/gtest.h>

namespace crossjoule::meter {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

TEST(Accumulator, CleanWrap) {
  Accumulator sum({1000, 1, 100, 1e-3});
  sum.add(second_ns, 900);
  sum.add(2 * second_ns, 950);
  sum.add(3 * second_ns, 20);
  EXPECT_EQ(sum.flow().counts, 120u);
  EXPECT_EQ(sum.flow().wraps, 1);
  EXPECT_EQ(sum.flow().covered_ns, 2 * second_ns);
}

TEST(Accumulator, FailedReadIsSkippedNotBookedAsZero) {
  Accumulator sum({262143328911, 1e-6, 1000, 1e-3});
  std::uint64_t const start = 262'000'000'000;
  sum.add(1 * second_ns, start);
  sum.add(2 * second_ns, std::nullopt);
  sum.add(3 * second_ns, start + 50'000'000);
  EXPECT_DOUBLE_EQ(sum.joule(), 50);
  EXPECT_EQ(sum.flow().failed, 1);
  EXPECT_EQ(sum.flow().covered_ns, 0) << "time across a failed read is not covered";
}

TEST(Accumulator, StaleRepeatAddsNothing) {
  Accumulator sum({1000, 1, 1000, 1e-3});
  for (int k = 1; k <= 5; ++k) sum.add(k * second_ns / 10, 7);
  EXPECT_EQ(sum.flow().counts, 0u);
  EXPECT_EQ(sum.flow().stale, 4);
  EXPECT_EQ(sum.flow().wraps, 0);
}

TEST(Accumulator, ResetIsNoEnergy) {
  Accumulator sum({0, 1e-3, 400, 0.1});  // 64 bit, as a board's counter: 22 MJ, then 200 J
  sum.add(1 * second_ns, 22'000'000'000);
  sum.add(2 * second_ns, 22'000'100'000);
  sum.add(3 * second_ns, 200'000);
  sum.add(4 * second_ns, 300'000);
  EXPECT_DOUBLE_EQ(sum.joule(), 200);
  EXPECT_EQ(sum.flow().resets, 1);
  EXPECT_GT(sum.flow().unseen_joule, 0);
  EXPECT_EQ(sum.flow().covered_ns, 2 * second_ns);
}

TEST(Accumulator, JumpBeyondThePossibleIsARejectedGlitch) {
  Accumulator sum({262143328911, 1e-6, 300, 1e-3});
  sum.add(1 * second_ns, 1'000'000);
  sum.add(2 * second_ns, 200'000'000'000);  // 200 kJ in a second
  sum.add(3 * second_ns, 200'100'000'000);
  EXPECT_DOUBLE_EQ(sum.joule(), 100);
  EXPECT_EQ(sum.flow().resets, 1);
}

/// 100 W, read ten times a second; for a while it shows 0 instead.
TEST(Accumulator, ZeroInPlaceOfAReadingIsNoEnergyEvenOfASmallCounter) {
  for (int const zeros : {1, 3, 8}) {
    Accumulator sum({262143328911, 1e-6, 1000, 1e-3});
    for (int k = 0; k <= 30; ++k) {
      bool const is_glitch = k >= 10 && k < 10 + zeros;
      auto const shown = static_cast<std::uint64_t>(5'000'000 + 10'000'000 * k);
      sum.add((1 + k) * second_ns / 10, is_glitch ? 0 : shown);
    }
    EXPECT_DOUBLE_EQ(sum.joule(), 300) << zeros;
    EXPECT_EQ(sum.flow().resets, 1);
    EXPECT_LT(sum.flow().covered_ns, 3 * second_ns);
    EXPECT_GT(sum.flow().unseen_joule, 0);
  }
}

TEST(Accumulator, CounterThatBeganAnewCountsOnFromThere) {
  Accumulator sum({262143328911, 1e-6, 1000, 1e-3});
  for (int k = 0; k <= 10; ++k)
    sum.add((1 + k) * second_ns / 10, static_cast<std::uint64_t>(5'000'000 + 10'000'000 * k));
  for (int k = 0; k <= 30; ++k)  // it passes where it stood before, in small steps
    sum.add((12 + k) * second_ns / 10, static_cast<std::uint64_t>(10'000'000 * k));
  EXPECT_DOUBLE_EQ(sum.joule(), 400);
  EXPECT_EQ(sum.flow().resets, 1);
}

TEST(Accumulator, GapThatCouldHideWrapsIsFlagged) {
  CounterShape const shape{65536000000, 1e-6, 1000, 1e-3};
  EXPECT_NEAR(safe_poll_second(shape), 32.768, 1e-9);
  Accumulator sum(shape);
  sum.add(1 * second_ns, 0);
  sum.add(101 * second_ns, 1'000'000'000);
  EXPECT_EQ(sum.flow().gaps, 1);
  EXPECT_EQ(sum.flow().covered_ns, 0);
  EXPECT_DOUBLE_EQ(sum.flow().unseen_joule, 1000 * 100 - 1000)
      << "the upper end must hold any number of wraps";
}

TEST(Accumulator, OutOfRangeValueIsAFailedRead) {
  Accumulator sum({1000, 1, 100, 1e-3});
  sum.add(second_ns, 10);
  sum.add(2 * second_ns, 1000);
  EXPECT_EQ(sum.flow().failed, 1);
  EXPECT_EQ(sum.flow().counts, 0u);
}

/// One made-up history: at most one wrap a poll, failed reads, repeats. Returns counts - truth for
/// an accumulator that takes the modulus to be `modulus + slip`.
std::int64_t error_of_trace(std::uint64_t item, std::uint64_t slip, std::int64_t* wraps) {
  core::Random random(17, core::purpose("meter/wraps"), item);
  std::uint64_t const modulus = 1000 + random.below(1ull << 32);
  double const poll_second = 0.1;
  // at most 0.1 of the range per poll, so that failed reads in a row stay below half a wrap
  double const max_watt = 0.1 * static_cast<double>(modulus) / poll_second;
  Accumulator sum({modulus + slip, 1, max_watt, 1e-3});
  std::uint64_t truth = 0, raw = random.below(modulus), base = 0;
  int in_a_row = 0;
  bool has_base = false;
  std::int64_t time = second_ns;
  std::uint64_t total = 0;
  for (int poll = 0; poll < 40; ++poll, time += second_ns / 10) {
    std::uint64_t const step = random.below(4) == 0 ? 0 : random.below(1 + modulus / 10);
    raw = (raw + step) % modulus, total += step;
    bool const fails = in_a_row < 3 && random.below(5) == 0;
    in_a_row = fails ? in_a_row + 1 : 0;
    sum.add(time, fails ? std::nullopt : std::optional(raw));
    if (fails) continue;
    if (!has_base) base = total;
    has_base = true;
    truth = total - base;
  }
  *wraps += sum.flow().wraps;
  EXPECT_EQ(slip == 0 ? sum.flow().resets + sum.flow().gaps : 0, 0);
  return static_cast<std::int64_t>(sum.flow().counts - truth);
}

TEST(Accumulator, RandomWrapTracesHaveNoError) {
  std::int64_t wraps = 0, wrong = 0;
  for (std::uint64_t item = 0; item < 200'000; ++item)
    wrong += error_of_trace(item, 0, &wraps) != 0;
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(wraps, 200'000) << "the traces hardly wrapped: they prove nothing";
}

TEST(Accumulator, TraceCheckNoticesAModulusOffByOne) {
  std::int64_t wraps = 0, wrong = 0;
  for (std::uint64_t item = 0; item < 1000; ++item) wrong += error_of_trace(item, 1, &wraps) != 0;
  EXPECT_GT(wrong, 500);
}

}  // namespace
}  // namespace crossjoule::meter
