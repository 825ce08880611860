// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "aimc/estimate.hpp"
#include "core/record.hpp"

#include <vector>

namespace crossjoule::aimc {

/// /result/estimate/<chip>/<mode>: attributes of the map, the figures of the pipeline, the cited
/// terms, one array per column of the layer table, of the node table and of the batch table (parts
/// of the energy by boundary); and all their lines in /result/points.
void write(core::Record& record, std::vector<Estimate> const& estimates);

}  // namespace crossjoule::aimc
