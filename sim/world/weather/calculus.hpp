// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sim/world/weather/sphere.hpp"

namespace crossjoule::sim::weather {

/// Derivatives on a sphere of a given radius, in spectral space. Vectors (A, B) point east and
/// north; their grid fields carry a power of cos(latitude), because components themselves are not
/// smooth at the poles.
class Calculus {
 public:
  Calculus(Sphere const& sphere, double radius_m);

  /// Factor of the Laplacian for degree l: -l (l + 1) / radius^2.
  double laplacian(int l) const { return laplacian_[static_cast<std::size_t>(l)]; }
  void apply_laplacian(Spectrum& spectrum) const;
  /// The field of zero mean whose Laplacian this is.
  void apply_inverse_laplacian(Spectrum& spectrum) const;

  /// Winds times cos(latitude) of vorticity and divergence (zero mean each), degree truncation + 1
  /// included.
  void winds(Spectrum const& vorticity, Spectrum const& divergence, Spectrum& u, Spectrum& v) const;
  /// Divergence and vertical curl of a vector from the spectra of A / cos(latitude) and
  /// B / cos(latitude), degree truncation + 1 included.
  void divergence(Spectrum const& a, Spectrum const& b, Spectrum& out) const;
  void curl(Spectrum const& a, Spectrum const& b, Spectrum& out) const;

  double radius_m() const { return radius_m_; }

 private:
  /// out = (i m along + sign (1 - mu^2) d/dmu across adjoint) / radius, see divergence().
  void combine(Spectrum const& along, Spectrum const& across, double sign, Spectrum& out) const;
  int truncation_;
  double radius_m_;
  std::vector<std::size_t> first_;  ///< of each order
  std::vector<double> epsilon_;     ///< as a Spectrum
  std::vector<double> laplacian_;   ///< by degree
};

}  // namespace crossjoule::sim::weather
