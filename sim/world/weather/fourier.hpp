// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sim/world/weather/lanes.hpp"

#include <complex>

namespace crossjoule::sim::weather {

/// Real Fourier transforms along longitude, several latitudes at a time: mixed radix 4, 2, 3, 5 and
/// any prime, Stockham's self-sorting order, on half as many complex points.
class Fourier {
 public:
  /// `points` is even and positive.
  explicit Fourier(int points);
  int points() const { return 2 * half_; }

  /// Coefficients X_k = 1/points sum_n x_n exp(-2 pi i k n / points) for k = 0 .. last, where
  /// last < points/2. x has shape (points), out (last + 1).
  void analyse(Lanes const* x, int last, ComplexLanes* out);
  /// x_n = sum over k = -last .. last of X_k exp(2 pi i k n / points), X_-k being conj(X_k).
  void synthesise(ComplexLanes const* coefficients, int last, Lanes* x);

 private:
  enum class Direction { forward, backward };
  /// The complex transform of work_[0]; returns where the result stands.
  ComplexLanes const* transform(Direction direction);
  int half_;
  std::vector<int> radices_;
  std::vector<std::complex<double>> turns_;       ///< exp(-2 pi i k / half)
  std::vector<std::complex<double>> half_turns_;  ///< exp(-2 pi i k / points)
  std::vector<ComplexLanes> work_[2];
};

}  // namespace crossjoule::sim::weather
