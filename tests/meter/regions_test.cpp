// SPDX-License-Identifier: BSD-3-Clause
#include "meter/account.hpp"
#include "meter/cross_check.hpp"
#include "meter/phase_board.hpp"
#include "meter/region_book.hpp"
#include "tests/meter/fixtures.hpp"

#include <sys/wait.h>
#include <numeric>

namespace crossjoule::meter {
namespace {

using Times = std::array<std::int64_t, phase_count>;

Times times(std::vector<std::pair<Phase, std::int64_t>> const& some) {
  Times result{};
  for (auto const& [phase, ns] : some) result[static_cast<std::size_t>(phase)] = ns;
  return result;
}
double of(PhaseShares const& shares, Phase phase) {
  return shares[static_cast<std::size_t>(phase)];
}

TEST(Agree, SharesOfRanksThatAgreeAreTheirOwn) {
  auto const same = agree({times({{Phase::train, 70}, {Phase::data, 30}}),
                           times({{Phase::train, 7}, {Phase::data, 3}})});
  EXPECT_DOUBLE_EQ(of(same, Phase::train), 0.7);
  EXPECT_DOUBLE_EQ(of(same, Phase::data), 0.3);
  EXPECT_NEAR(of(same, Phase::disputed), 0, 1e-15);
}

TEST(Agree, TheRestIsDisputed) {
  auto const apart = agree({times({{Phase::train, 10}}), times({{Phase::data, 10}})});
  EXPECT_DOUBLE_EQ(of(apart, Phase::disputed), 1);
  auto const partly =
      agree({times({{Phase::train, 10}}), times({{Phase::train, 6}, {Phase::data, 4}}), times({})});
  EXPECT_DOUBLE_EQ(of(partly, Phase::train), 0.6);
  EXPECT_DOUBLE_EQ(of(partly, Phase::disputed), 0.4);
  EXPECT_DOUBLE_EQ(of(agree({}), Phase::unattributed), 1);
}

TEST(PhaseBoard, KnowsTheOthersAndForgetsTheDead) {
  FakeRoot root;
  auto const file = root.path() / "board";
  PhaseBoard mine(file, 0);
  EXPECT_EQ(mine.present(), 1);
  mine.take(0);
  pid_t const child = ::fork();
  if (child == 0) {
    PhaseBoard theirs(file, 100);
    theirs.enter(Phase::data, 200);
    ::raise(SIGKILL);
  }
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(mine.present(), 1) << "a killed process does not count";
  EXPECT_EQ(mine.joined(), 2);
  {
    PhaseBoard theirs(file, 1000);
    EXPECT_EQ(mine.present(), 2);
    mine.take(1000);
    theirs.enter(Phase::data, 1400), mine.enter(Phase::train, 1200);
    auto const ranks = mine.take(2000);
    ASSERT_EQ(ranks.size(), 2u);
    EXPECT_EQ(ranks[0], times({{Phase::unattributed, 200}, {Phase::train, 800}}));
    EXPECT_EQ(ranks[1], times({{Phase::unattributed, 400}, {Phase::data, 600}}));
  }
  EXPECT_EQ(mine.take(3000).size(), 1u);
}

TEST(RegionBook, InnermostGetsTheTime) {
  RegionBook book(0);
  int const a = book.id("a", Phase::train), b = book.id("b", Phase::data);
  EXPECT_EQ(book.id("a", Phase::train), a);
  book.open(a, 10), book.open(b, 30);
  EXPECT_TRUE(book.pop(60));
  EXPECT_TRUE(book.pop(100));
  EXPECT_FALSE(book.pop(110)) << "a pop too many is told, nothing more";
  auto const shares = book.take(120);
  std::vector<std::pair<int, std::int64_t>> const want = {{0, 30}, {a, 60}, {b, 30}};
  EXPECT_EQ(shares, want);
  EXPECT_TRUE(book.take(120).empty());
}

TEST(RegionBook, MillionsOfRegionsAndNamesNeedBoundedMemory) {
  RegionBook book(0);
  for (int k = 0; k < 1'000'000; ++k) {
    book.open(book.id("same", Phase::train), k);
    book.pop(k + 1);
  }
  EXPECT_EQ(book.entries().size(), 2u);
  EXPECT_EQ(book.entries()[1].count, 1'000'000);
  for (int k = 0; k < 10'000; ++k) book.id(fmt::format("name {}", k), Phase::train);
  EXPECT_LE(book.entries().size(), static_cast<std::size_t>(RegionBook::most_names) + 10);
  for (int k = 0; k < 5000; ++k) book.open(1, 2'000'000);
  for (int k = 0; k < 5000; ++k) EXPECT_TRUE(book.pop(2'000'001));
}

/// A package of known load with a meter sampled at 10 Hz.
struct Node {
  explicit Node(double watt = 100) : clock(std::make_shared<ScriptedClock>()) {
    fixtures::dual_socket(root);
    for (char const* folder : {"intel-rapl:0", "intel-rapl:1", "intel-rapl:0/intel-rapl:0:0",
                               "intel-rapl:1/intel-rapl:1:0"})
      root.feed(*clock, folder, StepLoad(watt), 1'000'000, usual_modulus_uj);
    meter = std::make_unique<Meter>(MeterOptions{}, parts_for(root, clock));
  }
  FakeRoot root;
  std::shared_ptr<ScriptedClock> clock;
  std::unique_ptr<Meter> meter;
};

TEST(Regions, ThousandsBetweenTwoReadingsShareTheJoulesByTime) {
  Node node;
  int const one = node.meter->region("one", Phase::train);
  int const three = node.meter->region("three", Phase::data);
  for (int k = 0; k < 500; ++k) {
    node.meter->push(one), node.clock->pass(1e-3), node.meter->pop();
    node.meter->push(three), node.clock->pass(3e-3), node.meter->pop();
  }
  auto const ledger = node.meter->ledger();
  double all = 0;
  for (auto const& region : ledger.regions) all += region.joules[0].value.value;
  EXPECT_NEAR(all, ledger.total[0].value.value, 1e-9) << "regions add up to the total";
  ASSERT_EQ(ledger.regions.size(), 3u);
  EXPECT_EQ(ledger.regions[1].count, 500);
  EXPECT_NEAR(ledger.regions[1].joules[0].value.value, 50, 0.5);
  EXPECT_NEAR(ledger.regions[2].joules[0].value.value, 150, 1.5);
  EXPECT_NEAR(ledger.sum(Phase::data).value.value, 600, 6);
  auto const& quick = ledger.regions[1].joules[0];
  EXPECT_LE(quick.low.value, 50);
  EXPECT_GE(quick.high.value, 50);
}

TEST(Regions, LongCheapRegionsHaveExactEdges) {
  Node node;
  int const busy = node.meter->region("busy", Phase::train);
  for (int k = 0; k < 5; ++k) {
    node.meter->push(busy), node.clock->pass(0.7), node.meter->pop();
    node.clock->pass(1.1);
  }
  EXPECT_NEAR(node.meter->ledger().regions[1].joules[0].value.value, 350, 0.5);
}

TEST(Spare, TakesOverWhereTheFirstFreezes) {
  FakeRoot root;
  auto const clock = std::make_shared<ScriptedClock>();
  fixtures::dual_socket(root), fixtures::perf_events(root, {"energy-pkg"});
  bool is_frozen = false;
  for (int socket : {0, 1}) {
    root.feed(*clock, fmt::format("intel-rapl:{}", socket), StepLoad(100), 1'000'000,
              usual_modulus_uj);
    clock->listeners.push_back([&, socket](double now) {
      if (is_frozen && socket == 0) return;
      root.put(fmt::format("/perf_event/energy-pkg/cpu{}", 2 * socket),
               std::to_string(static_cast<std::uint64_t>((1 + now * 100) * 4294967296.0)));
    });
  }
  Meter meter({}, parts_for(root, clock));
  auto region = meter.begin(Phase::train);
  for (int k = 0; k < 40; ++k) {
    is_frozen = k >= 10;
    clock->pass(0.1), meter.sample();
  }
  auto const energy = region.close();
  EXPECT_NEAR(energy.chip.value.value, 800, 2);
  auto const ledger = meter.ledger();
  ASSERT_EQ(ledger.events.size(), 1u);
  EXPECT_EQ(ledger.events[0], "package-0 froze, package-0-by-powercap took over");
  double sum = 0;
  for (std::size_t p = 0; p < phase_count; ++p) sum += ledger.joules[p][0].value.value;
  EXPECT_NEAR(sum, ledger.total[0].value.value, 1e-9);
}

TEST(CrossCheck, WarnsOfASecondFigureThatIsOff) {
  Ledger ledger;
  auto const add = [&](char const* id, DeviceClass device, std::vector<std::string> inside,
                       double joule) {
    SensorInfo info;
    info.id = id, info.device = device, info.contained_in = std::move(inside);
    ledger.devices.push_back({info, core::Kind::measured_counter, Use::counted});
    ledger.total.push_back(
        core::Quantity<core::Joules>::exactly({joule}, core::Kind::measured_counter));
    ledger.flows.emplace_back();
  };
  add("node", DeviceClass::node, {}, 1000), add("package-0", DeviceClass::package, {}, 400);
  add("gpu-a", DeviceClass::gpu, {}, 300);
  add("gpu-a-power", DeviceClass::gpu, {"gpu-a"}, 300 * 187.0 / 327);
  auto const checks = cross_checks(ledger);
  ASSERT_EQ(checks.size(), 2u);
  EXPECT_EQ(checks[0].what, "sum of parts / node");
  EXPECT_NEAR(checks[0].ratio, 0.7, 1e-12);
  EXPECT_FALSE(checks[0].is_suspect) << "a node holds more than its metered parts";
  EXPECT_NEAR(checks[1].ratio, 0.572, 1e-3);
  EXPECT_TRUE(checks[1].is_suspect);
  ledger.total[1].value = {900};
  EXPECT_TRUE(cross_checks(ledger)[0].is_suspect) << "parts cannot exceed the whole";
  EXPECT_EQ(power_level(ledger).level, 1);
  ledger.devices.erase(ledger.devices.begin());
  ledger.total.erase(ledger.total.begin());
  EXPECT_EQ(power_level(ledger).level, 0);
}

TEST(Idle, SecondBaselineTellsTheDrift) {
  Node node;
  node.meter->measure_idle({2});
  node.clock->listeners.clear();
  for (char const* folder : {"intel-rapl:0", "intel-rapl:1"})
    node.root.feed(*node.clock, folder, StepLoad(110), 1'000'000, usual_modulus_uj);
  node.clock->pass(1);
  node.meter->sample();
  node.meter->measure_idle({2});
  auto const account = node.meter->account();
  EXPECT_NEAR(account.idle_drift[0], 0.1, 0.01);
  EXPECT_NEAR(account.idle_baseline[0].value.value, 105, 0.5);
}

}  // namespace
}  // namespace crossjoule::meter
