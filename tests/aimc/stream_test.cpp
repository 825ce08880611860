// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/stream.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <random>

namespace crossjoule::aimc {
namespace {

/// Against a plain loop over vectors: what is left of sums in another order.
constexpr double rounding = 1e-12;

std::vector<double> plain(Stream const& stream) {
  std::vector<double> times;
  for (auto const& run : stream.runs())
    for (std::int64_t k = 0; k < run.count; ++k) times.push_back(run.at(k));
  return times;
}

/// Times that never fall, in runs of random lengths and steps, some of them 0.
Stream random_stream(std::mt19937& random, std::int64_t count) {
  auto pick = [&](int most) { return std::uniform_int_distribution<int>(0, most)(random); };
  Stream stream;
  double time = pick(20);
  while (stream.count() < count) {
    auto const length = std::min<std::int64_t>(1 + pick(8), count - stream.count());
    double const step = pick(3) == 0 ? 0 : 0.37 * pick(9);
    stream.push(time, step, length);
    time = stream.back() + pick(6);
  }
  return stream;
}

void expect_equal(Stream const& stream, std::vector<double> const& wanted) {
  auto const times = plain(stream);
  ASSERT_EQ(times.size(), wanted.size());
  ASSERT_EQ(stream.count(), static_cast<std::int64_t>(wanted.size()));
  for (std::size_t k = 0; k < wanted.size(); ++k) {
    EXPECT_NEAR(times[k], wanted[k], rounding * (1 + wanted[k])) << k;
    EXPECT_DOUBLE_EQ(stream[static_cast<std::int64_t>(k)], times[k]);
  }
}

TEST(Stream, AQueueGivesWhatServingVectorByVectorGives) {
  std::mt19937 random(5);
  for (int round = 0; round < 300; ++round) {
    auto const in = random_stream(random, 1 + round % 60);
    double const seconds = 0.29 * (round % 11);
    double free = round % 3 == 0 ? 0 : 5.0 * (round % 7);
    double time = free;
    std::vector<double> wanted;
    for (auto arrival : plain(in)) wanted.push_back(time = std::max(time, arrival) + seconds);
    expect_equal(served(in, seconds, free), wanted);
    EXPECT_NEAR(free, time, rounding * (1 + time));
  }
}

TEST(Stream, TheLaterOfTwoIsTheMaximumOfEveryVector) {
  std::mt19937 random(6);
  for (int round = 0; round < 300; ++round) {
    auto const a = random_stream(random, 1 + round % 50), b = random_stream(random, a.count());
    auto wanted = plain(a);
    auto const other = plain(b);
    for (std::size_t k = 0; k < wanted.size(); ++k) wanted[k] = std::max(wanted[k], other[k]);
    expect_equal(later(a, b), wanted);
  }
}

TEST(Stream, SharesFollowTheirDefinition) {
  std::mt19937 random(7);
  for (std::int64_t there : {1, 2, 3, 8, 12, 35})
    for (std::int64_t count : {1, 2, 3, 4, 6, 7, 12, 24, 70}) {
      auto const stream = random_stream(random, there);
      auto const times = plain(stream);
      std::vector<double> wanted;
      for (std::int64_t k = 0; k < count; ++k)
        wanted.push_back(
            times[static_cast<std::size_t>(((k + 1) * there + count - 1) / count - 1)]);
      expect_equal(shared_among(stream, count), wanted);
    }
}

TEST(Stream, ASaturatedQueueIsOneRunHoweverManyVectors) {
  double free = 0;
  auto const out = served(Stream::at_once(1, 1'000'000), 2, free);
  EXPECT_EQ(out.runs().size(), 1u);
  EXPECT_EQ(out.back(), 1 + 2e6);
  free = 0;
  EXPECT_EQ(served(out, 1, free).runs().size(), 1u) << "a faster queue behind it keeps the pace";
}

TEST(Stream, TheCheckNoticesASlip) {
  double free = 0;
  auto const out = served(Stream::at_once(0, 5), 2, free);
  EXPECT_GT(std::abs(out[4] - 11), rounding * 11) << "10, not 11";
}

}  // namespace
}  // namespace crossjoule::aimc
