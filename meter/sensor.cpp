// SPDX-License-Identifier: BSD-3-Clause
#include "meter/sensor.hpp"

#include <array>

namespace crossjoule::meter {

std::string_view to_string(DeviceClass device) {
  constexpr std::array<std::string_view, 10> names = {
      "node", "platform", "module", "package", "core", "uncore", "dram", "gpu", "rail", "other"};
  return names[static_cast<std::size_t>(device)];
}

std::string_view to_string(Source source) {
  return source == Source::counter ? "counter" : "power";
}

std::string_view to_string(Status status) {
  constexpr std::array<std::string_view, 6> names = {"ok",      "denied", "absent",
                                                     "phantom", "frozen", "implausible"};
  return names[static_cast<std::size_t>(status)];
}

void describe(SensorInfo const& info, ProbeRow& row) {
  row.unit = info.unit, row.update_second = info.update_second, row.accuracy = info.gain;
  row.wrap_joule = static_cast<double>(info.modulus) * info.quantum_joule;
}

}  // namespace crossjoule::meter
