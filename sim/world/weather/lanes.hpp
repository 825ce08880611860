// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

namespace crossjoule::sim::weather {

/// Several latitudes side by side: one vector register of the machine. The compiler's vector type,
/// so that sums and products are single instructions.
#ifdef __AVX512F__
inline constexpr int lane_count = 8;
#else
inline constexpr int lane_count = 4;
#endif
typedef double Lanes __attribute__((vector_size(lane_count * sizeof(double))));

/// Lanes needed for `rows` numbers.
constexpr int lanes_for(int rows) { return (rows + lane_count - 1) / lane_count; }

/// A complex number per lane.
struct ComplexLanes {
  Lanes re, im;
};

}  // namespace crossjoule::sim::weather
