// SPDX-License-Identifier: BSD-3-Clause
#include "core/philox.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <set>
#include <vector>

namespace crossjoule::core {
namespace {

using Words = std::array<std::uint32_t, 4>;

/// Known answers published with Random123 (kat_vectors, philox4x32, 10 rounds).
TEST(Philox, MatchesPublishedVectors) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, OneFlippedBitOfCounterOrKeyChangesTheAnswer) {
  Words const plain = philox4x32({1, 2, 3, 4}, {5, 6});
  EXPECT_NE(philox4x32({0, 2, 3, 4}, {5, 6}), plain);
  EXPECT_NE(philox4x32({1, 2, 3, 4}, {5, 7}), plain);
}

TEST(Random, SameKeySameNumbersAndEveryPartOfTheKeyCounts) {
  auto first = [](std::uint64_t seed, std::uint64_t what, std::uint64_t item) {
    Random random(seed, what, item);
    return std::uint64_t{random.bits()} << 32 | random.bits();
  };
  EXPECT_EQ(first(1, purpose("a"), 3), first(1, purpose("a"), 3));
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed : {0ull, 1ull, 1ull << 40})
    for (std::uint64_t what : {purpose("a"), purpose("b")})
      for (std::uint64_t item : {0ull, 1ull, 1ull << 33}) seen.insert(first(seed, what, item));
  EXPECT_EQ(seen.size(), 18u);
}

TEST(Random, StreamGoesOnAfterABlock) {
  Random random(7, purpose("blocks"), 0);
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random.bits());
  EXPECT_GE(seen.size(), 999u);  // 1000 of 2^32: a collision has probability 1e-4
}

/// Mean of n draws against its expectation, in standard errors.
double deviation(double sum, double mean, double sigma, int n) {
  return std::abs(sum / n - mean) / (sigma / std::sqrt(n));
}

/// Seeds are fixed, so these never flicker; 5 standard errors are far outside for a wrong formula.
constexpr double allowed_deviation = 5;
constexpr int draws = 200'000;

TEST(Random, UniformHasTheRightMoments) {
  Random random(3, purpose("uniform"), 0);
  double sum = 0, squares = 0;
  for (int i = 0; i < draws; ++i) {
    double const u = random.uniform();
    ASSERT_GT(u, 0);
    ASSERT_LT(u, 1);
    sum += u;
    squares += u * u;
  }
  EXPECT_LT(deviation(sum, 0.5, std::sqrt(1 / 12.0), draws), allowed_deviation);
  EXPECT_LT(deviation(squares, 1 / 3.0, std::sqrt(4 / 45.0), draws), allowed_deviation);
  EXPECT_GT(deviation(sum, 0.51, std::sqrt(1 / 12.0), draws),
            allowed_deviation);  // the check can fail
}

TEST(Random, NormalHasTheRightMoments) {
  Random random(4, purpose("normal"), 9);
  double sum = 0, squares = 0, fourth = 0;
  for (int i = 0; i < draws; ++i) {
    double const x = random.normal();
    sum += x;
    squares += x * x;
    fourth += x * x * x * x;
  }
  EXPECT_LT(deviation(sum, 0, 1, draws), allowed_deviation);
  EXPECT_LT(deviation(squares, 1, std::sqrt(2.0), draws), allowed_deviation);
  EXPECT_LT(deviation(fourth, 3, std::sqrt(96.0), draws), allowed_deviation);
}

TEST(Random, BelowIsUnbiased) {
  Random random(5, purpose("below"), 1);
  EXPECT_EQ(random.below(0), 0u);
  EXPECT_EQ(random.below(1), 0u);
  std::vector<int> counts(7);
  for (int i = 0; i < draws; ++i) ++counts[random.below(7)];
  double chi_squared = 0;
  for (int count : counts) chi_squared += std::pow(count - draws / 7.0, 2) / (draws / 7.0);
  EXPECT_LT(chi_squared, 30);  // 6 degrees of freedom: P(> 30) = 4e-5
  // a bound just above 2^63 makes almost half of the draws be rejected: all must stay below
  std::uint64_t const large = (1ull << 63) + 1;
  for (int i = 0; i < 1000; ++i) ASSERT_LT(random.below(large), large);
}

}  // namespace
}  // namespace crossjoule::core
