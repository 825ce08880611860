// SPDX-License-Identifier: BSD-3-Clause
#include "meter/ledger.hpp"

#include <algorithm>
#include <optional>

namespace crossjoule::meter {
namespace {

using Joules = core::Quantity<core::Joules>;

Joules add_up(std::vector<Device> const& devices, std::vector<Joules> const& joules,
              std::optional<core::Kind> kind) {
  std::optional<Joules> sum;
  for (std::size_t k = 0; k < devices.size(); ++k) {
    if (devices[k].use != Use::counted || (kind && devices[k].kind != *kind)) continue;
    sum = sum ? *sum + joules[k] : joules[k];
  }
  return sum.value_or(Joules{});
}

}  // namespace

std::string_view to_string(Phase phase) {
  constexpr std::array<std::string_view, phase_count> names = {
      "init",       "data", "train", "inference", "communication",
      "checkpoint", "idle", "meter", "disputed",  "unattributed"};
  return names[static_cast<std::size_t>(phase)];
}

Phase phase_from(std::string_view text) {
  for (std::size_t k = 0; k < phase_count; ++k)
    if (to_string(static_cast<Phase>(k)) == text) return static_cast<Phase>(k);
  return Phase::unattributed;
}

std::vector<Ledger::Accelerators> Ledger::accelerators() const {
  std::vector<Accelerators> all;
  for (auto const which : {Standing::used, Standing::idle_allocated, Standing::idle_unallocated,
                           Standing::others, Standing::unknown}) {
    Accelerators some{which, 0, {}};
    for (std::size_t k = 0; k < std::min(standing.size(), total.size()); ++k)
      if (standing[k] == which) some.energy = some.count++ == 0 ? total[k] : some.energy + total[k];
    if (some.count > 0) all.push_back(some);
  }
  return all;
}

Joules Ledger::sum(Phase phase) const {
  return add_up(devices, joules[static_cast<std::size_t>(phase)], {});
}
Joules Ledger::sum() const { return add_up(devices, total, {}); }
Joules Ledger::sum(Phase phase, core::Kind kind) const {
  return add_up(devices, joules[static_cast<std::size_t>(phase)], kind);
}

}  // namespace crossjoule::meter
