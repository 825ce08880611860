// SPDX-License-Identifier: BSD-3-Clause
#include "meter/containment.hpp"

#include <algorithm>

namespace crossjoule::meter {

bool contains(SensorInfo const& outer, SensorInfo const& inner) {
  return std::any_of(inner.contained_in.begin(), inner.contained_in.end(), [&](auto const& id) {
    return id == outer.id || (id == "platform" && outer.device == DeviceClass::platform);
  });
}

std::vector<Use> choose_cover(std::vector<SensorInfo> const& devices) {
  std::vector<Use> uses;
  for (auto const& device : devices) {
    bool const is_fragment =
        device.device == DeviceClass::core || device.device == DeviceClass::uncore;
    bool const is_inside = std::any_of(devices.begin(), devices.end(),
                                       [&](auto const& other) { return contains(other, device); });
    uses.push_back(is_fragment || is_inside ? Use::cross_check : Use::counted);
  }
  return uses;
}

}  // namespace crossjoule::meter
