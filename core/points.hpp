// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/h5file.hpp"
#include "core/quantity.hpp"

#include <string>
#include <vector>

namespace crossjoule::core {

/// What a figure includes. Ratios are formed only within one boundary.
///   device  the arithmetic alone: arrays with DAC and ADC
///   chip    + digital units, on-chip links, static power: a CPU package, a GPU board, a whole chip
///   system  + DRAM, host link, host idle, rest of the node
enum class Boundary { device, chip, system };
std::string_view to_string(Boundary boundary);
Boundary boundary_from(std::string_view text);

/// One line of /result/points: a network on one platform at one batch, at one boundary. `infer` and
/// `estimate` write this table and `compare` reads nothing else.
struct Point {
  std::string platform;   ///< e.g. the CPU's model name, "hermes-64"
  std::string mode;       ///< "one-network", "copy-per-core", "four-phase", "one-phase (peak)" ...
  std::string device;     ///< "cpu", "cuda", "analog"
  std::string precision;  ///< "fp32", "fp64", "8 bit in, 8 bit out"
  std::int64_t batch = 1, ranks = 1;
  Boundary boundary = Boundary::system;
  Quantity<Seconds> latency;  ///< one batch, first sample in to last out (median)
  Quantity<Seconds>
      seconds_per_sample;  ///< reciprocal of the steady throughput of the whole platform
  Quantity<Joules> joules_per_sample;  ///< gross: idle power is part of it
  Quantity<Joules>
      idle_joules_per_sample;  ///< the part idle power alone would have taken; absent if unknown
  /// Terms of this boundary that have no value yet, "; " between them. Not empty: no ratio.
  std::string missing_terms;
  /// Terms that are assumptions, "; " between them.
  std::string assumed_terms;
  std::string note;
};

/// Write the table as one array per column below /result/points (all of equal length).
void write_points(H5File& file, std::vector<Point> const& points);
std::vector<Point> read_points(H5File const& file);

}  // namespace crossjoule::core
