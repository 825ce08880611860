// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "models/graph.hpp"

#include <filesystem>
#include <vector>

namespace crossjoule::runtime {

/// The best parameters of an earlier training run, to go on from: of the same network, whatever its
/// objective and the number of times it was applied. In ParamLayout of `graph`. Error (bad_input):
/// absent, no training record, another network; (damaged).
template <class T>
std::vector<T> start_parameters(std::filesystem::path const& record, models::Graph const& graph);

}  // namespace crossjoule::runtime
