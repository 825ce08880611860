// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/latencies.hpp"

#include <algorithm>

namespace crossjoule::aimc {

double Latencies::operator()(std::int64_t turns) const {
  double total = 0;
  for (auto const& each : of) total += each(turns);
  return total;
}

double Latencies::in_part(double share) const {
  double total = 0;
  for (auto pipeline : pipelines) {
    for (auto& stage : pipeline.stages) {
      stage.link_seconds *= share;
      stage.host_seconds *= share;
      stage.shared_seconds *= share;
    }
    total += pipeline.program_seconds + simulate(pipeline, 1).latency();
  }
  return total;
}

bool tiles_alone(std::vector<Pipeline> const& pipelines) {
  auto const is_quick = [](Stage const& stage) {
    return stage.link_seconds + stage.column_seconds + stage.shared_seconds == 0;
  };
  return std::all_of(pipelines.begin(), pipelines.end(), [&](Pipeline const& pipeline) {
    return pipeline.samples_held == 0 &&
           std::all_of(pipeline.stages.begin(), pipeline.stages.end(), is_quick);
  });
}

}  // namespace crossjoule::aimc
