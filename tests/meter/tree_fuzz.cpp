// SPDX-License-Identifier: BSD-3-Clause
// What the kernel's files could hold, from anywhere: every backend looks at a tree of one text.
#include "meter/backends.hpp"
#include "meter/containment.hpp"
#include "meter/node_model.hpp"
#include "meter/probe.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>

namespace {

using namespace crossjoule::meter;

constexpr std::array<char const*, 30> files = {
    "proc/stat",
    "proc/cpuinfo",
    "proc/meminfo",
    "sys/class/dmi/id/product_name",
    "sys/class/powercap/intel-rapl:0/name",
    "sys/class/powercap/intel-rapl:0/energy_uj",
    "sys/class/powercap/intel-rapl:0/max_energy_range_uj",
    "sys/bus/event_source/devices/power/type",
    "sys/bus/event_source/devices/power/cpumask",
    "sys/bus/event_source/devices/power/events/energy-pkg",
    "sys/bus/event_source/devices/power/events/energy-pkg.scale",
    "sys/bus/event_source/devices/power/events/energy-pkg.unit",
    "perf_event/energy-pkg/cpu0",
    "sys/class/hwmon/hwmon0/name",
    "sys/class/hwmon/hwmon0/energy1_input",
    "sys/class/hwmon/hwmon0/power1_average",
    "sys/class/hwmon/hwmon0/power1_label",
    "sys/class/hwmon/hwmon0/power1_average_interval",
    "sys/class/hwmon/hwmon0/device/power1_oem_info",
    "sys/class/hwmon/hwmon0/device/power1_average",
    "sys/cray/pm_counters/energy",
    "sys/cray/pm_counters/power",
    "sys/cray/pm_counters/freshness",
    "sys/cray/pm_counters/startup",
    "sys/cray/pm_counters/accel0_energy",
    "sys/bus/i2c/drivers/ina3221/1-0040/hwmon/hwmon1/in1_label",
    "sys/bus/i2c/drivers/ina3221/1-0040/hwmon/hwmon1/in1_input",
    "sys/bus/i2c/drivers/ina3221/1-0040/hwmon/hwmon1/curr1_input",
    "dev/ipmi0",
    "sys/bus/pci/devices/0000:01:00.0/class"};

/// The tree, made once; its files are rewritten for each text.
class Root {
 public:
  Root() {
    // in memory where there is some: thirty files are written anew for each text
    std::string name = ::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    name += "/crossjoule-fuzz-XXXXXX";
    path_ = ::mkdtemp(name.data()) ? name : "";
    for (std::size_t k = 0; k < files.size(); ++k) {
      std::filesystem::create_directories((path_ / files[k]).parent_path());
      descriptors_[k] = ::open((path_ / files[k]).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    }
  }
  ~Root() {
    for (int const file : descriptors_) ::close(file);
    std::filesystem::remove_all(path_);
  }
  /// The text's lines in turn to the files, each line to as many as it takes.
  void fill(std::string const& text) const {
    std::size_t at = 0;
    for (int const file : descriptors_) {
      auto const end = std::min(text.find('\0', at), text.size());
      std::string const part = text.substr(at, end - at);
      if (::ftruncate(file, 0) != 0 || ::pwrite(file, part.data(), part.size(), 0) < 0) return;
      at = end < text.size() ? end + 1 : 0;
    }
  }
  std::filesystem::path const& path() const { return path_; }

 private:
  std::filesystem::path path_;
  std::array<int, files.size()> descriptors_{};
};

}  // namespace

/// One input: parts behind one another, parted by zero bytes, for the files above.
int fuzz_tree(std::uint8_t const* data, std::size_t size) {
  static Root const root;
  root.fill(std::string(reinterpret_cast<char const*>(data), size));
  Tree const tree(root.path());
  for (auto const& found : {find_powercap(tree), find_perf_rapl(tree), find_hwmon(tree),
                            find_cray(tree), find_jetson(tree), find_ipmi(tree)})
    for (auto const& sensor : found.sensors) sensor->read();
  auto const model = discover_node(tree, 0);
  LoadMeter load(tree, model.hardware_threads);
  load.look();
  count_accelerators(tree);
  return 0;
}

#ifdef CROSSJOULE_FUZZER
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  return fuzz_tree(data, size);
}
#endif
