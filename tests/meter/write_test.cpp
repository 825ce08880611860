// SPDX-License-Identifier: BSD-3-Clause
#include "core/error.hpp"
#include "meter/account.hpp"
#include "tests/meter/scripted.hpp"

namespace crossjoule::meter {
namespace {

/// A run with a package counter, a DRAM model and an idle baseline.
NodeAccount lived_account() {
  FakeRoot root;
  auto const clock = std::make_shared<ScriptedClock>();
  root.processor("GenuineIntel", "x", 4, "fpu");
  root.zone("intel-rapl:0", "package-0", 1'000'000);
  root.zone("intel-rapl-mmio:0", "package-0", 1'000'000);
  root.feed(*clock, "intel-rapl:0", StepLoad(100), 1'000'000, usual_modulus_uj);
  Meter meter({}, parts_for(root, clock));
  meter.measure_idle({1});
  auto const region = meter.begin(Phase::train);
  for (int k = 0; k < 20; ++k) clock->pass(0.1), meter.sample();
  return meter.account();
}

TEST(NodeAccount, SurvivesPacking) {
  auto const account = lived_account();
  auto const copy = unpack(pack(account));
  EXPECT_EQ(pack(copy), pack(account));
  EXPECT_EQ(copy.headline, account.headline);
  EXPECT_EQ(copy.ledger.sum().value.value, account.ledger.sum().value.value);
  EXPECT_EQ(copy.series.at(0).counter, account.series.at(0).counter);
  EXPECT_EQ(copy.probe.at(1).role, "duplicate of package-0");
}

TEST(NodeAccount, CutBytesAreRefused) {
  auto const bytes = pack(lived_account());
  for (std::size_t length = 0; length < bytes.size(); length += 7)
    EXPECT_THROW(unpack(std::span(bytes).first(length)), core::Error) << length;
}

TEST(Write, FileHoldsTheMatrixWithTheKindsApart) {
  FakeRoot folder;
  auto const account = lived_account();
  auto other = account;
  other.ledger.devices.pop_back(), other.ledger.total.pop_back(), other.ledger.flows.pop_back();
  for (auto& phase : other.ledger.joules) phase.pop_back();
  other.series.pop_back(), other.idle_baseline.pop_back();
  auto const path = folder.path() / "energy.h5";
  {
    auto file = core::H5File::create(path);
    write(file, {account, other});
    file.commit();
  }
  auto const file = core::H5File::open(path);
  auto const shape = std::vector<std::int64_t>{2, 2, static_cast<std::int64_t>(phase_count)};
  ASSERT_EQ(file.shape("/energy/joules/measured_counter"), shape);
  auto const measured = file.read<double>("/energy/joules/measured_counter");
  auto const modelled = file.read<double>("/energy/joules/modelled");
  auto const low = file.read<double>("/energy/joules/measured_counter_low");
  auto const train = static_cast<std::size_t>(Phase::train);
  EXPECT_NEAR(measured[train], 200, 0.5);
  EXPECT_NEAR(low[train], 190, 0.5);
  EXPECT_TRUE(std::isnan(modelled[train])) << "the package is not modelled";
  EXPECT_NEAR(modelled[phase_count + train], 2 * 0.3725 * 16.384, 0.01);
  EXPECT_TRUE(std::isnan(modelled[3 * phase_count + train])) << "the second node has one device";
  EXPECT_EQ(file.read_strings("/energy/phases/name").at(train), "train");
  auto const spans = "/energy/nodes/" + file.read_strings("/energy/node")[0] + "/spans";
  auto const phases = file.read<std::uint8_t>(spans + "/phase");
  ASSERT_FALSE(phases.empty());
  auto const begin = file.read<std::int64_t>(spans + "/begin_ns"),
             end = file.read<std::int64_t>(spans + "/end_ns");
  double train_second = 0;
  for (std::size_t k = 0; k < phases.size(); ++k)
    if (phases[k] == train) train_second += static_cast<double>(end[k] - begin[k]) * 1e-9;
  EXPECT_NEAR(train_second, 2, 1e-6) << "as the ledger's seconds of that phase";
  auto const names = file.read_strings("/energy/node");
  ASSERT_EQ(names.size(), 2u);
  EXPECT_EQ(names[1], names[0] + "-2") << "equal host names are told apart";
  std::string const device = "/energy/nodes/" + names[0] + "/devices/package-0";
  EXPECT_EQ(file.read_attribute_text(device, "kind"), "measured-counter");
  EXPECT_EQ(file.read<std::uint64_t>(device + "/counter").size(),
            file.read<std::int64_t>(device + "/t_ns").size());
  EXPECT_EQ(file.read_strings("/energy/probe/status").size(), 2 * account.probe.size());
  EXPECT_NEAR(file.read<double>("/energy/baseline/power_watt").at(0), 100, 0.5);
  EXPECT_EQ(file.read_attribute_integer("/energy", "format"), 1);
  file.check_digests();
}

TEST(Write, NoReaderLeavesNoJoules) {
  FakeRoot folder;
  auto file = core::H5File::create(folder.path() / "none.h5");
  write(file, {});
  file.commit();
  auto const read = core::H5File::open(folder.path() / "none.h5");
  EXPECT_EQ(read.read_text("/energy/headline"), "no reader");
  EXPECT_FALSE(read.exists("/energy/joules"));
}

}  // namespace
}  // namespace crossjoule::meter
