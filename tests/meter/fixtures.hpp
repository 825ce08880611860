// SPDX-License-Identifier: BSD-3-Clause
// Nodes as code: the trees that the kernel shows on machines we do not have.
#pragma once

#include "tests/meter/scripted.hpp"

namespace crossjoule::meter::fixtures {

/// Two sockets with DRAM.
inline void dual_socket(FakeRoot const& root) {
  root.processor("GenuineIntel", "Intel(R) Xeon(R) Platinum 8368 CPU @ 2.40GHz", 4, "fpu");
  for (int socket : {0, 1}) {
    std::string const zone = fmt::format("intel-rapl:{}", socket);
    root.zone(zone, fmt::format("package-{}", socket), 1000);
    root.zone(zone + "/" + zone + ":0", "dram", 100);
  }
}

/// A board sensor around the package.
inline void psys_and_package(FakeRoot const& root) {
  root.processor("GenuineIntel", "x", 4, "fpu");
  root.zone("intel-rapl:0", "package-0", 1000);
  root.zone("intel-rapl:1", "psys", 5000);
}

/// The RAPL event source of the kernel; the packages' CPUs are 0 and 2.
inline void perf_events(FakeRoot const& root, std::vector<std::string> const& events) {
  std::string const source = "/sys/bus/event_source/devices/power";
  root.put(source + "/type", "23"), root.put(source + "/cpumask", "0,2");
  std::filesystem::create_directories(root.path() / source.substr(1) / "events");
  int code = 1;
  for (auto const& event : events) {
    root.put(source + "/events/" + event, fmt::format("event=0x{:02x}", code++));
    root.put(source + "/events/" + event + ".scale", "2.3283064365386962890625e-10");
    root.put(source + "/events/" + event + ".unit", "Joules");
    for (int cpu : {0, 2}) root.put(fmt::format("/perf_event/{}/cpu{}", event, cpu), "4294967296");
  }
  for (int cpu : {0, 2}) {
    std::string const topology = fmt::format("/sys/devices/system/cpu/cpu{}/topology/", cpu);
    root.put(topology + "physical_package_id", std::to_string(cpu / 2));
    root.put(topology + "die_id", "0");
  }
}

/// A Cray EX blade with four accelerator cards.
inline void cray(FakeRoot const& root, std::uint64_t node_joule = 100'000) {
  std::string const base = "/sys/cray/pm_counters/";
  auto const stamped = [](std::uint64_t value, char const* unit) {
    return fmt::format("{} {} 1696012345678901 us", value, unit);
  };
  root.put(base + "energy", stamped(node_joule, "J"));
  root.put(base + "power", stamped(900, "W"));
  root.put(base + "cpu_energy", stamped(20'000, "J"));
  root.put(base + "memory_energy", stamped(9'000, "J"));
  for (int k = 0; k < 4; ++k)
    root.put(fmt::format("{}accel{}_energy", base, k), stamped(15'000, "J"));
  root.put(base + "freshness", "4711"), root.put(base + "startup", "1696000000000000");
  root.put(base + "generation", "31"), root.put(base + "version", "2");
}

/// One channel of an hwmon folder: file name -> text.
inline void hwmon(FakeRoot const& root, int number, std::string const& driver,
                  std::vector<std::pair<std::string, std::string>> const& files) {
  std::string const base = fmt::format("/sys/class/hwmon/hwmon{}/", number);
  root.put(base + "name", driver);
  for (auto const& [file, text] : files) root.put(base + file, text);
}

/// Four Grace-Hopper sockets: module, Grace, CPU and SysIO power each.
inline void grace_hopper(FakeRoot const& root) {
  int number = 0;
  for (int socket = 0; socket < 4; ++socket)
    for (auto const& [what, watt] :
         {std::pair{"Module", 500}, {"Grace", 180}, {"CPU", 120}, {"SysIO", 30}})
      hwmon(root, number++, "power_meter",
            {{"device/power1_oem_info", fmt::format("{} Power Socket {}", what, socket)},
             {"device/power1_average", fmt::format("{}000000", watt)},
             {"device/power1_average_interval", "50"}});
}

/// INA3221 of a Jetson: rails of label, millivolt, milliampere.
inline void jetson(FakeRoot const& root,
                   std::vector<std::tuple<std::string, int, int>> const& rails) {
  int number = 0;
  for (auto const& [label, volt, ampere] : rails) {
    std::string const chip =
        fmt::format("/sys/bus/i2c/drivers/ina3221/1-004{}/hwmon/hwmon{}/", number / 3, number / 3);
    int const channel = number++ % 3 + 1;
    root.put(fmt::format("{}in{}_label", chip, channel), label);
    root.put(fmt::format("{}in{}_input", chip, channel), std::to_string(volt));
    root.put(fmt::format("{}curr{}_input", chip, channel), std::to_string(ampere));
    root.put(chip + "in7_label", "sum of shunt voltages"), root.put(chip + "in7_input", "80");
  }
}
inline void jetson_orin(FakeRoot const& root) {
  jetson(root, {{"VDD_GPU_SOC", 5000, 1000},
                {"VDD_CPU_CV", 5000, 400},
                {"VIN_SYS_5V0", 5000, 600},
                {"NC", 0, 0},
                {"VDD_IN", 19000, 800}});
}
inline void jetson_xavier(FakeRoot const& root) {
  jetson(root, {{"GPU", 5000, 1000},
                {"CPU", 5000, 400},
                {"SOC", 5000, 300},
                {"CV", 5000, 0},
                {"VDDRQ", 5000, 200},
                {"SYS5V", 5000, 500}});
}

}  // namespace crossjoule::meter::fixtures
