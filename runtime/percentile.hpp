// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace crossjoule::runtime {

/// The value below which `fraction` (0 to 1) of sorted, non-empty `values` lie, linear between
/// neighbours (Hyndman & Fan 1996, type 7: numpy's default).
template <class T>
double percentile(std::vector<T> const& values, double fraction) {
  double const place = fraction * static_cast<double>(values.size() - 1);
  auto const below = static_cast<std::size_t>(place);
  auto const above = std::min(below + 1, values.size() - 1);
  double const part = place - static_cast<double>(below);
  return (1 - part) * static_cast<double>(values[below]) +
         part * static_cast<double>(values[above]);
}

}  // namespace crossjoule::runtime
