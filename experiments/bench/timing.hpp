// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/clock.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

namespace crossjoule::bench {

/// Seconds of each call of `action`, sorted: called for `seconds` in all, at least three times,
/// after one call to warm up. Ranks that call together give the time they agree on as `agreed`.
template <class Action, class Agreed = std::identity>
std::vector<double> times_of(double seconds, Action&& action, Agreed&& agreed = {}) {
  std::vector<double> times;
  action();
  for (double total = 0; total < seconds || times.size() < 3; total += times.back()) {
    std::int64_t const start = core::steady_ns();
    action();
    times.push_back(agreed(static_cast<double>(core::steady_ns() - start) * 1e-9));
  }
  std::sort(times.begin(), times.end());
  return times;
}

}  // namespace crossjoule::bench
