// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/memory.hpp"

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/system.hpp"

#include <fstream>
#include <string_view>

namespace crossjoule::drivers {
namespace {

/// "VmRSS:    1234 kB"
std::int64_t status_bytes(std::string_view key) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::int64_t kilobytes = 0;
    if (word == key && status >> kilobytes) return 1024 * kilobytes;
  }
  return 0;
}

}  // namespace

std::int64_t resident_bytes() { return status_bytes("VmRSS:"); }
std::int64_t peak_resident_bytes() { return status_bytes("VmHWM:"); }

std::int64_t predict_peak(std::string const& verb, std::int64_t more_bytes,
                          std::string const& advice, core::Comm const& comm) {
  auto const mine = resident_bytes() + more_bytes;
  auto const node = comm.node();
  auto const bytes = static_cast<double>(node.sum(mine));
  auto const there = static_cast<double>(core::this_cpu().memory_bytes);
  core::log("memory: {:.1f} MB at the most on this node, {} ranks", bytes / 1e6, node.size());
  VALIDATE(there <= 0 || bytes < there,
           "{} needs {:.0f} bytes ({:.1f} GB) on this node for {} ranks (it has {:.1f} GB) {}",
           verb, bytes, bytes / 1e9, node.size(), there / 1e9, advice);
  return mine;
}

}  // namespace crossjoule::drivers
