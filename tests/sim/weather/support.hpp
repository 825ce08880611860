// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/philox.hpp"
#include "sim/world/weather/sphere.hpp"

#include <algorithm>
#include <cmath>

namespace crossjoule::sim::weather {

/// Random coefficients of degrees first .. last (0: the truncation), as a real field has them.
inline Spectrum random_spectrum(Sphere const& sphere, std::uint64_t seed, int first = 0,
                                int last = 0) {
  core::Random random(seed, core::purpose("tests/spectrum"), 0);
  Spectrum spectrum(sphere.spectrum_size());
  for (int m = 0; m <= sphere.truncation(); ++m)
    for (int l = m; l <= sphere.truncation(); ++l) {
      Complex const draw{random.normal(), m > 0 ? random.normal() : 0};
      if (l >= first && l <= (last > 0 ? last : sphere.truncation()))
        spectrum[sphere.at(l, m)] = draw;
    }
  return spectrum;
}

/// Largest difference over the largest value of `want`.
inline double worst_difference(Spectrum const& have, Spectrum const& want) {
  double worst = 0, largest = 0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    worst = std::max(worst, std::abs(have[i] - want[i]));
    largest = std::max(largest, std::abs(want[i]));
  }
  return worst / largest;
}

inline double worst_difference(std::vector<double> const& have, std::vector<double> const& want) {
  double worst = 0, largest = 0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    worst = std::max(worst, std::abs(have[i] - want[i]));
    largest = std::max(largest, std::abs(want[i]));
  }
  return worst / largest;
}

}  // namespace crossjoule::sim::weather
