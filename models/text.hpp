// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "models/graph.hpp"

#include <string>
#include <string_view>

namespace crossjoule::models {

/// One line per node, e.g. `layer0 = linear(input) out_features=512 bias=true`, after a first line
/// `graph <name>`. Numbers are printed so that they read back to the same bits.
std::string to_text(Graph const& graph);
/// The inverse of to_text. Error (bad_input) names the line and what would be right.
Graph from_text(std::string_view text);

/// xxh3-128 of ops, shapes and hyper-parameters: of to_text without names (the graph's and the
/// nodes'), so that renaming changes nothing. No batch, weights, precision or device in it.
std::string digest(Graph const& graph);

}  // namespace crossjoule::models
