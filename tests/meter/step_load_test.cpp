// SPDX-License-Identifier: BSD-3-Clause
// Loads of known energy on a fake powercap tree: the cases on which other meters are off by 12 %,
// 18 % and a factor.
#include "tests/meter/scripted.hpp"

namespace crossjoule::meter {
namespace {

constexpr double allowed_total = 1e-3, allowed_region = 1e-2;
constexpr double probe_second = 0.5;  // the load starts after the probe is surely over

/// A single-socket node whose package counter is about `to_wrap` joules before its wrap.
struct Node {
  explicit Node(StepLoad load, double to_wrap_joule = 100'000)
      : clock(std::make_shared<ScriptedClock>()) {
    root.processor("GenuineIntel", "Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz", 4, "fpu");
    auto const start = usual_modulus_uj - static_cast<std::uint64_t>(to_wrap_joule * 1e6);
    root.zone("intel-rapl:0", "package-0", start);
    root.feed(*clock, "intel-rapl:0", std::move(load), start, usual_modulus_uj);
    meter = std::make_unique<Meter>(MeterOptions{}, parts_for(root, clock));
  }
  /// Lets time pass as with a sampler of 10 Hz.
  void run(double seconds) {
    std::int64_t const end = clock->now_ns() + std::llround(seconds * 1e9);
    while (clock->now_ns() < end) {
      clock->move_to(std::min(end, clock->now_ns() + 100'000'000));
      meter->sample();
    }
  }
  void run_to(double second) { run(second - clock->seconds()); }
  FakeRoot root;
  std::shared_ptr<ScriptedClock> clock;
  std::unique_ptr<Meter> meter;
};

void expect_joule(core::Quantity<core::Joules> const& got, double truth, double allowed) {
  ASSERT_EQ(got.kind, core::Kind::measured_counter);
  EXPECT_NEAR(got.value.value, truth, allowed * truth);
  EXPECT_LE(got.low.value, truth);
  EXPECT_GE(got.high.value, truth);
}

TEST(StepLoad, ConstantLoad) {
  for (double to_wrap : {100'000.0, 300.0, 1.0}) {  // within the run, and at its very start
    Node node(StepLoad(160), to_wrap);
    auto region = node.meter->begin(Phase::inference);
    node.run(3.35);
    expect_joule(region.close().chip, 536, allowed_total);
  }
}

TEST(StepLoad, AlternatingLoadTotalAndRegions) {
  StepLoad load(60);
  double at = probe_second;
  for (int k = 0; k < 4; ++k, at += 1.8) load.at(at, 300).at(at + 0.7, 60);
  Node node(load);
  node.run_to(probe_second);
  auto whole = node.meter->begin(Phase::train);
  for (int k = 0; k < 4; ++k) {
    auto busy = node.meter->begin(Phase::inference);
    node.run(0.7);
    auto const high = busy.close();
    auto rest = node.meter->begin(Phase::data);
    node.run(1.1);
    auto const low = rest.close();
    expect_joule(high.chip, 210, allowed_region);
    expect_joule(low.chip, 66, allowed_region);
    EXPECT_NEAR(high.chip.value.value / high.duration.value, 300, 3);
  }
  expect_joule(whole.close().chip, 1104, allowed_total);
}

TEST(StepLoad, ToleranceNoticesWhatASamplerOfOneSecondWouldSay) {
  // the same load as its mean power over whole seconds, which is how others charge regions
  double const sampled = 0.5 * (300 * 0.7 + 60 * 0.3 + 300 * 0.7) / 1.0;
  EXPECT_GT(std::abs(sampled - 210) / 210, allowed_region / 10);
  EXPECT_GT(std::abs(551.0 - 536) / 536, allowed_total);
}

TEST(StepLoad, OneFailedReadCostsCoverageNotJoules) {
  Node node(StepLoad(100), 150);
  auto region = node.meter->begin(Phase::inference);
  node.run(1);
  node.root.put("/sys/class/powercap/intel-rapl:0/energy_uj", "");
  node.meter->sample();  // reads an empty file
  node.run(3);
  auto const energy = region.close();
  expect_joule(energy.chip, 400, allowed_total);
  EXPECT_LT(energy.coverage, 1);
  EXPECT_GT(energy.coverage, 0.9);
  EXPECT_EQ(node.meter->ledger().flows[0].failed, 1);
  EXPECT_EQ(node.meter->ledger().flows[0].wraps, 1);
}

TEST(StepLoad, TwoHoursWithFortyWraps) {
  Node node(StepLoad(1000), 10);
  auto region = node.meter->begin(Phase::train);
  for (int k = 0; k < 40 * 263; k += 20) {  // polled every 20 s: below half a wrap at 1 kW
    node.clock->pass(20);
    node.meter->sample();
  }
  auto const energy = region.close();
  expect_joule(energy.chip, 1000 * energy.duration.value, allowed_total);
  EXPECT_GE(node.meter->ledger().flows[0].wraps, 40);
}

TEST(StepLoad, StoppedProcessIsFlaggedNotGuessed) {
  Node node(StepLoad(200));
  auto region = node.meter->begin(Phase::train);
  node.run(1);
  node.clock->pass(3 * 3600);  // SIGSTOP for three hours: many wraps
  auto const energy = region.close();
  EXPECT_LT(energy.coverage, 0.01);
  EXPECT_GE(energy.chip.high.value, 200 * energy.duration.value);
  EXPECT_EQ(node.meter->ledger().flows[0].gaps, 1);
}

TEST(StepLoad, VanishingFileLeavesTheRunAlive) {
  Node node(StepLoad(100));
  auto region = node.meter->begin(Phase::train);
  node.run(1);
  node.clock->listeners.clear();
  node.root.put("/sys/class/powercap/intel-rapl:0/energy_uj", "no number");
  node.clock->pass(1);
  node.meter->sample();
  auto const energy = region.close();
  EXPECT_NEAR(energy.chip.value.value, 100, 0.2);
  EXPECT_LT(energy.coverage, 0.6);
  EXPECT_GT(energy.chip.high.value, 130) << "the joules after the last good read are unknown";
}

}  // namespace
}  // namespace crossjoule::meter
