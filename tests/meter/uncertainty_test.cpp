// SPDX-License-Identifier: BSD-3-Clause
#include "meter/uncertainty.hpp"

#include "tests/meter/scripted.hpp"

namespace crossjoule::meter {
namespace {

Device counter_device() {
  return {package_info("package-0"), core::Kind::measured_counter, Use::counted};
}

Window window_of(double joule, double seconds, SensorInfo const& info) {
  Window window;
  window.flow.counts = static_cast<std::uint64_t>(joule * 1e6);
  window.flow.reads = 10;
  window.duration_ns = window.shortest_ns = window.flow.covered_ns = std::llround(seconds * 1e9);
  window.edge_square = 2 * info.update_second * info.update_second;
  return window;
}

TEST(Uncertainty, LongWindowsAreLimitedByGain) {
  auto const device = counter_device();
  auto const weighed = weigh(device, window_of(1000, 10, device.info), 100);
  EXPECT_NEAR(weighed.energy.high.value, 1050, 0.01);
  EXPECT_NEAR(weighed.energy.low.value, 950, 0.01);
  EXPECT_EQ(weighed.largest_term, "gain of package-0 (+-5 %)");
  EXPECT_FALSE(weighed.is_edge_limited);
  EXPECT_DOUBLE_EQ(weighed.coverage, 1);
}

TEST(Uncertainty, ShortWindowsAreLimitedByTheEdges) {
  auto const device = counter_device();
  auto const weighed = weigh(device, window_of(0.2, 0.002, device.info), 100);
  // 2 x 100 W x sqrt(2) x 1 ms / sqrt(12) = 0.0816 J, and 5 % of 0.2 J beside it
  EXPECT_NEAR(weighed.energy.high.value - 0.2, std::hypot(0.081650, 0.01), 1e-5);
  EXPECT_TRUE(weighed.is_edge_limited);
  EXPECT_EQ(weighed.largest_term, "update period of package-0 at the edges");
}

TEST(Uncertainty, StillCounterHasAnUpperEnd) {
  auto const device = counter_device();
  auto const weighed = weigh(device, window_of(0, 0.0005, device.info), 100);
  EXPECT_EQ(weighed.energy.low.value, 0);
  EXPECT_GT(weighed.energy.high.value, 0.05);
}

TEST(Uncertainty, UnseenJoulesRaiseTheUpperEndAlone) {
  auto const device = counter_device();
  auto window = window_of(1000, 10, device.info);
  window.flow.unseen_joule = 500;
  auto const weighed = weigh(device, window, 100);
  EXPECT_NEAR(weighed.energy.low.value, 950, 0.01);
  EXPECT_NEAR(weighed.energy.high.value, 1550, 0.01);
}

TEST(Uncertainty, WindowWithoutAGoodReadIsAbsent) {
  auto const device = counter_device();
  Window window;
  window.flow.reads = window.flow.failed = 3;
  EXPECT_FALSE(weigh(device, window, 100).energy.present());
}

}  // namespace
}  // namespace crossjoule::meter
