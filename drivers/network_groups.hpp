// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/record.hpp"
#include "models/graph.hpp"

#include <string>

namespace crossjoule::drivers {

/// /graph (identity and text form) and /cost (work of one sample, forward and backward): what every
/// record of a network starts with.
void write_network(core::Record& record, models::Graph const& graph);

/// What is wrong where the digest of /graph is not that of the network which /graph/text describes,
/// else "": records are joined by that digest, so it must not be a mere claim.
std::string graph_contradiction(core::H5File const& file);

}  // namespace crossjoule::drivers
