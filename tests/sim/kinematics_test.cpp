// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/events/decay.hpp"
#include "sim/world/events/spectra.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <functional>
#include <vector>

namespace crossjoule::sim::events {
namespace {

constexpr std::uint64_t seed = 7;

FourVector random_body(double mass, Draw& draw) {
  auto const [x, y] = draw.direction();
  double const pt = draw.between(0.1, 300);
  return from_rapidity(mass, pt * x, pt * y, draw.between(-4, 4));
}

TEST(FourVector, MassAndAnglesComeBack) {
  for (int i = 0; i < 200; ++i) {
    Draw draw(seed, 1, static_cast<std::uint64_t>(i));
    double const mass = draw.between(1, 200);
    EXPECT_NEAR(random_body(mass, draw).mass(), mass, 1e-8 * mass * 1e3);
    double const pt = draw.between(1, 100), eta = draw.between(-4, 4), phi = draw.between(-3, 3);
    FourVector const p = from_pt_eta_phi(pt, eta, phi);
    EXPECT_NEAR(p.pt(), pt, 1e-10 * pt);
    EXPECT_NEAR(p.eta(), eta, 1e-10);
    EXPECT_NEAR(p.phi(), phi, 1e-12);
  }
}

TEST(FourVector, BoostKeepsProductsAndTakesRestToFrame) {
  for (int i = 0; i < 200; ++i) {
    Draw draw(seed, 2, static_cast<std::uint64_t>(i));
    double const mass = draw.between(1, 200);
    FourVector const frame = random_body(mass, draw);
    FourVector const at_rest{mass, 0, 0, 0}, moved = boost(at_rest, frame, mass);
    EXPECT_NEAR(moved.e, frame.e, 1e-9 * frame.e);
    EXPECT_NEAR(moved.z, frame.z, 1e-9 * frame.e);
    FourVector const p = random_body(3, draw);
    // the product with the frame is the rest-frame energy times the mass
    FourVector const lab = boost(p, frame, mass);
    double const product = lab.e * frame.e - lab.x * frame.x - lab.y * frame.y - lab.z * frame.z;
    EXPECT_NEAR(product, p.e * mass, 1e-7 * lab.e * frame.e);
  }
}

TEST(Decay, TwoBodiesAddUpToTheParentWithTheRightMasses) {
  for (int i = 0; i < 200; ++i) {
    Draw draw(seed, 3, static_cast<std::uint64_t>(i));
    double const mass = draw.between(20, 200), first = draw.between(0, 9),
                 second = draw.between(0, 9);
    FourVector const parent = random_body(mass, draw);
    Pair const pair = two_body(parent, mass, first, second, draw);
    double const rounding = 1e-13 * parent.e * parent.e;
    EXPECT_NEAR((pair.first + pair.second).mass_squared(), mass * mass, rounding);
    EXPECT_NEAR(pair.first.mass_squared(), first * first, 10 * rounding);
    EXPECT_NEAR(pair.second.mass_squared(), second * second, 10 * rounding);
  }
}

TEST(Decay, MomentumMatchesTextbookCases) {
  EXPECT_DOUBLE_EQ(decay_momentum(80, 0, 0), 40);
  EXPECT_DOUBLE_EQ(decay_momentum(10, 6, 0), 0.5 * 10 * (1 - 0.36));
  EXPECT_EQ(decay_momentum(10, 6, 4), 0);
  EXPECT_EQ(decay_momentum(10, 6, 5), 0);
}

TEST(Decay, TausSplitAsTheBranchingFractionsSay) {
  constexpr int taus = 40'000;
  int electrons = 0, jets = 0;
  double lepton_energy = 0;
  for (int i = 0; i < taus; ++i) {
    Draw draw(seed, 4, static_cast<std::uint64_t>(i));
    TauDecay const decay = decay_tau({tau_mass, 0, 0, 0}, draw);
    EXPECT_NEAR((decay.visible + decay.invisible).mass(), tau_mass, 1e-9);
    EXPECT_GE(decay.invisible.mass_squared(), -1e-9);
    if (decay.seen == TauDecay::Seen::jet) ++jets;
    if (decay.seen == TauDecay::Seen::electron) ++electrons;
    if (decay.seen != TauDecay::Seen::jet) lepton_energy += decay.visible.e;
  }
  double const error = 4 * std::sqrt(0.25 / taus);
  EXPECT_NEAR(electrons / double(taus), 0.178, error);
  EXPECT_NEAR(jets / double(taus), 0.648, error);
  // Michel: mean of 2 E / m is the integral of 2 x^3 (3 - 2 x), 7/10
  EXPECT_NEAR(lepton_energy / (taus - jets), 0.35 * tau_mass, 0.01 * tau_mass);
}

/// Largest distance between the sampled distribution and `below`, times sqrt(n) (Kolmogorov).
double kolmogorov(std::function<double(Draw&)> const& sample,
                  std::function<double(double)> const& below) {
  constexpr int n = 20'000;
  std::vector<double> values;
  for (int i = 0; i < n; ++i) {
    Draw draw(seed, 5, static_cast<std::uint64_t>(i));
    values.push_back(sample(draw));
  }
  std::sort(values.begin(), values.end());
  double worst = 0;
  for (int i = 0; i < n; ++i)
    worst = std::max(worst, std::abs(below(values[static_cast<std::size_t>(i)]) - (i + 0.5) / n));
  return worst * std::sqrt(double(n));
}
/// Exceeded by chance once in 1e5 (asymptotic 2 exp(-2 k^2)).
constexpr double allowed_distance = 2.47;

TEST(Spectra, FollowTheirDistributions) {
  FallingSpectrum const falling(11, 1.9, 1500);
  EXPECT_LT(kolmogorov([&](Draw& d) { return falling(d); },
                       [&](double x) { return falling.below(x) / falling.below(1500); }),
            allowed_distance);
  PowerLaw const power(20, 1000, 5);
  EXPECT_LT(
      kolmogorov([&](Draw& d) { return power(d); },
                 [](double x) { return (1 - std::pow(x / 20, -4)) / (1 - std::pow(50.0, -4)); }),
      allowed_distance);
  EXPECT_LT(kolmogorov([](Draw& d) { return vector_boson_cosine(d); },
                       [](double c) { return (c * c * c + 3 * c + 4) / 8; }),
            allowed_distance);
  EXPECT_LT(kolmogorov([](Draw& d) { return beta_two(5, d); },
                       [](double x) { return 6 * std::pow(x, 5) - 5 * std::pow(x, 6); }),
            allowed_distance);
  EXPECT_LT(kolmogorov([](Draw& d) { return d.normal(); },
                       [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2)); }),
            allowed_distance);
  EXPECT_LT(kolmogorov(
                [](Draw& d) {
                  auto const [x, y] = d.direction();
                  return std::atan2(y, x);
                },
                [](double phi) { return 0.5 + phi / (2 * std::acos(-1)); }),
            allowed_distance);
}

TEST(Spectra, ComparisonNoticesAWrongDistribution) {
  PowerLaw const power(20, 1000, 5);
  EXPECT_GT(kolmogorov([&](Draw& d) { return power(d); },
                       [](double x) { return 1 - std::pow(x / 20, -4.2); }),
            allowed_distance);
}

TEST(Spectra, BreitWignerHasItsHalfWidthAtHalfMaximum) {
  // uncut in the squared mass, half of the line lies within m^2 = M^2 +- M G
  BreitWigner const line(91.1876, 2.4952, 1, 2000);
  int inside = 0;
  constexpr int n = 20'000;
  for (int i = 0; i < n; ++i) {
    Draw draw(seed, 6, static_cast<std::uint64_t>(i));
    double const m = line(draw);
    inside += std::abs(m * m - 91.1876 * 91.1876) < 91.1876 * 2.4952;
  }
  EXPECT_NEAR(inside / double(n), 0.505, 0.012);
}

TEST(Draw, PoissonHasItsMeanAndVariance) {
  double sum = 0, squares = 0;
  constexpr int n = 40'000;
  for (int i = 0; i < n; ++i) {
    Draw draw(seed, 8, static_cast<std::uint64_t>(i));
    int const count = draw.poisson(1.3);
    sum += count, squares += count * count;
  }
  double const mean = sum / n;
  EXPECT_NEAR(mean, 1.3, 0.03);
  EXPECT_NEAR(squares / n - mean * mean, 1.3, 0.06);
}

}  // namespace
}  // namespace crossjoule::sim::events
