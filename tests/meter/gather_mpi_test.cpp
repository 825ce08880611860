// SPDX-License-Identifier: BSD-3-Clause
// However many ranks a node has, it is counted once.
#include "core/comm.hpp"
#include "meter/account.hpp"

#include <gtest/gtest.h>

namespace crossjoule::meter {
namespace {

Energy pretended(core::Comm const& comm, bool is_reader) {
  Energy energy;
  energy.duration = {1.0 + comm.rank()};
  energy.is_reader = is_reader;
  if (!is_reader) {
    energy.missing_terms = "not the reader";
    return energy;
  }
  energy.chip = {{1}, {2}, {4}, core::Kind::measured_counter};
  energy.system = {
      {2}, {3}, {6}, comm.rank() == 1 ? core::Kind::modelled : core::Kind::measured_counter};
  energy.coverage = 1 - 0.1 * comm.rank();
  energy.missing_terms = comm.rank() == 1 ? "GPU board" : "";
  energy.source = "RAPL";
  return energy;
}

TEST(SumOverNodes, AddsReadersAlone) {
  auto const comm = core::Comm::world();
  auto const last = sum_over_nodes(comm, pretended(comm, comm.rank() == comm.size() - 1));
  EXPECT_DOUBLE_EQ(last.chip.value.value, 2);
  EXPECT_DOUBLE_EQ(last.duration.value, comm.size());
  auto const all = sum_over_nodes(comm, pretended(comm, true));
  EXPECT_DOUBLE_EQ(all.chip.value.value, 2.0 * comm.size());
  EXPECT_DOUBLE_EQ(all.chip.low.value, 1.0 * comm.size());
  EXPECT_DOUBLE_EQ(all.coverage, 1 - 0.1 * (comm.size() - 1));
  EXPECT_EQ(all.source, "RAPL");
  EXPECT_EQ(all.system.kind, comm.size() > 1 ? core::Kind::modelled : core::Kind::measured_counter);
  EXPECT_EQ(all.missing_terms, comm.size() > 1 ? "GPU board" : "");
}

TEST(SumOverNodes, NoReaderIsAbsent) {
  auto const comm = core::Comm::world();
  EXPECT_FALSE(sum_over_nodes(comm, pretended(comm, false)).chip.present());
}

TEST(Gather, OneAccountPerNode) {
  auto const comm = core::Comm::world();
  Meter const meter;
  auto const readers = comm.sum(meter.is_reader() ? 1 : 0);
  EXPECT_EQ(readers, 1) << "all ranks of this test are on one node";
  auto const accounts = gather(comm, meter);
  ASSERT_EQ(accounts.size(), 1u);
  EXPECT_FALSE(accounts[0].headline.empty());
  comm.barrier();  // the lock is kept until all have tried
}

}  // namespace
}  // namespace crossjoule::meter

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  crossjoule::core::Comm::world();
  return RUN_ALL_TESTS();
}
