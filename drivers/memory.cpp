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

double giga(std::int64_t bytes) { return static_cast<double>(bytes) / 1e9; }

}  // namespace

std::int64_t resident_bytes() { return status_bytes("VmRSS:"); }
std::int64_t peak_resident_bytes() { return status_bytes("VmHWM:"); }

std::int64_t predict_peak(std::string const& verb, std::int64_t more_bytes,
                          std::string const& advice, core::Comm const& comm) {
  auto const free = core::free_memory();
  VALIDATE(
      more_bytes <= free.process_bytes,
      "{} needs {} bytes more ({:.1f} GB; the limit of this process's address space leaves {:.1f} "
      "GB) {}, or raise the limit (ulimit -v)",
      verb, more_bytes, giga(more_bytes), giga(free.process_bytes), advice);
  auto const mine = resident_bytes() + more_bytes;
  auto const node = comm.node();
  auto const bytes = node.sum(mine), more = node.sum(more_bytes);
  core::log("memory: {:.1f} MB at the most on this node, {} ranks", 1e3 * giga(bytes), node.size());
  VALIDATE(more <= free.node_bytes,
           "{} needs {} bytes ({:.1f} GB) on this node for {} ranks (it has {:.1f} GB free) {}",
           verb, bytes, giga(bytes), node.size(), giga(free.node_bytes), advice);
  return mine;
}

}  // namespace crossjoule::drivers
