// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sim/world/weather/fourier.hpp"
#include "sim/world/weather/gauss.hpp"

#include <complex>
#include <functional>
#include <span>
#include <vector>

namespace crossjoule::sim::weather {

using Complex = std::complex<double>;

/// Coefficients a_lm of a real field sum a_lm P_l^m(sin lat) exp(i m lon), m >= 0 (those of -m are
/// conjugates): order m after order m, degrees l = m .. truncation + 1. Degree truncation + 1 is
/// zero for scalars; winds times cos(latitude) reach it.
using Spectrum = std::vector<Complex>;
/// Values on the grid in the order of computation: blocks of lane_count latitudes, longitude,
/// latitude in the block. Sphere::rows() gives the order of people.
using Field = std::vector<Lanes>;

/// What is constant along one block of latitudes.
struct LatitudeBlock {
  Lanes mu, cosine, inverse_cosine_squared;
  Lanes weight;  ///< Gauss weights / 2; 0 for the lanes that fill up the last block
};

/// Spherical harmonics transform between a Gauss grid (north to south, longitude 0 eastward) and
/// triangular truncation; several fields at once. Exact for every spectrum up to the truncation;
/// products of two fields are free of aliasing where 3 truncation < lon.
class Sphere {
 public:
  /// truncation <= min(lat - 1, (lon - 1) / 2); lon even. Error (bad_input) otherwise.
  Sphere(int lat, int lon, int truncation);

  int lat() const { return lat_; }
  int lon() const { return fourier_.points(); }
  int truncation() const { return truncation_; }
  GaussNodes const& nodes() const { return nodes_; }
  std::span<LatitudeBlock const> blocks() const { return blocks_; }

  std::size_t spectrum_size() const { return first_.back(); }
  std::size_t field_size() const {
    return blocks_.size() * static_cast<std::size_t>(fourier_.points());
  }
  /// Index of a_lm; those of one m follow each other in rising l.
  std::size_t at(int l, int m) const {
    return first_[static_cast<std::size_t>(m)] + static_cast<std::size_t>(l - m);
  }
  /// Where a block begins in a Field.
  std::size_t block_begin(std::size_t block) const {
    return block * static_cast<std::size_t>(fourier_.points());
  }

  /// Spectra to fields (resized as needed), degree truncation + 1 included.
  void synthesise(std::span<Spectrum const> from, std::span<Field> to);
  /// Fields to spectra, degree truncation + 1 included.
  void analyse(std::span<Field const> from, std::span<Spectrum> to);
  /// One scalar: what lies above the truncation is cut.
  Spectrum spectrum_of(Field const& field);
  Field field_of(Spectrum const& spectrum);

  /// The field of a function of (latitude, longitude) in radians.
  Field sample(std::function<double(double, double)> const& function) const;
  /// Row-major (lat, lon), north to south.
  std::vector<double> rows(Field const& field) const;
  Field from_rows(std::span<double const> rows) const;
  /// Area mean over the sphere, by quadrature.
  double mean(Field const& field) const;
  /// The row (from the north) of a lane; -1 for lanes that fill up a block.
  int row_of(std::size_t block, int lane) const;

 private:
  /// Legendre functions of one order and parity: `degrees` of them, l = m + parity, + 2, ...
  struct Table {
    int degrees = 0;
    std::vector<Lanes> by_latitude;  ///< (degrees, half blocks): for synthesis
    std::vector<Lanes> by_degree;    ///< (latitudes of half a grid, degree lanes): for analysis
  };
  void fill_tables();
  std::size_t modes() const { return static_cast<std::size_t>(truncation_) + 1; }
  ComplexLanes& fourier_at(std::size_t field, std::size_t block, std::size_t m) {
    return spectral_rows_[(field * blocks_.size() + block) * modes() + m];
  }
  void synthesise_order(std::size_t m, std::span<Spectrum const> from);
  void analyse_order(std::size_t m, std::span<Spectrum> to);

  int lat_, truncation_;
  std::size_t half_blocks_;
  Fourier fourier_;
  GaussNodes nodes_;
  std::vector<LatitudeBlock> blocks_;        ///< northern half, then the southern one mirrored
  std::vector<std::size_t> first_;           ///< where each order begins in a Spectrum
  std::vector<Table> tables_;                ///< two parities per order
  std::vector<ComplexLanes> spectral_rows_;  ///< (field, block, m): between the two transforms
  std::vector<double> packed_;
  std::vector<Lanes> product_;
};

}  // namespace crossjoule::sim::weather
