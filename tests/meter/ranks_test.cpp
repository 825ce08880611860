// SPDX-License-Identifier: BSD-3-Clause
// Several ranks of one node, as so many meters of one job on one clock.
#include "meter/account.hpp"
#include "tests/meter/fixtures.hpp"

namespace crossjoule::meter {
namespace {

/// A dual-socket node of 2 x 100 W and 2 x 10 W with `ranks` meters.
struct Node {
  explicit Node(int ranks) : clock(std::make_shared<ScriptedClock>()) {
    fixtures::dual_socket(root);
    for (int socket : {0, 1}) {
      std::string const zone = fmt::format("intel-rapl:{}", socket);
      root.feed(*clock, zone, StepLoad(100), 1'000'000, usual_modulus_uj);
      root.feed(*clock, zone + "/" + zone + ":0", StepLoad(10), 1'000'000, usual_modulus_uj);
    }
    for (int rank = 0; rank < ranks; ++rank)
      meters.push_back(std::make_unique<Meter>(MeterOptions{}, parts_for(root, clock)));
  }
  FakeRoot root;
  std::shared_ptr<ScriptedClock> clock;
  std::vector<std::unique_ptr<Meter>> meters;
};

TEST(Ranks, OneToEightOfANodeTellTheSameEnergyOnce) {
  for (int ranks = 1; ranks <= 8; ++ranks) {
    Node node(ranks);
    std::vector<Region> regions;
    for (auto const& meter : node.meters) regions.push_back(meter->begin(Phase::train));
    node.clock->pass(3);
    double joule = 0;
    int readers = 0;
    for (auto& region : regions) {
      auto const energy = region.close();
      readers += energy.is_reader;
      EXPECT_EQ(energy.system.present(), energy.is_reader);
      joule += energy.is_reader ? energy.system.value.value : 0;
    }
    EXPECT_EQ(readers, 1) << ranks;
    EXPECT_NEAR(joule, 660, 0.5) << ranks;
  }
}

/// Four boards on the bus; rank k can see board k alone, and to each it is "index 0".
struct HiddenBoards : Node {
  explicit HiddenBoards(int visible = 4) : Node(0) {
    for (int k = 0; k < 4; ++k) {
      std::string const slot = fmt::format("/sys/bus/pci/devices/0000:0{}:00.0/", k + 1);
      root.put(slot + "vendor", "0x10de"), root.put(slot + "class", "0x030200");
    }
    for (int rank = 0; rank < visible; ++rank) add_rank(rank);
  }
  void add_rank(int board) {
    SensorInfo info;
    info.id = fmt::format("gpu-GPU-{}", board), info.backend = "nvml", info.path = "fake";
    info.name = "Fake", info.device = DeviceClass::gpu, info.quantum_joule = 1e-3;
    info.contained_in = {"module"}, info.gain = 0.05, info.unit = "mJ", info.max_watt = 700;
    info.update_second = 1e-3;
    auto sensor = std::make_shared<FakeSensor>(info);
    sensor->source = [clock = clock.get(), watt = watt_of(board)] {
      return Reading{static_cast<std::uint64_t>(std::llround(1e6 + clock->seconds() * watt * 1e3)),
                     0};
    };
    auto parts = parts_for(root, clock);
    parts.sensors = {sensor};
    MeterOptions options;
    options.chip = Chip::gpu;
    meters.push_back(std::make_unique<Meter>(options, parts));
  }
  static double watt_of(int board) { return 100.0 * (board + 1); }
  /// What the reader says of three seconds.
  Energy weigh() {
    for (auto& meter : meters) meter->sample();  // what a thread does otherwise
    auto region = meters.front()->begin(Phase::train);
    clock->pass(3);
    for (std::size_t k = meters.size(); k-- > 0;) meters[k]->sample();
    return region.close();
  }
};

TEST(Ranks, BoardsThatOtherRanksAloneSeeAreCounted) {
  HiddenBoards node;
  auto const energy = node.weigh();
  EXPECT_TRUE(energy.is_reader);
  EXPECT_NEAR(energy.chip.value.value, 3 * (100 + 200 + 300 + 400), 3e-3 * 3000 / 3);
  EXPECT_EQ(energy.chip.kind, core::Kind::measured_counter);
  EXPECT_EQ(energy.missing_terms.find("accelerators"), std::string::npos) << energy.missing_terms;
  for (std::size_t k = 1; k < 4; ++k) EXPECT_FALSE(node.meters[k]->is_reader());
  auto const ledger = node.meters[0]->ledger();
  int boards = 0;
  for (std::size_t k = 0; k < ledger.devices.size(); ++k) {
    double phases = 0;
    for (std::size_t p = 0; p < phase_count; ++p) phases += ledger.joules[p][k].value.value;
    EXPECT_NEAR(phases, ledger.total[k].value.value, 1e-9) << ledger.devices[k].info.id;
    boards += ledger.devices[k].info.device == DeviceClass::gpu;
  }
  EXPECT_EQ(boards, 4);
  EXPECT_EQ(node.meters[0]->account().series.size(), ledger.devices.size());
}

TEST(Ranks, ABoardThatSeveralSeeIsCountedOnce) {
  HiddenBoards node;
  node.add_rank(2), node.add_rank(0);
  EXPECT_NEAR(node.weigh().chip.value.value, 3000, 3);
}

TEST(Ranks, BoardsThatNobodyTellsOfStayMissing) {
  HiddenBoards node(3);
  auto const energy = node.weigh();
  EXPECT_NE(energy.missing_terms.find("1 accelerators without a sensor"), std::string::npos)
      << energy.missing_terms;
  EXPECT_NEAR(energy.chip.value.value, 3 * 600, 3);
}

/// The same on the real clock, with the threads that read and tell.
TEST(Ranks, BoardsAreToldByThreads) {
  FakeRoot root;
  for (int k : {1, 2}) {
    std::string const slot = fmt::format("/sys/bus/pci/devices/0000:0{}:00.0/", k);
    root.put(slot + "vendor", "0x10de"), root.put(slot + "class", "0x030200");
  }
  auto const begin_ns = real_clock()->now_ns();
  std::vector<std::unique_ptr<Meter>> meters;
  for (int board : {0, 1}) {
    SensorInfo info;
    info.id = fmt::format("gpu-GPU-{}", board), info.backend = "nvml", info.name = "Fake";
    info.device = DeviceClass::gpu, info.quantum_joule = 1e-3, info.max_watt = 700;
    info.gain = 0.05, info.unit = "mJ";
    auto sensor = std::make_shared<FakeSensor>(info);
    sensor->source = [begin_ns] {  // 200 W each
      double const second = static_cast<double>(real_clock()->now_ns() - begin_ns) * 1e-9;
      return Reading{static_cast<std::uint64_t>(1e6 + second * 2e5), 0};
    };
    MeterParts parts;
    parts.tree = std::make_shared<Tree const>(root.path());
    parts.lock_folder = root.path(), parts.job = "threads", parts.sensors = {sensor};
    MeterOptions options;
    options.chip = Chip::gpu;
    meters.push_back(std::make_unique<Meter>(options, std::move(parts)));
  }
  EXPECT_TRUE(meters[0]->is_reader());
  EXPECT_FALSE(meters[1]->is_reader());
  meters[0]->sample();
  bool is_covered = false;  // a busy machine may wake the thread that tells much too late
  for (int attempt = 0; attempt < 5 && !is_covered; ++attempt) {
    auto region = meters[0]->begin(Phase::train);
    real_clock()->sleep_until(real_clock()->now_ns() + 500'000'000, {});
    auto const energy = region.close();
    double const truth = 400 * energy.duration.value;
    is_covered = energy.chip.low.value <= truth && truth <= energy.chip.high.value;
    EXPECT_GT(energy.chip.low.value, truth / 2) << "both boards are there";
  }
  EXPECT_TRUE(is_covered);
  meters.erase(meters.begin());  // the reader ends first
}

TEST(Ranks, OneThatEndsLeavesItsBoardUncoveredNotInvented) {
  HiddenBoards node;
  node.weigh();
  node.meters.pop_back();  // 400 W are no longer told
  auto region = node.meters.front()->begin(Phase::train);
  node.clock->pass(3);
  for (auto& meter : node.meters) meter->sample();
  auto const energy = region.close();
  EXPECT_LT(energy.coverage, 1);
  EXPECT_FALSE(energy.chip.present() && energy.chip.low.value > 3 * 600 * 1.06);
}

}  // namespace
}  // namespace crossjoule::meter
