// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>

namespace crossjoule::meter {

/// What the readings of one device added up to, between two moments or since the start; additive.
struct Flow {
  std::uint64_t counts = 0;                         ///< counters: quanta, exact
  double joule_low = 0, joule = 0, joule_high = 0;  ///< integrated powers and models
  double idle_low = 0, idle = 0, idle_high = 0;     ///< J that idle power alone takes (models)
  std::int64_t covered_ns = 0;                      ///< time between good neighbouring reads
  std::int64_t reads = 0, failed = 0, stale = 0, wraps = 0, resets = 0, gaps = 0;
  double unseen_joule = 0;     ///< most that may have passed unseen in resets and long gaps
  double sampling_square = 0;  ///< J^2, variance from not knowing when a sampled power changed
  std::int64_t frozen_ns = 0;  ///< time in which the counter stood still for too long
  double split_square = 0;     ///< J^2, variance from sharing an interval between regions by time
  double stolen_second = 0;    ///< thread-seconds a hypervisor gave to other guests (CPU model)

  Flow& operator+=(Flow const& other);
  friend Flow operator-(Flow later, Flow const& earlier);
  /// Takes `share` of all that can be divided out of this flow and returns it; the counts of faults
  /// stay. What was and what is left add up exactly.
  Flow take(double share);
};

/// No powered device takes less than one quantum in so long a time: its counter is frozen.
inline constexpr double frozen_second = 1, frozen_updates = 10;

/// The nature of a counter: see SensorInfo.
struct CounterShape {
  std::uint64_t modulus = 0;  ///< 0: never wraps
  double quantum_joule = 1e-6, max_watt = 1000, update_second = 1e-3;
};

/// Turns raw counter readings into joules, in integers modulo the wrap. A failed read is skipped
/// and counted, a repeat adds nothing, a step beyond 1.5 x max_watt is a reset (not joules), and a
/// time between reads in which two wraps could hide is flagged, never guessed at.
class Accumulator {
 public:
  explicit Accumulator(CounterShape shape) : shape_(shape) {}
  /// The reading taken at `time_ns`; nothing where it failed.
  void add(std::int64_t time_ns, std::optional<std::uint64_t> raw);
  /// The source says that it began anew: the next reading is a base, not a step.
  void restart(std::int64_t time_ns);
  Flow const& flow() const { return flow_; }
  double joule() const { return static_cast<double>(flow_.counts) * shape_.quantum_joule; }
  /// When the last good reading was taken; 0 before the first.
  std::int64_t last_good_ns() const { return last_ns_; }

 private:
  void step(std::int64_t time_ns, std::uint64_t raw);
  bool came_back(std::int64_t time_ns, std::uint64_t raw);
  void watch_still(std::int64_t time_ns, std::int64_t covered_ns, std::uint64_t counts);
  struct Fall {
    std::uint64_t counter;  ///< the last reading before it
    std::int64_t time_ns;
  };
  CounterShape shape_;
  Flow flow_;
  std::optional<Fall> before_fall_;  // until the counter moves again
  bool has_base_ = false, bridging_ = false;
  std::uint64_t last_ = 0;
  std::int64_t last_ns_ = 0, still_since_ns_ = 0, still_covered_ns_ = 0;
  bool is_frozen_ = false;
};

/// Longest time between polls after which a wrap is still beyond doubt: half a wrap at max_watt.
double safe_poll_second(CounterShape const& shape);

}  // namespace crossjoule::meter
