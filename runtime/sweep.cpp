// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/sweep.hpp"

#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/progress.hpp"
#include "core/system.hpp"
#include "runtime/percentile.hpp"

#include <algorithm>
#include <cmath>

namespace crossjoule::runtime {
namespace {

using core::Seconds;

/// The events a rank feeds: `pool` repeated until the largest share fits.
template <class T>
Matrix<T> feed_of(Matrix<T> const& pool, std::int64_t largest_share) {
  Matrix<T> feed{std::max(pool.rows, largest_share), pool.features, {}};
  feed.values.reserve(static_cast<std::size_t>(feed.rows * feed.features));
  for (std::int64_t row = 0; row < feed.rows; ++row) {
    auto const from = pool.row_span(row % pool.rows, 1);
    feed.values.insert(feed.values.end(), from.begin(), from.end());
  }
  return feed;
}

/// What is asked of a network: its objective, or the numbers of its output where it has none.
struct Answer {
  bool is_objective = true;
  std::int64_t size = 1;
};
Answer answer_of(models::Graph const& graph) {
  if (models::objective_node(graph) >= 0) return {};
  auto const output = static_cast<std::size_t>(models::output_node(graph));
  return {.is_objective = false, .size = models::shapes(graph)[output].size()};
}

/// Times batches of one (mode, batch) on this rank, in step with the others.
template <class T>
class Stopwatch {
 public:
  Stopwatch(Plan<T>& plan, Answer answer, Matrix<T> const& feed, Mode mode, std::int64_t batch,
            core::Comm const& comm)
      : plan_(plan),
        feed_(feed),
        comm_(comm),
        in_step_(mode == Mode::one_network && comm.size() > 1),
        rows_(mode == Mode::one_network ? comm.share(batch).count() : batch),
        objective_(static_cast<std::size_t>(answer.is_objective ? rows_ : 0)),
        output_(static_cast<std::size_t>(answer.is_objective ? 0 : rows_ * answer.size)) {}

  std::int64_t rows() const { return rows_; }

  /// One batch from its first event to its last answer, in ns.
  std::int64_t once() {
    auto const input = feed_.row_span(offset_, rows_);
    offset_ = offset_ + 2 * rows_ <= feed_.rows ? offset_ + rows_ : 0;
    if (in_step_) comm_.barrier();
    auto const begin = core::steady_ns();
    if (rows_ > 0) plan_.infer(input, rows_, output_, objective_);
    if (in_step_) comm_.barrier();
    return core::steady_ns() - begin;
  }

  /// Iterations that fill `seconds`, the same number on all ranks.
  std::int64_t iterations_for(double seconds, std::int64_t most) {
    std::int64_t fastest = once();
    for (int i = 0; i < 4; ++i) fastest = std::min(fastest, once());
    double const slowest_rank = comm_.max(std::max(1e-9 * static_cast<double>(fastest), 1e-8));
    return std::clamp(static_cast<std::int64_t>(seconds / slowest_rank), std::int64_t{1}, most);
  }

  /// Wall seconds of `iterations` batches on the slowest rank; each one's ns is appended.
  double block(std::int64_t iterations, std::vector<std::int64_t>& latencies_ns) {
    comm_.barrier();
    auto const begin = core::steady_ns();
    for (std::int64_t i = 0; i < iterations; ++i) latencies_ns.push_back(once());
    return comm_.max(core::seconds_between(begin, core::steady_ns()).value);
  }

 private:
  Plan<T>& plan_;
  Matrix<T> const& feed_;
  core::Comm const& comm_;
  bool in_step_;
  std::int64_t rows_, offset_ = 0;
  std::vector<T> objective_, output_;  ///< one of them is empty
};

/// Throughput figure of the blocks: median, with the fastest and the slowest block as its ends.
core::Quantity<Seconds> per_sample(std::vector<double> const& block_seconds,
                                   double samples_per_block) {
  std::vector<double> seconds;
  for (double block : block_seconds) seconds.push_back(block / samples_per_block);
  std::sort(seconds.begin(), seconds.end());
  return {{seconds.front()},
          {percentile(seconds, 0.5)},
          {seconds.back()},
          core::Kind::measured_counter};
}

void fill_latency(SweepPoint& point, std::vector<std::int64_t> nanoseconds) {
  std::sort(nanoseconds.begin(), nanoseconds.end());
  auto const at = [&](double fraction) {
    return Seconds{1e-9 * percentile(nanoseconds, fraction)};
  };
  point.p50 = at(0.5);
  point.p95 = at(0.95);
  point.p99 = at(0.99);
  // 95 % interval of a median from order statistics: n/2 -+ 0.98 sqrt(n) (Conover 1999, 3.2)
  double const half_width = 0.98 / std::sqrt(static_cast<double>(nanoseconds.size()));
  point.latency = {at(std::max(0.0, 0.5 - half_width)), point.p50,
                   at(std::min(1.0, 0.5 + half_width)), core::Kind::measured_counter};
}

template <class T>
SweepPoint measure(Plan<T>& plan, Answer answer, Matrix<T> const& feed, Mode mode,
                   std::int64_t batch, SweepOptions const& options, core::Comm const& comm,
                   meter::Meter& meter) {
  Stopwatch<T> stopwatch(plan, answer, feed, mode, batch, comm);
  auto const iterations = stopwatch.iterations_for(
      options.seconds_per_point / static_cast<double>(options.repeats), options.max_iterations);
  std::vector<std::int64_t> latencies_ns;
  latencies_ns.reserve(static_cast<std::size_t>(iterations * options.repeats));
  std::vector<double> blocks;

  comm.barrier();
  auto region = meter.begin(meter::Phase::inference);
  for (std::int64_t repeat = 0; repeat < options.repeats; ++repeat)
    blocks.push_back(stopwatch.block(iterations, latencies_ns));
  comm.barrier();
  auto const energy = region.close();

  SweepPoint point;
  point.mode = mode;
  point.batch = batch;
  point.ranks = comm.size();
  bool const copies = mode == Mode::copy_per_core;
  point.busy_ranks = static_cast<int>(comm.sum(stopwatch.rows() > 0 ? 1 : 0));
  point.iterations = iterations * options.repeats;
  double const samples_per_block =
      static_cast<double>(iterations * batch * (copies ? comm.size() : 1));
  point.samples = samples_per_block * static_cast<double>(options.repeats);
  point.seconds_per_sample = per_sample(blocks, samples_per_block);
  point.energy = meter::sum_over_nodes(comm, energy);
  auto const all = comm.all_gather(latencies_ns);
  // a shared batch takes as long as its slowest rank saw: one that idles may start its clock late
  fill_latency(point,
               copies ? all : slowest_of<std::int64_t>(all, static_cast<std::size_t>(comm.size())));
  return point;
}

/// What a reader must know who compares this line with others.
std::string note_of(SweepPoint const& point) {
  if (point.busy_ranks < point.ranks)
    return fmt::format("{} of {} ranks idle: less than one event per rank",
                       point.ranks - point.busy_ranks, point.ranks);
  int const threads = core::this_cpu().hardware_threads;
  if (point.ranks < threads)
    return fmt::format("{} ranks on a node of {} hardware threads", point.ranks, threads);
  return "";
}

}  // namespace

std::string_view to_string(Mode mode) {
  return mode == Mode::one_network ? "one-network" : "copy-per-core";
}

SweepOptions read_sweep_options(core::Config sweep) {
  SweepOptions options;
  options.batches = sweep.take("batches", options.batches, "batch sizes", {1, 100'000'000});
  auto const modes = sweep.take(
      "modes", std::vector<std::string>{"one-network", "copy-per-core"},
      "one-network: all ranks share a batch; copy-per-core: a pinned copy on every rank");
  options.modes.clear();
  for (auto const& mode : modes) {
    VALIDATE(mode == "one-network" || mode == "copy-per-core",
             "sweep.modes holds '{}' (must be one-network or copy-per-core) correct it{}", mode,
             sweep.where("modes"));
    options.modes.push_back(mode == "one-network" ? Mode::one_network : Mode::copy_per_core);
  }
  options.seconds_per_point = sweep.take("seconds_per_point", options.seconds_per_point,
                                         "timed seconds per mode and batch", {1e-3, 1e5});
  options.repeats = sweep.take("repeats", options.repeats,
                               "blocks per point; their spread is the interval", {5, 1000});
  options.max_iterations = sweep.take("max_iterations", options.max_iterations,
                                      "batches per block at most", {1, 100'000'000});
  return options;
}

template <class T>
std::int64_t sweep_bytes(models::Graph const& graph, SweepOptions const& options,
                         std::int64_t pool_rows) {
  if (options.batches.empty() || options.modes.empty()) return 0;
  auto const largest = *std::max_element(options.batches.begin(), options.batches.end());
  auto const numbers = models::sample_size(graph);
  VALIDATE(largest <= models::max_size / numbers,
           "sweep.batches holds {} and a sample {} numbers (2^44 in all are the most) take smaller "
           "batches",
           largest, numbers);
  auto const fed = std::max(largest, pool_rows) * numbers + largest * answer_of(graph).size;
  return predicted_bytes<T>(graph, {.purpose = Purpose::inference, .max_batch = largest}).total() +
         fed * static_cast<std::int64_t>(sizeof(T));
}

template <class T>
std::vector<SweepPoint> sweep(models::Graph const& graph, std::span<T const> parameters,
                              Matrix<T> const& pool, SweepOptions const& options,
                              kernels::Device device, core::Comm const& comm, meter::Meter& meter) {
  if (options.batches.empty() || options.modes.empty()) return {};
  auto const largest = *std::max_element(options.batches.begin(), options.batches.end());
  Plan<T> plan(graph, {device, Purpose::inference, largest});
  plan.set_parameters(parameters);
  auto const feed = feed_of(pool, largest);
  auto const answer = answer_of(graph);
  // modulo: a launcher may have bound each rank to a core of its own, or started more than there
  // are
  if (comm.size() > 1) core::pin_to(comm.node().rank() % core::this_cpu().hardware_threads);

  auto const total = static_cast<std::int64_t>(options.modes.size() * options.batches.size());
  core::Progress progress("sweep", total, "points");
  std::vector<SweepPoint> points;
  for (Mode mode : options.modes)
    for (auto batch : options.batches) {
      points.push_back(measure(plan, answer, feed, mode, batch, options, comm, meter));
      progress.advance(1);
    }
  return points;
}

std::vector<core::Point> points_of(std::vector<SweepPoint> const& sweep,
                                   std::string const& platform, std::string const& device,
                                   std::string const& precision) {
  std::vector<core::Point> points;
  for (auto const& measured : sweep) {
    core::Point point;
    point.platform = platform;
    point.mode = to_string(measured.mode);
    point.device = device;
    point.precision = precision;
    point.batch = measured.batch;
    point.ranks = measured.ranks;
    point.latency = measured.latency;
    point.seconds_per_sample = measured.seconds_per_sample;
    point.note = note_of(measured);
    point.boundary = core::Boundary::chip;
    point.missing_terms = measured.energy.missing_chip_terms;
    point.assumed_terms = measured.energy.assumed_chip_terms;
    point.joules_per_sample = measured.energy.chip / measured.samples;
    point.idle_joules_per_sample = measured.energy.idle_chip / measured.samples;
    points.push_back(point);
    point.boundary = core::Boundary::system;
    point.missing_terms = measured.energy.missing_terms;
    point.assumed_terms = measured.energy.assumed_terms;
    point.joules_per_sample = measured.energy.system / measured.samples;
    point.idle_joules_per_sample = measured.energy.idle_system / measured.samples;
    points.push_back(point);
  }
  return points;
}

#define CROSSJOULE_INSTANTIATE(T)                                                               \
  template std::vector<SweepPoint> sweep<T>(models::Graph const&, std::span<T const>,           \
                                            Matrix<T> const&, SweepOptions const&,              \
                                            kernels::Device, core::Comm const&, meter::Meter&); \
  template std::int64_t sweep_bytes<T>(models::Graph const&, SweepOptions const&, std::int64_t);
CROSSJOULE_INSTANTIATE(float)
CROSSJOULE_INSTANTIATE(double)
#undef CROSSJOULE_INSTANTIATE

}  // namespace crossjoule::runtime
