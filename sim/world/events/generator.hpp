// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sim/world/events/detector.hpp"
#include "sim/world/events/process.hpp"

#include <cstdint>

namespace crossjoule::sim::events {

/// Makes events one at a time: event `index` is a function of (mixture, seed, index) alone.
class Generator {
 public:
  Generator(Mixture mixture, std::uint64_t seed, DetectorModel const& detector = {});

  /// The selected event `index`: the process is picked first, then collisions of that process are
  /// drawn until one passes the lepton filter. Shares of a mixture are those after the filter.
  void make(std::int64_t index, Event& event);
  /// Truth of the event made last, radiation included.
  HardEvent const& truth() const { return hard_; }
  /// Collisions drawn so far, those the filter rejected included.
  std::int64_t collisions() const { return collisions_; }

 private:
  Mixture mixture_;
  std::uint64_t seed_, purpose_;
  Detector detector_;
  HardEvent hard_;
  std::int64_t collisions_ = 0;
};

}  // namespace crossjoule::sim::events
