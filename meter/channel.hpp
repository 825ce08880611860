// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/quantity.hpp"
#include "meter/accumulator.hpp"
#include "meter/clock.hpp"
#include "meter/sensor.hpp"

#include <memory>
#include <vector>

namespace crossjoule::meter {

/// What part of which total a device is.
enum class Use {
  counted,      ///< part of the sum that covers the node without overlap
  cross_check,  ///< inside another one that is counted
};

/// A row of the ledger: a sensor, or a model that stands in for one.
struct Device {
  SensorInfo info;
  core::Kind kind = core::Kind::absent;
  Use use = Use::counted;
  bool operator==(Device const& other) const { return info.id == other.info.id; }
};

/// A moment in a device's history.
struct Mark {
  std::int64_t asked_ns = 0;  ///< when it was to be read
  std::int64_t good_ns = 0;   ///< when it was last read well; 0: never
  Flow flow;
};

/// What a device took between two marks. Windows of the same device add.
struct Window {
  Flow flow;
  std::int64_t duration_ns = 0;
  double edge_square = 0;  ///< s^2, sum over edges of (update period)^2
  double late_begin_second = 0,
         late_end_second = 0;  ///< since the last good read, where an edge's read failed
  std::int64_t shortest_ns = 0;
  Window& operator+=(Window const& other);
};
Window between(Mark const& begin, Mark const& end, SensorInfo const& info);

/// The time series of a device, thinned to every second point whenever it grows beyond `limit`, so
/// that a long job has bounded memory.
struct Series {
  static constexpr std::size_t limit = 1 << 15;
  std::vector<std::int64_t> time_ns;
  std::vector<std::uint64_t> counter;  ///< raw, for counters
  std::vector<float> power_watt;       ///< for powers and models
  std::int64_t stride = 1, seen = 0;   ///< every stride-th of all points seen is kept
  void add(std::int64_t time_ns, Source source, Reading const& reading);
};

/// One device being weighed: reads it and adds up. Not thread-safe; the Meter holds the lock.
class Channel {
 public:
  explicit Channel(Device device) : device_(std::move(device)) {}
  virtual ~Channel() = default;
  Device const& device() const { return device_; }
  Device& device() { return device_; }
  virtual void read(Clock& clock) = 0;
  virtual Mark mark() const = 0;
  Series const& series() const { return series_; }
  /// Largest busy share of an accelerator that was seen between two reads; nothing: nothing tells.
  std::optional<double> busiest() const { return busiest_; }
  /// Keep the latest reading in the time series.
  void keep();

 protected:
  Device device_;
  Series series_;
  std::int64_t asked_ns_ = 0, good_ns_ = 0;
  Reading latest_;
  bool fresh_ = false;  ///< the last read was good
  std::optional<double> busiest_;
};

/// A channel for a sensor of either source: counters through an Accumulator, powers by the
/// trapezium rule.
std::unique_ptr<Channel> make_channel(std::shared_ptr<Sensor> sensor);

}  // namespace crossjoule::meter
