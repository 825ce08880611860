// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/quantity.hpp"

#include <cstdint>
#include <string>

namespace crossjoule::core {

/// Nanoseconds of CLOCK_MONOTONIC_RAW: never stepped, never slewed. The only clock that energies
/// and durations are computed from.
std::int64_t steady_ns();
constexpr Seconds seconds_between(std::int64_t begin_ns, std::int64_t end_ns) {
  return {static_cast<double>(end_ns - begin_ns) * 1e-9};
}
/// Wall-clock time for people, "2026-01-31T12:00:00Z".
std::string utc_now();

}  // namespace crossjoule::core
