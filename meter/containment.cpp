// SPDX-License-Identifier: BSD-3-Clause
#include "meter/containment.hpp"

#include <algorithm>

namespace crossjoule::meter {

namespace {

bool is_fragment(SensorInfo const& info) {
  return info.device == DeviceClass::core || info.device == DeviceClass::uncore ||
         info.device == DeviceClass::other;
}

bool is_whole(DeviceClass device) {
  return device == DeviceClass::package || device == DeviceClass::platform ||
         device == DeviceClass::module;
}

/// A sensor that yields steps back where the CPUs are measured some other way.
bool steps_back(SensorInfo const& info, std::vector<SensorInfo> const& devices) {
  return info.yields && std::any_of(devices.begin(), devices.end(), [](auto const& other) {
           return is_whole(other.device) && other.backend != "model" && !other.yields;
         });
}

}  // namespace

bool contains(SensorInfo const& outer, SensorInfo const& inner) {
  if (outer.id == inner.id) return false;
  if (outer.device == DeviceClass::node && inner.device != DeviceClass::node) return true;
  bool const is_part_of_all =
      (outer.id == "package-all" && (inner.device == DeviceClass::package || is_fragment(inner))) ||
      (outer.id == "dram-all" && inner.device == DeviceClass::dram);
  if (is_part_of_all) return true;
  return std::any_of(inner.contained_in.begin(), inner.contained_in.end(), [&](auto const& id) {
    return id == outer.id || (id == "platform" && outer.device == DeviceClass::platform) ||
           (id == "module" && outer.device == DeviceClass::module);
  });
}

std::vector<Use> choose_cover(std::vector<SensorInfo> const& devices) {
  std::vector<Use> uses;
  for (auto const& device : devices) {
    bool const is_inside = std::any_of(devices.begin(), devices.end(), [&](auto const& other) {
      return contains(other, device) && !is_fragment(other) && !steps_back(other, devices);
    });
    bool const is_left_out = is_fragment(device) || is_inside || steps_back(device, devices);
    uses.push_back(is_left_out ? Use::cross_check : Use::counted);
  }
  return uses;
}

}  // namespace crossjoule::meter
