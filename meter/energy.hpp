// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/comm.hpp"
#include "core/quantity.hpp"

#include <string>

namespace crossjoule::meter {

/// Is a window long enough for its sensors' update periods?
enum class Edges { sharp, limited };

/// What a region took, gross. Absent figures mean that this process does not read the sensors, or
/// that there are none for that boundary; they never mean 0.
struct Energy {
  core::Quantity<core::Joules> chip;    ///< CPU packages, or the GPU boards that are used
  core::Quantity<core::Joules> system;  ///< all that covers the node: packages, DRAM, boards
  core::Quantity<core::Joules>
      idle_chip;  ///< the part of it that idle power takes; absent if unknown
  core::Quantity<core::Joules> idle_system;
  core::Seconds duration;
  bool is_reader = false;  ///< this process read the sensors; false: every figure is absent
  double coverage = 0;     ///< worst device's share of time between good neighbouring reads
  /// Terms of the boundary without a value, and terms that are assumptions; "; " between them.
  std::string missing_terms, assumed_terms;            ///< of system
  std::string missing_chip_terms, assumed_chip_terms;  ///< of chip
  std::string largest_error_term;                      ///< what makes most of the system's interval
  std::string source;                                  ///< the meter's headline
  Edges edges = Edges::sharp;
};

/// The sum over nodes, on every rank; collective. Each rank gives its own, only one per node is a
/// reader's. The longest duration, the worst coverage, all terms.
Energy sum_over_nodes(core::Comm const& comm, Energy const& mine);

}  // namespace crossjoule::meter
