// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

namespace crossjoule::aimc {

/// Vectors that follow each other evenly: vector begin + k at first + k step.
struct Run {
  std::int64_t begin = 0, count = 0;
  double first = 0, step = 0;
  double at(std::int64_t k) const { return first + static_cast<double>(k) * step; }
  double last() const { return at(count - 1); }
};

/// Times of the vectors of one sample at one place, in order and never falling. A schedule is a few
/// runs where it is thousands of vectors, and a queue's answer to a run is two runs at most, so
/// that the simulation is exact and costs runs, not vectors.
class Stream {
 public:
  static Stream at_once(double time, std::int64_t count);

  /// Append a run; one that goes on as the last one ended is joined to it.
  void push(double first, double step, std::int64_t count);
  std::int64_t count() const { return runs_.empty() ? 0 : end_of(runs_.back()); }
  double front() const { return runs_.front().first; }
  double back() const { return runs_.back().last(); }
  double operator[](std::int64_t k) const;
  /// The run that holds vector k.
  Run const& run_of(std::int64_t k) const;
  std::vector<Run> const& runs() const { return runs_; }

 private:
  static std::int64_t end_of(Run const& run) { return run.begin + run.count; }
  std::vector<Run> runs_;
};

/// The later of two streams of as many vectors, vector by vector.
Stream later(Stream const& a, Stream const& b);
/// When `count` vectors have their share of a stream: vector k waits for the first (k + 1) / count
/// of it, rounded up.
Stream shared_among(Stream const& stream, std::int64_t count);
/// What leaves a server that takes vectors in order, `seconds` each: max(arrival, one before) +
/// seconds. `free` is when it was free before, and is moved on.
Stream served(Stream const& arrivals, double seconds, double& free);

}  // namespace crossjoule::aimc
