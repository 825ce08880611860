// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "aimc/outcome.hpp"

#include <vector>

namespace crossjoule::aimc {

/// What each node takes of a sample of the first batch, all figures at their value: `outcome` is
/// that of Pick{}, `pipelines` those of the boundary chip.
std::vector<NodeEstimate> node_estimates(Case const& at, std::vector<Pipeline> const& pipelines,
                                         Outcome const& outcome);

}  // namespace crossjoule::aimc
