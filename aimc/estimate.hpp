// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "aimc/chip.hpp"
#include "aimc/merits.hpp"
#include "aimc/pipeline.hpp"
#include "aimc/terms.hpp"
#include "aimc/tile_map.hpp"
#include "core/points.hpp"
#include "models/graph.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crossjoule::aimc {

/// Where the joules of a sample go. `mvm` is array, DAC and ADC of chips whose publication does not
/// split them; the others have the three apart.
enum class Part {
  mvm,
  array,
  dac,
  adc,
  digital,
  links,
  static_power,
  programming,
  calibration,
  host_link,
  host_idle
};
constexpr std::size_t part_count = 11;
/// "mvm", "array", "dac", "adc", "digital", "links", "static", "programming", "calibration",
/// "host_link", "host_idle".
std::string_view to_string(Part part);
/// The smallest boundary that contains the part.
core::Boundary boundary_of(Part part);

/// What one node asks of everything but the arrays, per sample.
struct NodeWork {
  std::int64_t outputs = 0;        ///< numbers the columns' digital units handle
  std::int64_t link_bytes = 0;     ///< into and out of tiles and of the chip's digital unit
  std::int64_t host_bytes = 0;     ///< network inputs and outputs
  std::int64_t flops = 0;          ///< of an operation that neither an array nor a column does
  std::int64_t tile_products = 0;  ///< products of all its tiles together
};

/// The same of the whole network, and by node of the graph. `outputs` are those of columns in use
/// of every tile, and the inputs of additions and objectives.
struct DigitalWork {
  std::int64_t outputs = 0, link_bytes = 0, host_bytes = 0, flops = 0;
  std::vector<std::string> operations;  ///< names of the nodes that have flops
  std::vector<NodeWork> nodes;
};
DigitalWork digital_work(models::Graph const& graph, TileMap const& tiles, Chip const& chip);

/// One boundary of one way of working. Parts outside the boundary, or whose term has no value, are
/// absent; the sum is over the parts that are there, so it is partial while `missing` is not empty.
/// Sums and latencies are modelled; a part that rests on an assumption is assumed, and `assumed`
/// says so.
struct BoundaryEstimate {
  core::Boundary boundary = core::Boundary::device;
  core::Quantity<core::Seconds> latency, seconds_per_sample;
  std::array<core::Quantity<core::Joules>, part_count> parts;
  std::string missing, assumed;  ///< names of terms, "; " between them

  core::Quantity<core::Joules> const& part(Part which) const {
    return parts[static_cast<std::size_t>(which)];
  }
  core::Quantity<core::Joules> joules_per_sample() const;
  /// What static power and host idle take of it: 0 within device, absent where a term is missing.
  core::Quantity<core::Joules> idle_joules_per_sample() const;
};
using Boundaries = std::array<BoundaryEstimate, 3>;  ///< device, chip, system

/// One copy, batches one after another: the pipeline drains between them, as in a digital sweep,
/// and static power counts for the whole latency.
struct BatchEstimate {
  std::int64_t batch = 1;
  Boundaries boundaries;
};

/// Samples that arrive at a fixed rate on as many copies as that takes, all of them powered.
struct RateEstimate {
  double rate_hz = 0;
  std::int64_t replicas = 1, tiles = 0, chips = 0;
  Boundaries boundaries;
  core::Quantity<core::Watts> power(core::Boundary boundary) const;
};

/// What one node of the graph takes of a sample of the first batch; the nodes add up to the parts
/// of the boundary system. The host's idle power belongs to no node. NaN: no value.
struct NodeEstimate {
  std::string name;
  Handling handling = Handling::column;
  std::int64_t tiles = 0, vectors = 0;
  std::int64_t link_bytes = 0;
  std::int64_t buffer_bytes = 0;  ///< most of its output that waits at one time
  double seconds = 0;             ///< its busiest resource's work per sample
  std::array<double, part_count> parts{};
  double device_joules() const;  ///< arrays with DAC and ADC
};

/// Writing the weights, and how many inferences pay for it.
struct Amortisation {
  double inferences = 0;                     ///< that share one programming
  core::Quantity<core::Joules> programming;  ///< of all copies' weights, once
  core::Quantity<core::Seconds> writing;     ///< rows one after another, tiles side by side
  double break_even = 0;  ///< inferences after which they have taken as much as the programming
  double endurance = 0;   ///< writings a cell stands; 0 where nobody says
};

struct Workload {
  std::vector<std::int64_t> batches = {1};
  double rate_hz = 0;       ///< 0: no fixed rate
  double inferences = 1e9;  ///< that share one programming
  MapOptions map = {};
  std::int64_t copies = 1;    ///< of the whole network, which share a batch
  double iso_node_nm = 0;     ///< process node of the iso-node column; 0: none
  double latency_budget = 0;  ///< s that a sample may take at the fixed rate; 0: no limit
};

/// One boundary of one batch at another process node.
struct IsoLine {
  core::Quantity<core::Joules> unscaled, scaled;  ///< as arrays and converters stay or follow
  Merits merits;                                  ///< between the two
};
/// What the figures would be with the digital parts at another process node. Times stay.
struct IsoNode {
  double node_nm = 0, energy_ratio = 1, area_ratio = 1;
  core::Quantity<core::SquareMillimetres> area_unscaled, area_scaled;  ///< of all chips
  std::vector<std::array<IsoLine, 3>> batches;
};

/// A network on a chip in one read mode. Every figure is modelled or assumed, none is measured.
struct Estimate {
  std::string chip, mode, precision, note, design;
  std::string calibrated_on, predicts_blind;  ///< which published figures, as the chip's file says
  Standing standing = Standing::sustained;
  double node_nm = 0;
  TileMap tiles;
  core::Quantity<core::Seconds> product;   ///< one product of one tile
  core::Quantity<core::Seconds> interval;  ///< between samples, pipeline full, one copy
  core::Quantity<core::Seconds> fill;      ///< first input in to first output out, less an interval
  core::Quantity<core::Joules> mvm_joules;  ///< one product of one whole array
  core::Quantity<core::SquareMillimetres> chip_area;
  std::string bottleneck;  ///< the resource that sets the interval
  std::vector<CriticalStep> critical_path;
  std::vector<Event> schedule;  ///< of one sample, boundary system: a run of vectors an event
  DigitalWork work;
  Terms terms;
  std::vector<NodeEstimate> nodes;
  Amortisation amortisation;
  std::vector<BatchEstimate> batches;
  std::optional<RateEstimate> at_rate;
  double macs = 0;                ///< of the network per sample
  double latency_budget = 0;      ///< s at the fixed rate; 0: none
  std::int64_t samples_held = 0;  ///< samples the buffers have room for; 0: all that come
  Peak peak;                      ///< of the chips of one copy
  std::optional<IsoNode> iso_node;

  /// Samples per second of one copy, pipeline full.
  double rate_hz() const { return 1 / interval.value.value; }
  /// Chips of one copy times the area of a chip.
  core::Quantity<core::SquareMillimetres> area() const;
  /// Power, ops and ratios of a batch within a boundary.
  Merits merits(std::size_t batch, core::Boundary boundary) const;
};

/// Lay `graph` on `chip` and work out time and energy. `assumed` fills terms that the chip's own
/// file leaves open, and overrides none that it gives.
Estimate estimate(models::Graph const& graph, Chip const& chip, ReadMode const& mode,
                  Terms const& assumed, Workload const& workload);

/// The lines of /result/points: three boundaries per batch and for the rate.
std::vector<core::Point> points(Estimate const& estimate);

}  // namespace crossjoule::aimc
