// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/pipeline.hpp"

#include <algorithm>
#include <cmath>
#include <queue>
#include <tuple>

namespace crossjoule::aimc {
namespace {

/// The vectors of one sample as they leave a stage, or as they begin on it: times in order.
using Stream = std::vector<double>;

struct Task {
  double ready;
  std::int64_t sample;
  std::size_t stage;
  bool operator>(Task const& other) const {
    return std::tie(ready, sample, stage) > std::tie(other.ready, other.sample, other.stage);
  }
};

class Simulator {
 public:
  Simulator(Pipeline const& pipeline, std::int64_t samples, Keep keep)
      : pipeline_(pipeline),
        samples_(samples),
        keep_(keep),
        readers_(pipeline.stages.size()),
        tiles_free_(pipeline.stages.size()),
        columns_free_(pipeline.stages.size()) {
    for (std::size_t s = 0; s < pipeline.stages.size(); ++s) {
      for (auto input : pipeline.stages[s].inputs) readers_[input].push_back(s);
      auto const servers = static_cast<std::size_t>(pipeline.stages[s].servers);
      tiles_free_[s].assign(servers, 0.0);
      columns_free_[s].assign(servers, 0.0);
    }
  }

  Simulation run() {
    auto const stages = pipeline_.stages.size();
    missing_.assign(static_cast<std::size_t>(samples_) * stages, 0);
    outputs_.resize(static_cast<std::size_t>(samples_) * stages);
    for (std::int64_t sample = 0; sample < samples_; ++sample)
      for (std::size_t s = 0; s < stages; ++s) {
        missing_[at(sample, s)] = pipeline_.stages[s].inputs.size();
        if (pipeline_.stages[s].inputs.empty()) queue_.push({0, sample, s});
      }
    result_.sample_ends.assign(static_cast<std::size_t>(samples_), 0.0);
    while (!queue_.empty()) {
      auto const task = queue_.top();
      queue_.pop();
      perform(task);
      announce(task);
    }
    // an earlier sample may end last where a branch is slow: a batch ends with its slowest
    for (std::size_t n = 1; n < result_.sample_ends.size(); ++n)
      result_.sample_ends[n] = std::max(result_.sample_ends[n], result_.sample_ends[n - 1]);
    outputs_.resize(stages);
    result_.outputs = std::move(outputs_);
    return std::move(result_);
  }

 private:
  std::size_t at(std::int64_t sample, std::size_t stage) const {
    return static_cast<std::size_t>(sample) * pipeline_.stages.size() + stage;
  }

  /// When vector k of `count` may start: its share of every input must be there.
  double arrival(Task const& task, std::int64_t k, std::int64_t count) const {
    double time = 0;
    for (auto input : pipeline_.stages[task.stage].inputs) {
      auto const& stream = outputs_[at(task.sample, input)];
      auto const there = static_cast<std::int64_t>(stream.size());
      auto const need = there == count ? k + 1 : ((k + 1) * there + count - 1) / count;
      time = std::max(time, stream[static_cast<std::size_t>(need - 1)]);
    }
    return time;
  }

  double whole_input(Task const& task) const {
    double time = 0;
    for (auto input : pipeline_.stages[task.stage].inputs)
      time = std::max(time, outputs_[at(task.sample, input)].back());
    return time;
  }

  void perform(Task const& task) {
    auto const& stage = pipeline_.stages[task.stage];
    auto& out = outputs_[at(task.sample, task.stage)];
    out.resize(static_cast<std::size_t>(stage.vectors));
    if (stage.handling == Handling::source)
      std::fill(out.begin(), out.end(), 0.0);
    else if (stage.handling == Handling::array)
      pass_tiles(task, stage, out);
    else if (stage.shared_seconds > 0)
      pass_shared(task, stage, out);
    else
      for (std::int64_t k = 0; k < stage.vectors; ++k)
        out[static_cast<std::size_t>(k)] = stage.handling == Handling::barrier
                                               ? whole_input(task)
                                               : arrival(task, k, stage.vectors);
    auto& end = result_.sample_ends[static_cast<std::size_t>(task.sample)];
    if (readers_[task.stage].empty()) end = std::max(end, out.back());
  }

  /// One input of as many vectors, one replica, nobody watching: most of all work, so a plain loop.
  bool pass_plainly(Task const& task, Stage const& stage, Stream& out) {
    if (keep_ != Keep::nothing || stage.servers != 1 || stage.inputs.size() != 1) return false;
    auto const& in = outputs_[at(task.sample, stage.inputs.front())];
    if (in.size() != out.size()) return false;
    double tile = tiles_free_[task.stage][0], column = columns_free_[task.stage][0];
    for (std::size_t k = 0; k < in.size(); ++k) {
      tile = std::max(in[k], tile) + stage.tile_seconds;
      column = std::max(tile, column) + stage.column_seconds;
      out[k] = column;
    }
    tiles_free_[task.stage][0] = tile;
    columns_free_[task.stage][0] = column;
    return true;
  }

  void pass_tiles(Task const& task, Stage const& stage, Stream& out) {
    if (pass_plainly(task, stage, out)) return;
    auto &tiles = tiles_free_[task.stage], &columns = columns_free_[task.stage];
    auto const servers = static_cast<std::int64_t>(tiles.size());
    for (std::int64_t k = 0; k < stage.vectors; ++k) {
      auto const server = static_cast<std::size_t>(servers == 1 ? 0 : k % servers);
      auto const begin = std::max(arrival(task, k, stage.vectors), tiles[server]);
      tiles[server] = begin + stage.tile_seconds;
      auto const post = std::max(tiles[server], columns[server]);
      columns[server] = post + stage.column_seconds;
      out[static_cast<std::size_t>(k)] = columns[server];
      if (keep_ == Keep::events) {
        add({stage.name, Resource::tiles, task.stage, task.sample,
             static_cast<std::int64_t>(server), 1, begin, tiles[server]});
        if (stage.column_seconds > 0)
          add({stage.name, Resource::columns, task.stage, task.sample,
               static_cast<std::int64_t>(server), 1, post, columns[server]});
      }
    }
  }

  /// The shared unit works a sample off as a whole; a streaming operation hands its vectors on one
  /// by one, a barrier all at the end.
  void pass_shared(Task const& task, Stage const& stage, Stream& out) {
    auto const is_barrier = stage.handling == Handling::barrier;
    auto const ready = is_barrier ? whole_input(task) : arrival(task, 0, stage.vectors);
    auto const begin = std::max(ready, shared_free_);
    auto const each = stage.shared_seconds / static_cast<double>(stage.vectors);
    double time = begin;
    for (std::int64_t k = 0; k < stage.vectors; ++k) {
      time = std::max(time, is_barrier ? ready : arrival(task, k, stage.vectors)) + each;
      out[static_cast<std::size_t>(k)] = time;
    }
    if (is_barrier) std::fill(out.begin(), out.end(), time);
    shared_free_ = time;
    if (keep_ == Keep::events)
      add({stage.name, Resource::shared, task.stage, task.sample, 0, stage.vectors, begin, time});
  }

  void add(Event event) { result_.events.push_back(std::move(event)); }

  void announce(Task const& task) {
    for (auto reader : readers_[task.stage]) {
      if (--missing_[at(task.sample, reader)] > 0) continue;
      Task next{0, task.sample, reader};
      auto const& stage = pipeline_.stages[reader];
      next.ready =
          stage.handling == Handling::barrier ? whole_input(next) : arrival(next, 0, stage.vectors);
      queue_.push(next);
    }
  }

  Pipeline const& pipeline_;
  std::int64_t samples_;
  Keep keep_;
  std::vector<std::vector<std::size_t>> readers_;
  std::vector<std::vector<double>> tiles_free_, columns_free_;
  double shared_free_ = 0;
  std::vector<std::size_t> missing_;
  std::vector<Stream> outputs_;
  std::priority_queue<Task, std::vector<Task>, std::greater<>> queue_;
  Simulation result_;
};

/// Work per sample of every resource: tiles and columns of each stage, and the shared unit.
template <class Visit>
void for_each_load(Pipeline const& pipeline, Visit&& visit) {
  double shared = 0;
  for (auto const& stage : pipeline.stages) {
    shared += stage.shared_seconds;
    if (stage.handling != Handling::array) continue;
    auto const turns =
        std::ceil(static_cast<double>(stage.vectors) / static_cast<double>(stage.servers));
    visit(stage.name, Resource::tiles, turns * stage.tile_seconds);
    visit(stage.name, Resource::columns, turns * stage.column_seconds);
  }
  visit("digital unit", Resource::shared, shared);
}

}  // namespace

std::string_view to_string(Resource resource) {
  switch (resource) {
    case Resource::tiles: return "tiles";
    case Resource::columns: return "columns";
    case Resource::shared: return "shared";
    case Resource::program: return "program";
  }
  return "";
}

Simulation simulate(Pipeline const& pipeline, std::int64_t samples, Keep keep) {
  return Simulator(pipeline, samples, keep).run();
}

double interval(Pipeline const& pipeline) {
  double most = 0;
  for_each_load(pipeline, [&](std::string const&, Resource, double seconds) {
    most = std::max(most, seconds);
  });
  return most;
}

std::string bottleneck(Pipeline const& pipeline) {
  double most = -1;
  std::string name;
  for_each_load(pipeline, [&](std::string const& stage, Resource resource, double seconds) {
    if (seconds <= most) return;
    most = seconds;
    name = stage + " (" + std::string(to_string(resource)) + ")";
  });
  return name;
}

BatchLatency::BatchLatency(Pipeline const& pipeline, std::int64_t largest)
    : step_(interval(pipeline)), program_(pipeline.program_seconds) {
  constexpr double rounding = 1e-12, vectors_allowed = 2e6;
  double vectors = 1;
  for (auto const& stage : pipeline.stages) vectors += static_cast<double>(stage.vectors);
  auto const most = static_cast<std::int64_t>(std::clamp(vectors_allowed / vectors, 4.0, 64.0));
  for (std::int64_t n = std::min<std::int64_t>(largest, 2);; n = std::min(2 * n, largest)) {
    ends_ = simulate(pipeline, n).sample_ends;
    if (n == largest || n >= most) return;
    auto const last = ends_[ends_.size() - 1] - ends_[ends_.size() - 2];
    if (std::abs(last - step_) <= rounding * ends_.back()) return;
  }
}

double BatchLatency::operator()(std::int64_t batch) const {
  auto const known = static_cast<std::int64_t>(ends_.size());
  if (batch <= known) return program_ + ends_[static_cast<std::size_t>(batch - 1)];
  return program_ + ends_.back() + static_cast<double>(batch - known) * step_;
}

}  // namespace crossjoule::aimc
