// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
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

/// The largest of the ranks' values, one by one; `by_rank` holds the equally long lists of all
/// ranks behind each other.
template <class T>
std::vector<T> slowest_of(std::span<T const> by_rank, std::size_t ranks) {
  std::size_t const count = by_rank.size() / ranks;
  std::vector<T> slowest(by_rank.begin(), by_rank.begin() + static_cast<std::ptrdiff_t>(count));
  for (std::size_t i = count; i < ranks * count; ++i)
    slowest[i % count] = std::max(slowest[i % count], by_rank[i]);
  return slowest;
}

}  // namespace crossjoule::runtime
