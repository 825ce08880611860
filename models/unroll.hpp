// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "models/graph.hpp"

#include <cstdint>

namespace crossjoule::models {

/// The graph up to its output, without objective and targets: what a forecast runs.
Graph without_objective(Graph const& graph);

/// Earlier states that a network reads beside the newest one, as channels of its input.
struct History {
  std::int64_t states = 1;  ///< states read, the newest included
  std::int64_t first = 0;   ///< channel where the earlier ones begin, from new to old; each has the
                            ///< channels of the output
};

/// A graph of one input and one output, applied `steps` times to its own output with the same
/// parameters, and a RelativeError over all outputs. Where it reads more channels than it makes
/// (constants, clocks, forcing), each further step gets them as an input of its own, "step2.known",
/// joined behind the output of the step before. A history shifts: the state read before, its first
/// channels, becomes the newest of the earlier ones and the oldest is dropped; what is known then
/// counts the channels before and after it. Inputs, in this order: the first state, what is
/// known at each further step (if anything), the target of each step. Nodes of the second
/// application are named "step2.…", its target "target2". Error (bad_input): more than one step of
/// a graph whose output is no first part, by channels, of its input, or whose input has no room for
/// the history.
Graph with_relative_error(Graph const& graph, std::int64_t steps, RelativeError const& error,
                          History const& history = {});

/// A network with its RelativeError over another number of steps; the graph as it is where it has
/// no such objective.
Graph over_steps(Graph const& graph, std::int64_t steps, History const& history = {});

}  // namespace crossjoule::models
