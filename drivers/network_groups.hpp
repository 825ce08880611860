// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/record.hpp"
#include "models/graph.hpp"

namespace crossjoule::drivers {

/// /graph (identity and text form) and /cost (work of one sample, forward and backward): what every
/// record of a network starts with.
void write_network(core::Record& record, models::Graph const& graph);

}  // namespace crossjoule::drivers
