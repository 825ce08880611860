// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/h5file.hpp"
#include "models/graph.hpp"
#include "runtime/params.hpp"

#include <filesystem>
#include <span>

namespace crossjoule::runtime {

/// The network of a training record: its graph (from /graph/text) with the digest checked, and its
/// parameters. Error (bad_input) where the file holds none.
template <class T>
struct Trained {
  models::Graph graph;
  std::vector<T> parameters;  ///< in ParamLayout of graph
};
template <class T>
Trained<T> read_trained(core::H5File const& file);

}  // namespace crossjoule::runtime
