// SPDX-License-Identifier: BSD-3-Clause
#include "core/system.hpp"

#include "core/testing/expect_error.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <set>
#include <thread>

namespace crossjoule::core {
namespace {

TEST(System, EveryFactHasANameAndAValue) {
  for (Facts const& facts : {build_facts(), system_facts()}) {
    std::set<std::string> names;
    for (auto const& [name, value] : facts) {
      EXPECT_FALSE(value.empty()) << name;
      EXPECT_TRUE(names.insert(name).second) << name << " twice";
    }
    EXPECT_GE(facts.size(), 10u);
  }
}

TEST(System, AgreesWithTheKernel) {
  Cpu const& cpu = this_cpu();
  EXPECT_EQ(cpu.hardware_threads, static_cast<int>(std::thread::hardware_concurrency()));
  EXPECT_GT(cpu.memory_bytes, std::int64_t{64} << 20);
  EXPECT_NE(cpu.model, "");
}

TEST(System, PinningSticksAndKeepsTheListOfThreads) {
  std::thread([] {
    int const last = this_cpu().hardware_threads - 1;
    for (int k : {last, 0, last}) {
      pin_to(k);
      cpu_set_t set;
      sched_getaffinity(0, sizeof set, &set);
      EXPECT_EQ(CPU_COUNT(&set), 1);
    }
    EXPECT_EQ(
        testing::wrong_outcome(ExitCode::internal, "hardware thread", [&] { pin_to(last + 1); }),
        "");
  }).join();
}

}  // namespace
}  // namespace crossjoule::core
