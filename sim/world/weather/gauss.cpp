// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/weather/gauss.hpp"

#include <cmath>
#include <numbers>

namespace crossjoule::sim::weather {
namespace {

struct Polynomial {
  long double value, derivative;
};

/// P_n and its derivative at x, by the three-term recurrence.
Polynomial legendre_polynomial(int n, long double x) {
  long double before = 1, value = x;
  for (int k = 2; k <= n; ++k) {
    long double const next = ((2 * k - 1) * x * value - (k - 1) * before) / k;
    before = value;
    value = next;
  }
  return {value, n * (before - x * value) / (1 - x * x)};
}

}  // namespace

GaussNodes gauss_nodes(int count) {
  constexpr int most_steps = 20;  // converges in 4 to 6
  auto const size = static_cast<std::size_t>(count);
  GaussNodes nodes{std::vector<double>(size), std::vector<double>(size)};
  for (int j = 0; j < (count + 1) / 2; ++j) {
    // Tricomi's asymptotic node, good to 1e-4 of a spacing
    long double x = std::cos(std::numbers::pi_v<long double> * (j + 0.75L) / (count + 0.5L));
    if (2 * j + 1 == count) x = 0;
    Polynomial p = legendre_polynomial(count, x);
    for (int step = 0; step < most_steps && std::abs(p.value) > 1e-19L; ++step) {
      long double const change = p.value / p.derivative;
      x -= change;
      p = legendre_polynomial(count, x);
      if (std::abs(change) < 1e-19L) break;
    }
    auto const north = static_cast<std::size_t>(j), south = size - 1 - north;
    auto const weight = static_cast<double>(2 / ((1 - x * x) * p.derivative * p.derivative));
    nodes.mu[south] = -static_cast<double>(x);
    nodes.mu[north] = static_cast<double>(x);
    nodes.weight[north] = nodes.weight[south] = weight;
  }
  return nodes;
}

}  // namespace crossjoule::sim::weather
