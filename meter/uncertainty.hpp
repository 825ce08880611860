// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "meter/channel.hpp"

#include <string>

namespace crossjoule::meter {

/// The joules of one device in one window with their interval (coverage factor 2).
struct Weighed {
  core::Quantity<core::Joules>
      energy;                         ///< absent where nothing was read or the counter stood still
  core::Quantity<core::Joules> idle;  ///< models know their idle power; absent for sensors
  double coverage = 0;                ///< share of the window between good neighbouring reads
  std::string largest_term;           ///< what makes most of the interval
  double largest_joule = 0;           ///< how wide that term is to one side
  bool is_edge_limited = false;       ///< shorter than five updates of the sensor
};

/// Did a counter not move once in more than a second and ten update periods?
bool stood_still(SensorInfo const& info, Window const& window);

/// Terms for a sensor: gain, quantisation of both edges, age of the figure at both edges (power x
/// time since the last update / sqrt 12), sampling of powers, added as squares; what may have
/// passed unseen in resets and gaps raises the upper end alone. `mean_watt` is the device's mean
/// power so far: a window in which the counter never moved still has edges.
Weighed weigh(Device const& device, Window const& window, double mean_watt);

}  // namespace crossjoule::meter
