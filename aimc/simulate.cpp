// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/pipeline.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <queue>
#include <tuple>

namespace crossjoule::aimc {
namespace {

struct Task {
  double ready;
  std::int64_t sample;
  std::size_t stage;
  bool operator>(Task const& other) const {
    return std::tie(ready, sample, stage) > std::tie(other.ready, other.sample, other.stage);
  }
};

/// When the queues of one stage are free, replica by replica.
struct Queues {
  std::vector<double> links, tiles, converters, columns;
  explicit Queues(std::size_t servers)
      : links(servers, 0.0), tiles(servers, 0.0), converters(servers, 0.0), columns(servers, 0.0) {}
};

class Simulator {
 public:
  Simulator(Pipeline const& pipeline, std::int64_t samples, Keep keep)
      : pipeline_(pipeline), samples_(samples), keep_(keep), readers_(pipeline.stages.size()) {
    for (std::size_t s = 0; s < pipeline.stages.size(); ++s) {
      for (auto input : pipeline.stages[s].inputs) readers_[input].push_back(s);
      queues_.emplace_back(static_cast<std::size_t>(pipeline.stages[s].servers));
    }
    for (auto const& readers : readers_) sinks_ += readers.empty() ? 1 : 0;
  }

  Simulation run() {
    auto const stages = pipeline_.stages.size();
    missing_.assign(static_cast<std::size_t>(samples_) * stages, 0);
    outputs_.resize(static_cast<std::size_t>(samples_) * stages);
    sinks_left_.assign(static_cast<std::size_t>(samples_), sinks_);
    result_.taken.resize(stages);
    result_.sample_ends.assign(static_cast<std::size_t>(samples_), 0.0);
    for (std::int64_t sample = 0; sample < samples_; ++sample) {
      for (std::size_t s = 0; s < stages; ++s)
        missing_[at(sample, s)] = pipeline_.stages[s].inputs.size();
      if (pipeline_.samples_held == 0 || sample < pipeline_.samples_held) admit(sample, 0);
    }
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

  void admit(std::int64_t sample, double ready) {
    for (std::size_t s = 0; s < pipeline_.stages.size(); ++s)
      if (pipeline_.stages[s].inputs.empty()) queue_.push({ready, sample, s});
  }

  /// When each vector's share of every input is there; a barrier's vectors wait for all of it.
  Stream arrivals(Task const& task, Stage const& stage) const {
    if (stage.inputs.empty()) return Stream::at_once(task.ready, stage.vectors);
    if (stage.handling == Handling::barrier) return Stream::at_once(task.ready, stage.vectors);
    Stream latest;
    for (auto input : stage.inputs) {
      auto one = shared_among(outputs_[at(task.sample, input)], stage.vectors);
      latest = latest.count() == 0 ? std::move(one) : later(latest, one);
    }
    return latest;
  }

  void perform(Task const& task) {
    auto const& stage = pipeline_.stages[task.stage];
    auto out = arrivals(task, stage);
    auto& queues = queues_[stage.tiles_of.value_or(task.stage)];
    if (stage.handling == Handling::array && stage.servers > 1) {
      out = through_replicas(task, stage, out);
    } else if (stage.handling == Handling::array) {
      pass(task, Resource::links, out, stage.link_seconds, queues.links[0]);
      pass(task, Resource::tiles, out, stage.tile_seconds, queues.tiles[0]);
      pass(task, Resource::adc, out, stage.held_seconds, queues.converters[0]);
      pass(task, Resource::columns, out, stage.column_seconds, queues.columns[0]);
    } else if (stage.handling == Handling::source) {
      pass(task, Resource::host_link, out, stage.host_seconds, host_in_);
    } else if (stage.shared_seconds > 0 || stage.link_seconds > 0) {
      pass(task, Resource::links, out, stage.link_seconds, digital_port_);
      if (stage.handling == Handling::barrier) out = Stream::at_once(out.back(), stage.vectors);
      pass(task, Resource::shared, out, stage.shared_seconds / static_cast<double>(stage.vectors),
           digital_unit_);
      if (stage.handling == Handling::barrier) out = Stream::at_once(out.back(), stage.vectors);
    }
    if (stage.handling != Handling::source && stage.host_seconds > 0)
      pass(task, Resource::host_link, out, stage.host_seconds, host_out_);
    if (task.sample == 0 && result_.taken[task.stage].count() == 0) result_.taken[task.stage] = out;
    auto& end = result_.sample_ends[static_cast<std::size_t>(task.sample)];
    if (readers_[task.stage].empty()) end = std::max(end, out.back());
    outputs_[at(task.sample, task.stage)] = std::move(out);
  }

  /// One queue: `stream` becomes what leaves it; what it did, and, for the first one of the first
  /// sample, when it took its vectors, are noted.
  void pass(Task const& task, Resource resource, Stream& stream, double seconds, double& free) {
    if (seconds == 0) return;
    auto const before = free;
    stream = served(stream, seconds, free);
    note_taken(task, stream, seconds);
    if (keep_ != Keep::nothing) note(task, resource, 0, stream, seconds, before);
  }

  void note_taken(Task const& task, Stream const& out, double seconds) {
    auto& taken = result_.taken[task.stage];
    if (task.sample != 0 || taken.count() > 0) return;
    for (auto const& run : out.runs()) taken.push(run.first - seconds, run.step, run.count);
  }

  void note(Task const& task, Resource resource, std::int64_t server, Stream const& out,
            double seconds, double before) {
    auto const& stage = pipeline_.stages[task.stage];
    auto const place = stage.tiles_of.value_or(task.stage);
    auto add = [&](double begin, double end, std::int64_t vectors) {
      begin = std::max(begin, before);  // rounding must not make a server do two things at once
      keep_now({stage.name, resource, place, task.sample, server, vectors, begin, end}, stage);
      before = end;
    };
    for (auto const& run : out.runs()) {
      if (keep_ == Keep::runs) {
        add(run.first - seconds, run.last(), run.count);
        continue;
      }
      for (std::int64_t k = 0; k < run.count; ++k) add(run.at(k) - seconds, run.at(k), 1);
    }
  }

  /// When the DACs and converters of a tile work while it does: first and last of each product. Of
  /// a run, from its first product's to its last one's.
  void note_converters(Event const& tile, Stage const& stage) {
    if (tile.resource != Resource::tiles) return;
    auto const others = stage.tile_seconds;
    auto add = [&](Resource resource, double begin, double end) {
      auto event = tile;
      event.resource = resource;
      event.begin = begin;
      event.end = end;
      result_.events.push_back(std::move(event));
    };
    if (stage.dac_seconds > 0)
      add(Resource::dac, tile.begin, tile.end - others + stage.dac_seconds);
    if (stage.adc_seconds > 0)
      add(Resource::adc, tile.begin + others - stage.adc_seconds, tile.end);
  }

  /// What a replica's resources have been doing since they last rested.
  using Busy = std::vector<std::array<std::optional<Event>, resource_count>>;

  void keep_now(Event const& event, Stage const& stage) {
    note_converters(event, stage);
    result_.events.push_back(event);
  }

  /// Vectors that follow each other without a rest are one event, where runs are asked for.
  void keep(std::optional<Event>& open, Event const& event, Stage const& stage) {
    constexpr double rounding = 1e-12;
    if (keep_ == Keep::vectors) return keep_now(event, stage);
    if (open && event.begin <= open->end * (1 + rounding)) {
      open->end = event.end;
      ++open->vectors;
      return;
    }
    if (open) keep_now(*open, stage);
    open = event;
  }

  /// Replicas take turns: vector by vector, for each has queues of its own.
  Stream through_replicas(Task const& task, Stage const& stage, Stream const& in) {
    auto const place = stage.tiles_of.value_or(task.stage);
    auto& queues = queues_[place];
    Stream out;
    Busy busy(static_cast<std::size_t>(stage.servers));
    std::int64_t k = 0;
    for (auto const& run : in.runs())
      for (std::int64_t i = 0; i < run.count; ++i, ++k) {
        auto const replica = static_cast<std::size_t>(k % stage.servers);
        double time = run.at(i);
        auto queue = [&](Resource resource, double seconds, double& free) {
          if (seconds == 0) return;
          auto const begin = std::max(time, free);
          time = free = begin + seconds;
          if (keep_ == Keep::nothing) return;
          Event const event{
              stage.name, resource, place, task.sample, static_cast<std::int64_t>(replica),
              1,          begin,    time};
          keep(busy[replica][static_cast<std::size_t>(resource)], event, stage);
        };
        queue(Resource::links, stage.link_seconds, queues.links[replica]);
        queue(Resource::tiles, stage.tile_seconds, queues.tiles[replica]);
        queue(Resource::adc, stage.held_seconds, queues.converters[replica]);
        queue(Resource::columns, stage.column_seconds, queues.columns[replica]);
        out.push(time, 0, 1);
      }
    note_taken(task, out,
               stage.link_seconds + stage.tile_seconds + stage.held_seconds + stage.column_seconds);
    for (auto const& replica : busy)
      for (auto const& event : replica)
        if (event) keep_now(*event, stage);
    return out;
  }

  /// The readers of a stage learn that a sample's vectors have times; who has all inputs is ready.
  void announce(Task const& task) {
    for (auto reader : readers_[task.stage]) {
      if (--missing_[at(task.sample, reader)] > 0) continue;
      auto const& stage = pipeline_.stages[reader];
      Task next{0, task.sample, reader};
      for (auto input : stage.inputs) {
        auto const& stream = outputs_[at(task.sample, input)];
        auto const need = stage.handling == Handling::barrier
                              ? stream.count()
                              : (stream.count() + stage.vectors - 1) / stage.vectors;
        next.ready = std::max(next.ready, stream[need - 1]);
      }
      queue_.push(next);
    }
    if (!readers_[task.stage].empty()) return;
    auto const sample = static_cast<std::size_t>(task.sample);
    auto const next = task.sample + pipeline_.samples_held;
    if (--sinks_left_[sample] == 0 && pipeline_.samples_held > 0 && next < samples_)
      admit(next, result_.sample_ends[sample]);
  }

  Pipeline const& pipeline_;
  std::int64_t samples_;
  Keep keep_;
  std::vector<std::vector<std::size_t>> readers_;
  std::vector<Queues> queues_;
  std::size_t sinks_ = 0;
  double digital_unit_ = 0, digital_port_ = 0, host_in_ = 0, host_out_ = 0;
  std::vector<std::size_t> missing_, sinks_left_;
  std::vector<Stream> outputs_;
  std::priority_queue<Task, std::vector<Task>, std::greater<>> queue_;
  Simulation result_;
};

}  // namespace

Simulation simulate(Pipeline const& pipeline, std::int64_t samples, Keep keep) {
  return Simulator(pipeline, samples, keep).run();
}

}  // namespace crossjoule::aimc
