// SPDX-License-Identifier: BSD-3-Clause
#include "meter/meter.hpp"

#include "core/philox.hpp"
#include "meter/account.hpp"
#include "tests/meter/scripted.hpp"

namespace crossjoule::meter {
namespace {

/// Two packages and DRAM that count, with a meter.
struct Node {
  Node() : clock(std::make_shared<ScriptedClock>()) {
    root.processor("GenuineIntel", "x", 4, "fpu");
    for (auto const& [folder, name, watt] : {std::tuple{"intel-rapl:0", "package-0", 100.0},
                                             {"intel-rapl:1", "package-1", 30.0},
                                             {"intel-rapl:0/intel-rapl:0:0", "dram", 10.0}}) {
      root.zone(folder, name, 1'000'000);
      root.feed(*clock, folder, StepLoad(watt), 1'000'000, usual_modulus_uj);
    }
    meter = std::make_unique<Meter>(MeterOptions{}, parts_for(root, clock));
  }
  FakeRoot root;
  std::shared_ptr<ScriptedClock> clock;
  std::unique_ptr<Meter> meter;
};

/// Largest |sum of phases - total| over devices, relative, of a ledger whose `phase` is left out.
double worst_gap(Ledger const& ledger, std::size_t left_out = phase_count) {
  double worst = 0;
  for (std::size_t k = 0; k < ledger.devices.size(); ++k) {
    double sum = 0;
    for (std::size_t phase = 0; phase < phase_count; ++phase)
      if (phase != left_out) sum += ledger.joules[phase][k].value.value;
    worst =
        std::max(worst, std::abs(sum - ledger.total[k].value.value) / ledger.total[k].value.value);
  }
  return worst;
}

/// Opens, nests and closes regions at random.
void live_through(Node& node, std::uint64_t item) {
  core::Random random(5, core::purpose("meter/phases"), item);
  std::vector<Region> open;
  for (int k = 0; k < 60; ++k) {
    if (open.size() < 4 && random.below(2) == 0)
      open.push_back(node.meter->begin(static_cast<Phase>(random.below(phase_count - 1))));
    else if (!open.empty())
      open.pop_back();
    node.clock->pass(random.uniform(0.0, 0.3));
    if (random.below(3) == 0) node.meter->sample();
  }
}

TEST(Ledger, PhasesAddUpToTheTotal) {
  for (std::uint64_t item = 0; item < 5; ++item) {
    Node node;
    live_through(node, item);
    auto const ledger = node.meter->ledger();
    EXPECT_LE(worst_gap(ledger), 1e-12);
    auto const total = node.meter->total();
    EXPECT_NEAR(ledger.sum().value.value, total.system.value.value,
                1e-9 * total.system.value.value);
    double seconds = 0;
    for (auto const& time : ledger.seconds) seconds += time.value;
    EXPECT_NEAR(seconds, total.duration.value, 1e-9);
    auto const longest = std::max_element(ledger.seconds.begin(), ledger.seconds.end());
    auto const lost = static_cast<std::size_t>(longest - ledger.seconds.begin());
    EXPECT_GT(worst_gap(ledger, lost), 1e-3) << "the check must notice a lost phase";
  }
}

TEST(Ledger, InnermostPhaseGetsTheMoment) {
  Node node;
  auto train = node.meter->begin(Phase::train);
  node.clock->pass(1);
  auto save = node.meter->begin(Phase::checkpoint);
  node.clock->pass(2);
  auto const saved = save.close();
  node.clock->pass(1);
  auto const trained = train.close();
  node.clock->pass(3);
  EXPECT_NEAR(saved.system.value.value, 280, 0.5);
  EXPECT_NEAR(trained.system.value.value, 560, 0.5);
  auto const ledger = node.meter->ledger();
  EXPECT_NEAR(ledger.sum(Phase::train).value.value, 280, 0.5);
  EXPECT_NEAR(ledger.sum(Phase::checkpoint).value.value, 280, 0.5);
  EXPECT_NEAR(ledger.sum(Phase::unattributed).value.value, 420, 1);
  EXPECT_EQ(ledger.sum(Phase::init).value.value, 0);
  EXPECT_FALSE(ledger.sum(Phase::train, core::Kind::modelled).present());
}

TEST(Ledger, KindsStayApart) {
  FakeRoot root;
  auto const clock = std::make_shared<ScriptedClock>();
  root.processor("GenuineIntel", "x", 4, "fpu");
  root.zone("intel-rapl:0", "package-0", 1'000'000);
  root.feed(*clock, "intel-rapl:0", StepLoad(100), 1'000'000, usual_modulus_uj);
  Meter meter({}, parts_for(root, clock));
  {
    auto const region = meter.begin(Phase::train);
    clock->pass(1);
  }
  auto const ledger = meter.ledger();
  auto const measured = ledger.sum(Phase::train, core::Kind::measured_counter);
  auto const modelled = ledger.sum(Phase::train, core::Kind::modelled);
  EXPECT_NEAR(measured.value.value, 100, 0.2);
  EXPECT_NEAR(modelled.value.value, 0.3725 * 16.384, 0.01);
  EXPECT_EQ(ledger.sum(Phase::train).kind, core::Kind::modelled);
}

TEST(Region, DestructorClosesAndLeavesTheLedgerRight) {
  Node node;
  {
    auto const region = node.meter->begin(Phase::data);
    node.clock->pass(1);
  }
  node.clock->pass(1);
  EXPECT_NEAR(node.meter->ledger().sum(Phase::data).value.value, 140, 0.5);
}

TEST(Region, MayOutliveTheMeter) {
  Node node;
  auto region = node.meter->begin(Phase::train);
  node.clock->pass(1);
  node.meter.reset();
  EXPECT_NEAR(region.close().system.value.value, 140, 0.5);
}

TEST(Meter, IdleBaselineGivesTheIdlePart) {
  Node node;
  auto const idle = node.meter->measure_idle({10});
  EXPECT_NEAR(idle.system.value.value, 1400, 1);
  auto region = node.meter->begin(Phase::train);
  node.clock->pass(3);
  auto const energy = region.close();
  EXPECT_EQ(energy.idle_system.kind, core::Kind::measured_counter);
  EXPECT_NEAR(energy.idle_system.value.value, 420, 1);
  EXPECT_NEAR(energy.idle_chip.value.value, 390, 1);
  EXPECT_NEAR(node.meter->ledger().sum(Phase::idle).value.value, 1400, 1);
}

TEST(Meter, WholeRunNamesItsLargestErrorTerm) {
  Node node;
  node.clock->pass(100);
  auto const total = node.meter->total();
  EXPECT_EQ(total.largest_error_term, "gain of package-0 (+-5 %)");
  EXPECT_DOUBLE_EQ(total.coverage, 1);
  EXPECT_EQ(total.edges, Edges::sharp);
}

TEST(Meter, CounterThatFreezesAfterTheProbeIsAbsentNotZero) {
  Node node;
  node.clock->pass(1);
  node.clock->listeners.clear();
  auto region = node.meter->begin(Phase::train);
  for (int k = 0; k < 20; ++k) node.clock->pass(0.1), node.meter->sample();
  auto const energy = region.close();
  EXPECT_FALSE(energy.chip.present());
  EXPECT_NE(energy.missing_terms.find("package-0 (frozen)"), std::string::npos);
}

TEST(Meter, SensorThatDiesAfterTheProbeIsAbsentNotZero) {
  FakeRoot root;
  auto const clock = std::make_shared<ScriptedClock>();
  auto const sensor = std::make_shared<FakeSensor>(package_info("package-0"));
  sensor->source = [&] { return Reading{static_cast<std::uint64_t>(clock->now_ns() / 10), 0}; };
  auto parts = parts_for(root, clock);
  parts.sensors = {sensor};
  Meter meter({}, parts);
  sensor->source = nullptr;
  clock->pass(1);
  auto region = meter.begin(Phase::train);
  clock->pass(1);
  auto const energy = region.close();
  EXPECT_FALSE(energy.chip.present());
  EXPECT_NE(energy.missing_terms.find("package-0 (no good reading)"), std::string::npos);
}

}  // namespace
}  // namespace crossjoule::meter
