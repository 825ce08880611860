// SPDX-License-Identifier: BSD-3-Clause
#include "meter/backends.hpp"

#include "meter/composition.hpp"
#include "meter/containment.hpp"
#include "tests/meter/fixtures.hpp"

#include <algorithm>
#include <cerrno>
#include <map>

namespace crossjoule::meter {
namespace {

std::vector<std::string> counted(Composition const& node) {
  std::vector<std::string> ids;
  for (auto const& channel : node.channels)
    if (channel->device().use == Use::counted) ids.push_back(channel->device().info.id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

ProbeRow const& row_of(Probe const& probe, std::string const& id) {
  for (auto const& row : probe.rows)
    if (row.id == id) return row;
  ADD_FAILURE() << "no row " << id;
  return probe.rows.front();
}

/// Probes a fake root whose counters all move by 1 raw unit per look, and composes the node.
struct Look {
  explicit Look(FakeRoot const& root, std::vector<std::string> const& moving = {},
                Tree const* tree = nullptr) {
    Tree const own(root.path());
    std::uint64_t turn = 0;
    clock.listeners.push_back([&, moving](double) {
      ++turn;
      for (auto const& file : moving) {
        auto const text = own.text(file).value_or("0");
        std::uint64_t const value = std::strtoull(text.c_str(), nullptr, 10) + 1;
        auto const blank = text.find(' ');
        root.put(file,
                 std::to_string(value) + (blank == std::string::npos ? "" : text.substr(blank)));
      }
    });
    probe = probe_node(tree ? *tree : own, clock, "", 0);
    node = compose(probe, tree ? *tree : own, {});
  }
  ScriptedClock clock;
  Probe probe;
  Composition node;
};

constexpr char const* zone = "/sys/class/powercap/intel-rapl:";

TEST(Backends, EveryBackendHasARowOnAnEmptyTree) {
  FakeRoot root;
  Look const look(root);
  for (char const* backend :
       {"powercap", "perf", "nvml", "amd-smi", "hwmon", "cray", "jetson", "ipmi", "model"}) {
    auto const has =
        std::any_of(look.probe.rows.begin(), look.probe.rows.end(), [&](auto const& r) {
          return r.backend == backend && r.status != Status::ok && !r.advice.empty();
        });
    EXPECT_TRUE(has) << backend;
  }
  EXPECT_TRUE(look.probe.sensors.empty());
}

TEST(Backends, RowsTellUnitWrapPeriodAndAccuracy) {
  FakeRoot root;
  fixtures::dual_socket(root);
  Look const look(root, {std::string(zone) + "0/energy_uj"});
  auto const& row = row_of(look.probe, "package-0");
  EXPECT_EQ(row.unit, "uJ");
  EXPECT_NEAR(row.wrap_joule, 262143.33, 0.01);
  EXPECT_DOUBLE_EQ(row.update_second, 1e-3);
  EXPECT_DOUBLE_EQ(row.accuracy, 0.05);
  EXPECT_EQ(row_of(look.probe, "package-1").status, Status::frozen);
}

TEST(PerfRapl, IsPreferredAndPowercapBecomesTheSpare) {
  FakeRoot root;
  fixtures::dual_socket(root);
  fixtures::perf_events(root, {"energy-pkg", "energy-ram"});
  Look const look(root, {std::string(zone) + "0/energy_uj", "/perf_event/energy-pkg/cpu0",
                         "/perf_event/energy-pkg/cpu2", "/perf_event/energy-ram/cpu0"});
  EXPECT_EQ(counted(look.node),
            (std::vector<std::string>{"dram-of-package-0", "package-0", "package-1"}));
  EXPECT_EQ(row_of(look.probe, "package-0").backend, "perf");
  EXPECT_EQ(row_of(look.probe, "package-0-by-powercap").role, "cross-check");
  auto const& info = look.probe.sensors.front()->info();
  EXPECT_DOUBLE_EQ(info.quantum_joule, std::ldexp(1.0, -32));
  EXPECT_EQ(std::count(look.node.in_chip.begin(), look.node.in_chip.end(), true), 2);
}

TEST(PerfRapl, FrozenEventHandsOverToPowercap) {
  FakeRoot root;
  fixtures::dual_socket(root);
  fixtures::perf_events(root, {"energy-pkg"});
  Look const look(root, {std::string(zone) + "0/energy_uj", std::string(zone) + "1/energy_uj"});
  EXPECT_EQ(counted(look.node), (std::vector<std::string>{"dram-model", "package-0", "package-1"}));
  for (auto const& row : look.probe.rows)
    if (row.backend == "perf") {
      EXPECT_EQ(row.status, Status::frozen);
    }
}

TEST(PerfRapl, EmptyEventsAreAPhantom) {
  FakeRoot root;
  fixtures::perf_events(root, {});
  auto const found = find_perf_rapl(Tree(root.path()));
  ASSERT_EQ(found.rows.size(), 1u);
  EXPECT_EQ(found.rows[0].status, Status::phantom);
  EXPECT_TRUE(found.sensors.empty());
}

TEST(PerfRapl, MalformedEventsAreImplausible) {
  FakeRoot root;
  fixtures::perf_events(root, {"energy-pkg"});
  std::string const event = "/sys/bus/event_source/devices/power/events/energy-pkg";
  for (auto const& [file, text] : {std::pair<std::string, std::string>{event, "umask=0x02"},
                                   {event, "event=0xzz"},
                                   {event + ".scale", "-1"},
                                   {event + ".scale", "nan"}}) {
    fixtures::perf_events(root, {"energy-pkg"});
    root.put(file, text);
    for (auto const& row : find_perf_rapl(Tree(root.path())).rows)
      EXPECT_EQ(row.status, Status::implausible) << text;
  }
}

TEST(Cray, NodeCounterIsTheWholeSum) {
  FakeRoot root;
  fixtures::cray(root);
  fixtures::dual_socket(root);
  std::string const base = "/sys/cray/pm_counters/";
  Look const look(root, {base + "energy", base + "cpu_energy", base + "accel0_energy",
                         std::string(zone) + "0/energy_uj"});
  EXPECT_EQ(counted(look.node), std::vector<std::string>{"node"});
  EXPECT_EQ(look.node.headline.rfind("Cray pm_counters node + RAPL package", 0), 0u)
      << look.node.headline;
  EXPECT_EQ(look.node.assumed_system, "") << "nothing is left out of a node counter";
  EXPECT_EQ(row_of(look.probe, "gpu-cray-0").role, "cross-check");
  EXPECT_EQ(row_of(look.probe, "gpu-cray-3").status, Status::frozen);
  EXPECT_EQ(std::count(look.node.in_chip.begin(), look.node.in_chip.end(), true), 1)
      << "all packages, or each of them: not both";
}

TEST(Cray, StartupChangeIsAResetAndTornReadsAreRetried) {
  FakeRoot root;
  fixtures::cray(root, 5000);
  auto const found = find_cray(Tree(root.path()));
  auto const& node = *std::find_if(found.sensors.begin(), found.sensors.end(),
                                   [](auto const& one) { return one->info().id == "node"; });
  auto const channel = make_channel(node);
  ScriptedClock clock;
  auto const read_at = [&](double second, std::uint64_t joule) {
    clock.move_to(ScriptedClock::origin_ns + std::llround(second * 1e9));
    root.put("/sys/cray/pm_counters/energy", fmt::format("{} J 1 us", joule));
    channel->read(clock);
  };
  read_at(0, 5000), read_at(1, 5900);
  root.put("/sys/cray/pm_counters/startup", "1697000000000000");
  read_at(2, 6100);  // a new count that happens to look like a continuation
  read_at(3, 7000);
  EXPECT_EQ(channel->mark().flow.counts, 900u + 900u);
  EXPECT_EQ(channel->mark().flow.resets, 1);
  root.put("/sys/cray/pm_counters/energy", "9000 W 1 us");
  EXPECT_FALSE(node->read().has_value()) << "another unit";
}

TEST(Hwmon, GraceModulesAreCountedAndContainTheRest) {
  FakeRoot root;
  fixtures::grace_hopper(root);
  Look const look(root);
  EXPECT_EQ(counted(look.node),
            (std::vector<std::string>{"module-0", "module-1", "module-2", "module-3"}));
  EXPECT_EQ(std::count(look.node.in_chip.begin(), look.node.in_chip.end(), true), 4);
  auto const& info = look.probe.sensors.front()->info();
  EXPECT_DOUBLE_EQ(info.update_second, 0.05);
  EXPECT_DOUBLE_EQ(look.probe.sensors.front()->read()->watt, 500);
}

TEST(Hwmon, GraceWithoutModulesCountsGrace) {
  FakeRoot root;
  fixtures::hwmon(
      root, 0, "power_meter",
      {{"device/power1_oem_info", "Grace Power Socket 0"}, {"device/power1_average", "180000000"}});
  fixtures::hwmon(
      root, 1, "power_meter",
      {{"device/power1_oem_info", "CPU Power Socket 0"}, {"device/power1_average", "120000000"}});
  EXPECT_EQ(counted(Look(root).node), std::vector<std::string>{"package-0"});
}

TEST(Hwmon, SecondDieOfABoardIsAPhantom) {
  FakeRoot root;
  fixtures::hwmon(root, 0, "amdgpu",
                  {{"device/uevent", "DRIVER=amdgpu\nPCI_SLOT_NAME=0000:c1:00.0"},
                   {"power1_average", "300000000"}});
  fixtures::hwmon(
      root, 1, "amdgpu",
      {{"device/uevent", "DRIVER=amdgpu\nPCI_SLOT_NAME=0000:c6:00.0"}, {"power1_average", "0"}});
  Look const look(root);
  EXPECT_EQ(counted(look.node), std::vector<std::string>{"gpu-0000:c1:00.0"});
  EXPECT_EQ(row_of(look.probe, "gpu-0000:c6:00.0").status, Status::phantom);
}

TEST(Hwmon, IntelBoardCountsTheCardOnce) {
  FakeRoot root;
  fixtures::hwmon(root, 0, "xe",
                  {{"device/uevent", "PCI_SLOT_NAME=0000:03:00.0"},
                   {"energy1_input", "22000000000000"},
                   {"energy1_label", "card"},
                   {"energy2_input", "11000000000000"},
                   {"energy2_label", "pkg"}});
  fixtures::hwmon(root, 1, "i915",
                  {{"device/uevent", "PCI_SLOT_NAME=0000:04:00.0"}, {"energy1_input", "5"}});
  std::string const base = "/sys/class/hwmon/hwmon";
  Look const look(root,
                  {base + "0/energy1_input", base + "0/energy2_input", base + "1/energy1_input"});
  EXPECT_EQ(counted(look.node), (std::vector<std::string>{"gpu-0000:03:00.0", "gpu-0000:04:00.0"}));
}

TEST(Hwmon, UnknownDriversAreNeverAddedUp) {
  FakeRoot root;
  fixtures::hwmon(root, 0, "corsairpsu",
                  {{"power1_input", "250000000"}, {"power1_label", "total"}});
  fixtures::hwmon(root, 1, "coretemp", {{"temp1_input", "45000"}, {"power_input", "3"}});
  Look const look(root);
  EXPECT_TRUE(counted(look.node).empty());
  EXPECT_EQ(row_of(look.probe, "hwmon-corsairpsu-hwmon0-power1").role, "cross-check");
}

TEST(Hwmon, AmdEnergySocketsAreOfTheRightUnit) {
  FakeRoot root;
  fixtures::hwmon(root, 0, "amd_energy",
                  {{"energy1_input", "10"},
                   {"energy1_label", "Ecore000"},
                   {"energy2_input", "99"},
                   {"energy2_label", "Esocket0"}});
  std::string const base = "/sys/class/hwmon/hwmon0/energy";
  Look const look(root, {base + "1_input", base + "2_input"});
  EXPECT_EQ(counted(look.node), std::vector<std::string>{"package-0"});
}

TEST(Jetson, InputRailContainsTheOthers) {
  FakeRoot root;
  fixtures::jetson_orin(root);
  Look const look(root);
  EXPECT_EQ(counted(look.node), std::vector<std::string>{"platform:VDD_IN"});
  for (auto const& sensor : look.probe.sensors)
    if (sensor->info().id == "platform:VDD_IN") {
      EXPECT_NEAR(sensor->read()->watt, 15.2, 1e-9);
    }
  for (auto const& row : look.probe.rows) EXPECT_EQ(row.id.find("shunt"), std::string::npos);
}

TEST(Jetson, RailsAddUpWhereThereIsNoInput) {
  FakeRoot root;
  fixtures::jetson_xavier(root);
  auto const ids = counted(Look(root).node);
  EXPECT_EQ(ids.size(), 6u);  // CV takes 0 W, which a rail may
  EXPECT_EQ(std::count(ids.begin(), ids.end(), "rail-CPU"), 1);
}

TEST(Ipmi, AnswerIsDecodedAndBadOnesAreRefused) {
  FakeRoot root;
  std::string const sound = "00 dc 2c 01 64 00 90 01 2c 01 00 00 00 00 e8 03 00 00 40";
  root.put("/dev/ipmi0", sound);
  auto const found = find_ipmi(Tree(root.path()));
  ASSERT_EQ(found.sensors.size(), 1u);
  EXPECT_DOUBLE_EQ(found.sensors[0]->read()->watt, 300);
  for (char const* text : {"c1", "00 dc 2c 01", "00 dc 2c 01 64 00 90 01 2c 01 0 0 0 0 e8 3 0 0 00",
                           "00 dc zz", "", "00 dd 2c 01 64 00 90 01 2c 01 0 0 0 0 e8 3 0 0 40"}) {
    root.put("/dev/ipmi0", text);
    EXPECT_TRUE(find_ipmi(Tree(root.path())).sensors.empty()) << text;
  }
}

TEST(Ipmi, YieldsToMeasuredPackagesAndStandsInForDeniedOnes) {
  FakeRoot root;
  root.put("/dev/ipmi0", "00 dc 2c 01 64 00 90 01 2c 01 00 00 00 00 e8 03 00 00 40");
  fixtures::dual_socket(root);
  Look const both(root, {std::string(zone) + "0/energy_uj", std::string(zone) + "1/energy_uj"});
  EXPECT_EQ(row_of(both.probe, "node-dcmi").role, "cross-check");
  Look const alone(root);  // RAPL stands still
  EXPECT_EQ(counted(alone.node), std::vector<std::string>{"node-dcmi"});
}

/// Any file below one folder is refused.
class DenyingTree : public Tree {
 public:
  DenyingTree(std::filesystem::path root, std::string part)
      : Tree(std::move(root)), part_(std::move(part)) {}
  int open(std::string const& path) const override {
    bool const is_figure = path.find("energy") != std::string::npos ||
                           path.find("power1") != std::string::npos ||
                           path.find("curr") != std::string::npos;
    return path.find(part_) != std::string::npos && is_figure ? -EACCES : Tree::open(path);
  }

 private:
  std::string part_;
};

TEST(Backends, DeniedIsTold) {
  FakeRoot root;
  fixtures::cray(root), fixtures::jetson_orin(root), fixtures::grace_hopper(root);
  fixtures::perf_events(root, {"energy-pkg"});
  for (auto const& [backend, part] : {std::pair{"cray", "pm_counters"},
                                      {"jetson", "ina3221"},
                                      {"hwmon", "hwmon/hwmon"},
                                      {"perf", "/perf_event/"}}) {
    DenyingTree const tree(root.path(), part);
    Look const look(root, {}, &tree);
    for (auto const& row : look.probe.rows)
      if (row.backend == backend) {
        EXPECT_EQ(row.status, Status::denied) << backend << " " << row.id;
        EXPECT_EQ(row.error_number, EACCES);
        EXPECT_FALSE(row.unit.empty())
            << row.id << ": what a sensor is does not hang on its rights";
        EXPECT_GT(row.accuracy, 0) << row.id;
        EXPECT_GT(row.update_second, 0) << row.id;
      }
  }
}

TEST(Backends, ImplausiblePowerIsNotUsed) {
  FakeRoot root;
  fixtures::hwmon(root, 0, "power_meter",
                  {{"device/power1_oem_info", "Grace Power Socket 0"},
                   {"device/power1_average", "99999000000"}});
  Look const look(root);
  EXPECT_EQ(row_of(look.probe, "package-0").status, Status::implausible);
  EXPECT_TRUE(look.probe.sensors.empty());
}

TEST(Containment, AddingAContainedSensorNeverChangesTheSum) {
  auto const sensor = [](char const* id, DeviceClass device, std::vector<std::string> inside) {
    SensorInfo info;
    info.id = id, info.device = device, info.contained_in = std::move(inside);
    return info;
  };
  std::vector<SensorInfo> const all = {
      sensor("node", DeviceClass::node, {}),
      sensor("platform:0", DeviceClass::platform, {}),
      sensor("module-0", DeviceClass::module, {"platform"}),
      sensor("package-0", DeviceClass::package, {"module-0", "platform"}),
      sensor("core-of-package-0", DeviceClass::core, {"package-0", "module-0", "platform"}),
      sensor("package-0-by-powercap", DeviceClass::package, {"package-0", "module-0", "platform"}),
      sensor("gpu-a", DeviceClass::gpu, {"module"})};
  for (unsigned set = 1; set < (1U << all.size()); ++set) {
    std::vector<SensorInfo> some;
    for (std::size_t k = 0; k < all.size(); ++k)
      if (set >> k & 1U) some.push_back(all[k]);
    auto const uses = choose_cover(some);
    for (std::size_t a = 0; a < some.size(); ++a)
      for (std::size_t b = 0; b < some.size(); ++b)
        EXPECT_FALSE(uses[a] == Use::counted && uses[b] == Use::counted &&
                     contains(some[a], some[b]))
            << set;
    bool const has_node = set & 1U;
    if (has_node) {
      EXPECT_EQ(std::count(uses.begin(), uses.end(), Use::counted), 1);
    }
  }
}

TEST(Backends, UnreadableTextIsNoDenial) {
  FakeRoot root;
  root.processor("GenuineIntel", "x", 4, "fpu");
  root.zone("intel-rapl:0", "package-0", 1000);
  root.put("/sys/class/powercap/intel-rapl:0/energy_uj", "12 bananas");
  Look const look(root);
  auto const& row = row_of(look.probe, "package-0");
  EXPECT_EQ(row.status, Status::implausible);
  EXPECT_EQ(row.error_number, 0);
}

/// A counter that is renewed ten times a second, as a slow feeder or firmware does.
TEST(Backends, CoarseCounterIsNeitherImplausibleNorFrozen) {
  for (double const phase : {0.0, 0.001, 0.05, 0.099}) {
    FakeRoot root;
    auto const clock = std::make_shared<ScriptedClock>();
    root.processor("GenuineIntel", "x", 4, "fpu");
    root.zone("intel-rapl:0", "package-0", 1'000'000);
    clock->listeners.push_back([&](double now) {
      double const renewed = std::floor((now + phase) * 10) * 0.1;
      root.put("/sys/class/powercap/intel-rapl:0/energy_uj",
               std::to_string(1'000'000 + std::llround(renewed * 400e6)));
    });
    Meter meter({}, parts_for(root, clock));
    EXPECT_EQ(meter.headline().find("RAPL package"), 0U) << phase << ": " << meter.headline();
    clock->pass(0.0005 + phase);  // edges anywhere between the updates
    auto region = meter.begin(Phase::train);
    for (int k = 0; k < 40; ++k) clock->pass(k % 2 == 0 ? 0.001 : 0.099), meter.sample();
    auto const energy = region.close();
    EXPECT_NEAR(energy.chip.value.value, 800, 40.1) << phase;
    EXPECT_EQ(meter.ledger().flows[0].resets, 0) << phase;
  }
}

TEST(Hwmon, BoardsListedByTheGraphicsDriversAlone) {
  FakeRoot root;
  std::string const card = "/sys/class/drm/card1/device/";
  root.put(card + "hwmon/hwmon4/name", "amdgpu");
  root.put(card + "hwmon/hwmon4/power1_average", "210000000");
  root.put(card + "uevent", "DRIVER=amdgpu\nPCI_SLOT_NAME=0000:03:00.0\n");
  root.put("/sys/class/drm/card1-DP-1/status", "connected");
  EXPECT_EQ(counted(Look(root).node), std::vector<std::string>{"gpu-0000:03:00.0"});
  fixtures::hwmon(root, 4, "amdgpu", {{"power1_average", "210000000"}});
  EXPECT_EQ(Look(root).probe.sensors.size(), 1U) << "the same monitor, listed twice";
}

TEST(Jetson, RailsFeedTheMemoryToo) {
  FakeRoot root;
  root.processor("ARM", "x", 4, "fpu");
  fixtures::hwmon(root, 1, "ina3221",
                  {{"in1_label", "VDD_CPU_CV"},
                   {"in1_input", "20000"},
                   {"curr1_input", "500"},
                   {"in2_label", "VIN_SYS_5V0"},
                   {"in2_input", "5000"},
                   {"curr2_input", "900"}});
  Look const look(root);
  EXPECT_EQ(counted(look.node), (std::vector<std::string>{"rail-VDD_CPU_CV", "rail-VIN_SYS_5V0"}));
  EXPECT_EQ(look.node.missing_system, "");
}

TEST(Jetson, MonitorsWithoutTheBus) {
  FakeRoot root;
  fixtures::hwmon(root, 3, "ina3221",
                  {{"in1_label", "VIN"},
                   {"in1_input", "20000"},
                   {"curr1_input", "1500"},
                   {"in2_label", "VDD_GPU"},
                   {"in2_input", "20000"},
                   {"curr2_input", "500"}});
  EXPECT_EQ(counted(Look(root).node), std::vector<std::string>{"platform:VIN"});
}

}  // namespace
}  // namespace crossjoule::meter
