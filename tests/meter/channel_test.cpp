// SPDX-License-Identifier: BSD-3-Clause
#include "meter/channel.hpp"

#include "meter/containment.hpp"
#include "tests/meter/scripted.hpp"

namespace crossjoule::meter {
namespace {

std::shared_ptr<FakeSensor> power_sensor() {
  SensorInfo info = package_info("board");
  info.source = Source::power, info.max_watt = 400, info.update_second = 0.1;
  return std::make_shared<FakeSensor>(info);
}

double joule(Channel const& channel) { return channel.mark().flow.joule; }

TEST(PowerChannel, IntegratesATrapezium) {
  ScriptedClock clock;
  auto const sensor = power_sensor();
  sensor->source = [&] { return Reading{0, 100 + 50 * clock.seconds()}; };
  auto const channel = make_channel(sensor);
  channel->read(clock);
  for (int k = 0; k < 20; ++k) clock.pass(0.1), channel->read(clock);
  EXPECT_NEAR(joule(*channel), 300, 1e-9);
  EXPECT_EQ(channel->device().kind, core::Kind::measured_sampled);
}

TEST(PowerChannel, ImpossiblePowerIsAFailedRead) {
  ScriptedClock clock;
  auto const sensor = power_sensor();
  double watt = 100;
  sensor->source = [&] { return Reading{0, watt}; };
  auto const channel = make_channel(sensor);
  channel->read(clock);
  for (double bad : {-5.0, 1e6, std::nan("")}) clock.pass(0.1), watt = bad, channel->read(clock);
  clock.pass(0.1), watt = 100, channel->read(clock);
  EXPECT_NEAR(joule(*channel), 40, 1e-9);
  EXPECT_EQ(channel->mark().flow.failed, 3);
  EXPECT_EQ(channel->mark().flow.covered_ns, 0);
}

TEST(Series, LongRunsKeepBoundedEvenlyThinnedPoints) {
  Series series;
  for (std::int64_t k = 0; k < 500'000; ++k)
    series.add(k, Source::counter, {static_cast<std::uint64_t>(3 * k), 0});
  EXPECT_LT(series.time_ns.size(), Series::limit);
  EXPECT_GT(series.time_ns.size(), Series::limit / 2 - 2);
  ASSERT_EQ(series.counter.size(), series.time_ns.size());
  EXPECT_TRUE(series.power_watt.empty());
  for (std::size_t k = 0; k < series.time_ns.size(); ++k) {
    ASSERT_EQ(series.time_ns[k], static_cast<std::int64_t>(k) * series.stride);
    ASSERT_EQ(series.counter[k], static_cast<std::uint64_t>(3 * series.time_ns[k]));
  }
}

SensorInfo part(std::string id, DeviceClass device, std::vector<std::string> contained_in) {
  SensorInfo info;
  info.id = std::move(id), info.device = device, info.contained_in = std::move(contained_in);
  return info;
}

TEST(Containment, PlatformContainsPackagesAndDramButNotBoards) {
  std::vector<SensorInfo> const node = {
      part("platform:1", DeviceClass::platform, {}),
      part("package-0", DeviceClass::package, {"platform"}),
      part("core-of-package-0", DeviceClass::core, {"package-0", "platform"}),
      part("dram-of-package-0", DeviceClass::dram, {"platform"}),
      part("gpu-a", DeviceClass::gpu, {})};
  EXPECT_EQ(choose_cover(node), (std::vector<Use>{Use::counted, Use::cross_check, Use::cross_check,
                                                  Use::cross_check, Use::counted}));
  std::vector<SensorInfo> const without(node.begin() + 1, node.end());
  EXPECT_EQ(choose_cover(without),
            (std::vector<Use>{Use::counted, Use::cross_check, Use::counted, Use::counted}));
}

TEST(Containment, AddingAContainedSensorNeverChangesTheSum) {
  std::vector<SensorInfo> const all = {
      part("platform:1", DeviceClass::platform, {}),
      part("package-0", DeviceClass::package, {"platform"}),
      part("package-1", DeviceClass::package, {"platform"}),
      part("core-of-package-0", DeviceClass::core, {"package-0", "platform"}),
      part("uncore-of-package-1", DeviceClass::uncore, {"package-1", "platform"}),
      part("dram-of-package-1", DeviceClass::dram, {"platform"}),
      part("gpu-a", DeviceClass::gpu, {})};
  auto const counted = [&](unsigned chosen) {
    std::vector<SensorInfo> present;
    for (std::size_t k = 0; k < all.size(); ++k)
      if (chosen >> k & 1) present.push_back(all[k]);
    auto const uses = choose_cover(present);
    std::vector<std::string> ids;
    for (std::size_t k = 0; k < present.size(); ++k)
      if (uses[k] == Use::counted) ids.push_back(present[k].id);
    return ids;
  };
  for (unsigned chosen = 0; chosen < 128; ++chosen)
    for (std::size_t k = 0; k < all.size(); ++k) {
      bool inside = false;
      for (std::size_t other = 0; other < all.size(); ++other)
        inside = inside || ((chosen >> other & 1) && contains(all[other], all[k]));
      if (!inside) continue;
      EXPECT_EQ(counted(chosen | 1u << k), counted(chosen & ~(1u << k)))
          << chosen << " " << all[k].id;
    }
}

}  // namespace
}  // namespace crossjoule::meter
