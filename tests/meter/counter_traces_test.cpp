// SPDX-License-Identifier: BSD-3-Clause
// A million counters with a known truth: whatever wraps, fails, repeats or starts anew in between,
// the sum is exact or the trace is flagged.
#include "core/philox.hpp"
#include "meter/accumulator.hpp"

#include <gtest/gtest.h>

namespace crossjoule::meter {
namespace {

constexpr CounterShape shape = {1U << 20, 1e-3, 200, 1e-3};  // 1049 J range, 200 W
constexpr int traces = 1'000'000;

struct Outcome {
  long wrong = 0, wraps = 0, flagged = 0;
};

/// Quick random numbers: ten million of them (Marsaglia's xorshift64*, seed fixed).
struct Quick {
  std::uint64_t state = 88172645463325252ULL;
  std::uint64_t bits() {
    state ^= state >> 12, state ^= state << 25, state ^= state >> 27;
    return state * 0x2545F4914F6CDD1DULL;
  }
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }
};

/// Traces of eight polls, up to three wraps in all, none ambiguous; `slip` breaks the reader.
Outcome run_sound(int count, std::uint64_t slip) {
  Outcome outcome;
  Quick random;
  double const safe = safe_poll_second(shape);
  for (int k = 0; k < count; ++k) {
    Accumulator sum(shape);
    std::uint64_t raw = random.bits() % shape.modulus, truth = 0, at_base = 0;
    std::int64_t time_ns = 1;
    sum.add(time_ns, raw);
    for (int poll = 0; poll < 8; ++poll) {
      std::uint64_t const kind = random.bits() >> 61;
      double const second = safe * 0.45 * random.uniform();
      time_ns += static_cast<std::int64_t>(second * 1e9);
      auto const grown = static_cast<std::uint64_t>(
          kind == 0 ? 0 : second * shape.max_watt * random.uniform() / shape.quantum_joule);
      truth += grown, raw = (raw + grown) % shape.modulus;
      // at most one failed read in a row: the gap stays below half a range
      if (kind == 1 && at_base == truth - grown)
        sum.add(time_ns, std::nullopt);
      else
        sum.add(time_ns, raw), at_base = truth;
    }
    sum.add(time_ns + 1000, raw);
    outcome.wrong += sum.flow().counts + slip != truth;
    outcome.wraps += sum.flow().wraps, outcome.flagged += sum.flow().gaps + sum.flow().resets;
  }
  return outcome;
}

TEST(CounterTraces, AMillionWithWrapsFailuresAndRepeatsAreExact) {
  auto const outcome = run_sound(traces, 0);
  EXPECT_EQ(outcome.wrong, 0);
  EXPECT_EQ(outcome.flagged, 0);
  EXPECT_GT(outcome.wraps, traces / 10) << "the traces must wrap";
}

TEST(CounterTraces, CheckNoticesOneQuantum) { EXPECT_EQ(run_sound(1000, 1).wrong, 1000); }

TEST(CounterTraces, AmbiguousGapsAreFlaggedAndBounded) {
  core::Random random(12, core::purpose("meter/traces"), 1);
  for (int k = 0; k < 20'000; ++k) {
    Accumulator sum(shape);
    std::uint64_t const raw = random.below(shape.modulus);
    sum.add(1, raw);
    double const range_second = 2 * safe_poll_second(shape);
    double const second = range_second * random.uniform(1.0, 4.0);  // up to four ranges pass
    auto const grown = static_cast<std::uint64_t>(second * shape.max_watt * random.uniform() /
                                                  shape.quantum_joule);
    sum.add(1 + static_cast<std::int64_t>(second * 1e9), (raw + grown) % shape.modulus);
    auto const& flow = sum.flow();
    ASSERT_EQ(flow.gaps, 1);
    ASSERT_EQ(flow.covered_ns, 0);
    double const most = static_cast<double>(flow.counts) * shape.quantum_joule + flow.unseen_joule;
    ASSERT_LE(static_cast<double>(flow.counts), static_cast<double>(grown));
    ASSERT_GE(most * 1.000001, static_cast<double>(grown) * shape.quantum_joule);
  }
}

TEST(CounterTraces, AStillCounterIsNotCoverage) {
  Accumulator sum({0, 1e-6, 200, 1e-3});
  std::int64_t now = 1;
  std::uint64_t raw = 5;
  auto const poll = [&](std::uint64_t grown) { now += 100'000'000, sum.add(now, raw += grown); };
  sum.add(now, raw);
  for (int k = 0; k < 10; ++k) poll(1'000'000);
  std::int64_t const covered = sum.flow().covered_ns;
  for (int k = 0; k < 5; ++k) poll(0);
  EXPECT_EQ(sum.flow().frozen_ns, 0) << "half a second may be a slow register";
  for (int k = 0; k < 25; ++k) poll(0);
  EXPECT_EQ(sum.flow().frozen_ns, 3'000'000'000);
  EXPECT_EQ(sum.flow().covered_ns, covered);
  EXPECT_NEAR(sum.flow().unseen_joule, 600, 1e-6);
}

TEST(CounterTraces, SplitFlowsAddUpExactly) {
  core::Random random(13, core::purpose("meter/split"), 0);
  for (int k = 0; k < 1000; ++k) {
    Flow whole;
    whole.counts = random.below(1'000'000'007), whole.covered_ns = 987'654'321;
    whole.joule = random.uniform(0, 1000), whole.reads = 3, whole.failed = 1;
    Flow rest = whole;
    Flow sum = rest.take(random.uniform());
    sum += rest.take(random.uniform());
    sum += rest;
    EXPECT_EQ(sum.counts, whole.counts);
    EXPECT_EQ(sum.covered_ns, whole.covered_ns);
    EXPECT_NEAR(sum.joule, whole.joule, 1e-9);
    EXPECT_EQ(sum.failed, whole.failed);
  }
}

}  // namespace
}  // namespace crossjoule::meter
