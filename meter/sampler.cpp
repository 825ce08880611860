// SPDX-License-Identifier: BSD-3-Clause
#include "meter/sampler.hpp"

#include <ctime>

namespace crossjoule::meter {
namespace {

std::int64_t thread_cpu_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

Sampler::Sampler(std::shared_ptr<Clock> clock, double period_second, std::function<void()> tick)
    : clock_(std::move(clock)),
      period_ns_(static_cast<std::int64_t>(period_second * 1e9)),
      tick_(std::move(tick)),
      thread_([this](std::stop_token stop) { run(stop); }) {}

void Sampler::run(std::stop_token const& stop) {
  std::int64_t deadline = clock_->now_ns() + period_ns_;
  while (true) {
    clock_->sleep_until(deadline, stop);
    if (stop.stop_requested()) return;
    tick_();
    cpu_ns_ = thread_cpu_ns();
    std::int64_t const late = clock_->now_ns() - deadline;
    deadline += period_ns_ * (1 + (late > 0 ? late / period_ns_ : 0));
  }
}

}  // namespace crossjoule::meter
