// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "meter/ledger.hpp"

#include <string>
#include <vector>

namespace crossjoule::meter {

/// Two figures of one energy, or of the parts and the whole.
struct CrossCheck {
  std::string what;         ///< "gpu-x-power / gpu-x", "sum of parts / node"
  double ratio = 0;         ///< first over second
  bool is_suspect = false;  ///< more than 10 % off; parts may be less than their whole
};

/// Beyond so much a ratio is worth a warning.
inline constexpr double cross_check_tolerance = 0.10;

/// All that a node's own sensors say about one another: a device's second figure (a spare, its
/// power integrated) against the first, and the parts of a node, board or module against it.
std::vector<CrossCheck> cross_checks(Ledger const& ledger);

/// The level of the EE HPC WG methodology that such readings would meet (0: none), and why not the
/// next.
struct PowerLevel {
  int level = 0;
  std::string why_not_next;
};
PowerLevel power_level(Ledger const& ledger);

}  // namespace crossjoule::meter
