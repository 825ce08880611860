// SPDX-License-Identifier: BSD-3-Clause
#include "meter/powercap.hpp"

#include "meter/probe.hpp"
#include "tests/meter/scripted.hpp"

#include <cerrno>

namespace crossjoule::meter {
namespace {

std::vector<std::string> ids(Found const& found) {
  std::vector<std::string> names;
  for (auto const& sensor : found.sensors) names.push_back(sensor->info().id);
  return names;
}

ProbeRow const& row_of(std::vector<ProbeRow> const& rows, std::string const& part_of_path) {
  for (auto const& row : rows)
    if (row.path.find(part_of_path) != std::string::npos) return row;
  ADD_FAILURE() << "no row for " << part_of_path;
  return rows.front();
}

/// A tree in which chosen files are refused, as the kernel refuses a user (root is never refused).
class DenyingTree : public Tree {
 public:
  using Tree::Tree;
  int open(std::string const& path) const override {
    return path.find("energy_uj") != std::string::npos ? -EACCES : Tree::open(path);
  }
};

TEST(Powercap, DualSocketWithDramInFlatAndNestedForm) {
  FakeRoot root;
  for (int socket : {0, 1}) {
    std::string const zone = fmt::format("intel-rapl:{}", socket);
    root.zone(zone, fmt::format("package-{}", socket), 1000);
    root.zone(zone + "/" + zone + ":0", "core", 500);
    root.zone(zone + "/" + zone + ":1", "dram", 100);
    root.zone(zone + ":1", "dram", 100);  // real trees link the zone here as well
  }
  root.put("/proc/cpuinfo", "vendor_id : GenuineIntel");
  auto const found = find_powercap(Tree(root.path()));
  EXPECT_EQ(ids(found),
            (std::vector<std::string>{"package-0", "core-of-package-0", "dram-of-package-0",
                                      "package-1", "core-of-package-1", "dram-of-package-1"}));
  EXPECT_EQ(found.sensors[0]->info().modulus, usual_modulus_uj);
  EXPECT_DOUBLE_EQ(found.sensors[0]->info().gain, 0.05);
  EXPECT_DOUBLE_EQ(found.sensors[2]->info().gain, 0.20);
  EXPECT_EQ(found.sensors[1]->info().contained_in,
            (std::vector<std::string>{"package-0", "platform"}));
}

TEST(Powercap, TwoDigitZonesComeInNumberOrder) {
  FakeRoot root;
  for (int k = 0; k < 12; ++k)
    root.zone(fmt::format("intel-rapl:{}", k), fmt::format("package-{}", k), 1);
  auto const names = ids(find_powercap(Tree(root.path())));
  ASSERT_EQ(names.size(), 12u);
  EXPECT_EQ(names[2], "package-2");
  EXPECT_EQ(names[11], "package-11");
}

TEST(Powercap, MmioRepeatsThePackageAndCountsOnce) {
  FakeRoot root;
  root.zone("intel-rapl-mmio:0", "package-0", 1000);
  root.zone("intel-rapl:0", "package-0", 1000);
  auto const found = find_powercap(Tree(root.path()));
  ASSERT_EQ(found.sensors.size(), 1u);
  EXPECT_NE(found.sensors[0]->info().path.find("intel-rapl:0/"), std::string::npos);
  EXPECT_EQ(row_of(found.rows, "intel-rapl-mmio:0").role, "duplicate of package-0");
}

TEST(Powercap, MmioStandsInWhereItIsAlone) {
  FakeRoot root;
  root.zone("intel-rapl-mmio:0", "package-0", 1000);
  EXPECT_EQ(find_powercap(Tree(root.path())).sensors.size(), 1u);
}

TEST(Powercap, AmdDiesAreOwnDevicesUnlessTheyShowOneRegister) {
  FakeRoot root;
  root.put("/proc/cpuinfo", "vendor_id\t: AuthenticAMD");
  root.zone("intel-rapl:0", "package-0-die-0", 5'000'000'000);
  root.zone("intel-rapl:1", "package-0-die-1", 9'000'000'000);
  root.zone("intel-rapl:2", "package-1-die-0", 5'000'000'000);  // equal by chance, another package
  EXPECT_EQ(find_powercap(Tree(root.path())).sensors.size(), 3u);
  root.zone("intel-rapl:1", "package-0-die-1", 5'000'000'100);
  auto const found = find_powercap(Tree(root.path()));
  EXPECT_EQ(found.sensors.size(), 2u);
  EXPECT_EQ(row_of(found.rows, "intel-rapl:1").role, "duplicate of package-0-die-0");
  EXPECT_DOUBLE_EQ(found.sensors[0]->info().gain, 0.10);
}

TEST(Powercap, DeniedIsNotAbsent) {
  FakeRoot root;
  root.zone("intel-rapl:0", "package-0", 1);
  auto const found = find_powercap(DenyingTree(root.path()));
  EXPECT_TRUE(found.sensors.empty());
  ASSERT_EQ(found.rows.size(), 1u);
  EXPECT_EQ(found.rows[0].status, Status::denied);
  EXPECT_EQ(found.rows[0].unit, "uJ");
  EXPECT_NEAR(found.rows[0].wrap_joule, 262143.33, 0.01) << "the range stays readable";
  EXPECT_EQ(found.rows[0].error_number, EACCES);
  EXPECT_NE(found.rows[0].advice.find("udev"), std::string::npos);

  auto const none = find_powercap(Tree(root.path() / "nowhere"));
  ASSERT_EQ(none.rows.size(), 1u);
  EXPECT_EQ(none.rows[0].status, Status::absent);
}

TEST(Powercap, MissingRangeIsImplausible) {
  FakeRoot root;
  root.zone("intel-rapl:0", "package-0", 1);
  root.put("/sys/class/powercap/intel-rapl:0/max_energy_range_uj", "many");
  auto const found = find_powercap(Tree(root.path()));
  EXPECT_TRUE(found.sensors.empty());
  EXPECT_EQ(found.rows[0].status, Status::implausible);
}

TEST(Powercap, UnparsableCounterIsNoReading) {
  FakeRoot root;
  root.zone("intel-rapl:0", "package-0", 1);
  auto const sensor = find_powercap(Tree(root.path())).sensors.at(0);
  for (char const* text : {"", "-5", "1e9", "12 34", "0x10", "99999999999999999999999", "12uJ"}) {
    root.put("/sys/class/powercap/intel-rapl:0/energy_uj", text);
    EXPECT_FALSE(sensor->read().has_value()) << text;
  }
  root.put("/sys/class/powercap/intel-rapl:0/energy_uj", "  42 ");
  EXPECT_EQ(sensor->read()->counter, 42u);
}

TEST(Probe, StandingCounterIsFrozenAndZeroIsAPhantom) {
  FakeRoot root;
  ScriptedClock clock;
  root.processor("GenuineIntel", "unheard of", 2, "fpu hypervisor");
  root.zone("intel-rapl:0", "package-0", 77'000'000);
  root.zone("intel-rapl:1", "package-1", 0);
  root.zone("intel-rapl:2", "package-2", 5);
  root.feed(clock, "intel-rapl:2", StepLoad(50), 5, usual_modulus_uj);
  auto const probe = probe_node(Tree(root.path()), clock, "", 0);
  EXPECT_EQ(row_of(probe.rows, "intel-rapl:0").status, Status::frozen);
  EXPECT_EQ(row_of(probe.rows, "intel-rapl:1").status, Status::phantom);
  EXPECT_EQ(row_of(probe.rows, "intel-rapl:2").status, Status::ok);
  EXPECT_EQ(row_of(probe.rows, "intel-rapl:2").role, "counted");
  EXPECT_EQ(probe.sensors.size(), 1u);
  EXPECT_LT(clock.seconds(), 0.3) << "the probe must not wait long";
  double const begin = clock.seconds();
  root.feed(clock, "intel-rapl:0", StepLoad(50), 77'000'000, usual_modulus_uj);
  probe_node(Tree(root.path()), clock, "", 0);
  EXPECT_LT(clock.seconds() - begin, 0.1) << "nor for what is not there";
}

TEST(Probe, GuestIsToldSo) {
  FakeRoot root;
  ScriptedClock clock;
  root.processor("AuthenticAMD", "AMD EPYC", 2, "fpu hypervisor sse");
  auto const probe = probe_node(Tree(root.path()), clock, "", 0);
  EXPECT_TRUE(probe.model.is_guest);
  EXPECT_NE(row_of(probe.rows, "powercap").advice.find("a guest cannot see host joules"),
            std::string::npos);
}

TEST(Probe, AcceleratorsOnTheBusAreNotForgotten) {
  FakeRoot root;
  ScriptedClock clock;
  root.put("/sys/bus/pci/devices/0000:01:00.0/vendor", "0x10de");
  root.put("/sys/bus/pci/devices/0000:01:00.0/class", "0x030200");
  root.put("/sys/bus/pci/devices/0000:02:00.0/vendor", "0x8086");
  root.put("/sys/bus/pci/devices/0000:02:00.0/class", "0x020000");
  EXPECT_EQ(probe_node(Tree(root.path()), clock, "", 0).unseen_accelerators, 1);
}

}  // namespace
}  // namespace crossjoule::meter
