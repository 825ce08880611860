// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "aimc/product.hpp"
#include "aimc/stream.hpp"
#include "aimc/tile_map.hpp"
#include "models/graph.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace crossjoule::aimc {

/// What a stage takes of a resource, for reading a schedule and its trace.
enum class Resource {
  links,      ///< the port of a layer's tiles, or of the digital unit: activations in and out
  tiles,      ///< the tiles of a layer, from the first input pulse until their outputs have left
  dac,        ///< the DACs of those tiles
  adc,        ///< their converters; where outputs are held, groups of them that tiles queue for
  columns,    ///< the digital units of those tiles' columns
  shared,     ///< the chip's digital unit, one for all digital operations
  buffers,    ///< room for activations: how many samples may be on their way
  host_link,  ///< inputs into the chip, outputs out of it, each way by itself
  program,    ///< writing weights, where they take turns
};
constexpr std::size_t resource_count = 9;
std::string_view to_string(Resource resource);
/// "source", "array", "column", "stream", "barrier".
std::string_view to_string(Handling handling);

/// One operation as the pipeline sees it: vectors come in from its inputs through the port of its
/// tiles, wait for them, and go through the digital units of its columns. All times in seconds.
struct Stage {
  models::NodeId node = 0;
  std::string name;
  Handling handling = Handling::column;
  std::vector<std::size_t> inputs;  ///< stages it reads
  /// The stage whose tiles it uses, where their weights are shared (an earlier one); else its own.
  std::optional<std::size_t> tiles_of;
  std::int64_t vectors = 1;       ///< per sample, of its output
  std::int64_t servers = 1;       ///< replicas that take turns
  double link_seconds = 0;        ///< of one vector in the port
  double tile_seconds = 0;        ///< of one vector on its tiles
  double dac_seconds = 0;         ///< of that, at its beginning: their DACs
  double adc_seconds = 0;         ///< of that, at its end: converters that their tile waits for
  double held_seconds = 0;        ///< of one vector's held outputs on the tiles' converter group
  double column_seconds = 0;      ///< of one vector in its columns' digital units
  double shared_seconds = 0;      ///< of one sample on the chip's digital unit
  double host_seconds = 0;        ///< of one vector on the host link: network inputs and output
  std::int64_t vector_bytes = 0;  ///< of its output, what a buffer holds
};

/// A part of the network that is on the tiles at one time, in topological order. Where several
/// samples share every product (TileMap::samples_per_product), they go through together: what is a
/// sample of the pipeline is then that many of the network.
struct Pipeline {
  std::vector<Stage> stages;
  double program_seconds = 0;     ///< writing its weights before the batch; 0 where they stay
  std::int64_t samples_held = 0;  ///< samples the buffers have room for; 0: as many as come
};

/// The times a pipeline's stages are made of.
struct StageTimes {
  double product = 0;           ///< a tile is busy with one product
  double columns = 0;           ///< one layer's digital units
  double seconds_per_flop = 0;  ///< of the chip's digital unit
  double write_seconds_per_row = 0;
  double link_seconds_per_byte = 0;       ///< of one tile's port, and of the digital unit's
  double host_link_seconds_per_byte = 0;  ///< each way
  double dac = 0, adc = 0;                ///< of one product, on a tile's DACs and converters
};
/// Bytes of one activation on its way into a tile, and out of one.
struct WordBytes {
  std::int64_t in = 1, out = 1;
};
WordBytes word_bytes(Chip const& chip);

/// Pipelines in the order they run in: one, unless weights take turns.
std::vector<Pipeline> pipelines(models::Graph const& graph, TileMap const& tiles,
                                StageTimes const& times, WordBytes words = {});

/// One thing that happened.
struct Event {
  std::string name;
  Resource resource = Resource::tiles;
  std::size_t stage = 0;  ///< whose tiles they are, where weights are shared
  std::int64_t sample = 0, server = 0;
  std::int64_t vectors = 1;  ///< products or vectors it stands for
  double begin = 0, end = 0;
};

/// What keeps the last output waiting, from the first input on: stages in order, with the time each
/// adds.
struct CriticalStep {
  std::string name;
  Resource resource = Resource::tiles;
  double seconds = 0;
};

struct Simulation {
  std::vector<double> sample_ends;  ///< when each sample's last output was out
  std::vector<Stream> outputs;      ///< of sample 0, by stage: when each vector left
  std::vector<Stream> taken;        ///< of sample 0, by stage: when it took each vector in
  std::vector<Event> events;        ///< only where they were asked for
  /// First input in to last output out.
  double latency() const { return sample_ends.back(); }
};
/// Events of every vector, or one for each run of vectors that follow each other evenly.
enum class Keep { nothing, runs, vectors };

/// Run `samples` that all find an empty pipeline: a discrete-event simulation in which a task is
/// one sample on one stage. Ports, tiles, converter groups and columns serve vectors in order, each
/// replica one at a time; the shared digital unit and the host link serve tasks in order of
/// readiness. Where buffers hold only some samples, a sample enters when one has left; else they
/// hold whatever comes.
Simulation simulate(Pipeline const& pipeline, std::int64_t samples, Keep keep = Keep::nothing);

/// One sample (all that take a turn together) on a network's pipelines, one after another, writing
/// of weights included: events of every vector, or of every run.
std::vector<Event> schedule(std::vector<Pipeline> const& pipelines, Keep keep);

/// Most bytes that wait between stages at one time, stage by stage, when a sample is alone: what
/// its readers have not taken yet. Their sum is an upper bound of what a sample needs at once.
std::vector<std::int64_t> buffer_bytes(Pipeline const& pipeline);

/// Between samples when the pipeline is full: the busiest resource's work per sample, or the time a
/// sample keeps its buffers over the samples they hold.
double interval(Pipeline const& pipeline);
/// The name of that resource: "layer1 (tiles)".
std::string bottleneck(Pipeline const& pipeline);
/// What keeps the last output of a single sample waiting.
std::vector<CriticalStep> critical_path(Pipeline const& pipeline);

/// First input in to last output out, for any batch: a few samples are simulated; from where
/// samples follow each other at the interval, the rest do too. Where operations share the chip's
/// digital unit, later samples delay earlier ones, so that small batches are simulated each by
/// itself and larger ones go on from the largest of those.
class BatchLatency {
 public:
  /// `largest`: of the batches that will be asked for. Refers to the pipeline.
  BatchLatency(Pipeline const& pipeline, std::int64_t largest);
  double operator()(std::int64_t batch) const;

 private:
  double beyond(std::int64_t batch) const;

  Pipeline const* pipeline_;
  std::vector<double> ends_;  ///< of the largest batch that was simulated
  double step_ = 0;
  std::int64_t period_ = 1;                       ///< samples after which the pattern repeats
  bool later_samples_wait_ = true;                ///< none delays one before it
  mutable std::map<std::int64_t, double> known_;  ///< small batches that were asked for
};

/// Events in the form that chrome://tracing and Perfetto open (JSON, microseconds).
std::string chrome_trace(std::vector<Event> const& events, std::string const& title);

}  // namespace crossjoule::aimc
