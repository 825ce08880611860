// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace crossjoule::core {

/// Name and value pairs, in printing order; each becomes an attribute of a record's group.
using Facts = std::vector<std::pair<std::string, std::string>>;

/// How this binary was made: version, git commit, compiler, flags, host tuning, MPI, HDF5, Kokkos
/// and BLAS versions ("absent" where one is missing).
Facts build_facts();
/// The machine: host name, CPU model, sockets, cores, memory, kernel, hypervisor, governor.
Facts system_facts();

struct Cpu {
  std::string model;              ///< as /proc/cpuinfo names it
  int hardware_threads = 1;       ///< this process may use (affinity mask)
  bool is_guest = false;          ///< a hypervisor is underneath
  std::int64_t memory_bytes = 0;  ///< MemTotal
};
Cpu const& this_cpu();

/// Bytes that may still be taken; the largest number where nothing limits them.
struct FreeMemory {
  std::int64_t
      node_bytes;  ///< MemAvailable, or less: what the control group (a batch job's) has left
  std::int64_t process_bytes;  ///< RLIMIT_AS less what this process has mapped
  std::int64_t smallest() const { return node_bytes < process_bytes ? node_bytes : process_bytes; }
};
FreeMemory free_memory();

/// Let the kernel back the whole 2 MiB pages inside [begin, begin + bytes) by huge ones (Linux:
/// MADV_HUGEPAGE), before they are touched. A wish: where it is not granted nothing changes.
void ask_for_huge_pages(void* begin, std::int64_t bytes);

/// Pin the calling thread to the k-th of the hardware threads it may use.
void pin_to(int k);

}  // namespace crossjoule::core
