// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace crossjoule::meter {

/// What a sensor weighs.
enum class DeviceClass {
  node,      ///< everything in the chassis: contains all others
  platform,  ///< the whole board (RAPL psys, a Jetson's input): contains packages and DRAM
  module,    ///< a superchip: CPU, GPU and their memories
  package,   ///< one CPU socket or die: contains its cores and uncore
  core,      ///< the cores of a package; never part of a total, a cross-check
  uncore,    ///< the graphics part of a package; never part of a total
  dram,      ///< the memory of a package
  gpu,       ///< one accelerator board
  rail,      ///< a supply rail of a board that is counted where no sensor of the board is
  other,     ///< a figure whose place in the node is unknown; never part of a total
};
std::string_view to_string(DeviceClass device);

/// What a read returns: joules since some start, or watts now.
enum class Source { counter, power };
std::string_view to_string(Source source);

/// Outcome of a probe. A sensor is a sensor only when its counter moves.
enum class Status {
  ok,
  denied,       ///< there, but this user may not read it
  absent,       ///< not there
  phantom,      ///< there and readable, but it never counted anything
  frozen,       ///< it counted once and stands still
  implausible,  ///< it moves, but cannot be what it says it is
};
std::string_view to_string(Status status);

/// Everything that is known of a sensor before it is read.
struct SensorInfo {
  std::string id;       ///< stable identity on its node: "package-0", "gpu-<uuid>"; never an index
  std::string backend;  ///< "powercap", "nvml", "perf", "hwmon", "cray", "ipmi", "external" ...
  std::string path;     ///< the file or library call it comes from
  std::string name;     ///< for people: "NVIDIA H100", "package-0"
  DeviceClass device = DeviceClass::package;
  /// Ids of everything whose reading includes this one's, nearest first; they need not exist here.
  std::vector<std::string> contained_in;
  Source source = Source::counter;
  double quantum_joule = 1e-6;  ///< joules per count (counters)
  std::uint64_t modulus = 0;    ///< the counter is taken modulo this; 0: it never wraps
  double update_second = 1e-3;  ///< how often the device renews the figure
  double gain = 0.1;            ///< relative accuracy, coverage factor 2
  double max_watt = 1000;       ///< more than this is no reading but a fault
  double duty = 1;              ///< share of an update period in which the device looks at all
  std::string unit = "uJ";      ///< of the raw figure, as the source gives it
  int preference = 50;          ///< of two sensors with one id the lower is used, the other a spare
  bool is_sampled = false;      ///< a counter that somebody integrates from power readings
  /// Counted only where no package, board or module is measured: a slow or coarse node power.
  bool yields = false;
};

/// One successful read.
struct Reading {
  std::uint64_t counter = 0;  ///< for Source::counter
  double watt = 0;            ///< for Source::power
  std::uint64_t epoch = 0;    ///< changes when the source says that its counter began anew
};

/// Reads one counter or power.
class Sensor {
 public:
  explicit Sensor(SensorInfo info) : info_(std::move(info)) {}
  virtual ~Sensor() = default;
  SensorInfo const& info() const { return info_; }
  /// The present figure; nothing where the read failed or did not parse, never a 0 in its place.
  virtual std::optional<Reading> read() = 0;
  /// Share of the last moments in which an accelerator worked; nothing where it does not tell.
  virtual std::optional<double> busy_share() { return {}; }
  /// From now on another sensor speaks for this device; this one is kept below it, as its spare.
  void make_spare(std::string id, std::string of) {
    info_.id = std::move(id), info_.contained_in.insert(info_.contained_in.begin(), std::move(of));
  }

 private:
  SensorInfo info_;
};

/// One line of the probe: a backend or sensor, whether it can be used, and what to do if not.
struct ProbeRow {
  std::string backend, id, path;
  Status status = Status::absent;
  int error_number = 0;  ///< errno or the library's code; 0 where there was none
  std::string role;      ///< "counted", "cross-check", "duplicate of package-0", "not used"
  std::string advice;
  // what is known of a sensor, opened or not; empty and 0 for a row that is none
  std::string unit = "";
  double wrap_joule = 0;     ///< the counter starts again after so much; 0: never
  double update_second = 0;  ///< stated update period
  double accuracy = 0;       ///< stated relative gain, coverage factor 2
};

/// Writes what is known of a sensor into its row: unit, wrap, update period, accuracy.
void describe(SensorInfo const& info, ProbeRow& row);

}  // namespace crossjoule::meter
