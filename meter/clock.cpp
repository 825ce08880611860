// SPDX-License-Identifier: BSD-3-Clause
#include "meter/clock.hpp"

#include "core/clock.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace crossjoule::meter {
namespace {

class RealClock : public Clock {
 public:
  std::int64_t now_ns() override { return core::steady_ns(); }

  void sleep_until(std::int64_t time_ns, std::stop_token stop) override {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    auto const left = std::chrono::nanoseconds(time_ns - now_ns());
    if (left.count() > 0) wake.wait_for(lock, stop, left, [] { return false; });
  }

  void work_until(std::int64_t time_ns) override {
    while (now_ns() < time_ns) {}
  }
};

}  // namespace

std::shared_ptr<Clock> real_clock() { return std::make_shared<RealClock>(); }

}  // namespace crossjoule::meter
