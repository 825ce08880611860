// SPDX-License-Identifier: BSD-3-Clause
#include "meter/sampler.hpp"

#include "tests/meter/scripted.hpp"

#include <condition_variable>
#include <mutex>

namespace crossjoule::meter {
namespace {

/// A clock for two threads: the sampler waits until the test moves time.
class SharedClock : public Clock {
 public:
  std::int64_t now_ns() override {
    std::lock_guard const guard(mutex_);
    return now_ns_;
  }
  void sleep_until(std::int64_t time_ns, std::stop_token stop) override {
    std::unique_lock lock(mutex_);
    deadlines.push_back(time_ns);
    moved_.notify_all();
    moved_.wait(lock, stop, [&] { return now_ns_ >= time_ns; });
  }
  void work_until(std::int64_t) override {}
  void move_to(std::int64_t time_ns) {
    std::lock_guard const guard(mutex_);
    now_ns_ = time_ns;
    moved_.notify_all();
  }
  /// Until the sampler has gone to sleep that many times.
  void await_sleeps(std::size_t count) {
    std::unique_lock lock(mutex_);
    moved_.wait(lock, [&] { return deadlines.size() >= count; });
  }
  std::vector<std::int64_t> deadlines;

 private:
  std::mutex mutex_;
  std::condition_variable_any moved_;
  std::int64_t now_ns_ = 0;
};

TEST(Sampler, TicksOnAbsoluteDeadlinesAndDoesNotCatchUp) {
  auto const clock = std::make_shared<SharedClock>();
  std::atomic<int> ticks = 0;
  {
    Sampler sampler(clock, 0.1, [&] { ++ticks; });
    clock->await_sleeps(1);
    clock->move_to(105'000'000);  // 5 ms late
    clock->await_sleeps(2);
    EXPECT_EQ(ticks, 1);
    clock->move_to(555'000'000);  // three deadlines missed
    clock->await_sleeps(3);
    EXPECT_EQ(ticks, 2);
  }
  EXPECT_EQ(clock->deadlines, (std::vector<std::int64_t>{100'000'000, 200'000'000, 600'000'000}));
}

TEST(Sampler, StopsAtOnce) {
  auto const clock = real_clock();
  std::atomic<int> ticks = 0;
  {
    Sampler sampler(clock, 3600, [&] { ++ticks; });
  }
  EXPECT_EQ(ticks, 0);
}

TEST(Sampler, MeterIsReadFromItsThreadAndOthers) {
  FakeRoot root;
  root.processor("GenuineIntel", "x", 2, "fpu");
  MeterOptions options;
  options.sysfs_root = root.path(), options.period_s = 0.001;
  MeterParts parts;
  parts.lock_folder = root.path();
  Meter meter(options, parts);
  std::jthread other([&](std::stop_token stop) {
    while (!stop.stop_requested()) meter.ledger();
  });
  for (int k = 0; k < 200; ++k) {
    auto outer = meter.begin(Phase::train);
    auto inner = meter.begin(Phase::data);
    auto const part = inner.close();
    auto const whole = outer.close();
    ASSERT_LE(part.system.value.value, whole.system.value.value);
  }
}

}  // namespace
}  // namespace crossjoule::meter
