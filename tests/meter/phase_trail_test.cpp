// SPDX-License-Identifier: BSD-3-Clause
#include "meter/phase_trail.hpp"

#include <gtest/gtest.h>

namespace crossjoule::meter {
namespace {

PhaseShares all_of(Phase phase) {
  PhaseShares shares{};
  shares[static_cast<std::size_t>(phase)] = 1;
  return shares;
}

/// Spans that do not follow one another, or two neighbours of one phase.
std::size_t faults(std::vector<PhaseSpan> const& spans) {
  std::size_t count = 0;
  for (std::size_t k = 0; k < spans.size(); ++k) {
    count += spans[k].end_ns <= spans[k].begin_ns;
    if (k == 0) continue;
    count += spans[k].begin_ns != spans[k - 1].end_ns || spans[k].phase == spans[k - 1].phase;
  }
  return count;
}

TEST(PhaseTrail, NeighboursOfOnePhaseAreOneSpan) {
  PhaseTrail trail;
  EXPECT_TRUE(trail.spans().empty());
  trail.add(all_of(Phase::data), 100, 200);
  trail.add(all_of(Phase::train), 200, 300);
  trail.add(all_of(Phase::train), 300, 700);
  trail.add(all_of(Phase::train), 700, 700);  // no time: nothing
  std::vector<PhaseSpan> const want = {{100, 200, Phase::data}, {200, 700, Phase::train}};
  EXPECT_EQ(trail.spans(), want);
}

TEST(PhaseTrail, AStretchBelongsToThePhaseThatTookMostOfIt) {
  PhaseTrail trail;
  PhaseShares shares{};
  shares[static_cast<std::size_t>(Phase::train)] = 0.4;
  shares[static_cast<std::size_t>(Phase::communication)] = 0.6;
  trail.add(shares, 0, 10);
  EXPECT_EQ(trail.spans().front().phase, Phase::communication);
}

TEST(PhaseTrail, MillionsOfChangesKeepMemoryAndEndsBounded) {
  PhaseTrail trail;
  std::int64_t now = 0;
  for (int k = 0; k < 300'000; ++k) {
    // 9 ms of training, 1 ms of communication: training is what a coarse look sees
    std::int64_t const length = k % 2 == 0 ? 9'000'000 : 1'000'000;
    trail.add(all_of(k % 2 == 0 ? Phase::train : Phase::communication), now, now + length);
    now += length;
  }
  trail.add(all_of(Phase::checkpoint), now, now + 60'000'000'000);  // long enough to be kept
  now += 60'000'000'000;
  auto const spans = trail.spans();
  EXPECT_LE(spans.size(), PhaseTrail::limit);
  EXPECT_EQ(faults(spans), 0u);
  EXPECT_EQ(spans.front().begin_ns, 0);
  EXPECT_EQ(spans.back().end_ns, now);
  EXPECT_EQ(spans.back().phase, Phase::checkpoint);
  EXPECT_EQ(spans.front().phase, Phase::train);
}

TEST(PhaseTrail, FaultsAreSeen) {
  EXPECT_EQ(faults({{0, 5, Phase::data}, {6, 9, Phase::train}}), 1u);
  EXPECT_EQ(faults({{0, 5, Phase::data}, {5, 9, Phase::data}}), 1u);
  EXPECT_EQ(faults({{5, 5, Phase::data}}), 1u);
}

}  // namespace
}  // namespace crossjoule::meter
