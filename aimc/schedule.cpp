// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/pipeline.hpp"

#include <utility>

namespace crossjoule::aimc {

std::vector<Event> schedule(std::vector<Pipeline> const& pipelines, Keep keep) {
  std::vector<Event> events;
  double begin = 0;
  std::size_t first_stage = 0;  // stages of later pipelines count on
  for (auto const& pipeline : pipelines) {
    if (pipeline.program_seconds > 0)
      events.push_back({"write", Resource::program, first_stage, 0, 0, 1, begin,
                        begin + pipeline.program_seconds});
    begin += pipeline.program_seconds;
    auto run = simulate(pipeline, 1, keep);
    for (auto& event : run.events) {
      event.begin += begin;
      event.end += begin;
      event.stage += first_stage;
      events.push_back(std::move(event));
    }
    begin += run.latency();
    first_stage += pipeline.stages.size();
  }
  return events;
}

}  // namespace crossjoule::aimc
