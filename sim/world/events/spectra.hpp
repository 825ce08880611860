// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sim/world/events/draw.hpp"

#include <algorithm>
#include <cmath>

namespace crossjoule::sim::events {

/// Falling spectrum of a transverse momentum: dN/dpT ~ pT / (1 + (pT/scale)^2)^power, which rises
/// linearly, peaks at scale / sqrt(2 power - 1) and falls as pT^(1 - 2 power). Sampled by its
/// inverse distribution; above `limit` (GeV) it is cut.
class FallingSpectrum {
 public:
  FallingSpectrum(double scale, double power, double limit)
      : scale_(scale), power_(power), kept_(below(limit)) {}

  /// Part of the spectrum below pt, the cut left out.
  double below(double pt) const {
    return 1 - std::pow(1 + pt * pt / (scale_ * scale_), 1 - power_);
  }
  double operator()(Draw& draw) const {
    return scale_ * std::sqrt(std::pow(1 - kept_ * draw.flat(), -1 / (power_ - 1)) - 1);
  }

 private:
  double scale_, power_, kept_;
};

/// dN/dpT ~ pT^-power between low and high (GeV), power > 1.
class PowerLaw {
 public:
  PowerLaw(double low, double high, double power)
      : exponent_(1 - power),
        at_low_(std::pow(low, exponent_)),
        at_high_(std::pow(high, exponent_)) {}

  double operator()(Draw& draw) const {
    return std::pow(draw.between(at_low_, at_high_), 1 / exponent_);
  }

 private:
  double exponent_, at_low_, at_high_;
};

/// Mass of a resonance: relativistic Breit-Wigner in the squared mass, within [low, high] (GeV).
class BreitWigner {
 public:
  BreitWigner(double mass, double width, double low, double high)
      : mass_(mass), width_(width), first_(phase(low)), last_(phase(high)) {}

  /// The distribution is uniform in this angle.
  double phase(double m) const { return std::atan((m * m - mass_ * mass_) / (mass_ * width_)); }
  double operator()(Draw& draw) const {
    return std::sqrt(mass_ * mass_ + mass_ * width_ * std::tan(draw.between(first_, last_)));
  }

 private:
  double mass_, width_, first_, last_;
};

/// Rapidity with a plateau to |y| = edge - slope and a linear fall to 0 at |y| = edge + slope: the
/// sum of two uniform numbers.
struct Plateau {
  double edge, slope;

  double operator()(Draw& draw) const {
    return edge * (2 * draw.flat() - 1) + slope * (2 * draw.flat() - 1);
  }
};

/// Cosine of a polar angle with density 3/8 (1 + c^2): leptons from a vector boson along the beam,
/// averaged over its charge. Inverse of the distribution (c^3 + 3 c + 4) / 8 by Cardano's formula.
inline double vector_boson_cosine(Draw& draw) {
  double const q = 4 * draw.flat() - 2, root = std::cbrt(std::abs(q) + std::sqrt(q * q + 1));
  return std::copysign(std::min(1.0, root - 1 / root), q);
}

/// Beta(a, 2) in (0, 1): the product of a Beta(a, 1) and a Beta(a + 1, 1) number.
inline double beta_two(double a, Draw& draw) {
  return std::pow(draw.flat(), 1 / a) * std::pow(draw.flat(), 1 / (a + 1));
}

}  // namespace crossjoule::sim::events
