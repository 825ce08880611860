// SPDX-License-Identifier: BSD-3-Clause
// The jet of Galewsky, Scott and Polvani, Tellus A 56 (2004), equations 2 and 3.
#include "sim/world/weather/cases.hpp"
#include "sim/world/weather/gauss.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace crossjoule::sim::weather {
namespace {

constexpr double south_edge = std::numbers::pi / 7;
constexpr double north_edge = std::numbers::pi / 2 - south_edge;

}  // namespace

double galewsky_wind(double latitude) {
  constexpr double top_m_per_s = 80;
  if (latitude <= south_edge || latitude >= north_edge) return 0;
  double const width = north_edge - south_edge;
  double const normalisation = std::exp(-4 / (width * width));
  return top_m_per_s / normalisation *
         std::exp(1 / ((latitude - south_edge) * (latitude - north_edge)));
}

double galewsky_height(double latitude, Planet const& planet) {
  // the integrand is smooth and vanishes with all derivatives at the jet's edges: panels of a Gauss
  // rule converge fast
  constexpr int panels = 8, points = 32;
  static GaussNodes const nodes = gauss_nodes(points);
  double const end = std::min(latitude, north_edge);
  if (end <= south_edge) return 0;
  double const width = (end - south_edge) / panels;
  double total = 0;
  for (int panel = 0; panel < panels; ++panel)
    for (std::size_t k = 0; k < points; ++k) {
      double const at = south_edge + width * (panel + (1 - nodes.mu[k]) / 2);
      double const u = galewsky_wind(at);
      double const f = 2 * planet.rotation_per_s * std::sin(at);
      total += nodes.weight[k] / 2 * width * planet.radius_m * u *
               (f + std::tan(at) * u / planet.radius_m);
    }
  return -total / planet.gravity_m_per_s2;
}

}  // namespace crossjoule::sim::weather
