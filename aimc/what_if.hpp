// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "aimc/outcome.hpp"
#include "core/comm.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace crossjoule::aimc {

/// One direction a study sweeps: a design value, the read mode, the tile budget, the batch, or how
/// many copies of the whole network share it.
struct SweepAxis {
  enum class What { knob, mode, chips, batch, replicas };
  What what = What::knob;
  std::string name;                ///< knob name, "mode", "chips", "batch" or "replicas"
  std::vector<double> values;      ///< of a mode: its index in `modes`
  std::vector<std::string> modes;  ///< of What::mode
};

/// What a sweep keeps of a design point: the first batch, all figures at their value.
struct SweepPoint {
  std::vector<double> at;            ///< along each axis
  double latency = 0, interval = 0;  ///< s, boundary system and chip
  std::array<double, 3> joules{};    ///< per sample: device, chip, system
  double area = 0;                   ///< mm2 of all its chips; NaN where unknown
  double tiles = 0, chips = 0, utilisation = 0;
  double ops = 0;        ///< of the network's products per sample, two per MAC
  bool fits = true;      ///< false: refused (budget, range); the numbers are NaN
  bool is_best = false;  ///< no other point is as good in latency, joules (system) and area
};

/// Points of the whole grid.
std::int64_t grid_size(std::vector<SweepAxis> const& axes);
/// Work out every point of the grid, the first axis outermost, spread over the ranks; all ranks get
/// all points. Error (bad_input) for more than `most_points`, with the count.
std::vector<SweepPoint> sweep(models::Graph const& graph, Chip const& chip, std::string const& mode,
                              Terms const& assumed, Workload const& workload,
                              std::vector<SweepAxis> const& axes, std::int64_t most_points,
                              core::Comm const& comm);
/// Mark the points that no other one beats or equals in everything.
void mark_best(std::vector<SweepPoint>& points);

/// Percentiles of one figure over the draws.
struct Spread {
  double mean = 0, p05 = 0, p50 = 0, p95 = 0;
};
/// Of one batch, by boundary.
struct DrawnBatch {
  std::int64_t batch = 1;
  std::array<Spread, 3> latency, joules;  ///< s; J per sample
};
/// Every figure drawn from its prior (Pick), `draws` times: draw n depends on seed and n alone, so
/// that any number of ranks gives the same bits.
std::vector<DrawnBatch> monte_carlo(Case const& at, std::int64_t draws, std::uint64_t seed,
                                    core::Comm const& comm);

/// One figure alone at its ends, all others at their value: joules per sample and latency of the
/// first batch, boundary system.
struct TornadoBar {
  std::string figure;
  double joules_low = 0, joules_high = 0, latency_low = 0, latency_high = 0;
};
/// Longest bar first.
std::vector<TornadoBar> tornado(Case const& at);

/// Smallest batch at which a device that takes `fixed` / N + `each` per sample undercuts the chip's
/// constant `chip` per sample: N* = fixed / (chip - each); 0 where it never does.
double crossover_batch(double fixed, double each, double chip);

}  // namespace crossjoule::aimc
