// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/metrics.hpp"

#include "core/error.hpp"
#include "core/philox.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <limits>

namespace crossjoule::runtime {
namespace {

using Values = std::vector<double>;

Values gaussians(std::size_t count, double centre, std::uint64_t stream) {
  core::Random random(17, core::purpose("test/gaussians"), stream);
  Values values(count);
  for (double& value : values) value = centre + random.normal();
  return values;
}

/// The definition itself: every pair, ties one half.
double auc_by_pairs(Values const& background, Values const& signal) {
  double sum = 0;
  for (double b : background)
    for (double s : signal) sum += s > b ? 1 : s == b ? 0.5 : 0;
  return sum / static_cast<double>(background.size() * signal.size());
}

TEST(Auc, IsEquivalentToCountingPairs) {
  for (std::uint64_t i = 0; i < 60; ++i) {
    core::Random random(3, 1, i);
    Values background(1 + random.below(40)), signal(1 + random.below(40));
    // few distinct values, so that ties of every kind occur
    for (double& value : background) value = static_cast<double>(random.below(12));
    for (double& value : signal)
      value = static_cast<double>(random.below(12)) + static_cast<double>(i % 3);
    EXPECT_DOUBLE_EQ(auc(background, signal), auc_by_pairs(background, signal));
  }
}

TEST(Auc, KnownCases) {
  EXPECT_EQ(auc(Values{1, 2, 3}, Values{1, 2, 3}), 0.5);
  EXPECT_EQ(auc(Values{1, 2}, Values{3, 4}), 1);
  EXPECT_EQ(auc(Values{3, 4}, Values{1, 2}), 0);
  EXPECT_EQ(auc(Values{5}, Values{5}), 0.5);
  double const infinite = std::numeric_limits<double>::infinity();
  EXPECT_EQ(auc(Values{1, infinite}, Values{infinite}), 0.75);
}

TEST(Auc, TwoGaussiansGiveThePublishedValues) {
  constexpr std::size_t n = 200'000;
  // Phi(d / sqrt 2); standard error of an AUC of n + n events: below sqrt(1 / (6 n)) (equal
  // Gaussians)
  double const error = 3 * std::sqrt(1.0 / (6.0 * n));
  EXPECT_NEAR(auc(gaussians(n, 0, 1), gaussians(n, 0, 2)), 0.5, error);
  EXPECT_NEAR(auc(gaussians(n, 0, 1), gaussians(n, 1, 2)), 0.760250, error);
  EXPECT_NEAR(auc(gaussians(n, 0, 1), gaussians(n, 2, 2)), 0.921350, error);
  EXPECT_GT(std::abs(auc(gaussians(n, 0, 1), gaussians(n, 1.02, 2)) - 0.760250),
            error);  // it can fail
}

TEST(Auc, RefusesWhatHasNoRank) {
  double const nan = std::numeric_limits<double>::quiet_NaN();
  try {
    auc(Values{1, 2}, Values{1, nan});
    FAIL() << "no error";
  } catch (core::Error const& error) {
    EXPECT_EQ(error.code(), core::ExitCode::non_finite);
  }
  EXPECT_THROW(auc(Values{}, Values{1}), core::Error);
  EXPECT_THROW(auc(Values{1}, Values{}), core::Error);
}

TEST(Binomial, MatchesWilsonsTabledValues) {
  // Newcombe, Statistics in Medicine 17, 857 (1998), table I, method 3: 81/263, 15/148, 0/20, 1/29
  struct Case {
    std::int64_t passed, trials;
    double low, high;
  };
  for (auto const& c : {Case{81, 263, 0.2553, 0.3662}, Case{15, 148, 0.0624, 0.1605},
                        Case{0, 20, 0.0, 0.1611}, Case{1, 29, 0.0061, 0.1718}}) {
    auto const interval = binomial_interval(c.passed, c.trials);
    EXPECT_NEAR(interval.low, c.low, 6e-5) << c.passed << "/" << c.trials;
    EXPECT_NEAR(interval.high, c.high, 6e-5) << c.passed << "/" << c.trials;
  }
  EXPECT_THROW(binomial_interval(3, 2), core::Error);
}

TEST(TruePositiveRate, CutLetsExactlyTheAllowedBackgroundThrough) {
  Values background;
  for (int i = 0; i < 1000; ++i) background.push_back((i * 7919) % 1000);  // 0 .. 999, shuffled
  Values const signal = {999, 990, 989, 989.5, 5};
  auto const rate = true_positive_rate(background, signal, 0.01);
  ASSERT_EQ(rate.refused, "");
  EXPECT_EQ(rate.cut, 989);
  EXPECT_EQ(rate.background_passed, 10);
  EXPECT_EQ(rate.signal_passed, 3);
  EXPECT_DOUBLE_EQ(rate.share.value, 0.6);
  EXPECT_LT(rate.share.low, 0.6);
  EXPECT_GT(rate.share.high, 0.6);
}

TEST(TruePositiveRate, TiesAtTheCutStayOut) {
  Values background(1000, 1.0);
  for (int i = 0; i < 8; ++i) background[static_cast<std::size_t>(i)] = 2;
  auto const rate = true_positive_rate(background, Values{2, 1, 3}, 0.01);
  EXPECT_EQ(rate.background_passed, 8);  // the next step would let all 1000 through
  EXPECT_EQ(rate.signal_passed, 2);
}

TEST(TruePositiveRate, RefusesARateThatTheBackgroundCannotShow) {
  Values const background = gaussians(20'000, 0, 3), signal = gaussians(100, 3, 4);
  EXPECT_EQ(true_positive_rate(background, signal, 5e-4).refused, "");  // exactly ten above the cut
  auto const refused = true_positive_rate(background, signal, 1e-5);
  EXPECT_NE(refused.refused.find("1000000"), std::string::npos) << refused.refused;
  EXPECT_TRUE(std::isnan(refused.share.value));
  EXPECT_THROW(true_positive_rate(background, signal, 0), core::Error);
  EXPECT_THROW(true_positive_rate(background, signal, std::nan("")), core::Error);
}

TEST(Bootstrap, SpreadMatchesHanleyAndMcNeil) {
  // equal Gaussians: variance of the AUC is (n + m + 1) / (12 n m)
  constexpr std::size_t n = 2000, m = 1500;
  BootstrapOptions const options{400, 5, 0.95};
  auto const result =
      discriminate(gaussians(n, 0, 5), gaussians(m, 0, 6), {0.01}, options, core::Comm::serial());
  double const expected = 2 * 1.96 * std::sqrt((n + m + 1) / (12.0 * n * m));
  EXPECT_NEAR((result.auc.high - result.auc.low) / expected, 1, 0.15);
  EXPECT_LT(result.auc.low, result.auc.value);
  EXPECT_GT(result.auc.high, result.auc.value);
  // the cut moves with the background, so the interval is wider than the binomial one
  ASSERT_EQ(result.bootstrap_rates.size(), 1u);
  EXPECT_GT(result.bootstrap_rates[0].high - result.bootstrap_rates[0].low,
            result.rates[0].share.high - result.rates[0].share.low);
}

TEST(Bootstrap, CoversTheTruthAboutAsOftenAsItSays) {
  BootstrapOptions options{150, 1, 0.9};
  int covered = 0;
  constexpr int trials = 120;
  for (std::uint64_t trial = 0; trial < trials; ++trial) {
    options.seed = trial;
    auto const result =
        discriminate(gaussians(300, 0, 100 + 2 * trial), gaussians(300, 1, 101 + 2 * trial), {},
                     options, core::Comm::serial());
    covered += result.auc.low <= 0.760250 && 0.760250 <= result.auc.high;
  }
  EXPECT_NEAR(covered / double(trials), 0.9, 0.09);  // three standard errors of a share of 120
}

TEST(Bootstrap, RefusedRatesStayRefused) {
  auto const result = discriminate(gaussians(100, 0, 1), gaussians(100, 1, 2), {0.5, 1e-3},
                                   {20, 1, 0.95}, core::Comm::serial());
  EXPECT_EQ(result.rates[0].refused, "");
  EXPECT_NE(result.rates[1].refused, "");
  EXPECT_TRUE(std::isnan(result.bootstrap_rates[1].low));
}

TEST(AucDifference, PairingFindsWhatTwoIntervalsCannot) {
  constexpr std::size_t n = 3000;
  auto const background = gaussians(n, 0, 7), signal = gaussians(n, 1, 8);
  auto const noise_b = gaussians(n, 0, 9), noise_s = gaussians(n, 0, 10);
  Values worse_b(n), worse_s(n);
  for (std::size_t i = 0; i < n; ++i) {
    worse_b[i] = background[i] + 0.3 * noise_b[i];
    worse_s[i] = signal[i] + 0.3 * noise_s[i];
  }
  BootstrapOptions const options{200, 3, 0.95};
  auto const serial = core::Comm::serial();
  auto const difference = auc_difference({background, signal}, {worse_b, worse_s}, options, serial);
  EXPECT_GT(difference.low, 0);
  auto const one = discriminate(background, signal, {}, options, serial).auc;
  EXPECT_LT(difference.high - difference.low, 0.8 * (one.high - one.low));
  auto const same = auc_difference({background, signal}, {background, signal}, options, serial);
  EXPECT_EQ(same.low, 0);
  EXPECT_EQ(same.high, 0);
  EXPECT_THROW(auc_difference({background, signal}, {signal, Values{1}}, options, serial),
               core::Error);
}

}  // namespace
}  // namespace crossjoule::runtime
