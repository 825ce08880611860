// SPDX-License-Identifier: BSD-3-Clause
#include "core/system.hpp"

#include "core/testing/expect_error.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <cinttypes>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
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

/// "hg" among the flags that the kernel shows for the mapping of `address`.
bool asks_for_huge_pages(std::uintptr_t address) {
  std::ifstream maps("/proc/self/smaps");
  bool is_here = false;
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t first = 0, last = 0;
    if (std::sscanf(line.c_str(), "%" SCNxPTR "-%" SCNxPTR " ", &first, &last) == 2)
      is_here = first <= address && address < last;
    if (is_here && line.rfind("VmFlags:", 0) == 0) return line.find(" hg") != std::string::npos;
  }
  return false;
}

TEST(System, AsksForHugePagesInsideARangeAlone) {
  if (!std::filesystem::exists("/sys/kernel/mm/transparent_hugepage/enabled"))
    GTEST_SKIP() << "this kernel has no transparent huge pages";
  constexpr std::size_t page = std::size_t{2} << 20, pages = 6;
  void* const memory =
      mmap(nullptr, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  auto const first = (reinterpret_cast<std::uintptr_t>(memory) + page - 1) / page * page;
  // from the middle of page 0 to the middle of page 3: pages 1 and 2 are whole
  ask_for_huge_pages(reinterpret_cast<void*>(first + page / 2), 3 * page);
  for (std::size_t k = 0; k < 4; ++k)
    EXPECT_EQ(asks_for_huge_pages(first + k * page), k == 1 || k == 2) << k;
  munmap(memory, pages * page);
  ask_for_huge_pages(nullptr, 0);
}

}  // namespace
}  // namespace crossjoule::core
