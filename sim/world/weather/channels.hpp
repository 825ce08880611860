// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sim/world/weather/shallow_water.hpp"

namespace crossjoule::sim::weather {

/// A quantity that a data set can hold per grid point and time.
struct Channel {
  std::string name, unit, long_name;
};

/// All there are; the first six are the default.
std::vector<Channel> const& all_channels();
std::vector<std::string> default_channels();
/// Those of these names, in this order. Error (bad_input) for an unknown name, a repeated one, or
/// none.
std::vector<Channel> channels_from(std::vector<std::string> const& names);

/// The channels of one state, (channel, lat, lon) north to south, as float32.
void fill_channels(ShallowWater& solver, double time_s, State const& state,
                   std::vector<Channel> const& channels, std::span<float> out);

}  // namespace crossjoule::sim::weather
