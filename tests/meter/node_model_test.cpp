// SPDX-License-Identifier: BSD-3-Clause
#include "meter/node_model.hpp"

#include "core/philox.hpp"
#include "tests/meter/scripted.hpp"

namespace crossjoule::meter {
namespace {

TEST(CpuTable, FindsWholeNamesOnly) {
  EXPECT_EQ(find_cpu("Intel(R) Xeon(R) Gold 6330 CPU @ 2.00GHz")->threads, 56);
  EXPECT_FALSE(find_cpu("Intel(R) Xeon(R) Gold 6330N CPU @ 2.20GHz"));
  EXPECT_EQ(find_cpu("Intel(R) Xeon(R) Platinum 8480+")->tdp_watt, 350);
  EXPECT_FALSE(find_cpu("Intel(R) Xeon(R) Platinum 8480C"));
  EXPECT_EQ(find_cpu("AMD EPYC 9654 96-Core Processor")->threads, 192);
  EXPECT_FALSE(find_cpu("AMD EPYC"));
  EXPECT_FALSE(find_cpu(""));
}

NodeModel model_of(std::string const& name, int threads) {
  FakeRoot root;
  root.processor("GenuineIntel", name, threads, "fpu hypervisor");
  return discover_node(Tree(root.path()), 0);
}

TEST(NodeModel, GuestPaysForItsThreadsNotForTheSocket) {
  auto const two = model_of("AMD EPYC 7763 64-Core Processor", 2);
  EXPECT_NEAR(two.cpu_watt(1)[1], 2 * 280.0 / 128, 1e-12);
  EXPECT_NEAR(model_of("AMD EPYC 7763 64-Core Processor", 128).cpu_watt(1)[1], 280, 1e-9);
  EXPECT_NE(two.rule().find("2 hardware threads"), std::string::npos);
}

TEST(NodeModel, UnknownProcessorHasTheWideDefault) {
  auto const model = model_of("AMD EPYC", 4);
  EXPECT_EQ(model.thread_watt, (Three{1.9, 3.1, 6.3}));
  EXPECT_DOUBLE_EQ(model.cpu_watt(1)[1], 12.4);
  EXPECT_FALSE(model.rating);
}

TEST(NodeModel, BandIsAtLeastAFactorTwoAndGrowsWithLoad) {
  core::Random random(3, core::purpose("meter/model"), 0);
  for (char const* name :
       {"AMD EPYC", "AMD EPYC 7763 64-Core Processor", "Intel(R) Xeon(R) CPU E5-2620 v3 @ 2.40GHz"})
    for (int k = 0; k < 1000; ++k) {
      auto const model = model_of(name, 1 + k % 7);
      double const load = random.uniform(), more = random.uniform(load, 1.0);
      auto const watt = model.cpu_watt(load), higher = model.cpu_watt(more),
                 idle = model.cpu_watt(0);
      ASSERT_LE(watt[0], 0.5 * watt[1] * (1 + 1e-12));
      ASSERT_GE(watt[2], 2 * watt[1] * (1 - 1e-12));
      for (std::size_t p = 0; p < 3; ++p) {
        ASSERT_LE(watt[p], higher[p]);
        ASSERT_GE(watt[p], idle[p]);
        ASSERT_GT(idle[p], 0);
      }
      if (k > 30) break;  // discovery reads files; the curve is the same
    }
}

TEST(NodeModel, FactsHoldEveryInput) {
  auto const model = model_of("AMD EPYC 7763 64-Core Processor", 2);
  std::string names;
  for (auto const& [name, value] : model.facts()) {
    names += name + " ";
    EXPECT_FALSE(value.empty()) << name;
  }
  for (char const* needed :
       {"model_version", "vendor", "family", "stepping", "hardware_threads", "cpu_table_row",
        "cpu_table_source", "tdp_watt", "idle_share", "load_exponent", "memory_gb"})
    EXPECT_NE(names.find(needed), std::string::npos) << needed;
}

TEST(NodeModel, DramFollowsAllocatedMemory) {
  FakeRoot root;
  root.processor("GenuineIntel", "x", 1, "fpu");
  EXPECT_NEAR(discover_node(Tree(root.path()), 0).dram_watt()[1], 0.3725 * 16.384, 1e-9);
  EXPECT_NEAR(discover_node(Tree(root.path()), 4).dram_watt()[1], 0.3725 * 4, 1e-12);
}

TEST(NodeModel, HypervisorIsSeenInThreePlaces) {
  FakeRoot bare, xen, dmi;
  bare.processor("GenuineIntel", "x", 1, "fpu hypervisors_are_not_a_flag");
  xen.put("/sys/hypervisor/type", "xen");
  dmi.put("/sys/class/dmi/id/product_name", "KVM Virtual Machine");
  EXPECT_FALSE(discover_node(Tree(bare.path()), 0).is_guest);
  EXPECT_TRUE(discover_node(Tree(xen.path()), 0).is_guest);
  EXPECT_TRUE(discover_node(Tree(dmi.path()), 0).is_guest);
}

TEST(LoadMeter, StolenTimeIsNotBusy) {
  FakeRoot root;
  root.stat(1000, 50, 1000);
  LoadMeter meter(Tree(root.path()), 2);
  ASSERT_TRUE(meter.works());
  EXPECT_DOUBLE_EQ(meter.look()->busy, 0.5) << "one of two threads until something is known";
  root.stat(1060, 70, 1020);  // 60 busy, 20 stolen, 20 idle
  auto const load = meter.look();
  EXPECT_DOUBLE_EQ(load->busy, 0.6);
  EXPECT_DOUBLE_EQ(load->stolen, 0.2);
}

TEST(LoadMeter, FewTicksKeepTheKnownLoadAndAreNotLost) {
  FakeRoot root;
  root.stat(0, 0, 0);
  LoadMeter meter(Tree(root.path()), 1);
  meter.look();
  root.stat(20, 0, 80);
  EXPECT_DOUBLE_EQ(meter.look()->busy, 0.2);
  root.stat(25, 0, 80);
  EXPECT_DOUBLE_EQ(meter.look()->busy, 0.2) << "five ticks are noise";
  root.stat(40, 0, 80);
  EXPECT_DOUBLE_EQ(meter.look()->busy, 1.0) << "twenty since the last look that counted";
}

TEST(LoadMeter, BackwardsOrBrokenCountersMakeNoEnergy) {
  FakeRoot root;
  root.stat(1000, 0, 1000);
  LoadMeter meter(Tree(root.path()), 1);
  meter.look();
  root.stat(1100, 0, 1100);
  EXPECT_DOUBLE_EQ(meter.look()->busy, 0.5);
  root.stat(0, 0, 0);
  EXPECT_DOUBLE_EQ(meter.look()->busy, 0.5);
  root.put("/proc/stat", "intr 5");
  EXPECT_FALSE(meter.look());
  EXPECT_FALSE(LoadMeter(Tree(root.path() / "none"), 1).look());
}

TEST(CpuModel, ChannelChargesPowerTimesTime) {
  FakeRoot root;
  ScriptedClock clock;
  root.processor("GenuineIntel", "unheard of", 2, "fpu");
  Tree const tree(root.path());
  auto const channel = make_cpu_model(discover_node(tree, 0), tree);
  clock.listeners.push_back([&](double now) {
    root.stat(std::lround(now * 150), std::lround(now * 20),
              100 + std::lround(now * 30));  // load 0.75
  });
  clock.pass(0);
  channel->read(clock);
  Mark const begin = channel->mark();
  clock.pass(10), channel->read(clock);
  Flow const flow = channel->mark().flow - begin.flow;
  EXPECT_NEAR(flow.joule, 10 * 2 * 3.1 * (0.2 + 0.8 * 0.75), 1e-6);
  EXPECT_NEAR(flow.idle, 10 * 2 * 3.1 * 0.2, 1e-6);
  EXPECT_NEAR(flow.stolen_second, 2, 1e-6);
  EXPECT_EQ(flow.covered_ns, 10'000'000'000);
}

}  // namespace
}  // namespace crossjoule::meter
