// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "meter/clock.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

namespace crossjoule::meter {

/// Calls `tick` every `period_second` from a thread of its own, on absolute deadlines: a late one
/// is not made up for. It is there to catch wraps, to draw the time series and to integrate powers;
/// energies of regions come from counters read at their edges.
class Sampler {
 public:
  Sampler(std::shared_ptr<Clock> clock, double period_second, std::function<void()> tick);
  /// Stops and joins; no tick runs afterwards.
  ~Sampler() = default;
  /// Processor time the thread has used: the meter's own cost.
  double cpu_second() const { return static_cast<double>(cpu_ns_.load()) * 1e-9; }

 private:
  void run(std::stop_token const& stop);
  std::shared_ptr<Clock> clock_;
  std::int64_t period_ns_;
  std::function<void()> tick_;
  std::atomic<std::int64_t> cpu_ns_ = 0;
  std::jthread thread_;  // last: it uses all the others
};

}  // namespace crossjoule::meter
