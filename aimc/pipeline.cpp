// SPDX-License-Identifier: BSD-3-Clause
// What a schedule says without listing it: interval, bottleneck, latency of any batch.
#include "aimc/pipeline.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace crossjoule::aimc {
namespace {

/// What the stages that use the same tiles ask of them for a sample.
struct TileLoad {
  double links = 0, tiles = 0, converters = 0, columns = 0;
};

std::vector<TileLoad> tile_loads(Pipeline const& pipeline) {
  std::vector<TileLoad> loads(pipeline.stages.size());
  for (std::size_t s = 0; s < loads.size(); ++s) {
    auto const& stage = pipeline.stages[s];
    if (stage.handling != Handling::array) continue;
    auto& load = loads[stage.tiles_of.value_or(s)];
    auto const turns =
        std::ceil(static_cast<double>(stage.vectors) / static_cast<double>(stage.servers));
    load.links += turns * stage.link_seconds;
    load.tiles += turns * stage.tile_seconds;
    load.converters += turns * stage.held_seconds;
    load.columns += turns * stage.column_seconds;
  }
  return loads;
}

/// Work per sample of every resource: ports, tiles, converters, columns of each layer, the digital
/// unit with its port, the host link each way; and what room in the buffers allows.
template <class Visit>
void for_each_load(Pipeline const& pipeline, Visit&& visit) {
  double shared = 0, port = 0, host_in = 0, host_out = 0;
  auto const loads = tile_loads(pipeline);
  for (std::size_t s = 0; s < loads.size(); ++s) {
    auto const& stage = pipeline.stages[s];
    auto const vectors = static_cast<double>(stage.vectors);
    shared += stage.shared_seconds;
    (stage.handling == Handling::source ? host_in : host_out) += vectors * stage.host_seconds;
    if (stage.handling != Handling::array) {
      port += vectors * stage.link_seconds;
      continue;
    }
    if (stage.tiles_of) continue;  // counted with the stage whose tiles they are
    visit(stage.name, Resource::tiles, loads[s].tiles);
    visit(stage.name, Resource::adc, loads[s].converters);
    visit(stage.name, Resource::columns, loads[s].columns);
    visit(stage.name, Resource::links, loads[s].links);
  }
  visit("digital unit", Resource::shared, shared);
  visit("digital unit", Resource::links, port);
  visit("inputs", Resource::host_link, host_in);
  visit("output", Resource::host_link, host_out);
  if (pipeline.samples_held > 0)
    visit("activations", Resource::buffers,
          simulate(pipeline, 1).latency() / static_cast<double>(pipeline.samples_held));
}

}  // namespace

std::string_view to_string(Resource resource) {
  switch (resource) {
    case Resource::links: return "links";
    case Resource::tiles: return "tiles";
    case Resource::dac: return "dac";
    case Resource::adc: return "adc";
    case Resource::columns: return "columns";
    case Resource::shared: return "shared";
    case Resource::buffers: return "buffers";
    case Resource::host_link: return "host_link";
    case Resource::program: return "program";
  }
  return "";
}

std::string_view to_string(Handling handling) {
  switch (handling) {
    case Handling::source: return "source";
    case Handling::array: return "array";
    case Handling::column: return "column";
    case Handling::stream: return "stream";
    case Handling::barrier: return "barrier";
  }
  return "";
}

double interval(Pipeline const& pipeline) {
  double most = 0;
  for_each_load(pipeline, [&](std::string_view, Resource, double seconds) {
    most = std::max(most, seconds);
  });
  return most;
}

std::string bottleneck(Pipeline const& pipeline) {
  double most = -1;
  std::string name;
  for_each_load(pipeline, [&](std::string_view stage, Resource resource, double seconds) {
    if (seconds <= most) return;
    most = seconds;
    name = std::string(stage) + " (" + std::string(to_string(resource)) + ")";
  });
  return name;
}

BatchLatency::BatchLatency(Pipeline const& pipeline, std::int64_t largest)
    : pipeline_(&pipeline), step_(interval(pipeline)) {
  constexpr double rounding = 1e-11, tasks_allowed = 3e3;
  // samples enter as others leave: a group of them is the pattern that repeats
  if (pipeline.samples_held > 0) period_ = pipeline.samples_held;
  for (auto const& stage : pipeline.stages)
    if (stage.tiles_of ||
        (stage.handling != Handling::array && stage.shared_seconds + stage.link_seconds > 0))
      later_samples_wait_ = false;
  auto const stages = static_cast<double>(pipeline.stages.size());
  auto const most = std::min(
      largest, std::max(2 * period_,
                        static_cast<std::int64_t>(std::clamp(tasks_allowed / stages, 4.0, 64.0))));
  auto const first = later_samples_wait_ ? std::min(largest, 2 * period_) : most;
  for (std::int64_t n = first;; n = std::min(4 * n, most)) {
    ends_ = simulate(pipeline, n).sample_ends;
    if (n == most) return;
    auto const last =
        ends_[ends_.size() - 1] - ends_[ends_.size() - 1 - static_cast<std::size_t>(period_)];
    if (std::abs(last - static_cast<double>(period_) * step_) <= rounding * ends_.back()) return;
  }
}

double BatchLatency::operator()(std::int64_t batch) const {
  auto const simulated = static_cast<std::int64_t>(ends_.size());
  auto const program = pipeline_->program_seconds;
  if (batch > simulated) return program + beyond(batch);
  if (later_samples_wait_ || batch == simulated)
    return program + ends_[static_cast<std::size_t>(batch - 1)];
  auto found = known_.find(batch);
  if (found == known_.end())
    found = known_.emplace(batch, simulate(*pipeline_, batch).latency()).first;
  return program + found->second;
}

/// Whole patterns beyond what was simulated, and from there what was.
double BatchLatency::beyond(std::int64_t batch) const {
  auto const simulated = static_cast<std::int64_t>(ends_.size());
  auto const samples = static_cast<double>(batch - simulated);
  if (!later_samples_wait_) return ends_.back() + samples * step_;
  auto const patterns = (batch - simulated + period_ - 1) / period_;
  auto const like = batch - patterns * period_;
  return ends_[static_cast<std::size_t>(like - 1)] +
         static_cast<double>(patterns * period_) * step_;
}

}  // namespace crossjoule::aimc
