// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>

namespace crossjoule::sim::events {

/// Energy and momentum in GeV, natural units; z is the beam axis.
struct FourVector {
  double e = 0, x = 0, y = 0, z = 0;

  constexpr FourVector& operator+=(FourVector b) {
    e += b.e, x += b.x, y += b.y, z += b.z;
    return *this;
  }
  friend constexpr FourVector operator+(FourVector a, FourVector b) { return a += b; }
  friend constexpr FourVector operator-(FourVector a, FourVector b) {
    return {a.e - b.e, a.x - b.x, a.y - b.y, a.z - b.z};
  }
  friend constexpr FourVector operator*(double s, FourVector a) {
    return {s * a.e, s * a.x, s * a.y, s * a.z};
  }

  double mass_squared() const { return e * e - x * x - y * y - z * z; }
  /// GeV; 0 where rounding made the square negative.
  double mass() const { return std::sqrt(std::max(0.0, mass_squared())); }
  double pt() const { return std::sqrt(x * x + y * y); }
  double phi() const { return std::atan2(y, x); }
  /// Pseudorapidity; pt must not be 0.
  double eta() const {
    double const across = x * x + y * y, length = std::sqrt(across + z * z);
    return std::copysign(std::log((length + std::abs(z)) / std::sqrt(across)), z);
  }
  double rapidity() const { return 0.5 * std::log((e + z) / (e - z)); }
};

/// A massless body with this transverse momentum (a vector, GeV) and pseudorapidity.
inline FourVector from_eta(double x, double y, double eta) {
  double const pt = std::sqrt(x * x + y * y), rise = std::exp(eta), fall = 1 / rise;
  return {0.5 * pt * (rise + fall), x, y, 0.5 * pt * (rise - fall)};
}
inline FourVector from_pt_eta_phi(double pt, double eta, double phi) {
  return from_eta(pt * std::cos(phi), pt * std::sin(phi), eta);
}

/// A body of `mass` with this transverse momentum (a vector, GeV) and rapidity.
inline FourVector from_rapidity(double mass, double x, double y, double rapidity) {
  double const transverse_mass = std::sqrt(mass * mass + x * x + y * y);
  double const rise = std::exp(rapidity), fall = 1 / rise;
  return {0.5 * transverse_mass * (rise + fall), x, y, 0.5 * transverse_mass * (rise - fall)};
}

/// `p`, given in the rest frame of `frame` (whose mass is `mass`), as the laboratory sees it.
inline FourVector boost(FourVector p, FourVector frame, double mass) {
  double const along = p.x * frame.x + p.y * frame.y + p.z * frame.z;
  double const e = (frame.e * p.e + along) / mass;
  double const shift = (p.e + e) / (frame.e + mass);
  return {e, p.x + shift * frame.x, p.y + shift * frame.y, p.z + shift * frame.z};
}

}  // namespace crossjoule::sim::events
