// SPDX-License-Identifier: BSD-3-Clause
#include "meter/composition.hpp"

#include "core/error.hpp"
#include "tests/meter/scripted.hpp"

namespace crossjoule::meter {
namespace {

/// A node and the meter's view of it.
struct Node {
  Node() : clock(std::make_shared<ScriptedClock>()) {
    root.processor("GenuineIntel", "x", 4, "fpu");
  }
  /// A zone that counts with this power.
  void add(std::string const& folder, std::string const& name, double watt) {
    root.zone(folder, name, 1'000'000);
    root.feed(*clock, folder, StepLoad(watt), 1'000'000, usual_modulus_uj);
  }
  Energy take(double seconds, MeterOptions const& options = {}) {
    Meter meter(options, parts_for(root, clock));
    headline = meter.headline();
    rows = meter.probe();
    auto region = meter.begin(Phase::inference);
    for (double left = seconds; left > 1e-9; left -= 0.1) clock->pass(0.1), meter.sample();
    return region.close();
  }
  FakeRoot root;
  std::shared_ptr<ScriptedClock> clock;
  std::string headline;
  std::vector<ProbeRow> rows;
};

TEST(Composition, DualSocketWithDram) {
  Node node;
  node.add("intel-rapl:0", "package-0", 100), node.add("intel-rapl:1", "package-1", 50);
  node.add("intel-rapl:0/intel-rapl:0:0", "dram", 10),
      node.add("intel-rapl:1/intel-rapl:1:0", "dram", 20);
  node.add("intel-rapl:0/intel-rapl:0:1", "core", 80);
  auto const energy = node.take(2);
  EXPECT_NEAR(energy.chip.value.value, 300, 0.5);
  EXPECT_NEAR(energy.system.value.value, 360, 0.5);
  EXPECT_EQ(energy.system.kind, core::Kind::measured_counter);
  EXPECT_EQ(node.headline, "RAPL package + dram + core, measured-counter");
  EXPECT_EQ(energy.missing_terms, "");
  EXPECT_NE(energy.assumed_terms.find("rest of the node"), std::string::npos);
  EXPECT_FALSE(energy.idle_system.present()) << "no baseline was taken";
  EXPECT_NEAR(energy.chip.high.value / energy.chip.value.value, 1.05, 0.002) << "Intel server: 5 %";
}

TEST(Composition, PlatformCoversTheSystemAndThePackageTheChip) {
  Node node;
  node.add("intel-rapl:0", "package-0", 30), node.add("intel-rapl:1", "psys", 70);
  auto const energy = node.take(1);
  EXPECT_NEAR(energy.chip.value.value, 30, 0.2);
  EXPECT_NEAR(energy.system.value.value, 70, 0.2);
  EXPECT_EQ(energy.missing_terms, "");
}

TEST(Composition, MissingDramIsModelledAndTheSystemTakesTheWorstKind) {
  Node node;
  node.add("intel-rapl:0", "package-0", 100);
  auto const energy = node.take(2);
  EXPECT_EQ(energy.chip.kind, core::Kind::measured_counter);
  EXPECT_EQ(energy.system.kind, core::Kind::modelled);
  EXPECT_NEAR(energy.system.value.value, 200 + 2 * 0.3725 * 16.384, 0.3);
  EXPECT_NE(energy.assumed_terms.find("DRAM"), std::string::npos);
  EXPECT_NE(node.headline.find("; MODELLED DRAM"), std::string::npos);
}

TEST(Composition, NoSensorIsModelledAndSaysSo) {
  Node node;
  node.root.processor("AuthenticAMD", "AMD EPYC", 2, "fpu hypervisor");
  node.clock->listeners.push_back(
      [&](double now) { node.root.stat(std::lround(now * 200), 0, 0); });
  auto const energy = node.take(5);
  EXPECT_EQ(node.headline, "MODELLED (no sensor: a guest cannot see host joules)");
  EXPECT_EQ(energy.system.kind, core::Kind::modelled);
  EXPECT_NEAR(energy.chip.value.value, 5 * 2 * 3.1, 1.0);
  EXPECT_GE(energy.chip.high.value, 2 * energy.chip.value.value * 0.999);
  EXPECT_LE(energy.chip.low.value, 0.501 * energy.chip.value.value);
  EXPECT_TRUE(energy.idle_chip.present());
  EXPECT_NEAR(energy.idle_chip.value.value, 5 * 2 * 3.1 * 0.2, 0.2);
  EXPECT_GT(energy.idle_system.value.value, energy.idle_chip.value.value);
}

TEST(Composition, FrozenCounterHandsOverToTheModel) {
  Node node;
  node.root.zone("intel-rapl:0", "package-0", 123'000'000);
  auto const energy = node.take(1);
  EXPECT_EQ(energy.chip.kind, core::Kind::modelled);
  EXPECT_NE(node.headline.find("stands still"), std::string::npos);
}

TEST(Composition, OneFrozenSocketIsAMissingTerm) {
  Node node;
  node.add("intel-rapl:0", "package-0", 100);
  node.root.zone("intel-rapl:1", "package-1", 123'000'000);
  auto const energy = node.take(1);
  EXPECT_NE(energy.missing_terms.find("package-1 (frozen)"), std::string::npos);
  EXPECT_NE(energy.missing_chip_terms.find("package-1 (frozen)"), std::string::npos);
}

TEST(Composition, NothingAtAllIsAbsentNotZero) {
  FakeRoot empty;
  auto const clock = std::make_shared<ScriptedClock>();
  Meter meter({}, parts_for(empty, clock));
  auto region = meter.begin(Phase::train);
  clock->pass(1);
  auto const energy = region.close();
  EXPECT_FALSE(energy.chip.present());
  EXPECT_FALSE(energy.system.present());
  EXPECT_EQ(energy.missing_terms, "CPU; DRAM");
  EXPECT_EQ(energy.coverage, 0);
}

TEST(Composition, RequiringMeasuredJoulesFailsWithThree) {
  Node node;
  MeterOptions options;
  options.require = Requirement::measured;
  try {
    node.take(1, options);
    FAIL() << "a model passed for a measurement";
  } catch (core::Error const& error) {
    EXPECT_EQ(error.code(), core::ExitCode::missing);
    EXPECT_NE(std::string(error.what()).find("crossjoule devices"), std::string::npos);
  }
  node.add("intel-rapl:0", "package-0", 100);
  EXPECT_NO_THROW(node.take(1, options));
  node.root.zone("intel-rapl:1", "package-1", 5'000'000);
  EXPECT_THROW(node.take(1, options), core::Error) << "one socket of two is not the chip";
}

/// Two boards of 300 W and 60 W that do not tell whether they work.
MeterParts two_boards(Node& node) {
  auto parts = parts_for(node.root, node.clock);
  for (std::string const id : {"gpu-a", "gpu-b"}) {
    SensorInfo info = package_info(id);
    info.device = DeviceClass::gpu, info.backend = "nvml", info.contained_in = {},
    info.quantum_joule = 1e-3;
    auto const sensor = std::make_shared<FakeSensor>(info);
    double const watt = id == "gpu-a" ? 300 : 60;
    sensor->source = [&node, watt] {
      return Reading{
          static_cast<std::uint64_t>(1000 + std::llround(node.clock->seconds() * watt * 1e3)), 0};
    };
    parts.sensors.push_back(sensor);
  }
  return parts;
}

TEST(Composition, BoardsOutsideTheUsedOnesCountForTheSystemAlone) {
  Node node;
  MeterOptions options;
  options.chip = Chip::gpu, options.used_gpus = {"gpu-a"};
  Meter meter(options, two_boards(node));
  auto region = meter.begin(Phase::inference);
  node.clock->pass(1);
  auto const energy = region.close();
  EXPECT_NEAR(energy.chip.value.value, 300, 1e-6);
  EXPECT_EQ(energy.chip.kind, core::Kind::measured_counter);
  EXPECT_GT(energy.system.value.value, 360) << "idle boards are part of the node";
  EXPECT_EQ(energy.system.kind, core::Kind::modelled) << "the CPU has no sensor here";
}

TEST(Composition, BoardsThatARunNamesAreUsedAndTheOthersStayTheJobs) {
  Node node;
  MeterOptions options;
  options.used_gpus = {"gpu-a"};
  Meter meter(options, two_boards(node));
  node.clock->pass(1);
  auto const standing = meter.ledger().standing;
  ASSERT_EQ(std::count(standing.begin(), standing.end(), Standing::used), 1);
  EXPECT_EQ(std::count(standing.begin(), standing.end(), Standing::unknown), 1)
      << "reserved hardware is charged, used or not";
}

TEST(Composition, NamesThatFitNoBoardTellNothing) {
  Node node;
  MeterOptions options;
  options.chip = Chip::gpu, options.used_gpus = {"gpu-MIG-7"};
  Meter meter(options, two_boards(node));
  auto region = meter.begin(Phase::inference);
  node.clock->pass(1);
  EXPECT_NEAR(region.close().chip.value.value, 360, 1e-6);
}

}  // namespace
}  // namespace crossjoule::meter
