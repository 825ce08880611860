// SPDX-License-Identifier: BSD-3-Clause
// What waits between stages.
#include "aimc/pipeline.hpp"

#include <algorithm>

namespace crossjoule::aimc {
namespace {

/// Vectors of a stream that are there at `time`, give or take the rounding of sums.
std::int64_t there_by(Stream const& stream, double time) {
  constexpr double rounding = 1e-12;
  time += rounding * time;
  std::int64_t low = 0, high = stream.count();
  while (low < high) {
    auto const middle = low + (high - low) / 2;
    if (stream[middle] <= time)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/// Outputs of `stage` that a reader is done with at `time`: a barrier keeps all until its end.
std::int64_t used_by(Pipeline const& pipeline, Simulation const& run, std::size_t stage,
                     std::size_t reader, double time) {
  auto const& by = pipeline.stages[reader];
  auto const there = pipeline.stages[stage].vectors;
  if (by.handling == Handling::barrier) return run.outputs[reader].back() <= time ? there : 0;
  return there_by(run.taken[reader], time) * there / by.vectors;
}

}  // namespace

std::vector<std::int64_t> buffer_bytes(Pipeline const& pipeline) {
  auto const run = simulate(pipeline, 1);
  auto const stages = pipeline.stages.size();
  std::vector<std::vector<std::size_t>> readers(stages);
  for (std::size_t s = 0; s < stages; ++s)
    for (auto input : pipeline.stages[s].inputs) readers[input].push_back(s);
  std::vector<std::int64_t> bytes(stages, 0);
  for (std::size_t s = 0; s < stages; ++s) {
    // what waits grows and falls evenly between the ends of runs, so that its peak is at one
    std::vector<double> moments;
    for (auto const& each : run.outputs[s].runs()) moments.push_back(each.last());
    for (auto reader : readers[s])
      for (auto const& each : run.taken[reader].runs())
        moments.insert(moments.end(), {each.first, each.last()});
    std::int64_t most = 0;
    for (auto moment : moments) {
      auto used = pipeline.stages[s].vectors;
      for (auto reader : readers[s])
        used = std::min(used, used_by(pipeline, run, s, reader, moment));
      most = std::max(most, there_by(run.outputs[s], moment) - used);
    }
    bytes[s] = readers[s].empty() ? 0 : most * pipeline.stages[s].vector_bytes;
  }
  return bytes;
}

}  // namespace crossjoule::aimc
