// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "meter/channel.hpp"

#include <array>
#include <string_view>
#include <vector>

namespace crossjoule::meter {

/// What a node is doing. A moment belongs to the innermost open region.
enum class Phase {
  init,
  data,
  train,
  inference,
  communication,
  checkpoint,
  idle,
  meter,
  unattributed
};
inline constexpr std::size_t phase_count = 9;
std::string_view to_string(Phase phase);

/// Joules of a node by phase and device. For every device the phases, unattributed included, add up
/// to the total; a phase that was never entered holds 0 J, a device that was never read is absent.
struct Ledger {
  std::vector<Device> devices;
  std::array<std::vector<core::Quantity<core::Joules>>, phase_count> joules;  ///< [phase][device]
  std::vector<core::Quantity<core::Joules>> total;                            ///< [device]
  std::vector<Flow> flows;                         ///< [device], with the counts of faults
  std::array<core::Seconds, phase_count> seconds;  ///< time spent in each phase

  /// Sum over the devices that cover the node; its kind is that of the worst part.
  core::Quantity<core::Joules> sum(Phase phase) const;
  core::Quantity<core::Joules> sum() const;
  /// The same over devices of one kind alone; absent where there is none.
  core::Quantity<core::Joules> sum(Phase phase, core::Kind kind) const;
};

}  // namespace crossjoule::meter
