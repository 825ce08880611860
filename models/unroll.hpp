// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "models/graph.hpp"

#include <cstdint>

namespace crossjoule::models {

/// The graph up to its output, without objective and targets: what a forecast runs.
Graph without_objective(Graph const& graph);

/// A graph of one input and one output, applied `steps` times to its own output with the same
/// parameters, and a RelativeError over all outputs. Where it reads more channels than it makes
/// (constants, clocks, forcing), each further step gets them as an input of its own, "step2.known",
/// joined behind the output of the step before. Inputs, in this order: the first state, what is
/// known at each further step (if anything), the target of each step. Nodes of the second
/// application are named "step2.…", its target "target2". Error (bad_input): more than one step of
/// a graph whose output is no first part, by channels, of its input.
Graph with_relative_error(Graph const& graph, std::int64_t steps, RelativeError const& error);

}  // namespace crossjoule::models
