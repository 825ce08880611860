// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/pipeline.hpp"

#include <algorithm>
#include <optional>

namespace crossjoule::aimc {
namespace {

/// What a stage spends on a vector that waits for nothing.
double own_seconds(Stage const& stage) {
  return stage.link_seconds + stage.tile_seconds + stage.held_seconds + stage.column_seconds +
         stage.host_seconds;
}

Resource resource_of(Stage const& stage) {
  if (stage.handling == Handling::array)
    return stage.held_seconds > stage.tile_seconds ? Resource::adc : Resource::tiles;
  return stage.handling == Handling::source ? Resource::host_link : Resource::shared;
}

/// When vector k of a stage with `count` vectors has its share of one input, and that input's
/// vector.
struct Arrival {
  double time = 0;
  std::size_t stage = 0;
  std::int64_t vector = 0;
};

std::optional<Arrival> latest_arrival(Pipeline const& pipeline, Simulation const& run,
                                      std::size_t stage, std::int64_t k) {
  std::optional<Arrival> latest;
  for (auto input : pipeline.stages[stage].inputs) {
    auto const& stream = run.outputs[input];
    auto const there = stream.count();
    auto const count = pipeline.stages[stage].vectors;
    bool const whole = pipeline.stages[stage].handling == Handling::barrier;
    auto const need = whole ? there : ((k + 1) * there + count - 1) / count;
    auto const time = stream[need - 1];
    if (!latest || time > latest->time) latest = Arrival{time, input, need - 1};
  }
  return latest;
}

}  // namespace

std::vector<CriticalStep> critical_path(Pipeline const& pipeline) {
  auto const run = simulate(pipeline, 1);
  std::size_t stage = 0;
  for (std::size_t s = 0; s < pipeline.stages.size(); ++s)
    if (run.outputs[s].back() >= run.outputs[stage].back()) stage = s;
  auto vector = pipeline.stages[stage].vectors - 1;
  std::vector<CriticalStep> path;
  while (true) {
    auto const& now = pipeline.stages[stage];
    auto const& out = run.outputs[stage];
    auto const end = out[vector];
    auto arrival = latest_arrival(pipeline, run, stage, vector);
    // as long as a vector waited for the one before it on its tiles, the stage itself is to blame;
    // within a run that kept them busy, that is so back to its first
    auto const own = own_seconds(now);
    while (now.handling == Handling::array && arrival && vector >= now.servers &&
           out[vector] - own > arrival->time * (1 + 1e-12)) {
      auto const begin = out.run_of(vector).begin;
      vector = now.servers == 1 && begin < vector ? begin : vector - now.servers;
      arrival = latest_arrival(pipeline, run, stage, vector);
    }
    auto const from = arrival ? arrival->time : 0.0;
    if (end > from) path.push_back({now.name, resource_of(now), end - from});
    if (!arrival) break;
    stage = arrival->stage;
    vector = arrival->vector;
  }
  std::reverse(path.begin(), path.end());
  return path;
}

}  // namespace crossjoule::aimc
