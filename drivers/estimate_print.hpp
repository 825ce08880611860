// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "aimc/estimate.hpp"
#include "core/record.hpp"
#include "drivers/json.hpp"
#include "models/cost.hpp"

#include <string>
#include <vector>

namespace crossjoule::drivers {

/// Ops that arrays can take, of all ops.
double analog_share(models::Cost const& cost);
/// What that leaves of any analog speed-up: 1 / (1 - share); infinite without digital work.
double amdahl_limit(models::Cost const& cost);
/// Is a sample at the fixed rate out within the latency it is given (always, where none is)?
bool within_budget(aimc::Estimate const& estimate);

/// A figure that is not there.
struct Absent {
  std::string figure, reason;
};
/// What packing copies of a small network on the diagonals of its tiles gives, or would give: the
/// products of the largest batch, one copy and packed; nothing where one copy alone fits.
std::string packing_text(aimc::Estimate const& estimate);
/// Weights beyond the budget that take turns on the tiles, and what writing them takes per batch.
std::string overflow_text(aimc::Estimate const& estimate);

/// The tables of `crossjoule estimate`: the map and pipeline, energy by boundary, the fixed rate,
/// and what is missing or assumed.
std::string estimate_text(core::NetworkIdentity const& network, models::Cost const& cost,
                          std::vector<aimc::Estimate> const& estimates);

/// What a what-if study prints and this estimate has no figure for, each with the reason and the
/// way to it: absent is said, not left out.
std::vector<Absent> absences(std::vector<aimc::Estimate> const& estimates, bool has_crossover);
std::string absent_text(std::vector<aimc::Estimate> const& estimates, bool has_crossover);
Json absent_json(std::vector<aimc::Estimate> const& estimates, bool has_crossover);

/// The same as one JSON document, with every part of every boundary.
Json estimate_json(core::NetworkIdentity const& network, models::Cost const& cost,
                   std::vector<aimc::Estimate> const& estimates);

}  // namespace crossjoule::drivers
