// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/error.hpp"
#include "core/testing/refusal.hpp"
#include "drivers/comparison.hpp"

#include <gtest/gtest.h>
#include <string>

namespace crossjoule::drivers {

using core::Boundary, core::Joules, core::Kind, core::Point, core::Quantity, core::Seconds;

template <class U>
Quantity<U> about(double value, Kind kind, double spread = 1.1) {
  return {{value / spread}, {value}, {value * spread}, kind};
}

/// A digital line at the system boundary.
inline Point digital(std::int64_t batch, double joules, double seconds,
                     Kind kind = Kind::measured_counter) {
  Point point;
  point.platform = "a CPU";
  point.mode = "one-network";
  point.device = "cpu";
  point.precision = "fp32";
  point.batch = batch;
  point.latency = about<Seconds>(seconds * static_cast<double>(batch), Kind::measured_counter);
  point.seconds_per_sample = about<Seconds>(seconds, Kind::measured_counter);
  point.joules_per_sample = about<Joules>(joules, kind);
  point.idle_joules_per_sample = about<Joules>(joules / 4, kind);
  return point;
}

/// An analog line at the system boundary, complete.
inline Point analog(std::int64_t batch, double joules, double seconds) {
  auto point = digital(batch, joules, seconds, Kind::assumed);
  point.platform = "a chip";
  point.mode = "four-phase";
  point.device = "analog";
  point.precision = "8 bit in, 8 bit out";
  point.latency.kind = point.seconds_per_sample.kind = Kind::modelled;
  return point;
}

inline Source source(std::string const& file, std::vector<Point> points,
                     std::string const& digest = "d1") {
  return {file, {"svdd", digest, 205325, 204416}, "graph svdd\n", std::move(points)};
}

using core::testing::refusal;

}  // namespace crossjoule::drivers
