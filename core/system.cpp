// SPDX-License-Identifier: BSD-3-Clause
#include "core/system.hpp"

#include "core/detail/files.hpp"
#include "core/error.hpp"

#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <set>
#include <string_view>

namespace crossjoule::core {
namespace {

constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();

/// What /proc/cpuinfo says about all hardware threads of the machine.
struct CpuInfo {
  std::string model = "unknown";
  bool is_guest = false;
  int threads = 0;
  std::set<std::string> sockets;
  std::set<std::pair<std::string, std::string>> cores;  ///< (socket, core)
};

CpuInfo read_cpuinfo() {
  CpuInfo info;
  std::ifstream file("/proc/cpuinfo");
  std::string socket = "0";
  for (std::string line; std::getline(file, line);) {
    std::size_t const colon = line.find(':');
    if (colon == std::string::npos) continue;
    std::string const key = line.substr(0, line.find_last_not_of(" \t", colon - (colon > 0)) + 1);
    std::string const value = colon + 2 <= line.size() ? line.substr(colon + 2) : "";
    if (key == "processor") ++info.threads;
    if (key == "model name" && info.model == "unknown") info.model = value;
    if (key == "physical id") info.sockets.insert(socket = value);
    if (key == "core id") info.cores.emplace(socket, value);
    if (key == "flags" && (" " + value + " ").find(" hypervisor ") != std::string::npos)
      info.is_guest = true;
  }
  return info;
}

/// A line as "MemTotal:  123 kB" of a file under /proc, in bytes; `otherwise` where it is not
/// there.
std::int64_t bytes_in(char const* path, std::string_view key, std::int64_t otherwise) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(key)) return std::strtoll(line.c_str() + key.size(), nullptr, 10) * 1024;
  return otherwise;
}

/// The first word of a file as a number; `otherwise` where it is none ("max").
std::int64_t number_in(std::filesystem::path const& path, std::int64_t otherwise) {
  std::ifstream file(path);
  std::int64_t number = 0;
  return file >> number ? number : otherwise;
}

/// What one control group has left; pages that only mirror files count as free.
std::int64_t left_in(std::filesystem::path const& group, char const* limit_file,
                     char const* used_file) {
  auto const limit = number_in(group / limit_file, unlimited);
  if (limit == unlimited) return unlimited;
  std::int64_t files = 0;
  std::ifstream statistics(group / "memory.stat");
  std::string name;
  for (std::int64_t value = 0; statistics >> name >> value;)
    if (name == "inactive_file") files = value;
  auto const used = number_in(group / used_file, 0) - files;
  return std::max<std::int64_t>(0, limit - used);
}

/// The tightest of this process's control groups and their parents, version 2 ("0::/job") or 1
/// ("4:memory:/job"), as batch systems set them.
std::int64_t left_in_control_groups() {
  std::int64_t least = unlimited;
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    bool const is_first = line.find(":memory:/") != std::string::npos;
    if (!is_first && !line.starts_with("0::/")) continue;
    std::filesystem::path const root = is_first ? "/sys/fs/cgroup/memory" : "/sys/fs/cgroup";
    auto group = root / line.substr(line.find(":/") + 2);
    for (; group.string().size() >= root.string().size(); group = group.parent_path())
      least = std::min(least, is_first
                                  ? left_in(group, "memory.limit_in_bytes", "memory.usage_in_bytes")
                                  : left_in(group, "memory.max", "memory.current"));
  }
  return least;
}

/// The hardware threads this process may use, in rising order.
std::vector<int> allowed_threads() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> allowed;
  if (sched_getaffinity(0, sizeof set, &set) == 0)
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
      if (CPU_ISSET(cpu, &set)) allowed.push_back(cpu);
  return allowed;
}

std::string or_absent(std::string text) { return text.empty() ? "absent" : text; }

}  // namespace

Cpu const& this_cpu() {
  static Cpu const cpu = [] {
    CpuInfo const info = read_cpuinfo();
    auto const allowed = static_cast<int>(allowed_threads().size());
    return Cpu{info.model, allowed > 0 ? allowed : 1, info.is_guest,
               bytes_in("/proc/meminfo", "MemTotal:", 0)};
  }();
  return cpu;
}

FreeMemory free_memory() {
  FreeMemory memory{unlimited, unlimited};
  memory.node_bytes =
      std::min(bytes_in("/proc/meminfo", "MemAvailable:", unlimited), left_in_control_groups());
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    auto const mapped = bytes_in("/proc/self/status", "VmSize:", 0);
    memory.process_bytes =
        std::max<std::int64_t>(0, static_cast<std::int64_t>(limit.rlim_cur) - mapped);
  }
  return memory;
}

Facts system_facts() {
  CpuInfo const info = read_cpuinfo();
  utsname kernel{};
  uname(&kernel);
  std::string const governor =
      detail::first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  std::string const hypervisor = detail::first_line("/sys/class/dmi/id/sys_vendor");
  return {{"host", kernel.nodename},
          {"cpu_model", info.model},
          {"cpu_sockets", std::to_string(info.sockets.empty() ? 1 : info.sockets.size())},
          {"cpu_cores", std::to_string(info.cores.empty() ? static_cast<std::size_t>(info.threads)
                                                          : info.cores.size())},
          {"cpu_hardware_threads", std::to_string(info.threads)},
          {"cpu_hardware_threads_allowed", std::to_string(this_cpu().hardware_threads)},
          {"memory_bytes", std::to_string(this_cpu().memory_bytes)},
          {"kernel", std::string(kernel.sysname) + " " + kernel.release},
          {"architecture", kernel.machine},
          {"hypervisor", info.is_guest ? "yes" + (hypervisor.empty() ? "" : " (" + hypervisor + ")")
                                       : "none seen"},
          {"cpu_governor", or_absent(governor)}};
}

void ask_for_huge_pages(void* begin, std::int64_t bytes) {
  constexpr std::uintptr_t page = std::uintptr_t{2} << 20;
  auto const from = reinterpret_cast<std::uintptr_t>(begin);
  std::uintptr_t const first = (from + page - 1) / page * page,
                       last = (from + static_cast<std::uintptr_t>(bytes)) / page * page;
  if (first < last) madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
}

void pin_to(int k) {
  static std::vector<int> const allowed = allowed_threads();  // before any pinning narrows the mask
  VALIDATE_AS(ExitCode::internal, k >= 0 && k < static_cast<int>(allowed.size()),
              "hardware thread {} was asked for (this process may use {})", k, allowed.size());
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(allowed[static_cast<std::size_t>(k)], &set);
  VALIDATE_AS(ExitCode::missing, sched_setaffinity(0, sizeof set, &set) == 0,
              "hardware thread {} cannot be used ({}) widen the process's CPU set", k,
              detail::errno_text(errno));
}

}  // namespace crossjoule::core
