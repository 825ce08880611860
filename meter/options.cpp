// SPDX-License-Identifier: BSD-3-Clause
#include "core/error.hpp"
#include "meter/meter.hpp"

namespace crossjoule::meter {

MeterOptions read_options(core::Config section) {
  MeterOptions options;
  options.sysfs_root = section.take(
      "sysfs_root", "/", "below it /sys and /proc are looked for (a fake tree for tests)");
  VALIDATE(std::filesystem::is_directory(options.sysfs_root),
           "meter.sysfs_root = {} (no such folder) name one that holds sys and proc{}",
           options.sysfs_root.string(), section.where("sysfs_root"));
  // above 1 s a counter of 65 kJ could come near half a wrap on the largest boards
  options.period_s = section.take<double>("period_s", options.period_s,
                                          "seconds between samples of the time series", {0.001, 1});
  auto const require = section.take_choice(
      "require", "any", "any, or measured: fail (3) where a model would stand in",
      {"any", "measured"});
  options.require = require == "measured" ? Requirement::measured : Requirement::any;
  options.memory_gb = section.take<double>(
      "memory_gb", 0.0, "allocated memory for the DRAM model; 0: all of the node's", {0, 1e6});
  options.accelerator_idle_w = section.take<double>(
      "accelerator_idle_w", 0.0,
      "assumed of each accelerator on the bus without a sensor; 0: a missing term", {0, 1e4});
  auto const traces =
      section.take("traces", std::vector<std::string>{},
                   "files of readings: \"replay:FILE\" or \"external:FILE\" (docs/energy.md)");
  for (auto const& trace : traces) options.traces.push_back(parse_trace_source(trace));
  return options;
}

}  // namespace crossjoule::meter
