// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/philox.hpp"

#include <cmath>

namespace crossjoule::sim::events {

/// A unit vector across the beam.
struct Direction {
  double x, y;
};

/// The random numbers of one event: a stream keyed by (seed, purpose, global event index), so that
/// an event is the same whichever rank makes it. Uniform numbers have 32 bits: the kinematics of
/// 1e8 events do not see the difference and half as many blocks are drawn.
class Draw {
 public:
  Draw(std::uint64_t seed, std::uint64_t purpose, std::uint64_t event)
      : random_(seed, purpose, event) {}

  /// Uniform in (0, 1), never 0 or 1.
  double flat() { return (random_.bits() + 0.5) * 0x1p-32; }
  double between(double low, double high) { return low + (high - low) * flat(); }
  bool with_chance(double probability) { return flat() < probability; }
  /// A uniform direction in the plane, without a sine: twice the angle of a point in the disc.
  Direction direction() {
    auto const [x, y, square] = disc();
    return {(x * x - y * y) / square, 2 * x * y / square};
  }
  /// Standard normal by Marsaglia's polar method; the second of a pair is kept for the next call.
  double normal() {
    if (has_spare_) return has_spare_ = false, spare_;
    auto const [x, y, square] = disc();
    double const scale = std::sqrt(-2 * std::log(square) / square);
    spare_ = scale * y;
    has_spare_ = true;
    return scale * x;
  }
  /// Poisson number by inversion, for small means.
  int poisson(double mean) {
    double const u = flat();
    double term = std::exp(-mean), total = term;
    int count = 0;
    while (u > total && count < 32) total += term *= mean / ++count;
    return count;
  }

 private:
  struct Point {
    double x, y, square;
  };
  /// Uniform in the unit disc, the centre left out.
  Point disc() {
    for (;;) {
      double const x = 2 * flat() - 1, y = 2 * flat() - 1, square = x * x + y * y;
      if (square < 1 && square > 0) return {x, y, square};
    }
  }
  core::Random random_;
  double spare_ = 0;
  bool has_spare_ = false;
};

}  // namespace crossjoule::sim::events
