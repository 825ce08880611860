// SPDX-License-Identifier: BSD-3-Clause
#include "meter/naive_account.hpp"

#include "core/error.hpp"
#include "core/testing/expect_error.hpp"
#include "core/testing/temporary_folder.hpp"
#include "meter/imports.hpp"
#include "tests/meter/fixtures.hpp"

namespace crossjoule::meter {
namespace {

using core::testing::wrong_outcome;

/// Two sockets of 90 W each with a spare interface, weighed for ten seconds, as a record; the
/// command took 4 s of CPU time on 4 threads.
class Weighed : public testing::Test {
 protected:
  Weighed() : clock(std::make_shared<ScriptedClock>()) {
    fixtures::dual_socket(root);
    root.processor("GenuineIntel", "Intel(R) Xeon(R) Platinum 8380 CPU @ 2.30GHz", 4, "fpu");
    for (char const* folder : {"intel-rapl:0", "intel-rapl:1"})
      root.feed(*clock, folder, StepLoad(90), 1'000'000, usual_modulus_uj);
    for (char const* folder : {"intel-rapl:0/intel-rapl:0:0", "intel-rapl:1/intel-rapl:1:0"})
      root.feed(*clock, folder, StepLoad(6), 1'000'000, usual_modulus_uj);
    Meter meter({}, parts_for(root, clock));
    {
      auto const region = meter.begin(Phase::train);
      for (int k = 0; k < 100; ++k) clock->pass(0.1), meter.sample();
    }
    account = meter.account();
    auto file = core::H5File::create(path());
    write(file, {account});
    file.attribute("/result/run", "seconds", 10.0), file.attribute("/result/run", "user_s", 3.5);
    file.attribute("/result/run", "system_s", 0.5);
    file.commit();
  }
  std::filesystem::path path() const { return folder / "r.h5"; }
  core::testing::TemporaryFolder folder;
  FakeRoot root;
  std::shared_ptr<ScriptedClock> clock;
  NodeAccount account;
};

TEST_F(Weighed, ARecordOfOursIsReadAsItWasWritten) {
  EXPECT_EQ(guess_log_format(path()), LogFormat::record);
  auto const import = import_log(path(), {});
  ASSERT_EQ(import.nodes.size(), 1u);
  auto const& ledger = import.nodes[0].ledger;
  ASSERT_EQ(ledger.devices.size(), account.ledger.devices.size());
  for (std::size_t k = 0; k < ledger.devices.size(); ++k) {
    EXPECT_EQ(ledger.devices[k].info.id, account.ledger.devices[k].info.id);
    EXPECT_EQ(ledger.devices[k].use, account.ledger.devices[k].use);
    EXPECT_NEAR(ledger.total[k].value.value, account.ledger.total[k].value.value, 1e-9);
    EXPECT_EQ(ledger.flows[k].reads, account.ledger.flows[k].reads);
    EXPECT_EQ(import.nodes[0].series[k].counter, account.series[k].counter);
  }
  EXPECT_NEAR(ledger.sum(Phase::train).value.value, account.ledger.sum(Phase::train).value.value,
              1e-9);
  ASSERT_TRUE(import.load.has_value());
  EXPECT_NEAR(*import.load, 0.1, 1e-12);
}

TEST_F(Weighed, EstimatorsAreHeldAgainstTheCounters) {
  auto const import = import_log(path(), {});
  auto const table = naive_table(import.nodes[0], {400, import.load, 16});
  double second = 0;
  for (auto const& time : import.nodes[0].ledger.seconds) second += time.value;
  auto const find = [&](std::string const& name) {
    for (auto const& row : table.rows)
      if (row.estimator == name) return row;
    return NaiveRow{};
  };
  double const measured = 2 * 90 * second;
  auto const tdp = find("TDP x time");
  EXPECT_NEAR(tdp.joule, 400 * second, 1e-9);
  EXPECT_NEAR(*tdp.error_share, 400 * second / measured - 1, 2e-3) << "each socket once";
  auto const load = find("CodeCarbon, load (0.1 + 0.9 u^3)");
  EXPECT_NEAR(load.joule, 400 * (0.1 + 0.9e-3) * second, 1e-9);
  auto const memory = find("CodeCarbon, 3 W per 8 GB");
  EXPECT_NEAR(memory.joule, 6 * second, 1e-9);
  EXPECT_NEAR(*memory.error_share, 6.0 / 12 - 1, 5e-3);
}

TEST_F(Weighed, TdpOfTheTableIsThatOfTheMachinesThreads) {
  auto const table = naive_table(import_log(path(), {}).nodes[0], {});
  EXPECT_NE(table.inputs.find("TDP 13.5 W (Platinum 8380, 4 of its 80 threads)"), std::string::npos)
      << table.inputs;
  EXPECT_NE(table.inputs.find("load 1 (assumed)"), std::string::npos) << table.inputs;
}

TEST(NaiveAccount, WithoutAMeasurementThereIsNoError) {
  NodeAccount node;
  node.ledger.devices.push_back({package_info("cpu"), core::Kind::modelled, Use::counted});
  node.ledger.total.push_back({{1}, {2}, {4}, core::Kind::modelled});
  node.ledger.seconds[0] = {10};
  auto const table = naive_table(node, {100, 0.5, 0});
  ASSERT_EQ(table.rows.size(), 4u);
  for (auto const& row : table.rows) EXPECT_FALSE(row.error_share.has_value()) << row.estimator;
  EXPECT_DOUBLE_EQ(table.rows[0].joule, 1000);
  node.ledger.seconds = {};
  EXPECT_TRUE(naive_table(node, {}).rows.empty()) << "no time, no joules";
}

TEST(NaiveAccount, RecordsWithoutJoulesAreRefused) {
  core::testing::TemporaryFolder const folder;
  {
    auto file = core::H5File::create(folder / "e.h5");
    file.attribute("/meta", "format", "crossjoule-record");
    file.commit();
  }
  EXPECT_EQ(wrong_outcome(core::ExitCode::bad_input, "no joules",
                          [&] { import_log(folder / "e.h5", {}); }),
            "");
  {
    auto file = core::H5File::create(folder / "x.h5");
    file.write_strings("/energy/node", {"a", "b"}, "hosts");
    file.attribute("/energy/nodes/a", "device_order", "p");
    for (char const* end : {"", "_low", "_high"})
      file.write(std::string("/energy/joules/modelled") + end, std::vector<double>{1, 2},
                 {"J", "no cube"});
    file.commit();
  }
  EXPECT_EQ(wrong_outcome(core::ExitCode::bad_input, "joules/modelled",
                          [&] { import_log(folder / "x.h5", {}); }),
            "");
}

}  // namespace
}  // namespace crossjoule::meter
