// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "meter/channel.hpp"
#include "meter/standing.hpp"

#include <array>
#include <string>
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
  disputed,  ///< ranks of one node were in different phases
  unattributed
};
inline constexpr std::size_t phase_count = 10;
std::string_view to_string(Phase phase);
/// The phase of that name; unattributed for any other text.
Phase phase_from(std::string_view text);

/// What the regions of one name took while they were innermost, on the reader's rank; the regions
/// of a ledger add up to its total, for every device.
struct RegionSum {
  std::string name;
  Phase phase = Phase::unattributed;
  std::int64_t count = 0;
  core::Seconds seconds;
  std::vector<core::Quantity<core::Joules>> joules;  ///< [device]
};

/// Joules of a node by phase and device. For every device the phases, unattributed included, add up
/// to the total; a phase that was never entered holds 0 J, a device that was never read is absent.
struct Ledger {
  std::vector<Device> devices;
  std::array<std::vector<core::Quantity<core::Joules>>, phase_count> joules;  ///< [phase][device]
  std::vector<core::Quantity<core::Joules>> total;                            ///< [device]
  std::vector<Flow> flows;                         ///< [device], with the counts of faults
  std::array<core::Seconds, phase_count> seconds;  ///< time spent in each phase
  std::vector<RegionSum> regions;         ///< by name, in order of first sight; "(outside)" first
  std::vector<std::string> largest_term;  ///< [device], what makes most of its total's interval
  std::vector<std::string> events;        ///< "package-0 froze, package-0-by-powercap took over"
  std::vector<Standing> standing;         ///< [device]; none for all but accelerators

  /// Sum over the devices that cover the node; its kind is that of the worst part.
  core::Quantity<core::Joules> sum(Phase phase) const;
  core::Quantity<core::Joules> sum() const;
  /// The same over devices of one kind alone; absent where there is none.
  core::Quantity<core::Joules> sum(Phase phase, core::Kind kind) const;
  /// Accelerators by standing, in the order of Standing; those that nobody has are left out.
  struct Accelerators {
    Standing standing = Standing::none;
    int count = 0;
    core::Quantity<core::Joules> energy;
  };
  std::vector<Accelerators> accelerators() const;
};

}  // namespace crossjoule::meter
