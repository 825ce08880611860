// SPDX-License-Identifier: BSD-3-Clause
#include "meter/cross_check.hpp"

#include "meter/containment.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

namespace crossjoule::meter {
namespace {

constexpr double least_joule = 1;  // below it quanta and edges decide, not the sensors

bool is_second_figure(SensorInfo const& outer, SensorInfo const& inner) {
  return outer.device == inner.device && !inner.contained_in.empty() &&
         inner.contained_in.front() == outer.id &&
         (inner.id == outer.id + "-power" || inner.id.starts_with(outer.id + "-by-"));
}

bool is_whole(SensorInfo const& info) {
  return info.device == DeviceClass::node || info.device == DeviceClass::platform ||
         info.device == DeviceClass::module;
}

/// Sum over the outermost measured devices inside `outer`; nothing where there is none.
double sum_of_parts(Ledger const& ledger, std::size_t outer) {
  std::vector<SensorInfo> inside;
  std::vector<double> joule;
  for (std::size_t k = 0; k < ledger.devices.size(); ++k) {
    bool const is_part = contains(ledger.devices[outer].info, ledger.devices[k].info) &&
                         core::is_measured(ledger.devices[k].kind) && ledger.total[k].present();
    if (!is_part) continue;
    inside.push_back(ledger.devices[k].info), joule.push_back(ledger.total[k].value.value);
  }
  auto const uses = choose_cover(inside);
  double sum = 0;
  for (std::size_t k = 0; k < uses.size(); ++k)
    if (uses[k] == Use::counted) sum += joule[k];
  return sum;
}

}  // namespace

std::vector<CrossCheck> cross_checks(Ledger const& ledger) {
  std::vector<CrossCheck> checks;
  auto const joule = [&](std::size_t k) {
    return ledger.total[k].present() ? ledger.total[k].value.value : 0.0;
  };
  for (std::size_t a = 0; a < ledger.devices.size(); ++a) {
    auto const& outer = ledger.devices[a].info;
    if (joule(a) < least_joule || !core::is_measured(ledger.devices[a].kind)) continue;
    for (std::size_t b = 0; b < ledger.devices.size(); ++b)
      if (is_second_figure(outer, ledger.devices[b].info) && joule(b) >= least_joule) {
        double const ratio = joule(b) / joule(a);
        checks.push_back({fmt::format("{} / {}", ledger.devices[b].info.id, outer.id), ratio,
                          std::abs(ratio - 1) > cross_check_tolerance});
      }
    if (!is_whole(outer)) continue;
    if (double const parts = sum_of_parts(ledger, a); parts >= least_joule)
      checks.push_back({fmt::format("sum of parts / {}", outer.id), parts / joule(a),
                        parts / joule(a) > 1 + cross_check_tolerance});
  }
  return checks;
}

PowerLevel power_level(Ledger const& ledger) {
  bool has_node = false, is_integrated = true, is_complete = true;
  double slowest = 0;
  for (std::size_t k = 0; k < ledger.devices.size(); ++k) {
    auto const& device = ledger.devices[k];
    if (device.use != Use::counted) continue;
    if (!core::is_measured(device.kind))
      return {0, "part of the energy is modelled: a level wants a meter for all of it"};
    has_node = has_node || device.info.device == DeviceClass::node;
    is_integrated = is_integrated && device.kind == core::Kind::measured_counter;
    is_complete = is_complete && ledger.total[k].present() && ledger.flows[k].gaps == 0;
    slowest = std::max(slowest, device.info.update_second);
  }
  if (!has_node)
    return {0,
            "the sensors sit behind the power supply (packages, boards): level 1 wants the "
            "power at the node's input"};
  if (!is_complete || slowest > 1.5)
    return {0, "level 1 wants at least one reading a second without gaps"};
  std::string const rest =
      "of the machine: level 2 wants an eighth of it and the network metered "
      "or estimated, one node's record does not";
  if (!is_integrated) return {1, "power samples, not integrated energy, and a part " + rest};
  return {1, "a part " + rest};
}

}  // namespace crossjoule::meter
