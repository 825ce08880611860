// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/clock.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace crossjoule::bench {

/// Seconds of each call of `action`, sorted: called for `seconds` in all, at least three times,
/// after one call to warm up.
std::vector<double> times_of(double seconds, auto&& action) {
  std::vector<double> times;
  action();
  std::int64_t const begin = core::steady_ns();
  std::int64_t last = begin;
  while (static_cast<double>(last - begin) < seconds * 1e9 || times.size() < 3) {
    std::int64_t const start = core::steady_ns();
    action();
    last = core::steady_ns();
    times.push_back(static_cast<double>(last - start) * 1e-9);
  }
  std::sort(times.begin(), times.end());
  return times;
}

}  // namespace crossjoule::bench
