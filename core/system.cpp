// SPDX-License-Identifier: BSD-3-Clause
#include "core/system.hpp"

#include "core/detail/files.hpp"
#include "core/error.hpp"

#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <set>

namespace crossjoule::core {
namespace {

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

std::int64_t total_memory_bytes() {
  std::ifstream file("/proc/meminfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("MemTotal:")) return std::strtoll(line.c_str() + 9, nullptr, 10) * 1024;
  return 0;
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
    return Cpu{info.model, allowed > 0 ? allowed : 1, info.is_guest, total_memory_bytes()};
  }();
  return cpu;
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
