// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/comm.hpp"
#include "models/graph.hpp"
#include "runtime/matrix.hpp"
#include "runtime/sweep.hpp"
#include "runtime/trained.hpp"

namespace crossjoule::drivers {

/// A network with the initial parameters of seed 1, and samples made up for it: what can be timed
/// and weighed without training. Spins are all states without magnetisation (of 16: 12,870), in a
/// fixed order; other inputs are normal.
template <class T>
struct Untrained {
  runtime::Trained<T> network;
  runtime::Matrix<T> samples;
};

/// Error (bad_input) where the largest batch does not fit this node's memory. Collective.
template <class T>
Untrained<T> make_untrained(models::Graph const& graph, runtime::SweepOptions const& sweep,
                            core::Comm const& comm);

}  // namespace crossjoule::drivers
