// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>

namespace crossjoule::aimc {

/// The ideal pipeline, the oracle of the simulation: L equal layers of arrays (t) followed by their
/// digital units (d), V vectors. L (t + d) + (V - 1) max(t, d), which is (V + L - 1) t without d.
inline double closed_form_latency(std::int64_t layers, std::int64_t vectors, double t, double d) {
  return static_cast<double>(layers) * (t + d) + static_cast<double>(vectors - 1) * std::max(t, d);
}

}  // namespace crossjoule::aimc
