// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/memory.hpp"

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/system.hpp"

#include <fstream>
#ifdef __GLIBC__
#include <malloc.h>
#endif
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

/// What the program and its libraries touch after the prediction: code, caches of open HDF5 files,
/// buffers of messages and of the record. Measured over trainings and forecasts of 0.1 to 0.5 GB: 1
/// to 5 MB.
constexpr std::int64_t still_to_come_bytes = 3'000'000;

double giga(std::int64_t bytes) { return static_cast<double>(bytes) / 1e9; }

}  // namespace

void give_back_large_blocks() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
}

std::int64_t resident_bytes() { return status_bytes("VmRSS:"); }
std::int64_t peak_resident_bytes() { return status_bytes("VmHWM:"); }

std::int64_t predict_peak(std::string const& verb, std::int64_t more_bytes,
                          std::string const& advice, core::Comm const& comm) {
  give_back_large_blocks();
  auto const free = core::free_memory();
  VALIDATE(
      more_bytes <= free.process_bytes,
      "{} needs {} bytes more ({:.1f} GB; the limit of this process's address space leaves {:.1f} "
      "GB) {}, or raise the limit (ulimit -v)",
      verb, more_bytes, giga(more_bytes), giga(free.process_bytes), advice);
  auto const mine = resident_bytes() + more_bytes + still_to_come_bytes;
  auto const node = comm.node();
  auto const bytes = node.sum(mine), more = node.sum(more_bytes);
  core::log(
      "memory: {:.1f} MB resident at the most on this node ({} {}, program and libraries too)",
      1e3 * giga(bytes), node.size(), node.size() == 1 ? "rank" : "ranks");
  VALIDATE(more <= free.node_bytes,
           "{} needs {} bytes ({:.1f} GB) on this node for {} ranks (it has {:.1f} GB free) {}",
           verb, bytes, giga(bytes), node.size(), giga(free.node_bytes), advice);
  return mine;
}

void report_peak(core::H5File& record, std::int64_t predicted_bytes) {
  auto const peak = peak_resident_bytes();
  record.attribute("/timing", "predicted_peak_bytes", predicted_bytes);
  record.attribute("/timing", "peak_resident_bytes", peak);
  if (peak > 0)
    core::log("memory: rank 0 took {:.1f} MB at its peak ({:.1f} MB were predicted)",
              1e3 * giga(peak), 1e3 * giga(predicted_bytes));
}

}  // namespace crossjoule::drivers
