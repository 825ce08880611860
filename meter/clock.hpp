// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>

namespace crossjoule::meter {

/// What tells the meter the time and makes it wait. Tests hand in one that follows a script.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Steady nanoseconds; differences alone mean something.
  virtual std::int64_t now_ns() = 0;
  /// Returns at `time_ns`, or as soon as a stop is asked for.
  virtual void sleep_until(std::int64_t time_ns, std::stop_token stop) = 0;
  /// Returns at `time_ns` having kept this core busy: a probe wants load.
  virtual void work_until(std::int64_t time_ns) = 0;
};

/// CLOCK_MONOTONIC_RAW and real waiting.
std::shared_ptr<Clock> real_clock();

}  // namespace crossjoule::meter
