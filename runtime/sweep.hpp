// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/comm.hpp"
#include "core/config.hpp"
#include "core/points.hpp"
#include "meter/meter.hpp"
#include "models/graph.hpp"
#include "runtime/matrix.hpp"
#include "runtime/plan/plan.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace crossjoule::runtime {

/// How the cores of the machine serve a batch (the two CPU modes of Kosters et al. 2023).
///   one_network    all ranks share one batch; a rank without an event idles
///   copy_per_core  every rank runs its own pinned copy on its own batch
enum class Mode { one_network, copy_per_core };
std::string_view to_string(Mode mode);

struct SweepOptions {
  std::vector<std::int64_t> batches = {1, 10, 100, 1000, 10000, 100000};
  std::vector<Mode> modes = {Mode::one_network, Mode::copy_per_core};
  double seconds_per_point = 1.0;  ///< timed part; in `repeats` blocks
  std::int64_t repeats = 5;        ///< blocks, whose spread is the interval of the throughput
  std::int64_t max_iterations = 1'000'000;  ///< per block
};
SweepOptions read_sweep_options(core::Config sweep);

/// One measured (mode, batch).
struct SweepPoint {
  Mode mode = Mode::one_network;
  std::int64_t batch = 1;
  int ranks = 1;
  int busy_ranks = 1;           ///< ranks with at least one event
  std::int64_t iterations = 0;  ///< batches timed on each rank
  core::Seconds p50, p95, p99;  ///< latency of one batch, over all iterations (and copies)
  core::Quantity<core::Seconds> latency;             ///< p50 with its 95 % order-statistic interval
  core::Quantity<core::Seconds> seconds_per_sample;  ///< median block, lowest and highest block
  meter::Energy energy;  ///< of all blocks, summed over the nodes of the job
  double samples = 0;    ///< classified while `energy` was metered, over all ranks
};

/// What sweep() takes on each rank, whose `pool` has that many rows: the plan, the events and the
/// answers of the largest batch. Error (bad_input) where that is more than a machine can count.
template <class T>
std::int64_t sweep_bytes(models::Graph const& graph, SweepOptions const& options,
                         std::int64_t pool_rows);

/// Runs the sweep on all ranks. `pool` holds the events that are fed in turn (at least one row; it
/// is cycled where a batch is larger). Input lies in each rank's memory before the clock starts.
/// The objective is computed, or the output where there is none.
template <class T>
std::vector<SweepPoint> sweep(models::Graph const& graph, std::span<T const> parameters,
                              Matrix<T> const& pool, SweepOptions const& options,
                              kernels::Device device, core::Comm const& comm, meter::Meter& meter);

/// The lines of /result/points for these measurements: chip and system boundary.
std::vector<core::Point> points_of(std::vector<SweepPoint> const& sweep,
                                   std::string const& platform, std::string const& device,
                                   std::string const& precision);

}  // namespace crossjoule::runtime
