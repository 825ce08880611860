// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "meter/channel.hpp"

#include <vector>

namespace crossjoule::meter {

/// Is `inner` part of what `outer` reads? ("platform" and "module" stand for any sensor of that
/// class; a node contains all others.)
bool contains(SensorInfo const& outer, SensorInfo const& inner);

/// Which devices are added up to cover the node without overlap: those that no other one present
/// contains. Cores and uncore never stand for a package, a sensor that yields steps back where the
/// CPUs are measured otherwise. Adding a sensor that is contained in
/// another never changes the sum.
std::vector<Use> choose_cover(std::vector<SensorInfo> const& devices);

}  // namespace crossjoule::meter
