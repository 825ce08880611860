// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/error.hpp"

#include <cmath>
#include <cstddef>
#include <span>

namespace crossjoule::kernels::reference {

/// Squared distance of each row from a constant vector: value[r] = sum_k (x[r,k] - centre)^2.
/// Shapes: x (rows, features), value (rows). Work: 3 operations per element.
template <class T>
void squared_distance(std::span<T const> x, T const& centre, std::span<T> value) {
  std::size_t const features = x.size() / value.size();
  EXPECT(features * value.size() == x.size());
  for (std::size_t r = 0; r < value.size(); ++r) {
    T sum = T(0);
    for (std::size_t k = 0; k < features; ++k) {
      T const difference = x[r * features + k] - centre;
      sum = sum + difference * difference;
    }
    value[r] = sum;
  }
}

/// dx = 2 (x - centre), the gradient of the sum over rows. Work: 2 operations per element.
template <class T>
void squared_distance_gradient(std::span<T const> x, T const& centre, std::span<T> dx) {
  EXPECT(x.size() == dx.size());
  for (std::size_t n = 0; n < x.size(); ++n) dx[n] = T(2) * (x[n] - centre);
}

/// Mean over features of the squared difference: value[r] = sum_k (x[r,k] - target[r,k])^2 /
/// features. Shapes: x, target (rows, features), value (rows). Work: 3 operations per element and
/// a division per row.
template <class T>
void mean_squared_error(std::span<T const> x, std::span<T const> target, std::span<T> value) {
  std::size_t const features = x.size() / value.size();
  EXPECT(features * value.size() == x.size() && x.size() == target.size());
  for (std::size_t r = 0; r < value.size(); ++r) {
    T sum = T(0);
    for (std::size_t k = 0; k < features; ++k) {
      T const difference = x[r * features + k] - target[r * features + k];
      sum = sum + difference * difference;
    }
    value[r] = sum / T(static_cast<double>(features));
  }
}

/// dx = (2 / features) (x - target), the gradient of the sum over rows, the target being constant.
/// Work: 2 operations per element.
template <class T>
void mean_squared_error_gradient(std::size_t features, std::span<T const> x,
                                 std::span<T const> target, std::span<T> dx) {
  EXPECT(x.size() == dx.size() && x.size() == target.size());
  T const factor = T(2 / static_cast<double>(features));
  for (std::size_t n = 0; n < x.size(); ++n) dx[n] = factor * (x[n] - target[n]);
}

/// The weight of number n of a sample: that of its image row, 1 where there are none.
template <class T>
struct RowWeights {
  std::span<T const> weight = {};
  std::size_t columns = 1;
  T const& of(std::size_t n) const { return weight[n / columns % weight.size()]; }
};

/// value[s] += ||x - target|| / ||target||, norms of weighted squares over the numbers of a sample;
/// squares[s] = ||x - target||^2 is kept for the way back, and so is ratios[s], what was added.
/// Shapes: x, target (samples, numbers), value, squares, ratios (samples). Work: 5 per number, 2
/// more with weights, and 4 per sample.
template <class T>
void relative_error(std::span<T const> x, std::span<T const> target, RowWeights<T> const& weights,
                    std::span<T> value, std::span<T> squares, std::span<T> ratios) {
  using std::sqrt;
  std::size_t const numbers = x.size() / value.size();
  EXPECT(numbers * value.size() == x.size() && x.size() == target.size());
  for (std::size_t s = 0; s < value.size(); ++s) {
    T difference = T(0), norm = T(0);
    for (std::size_t n = 0; n < numbers; ++n) {
      T const want = target[s * numbers + n], d = x[s * numbers + n] - want;
      T const d2 = d * d, want2 = want * want;
      difference = difference + (weights.weight.empty() ? d2 : weights.of(n) * d2);
      norm = norm + (weights.weight.empty() ? want2 : weights.of(n) * want2);
    }
    squares[s] = difference;
    ratios[s] = sqrt(difference) / sqrt(norm);
    value[s] = value[s] + ratios[s];
  }
}

/// dx = weight (x - target) / (||x - target|| ||target||), the gradient of the sum over samples,
/// the target being constant; 0 where x is the target. Work: 2 per number, 1 more with weights, and
/// a comparison and a division per sample.
template <class T>
void relative_error_gradient(std::span<T const> x, std::span<T const> target,
                             RowWeights<T> const& weights, std::span<T const> squares,
                             std::span<T const> ratios, std::span<T> dx) {
  std::size_t const numbers = x.size() / squares.size();
  EXPECT(x.size() == dx.size() && x.size() == target.size());
  for (std::size_t s = 0; s < squares.size(); ++s) {
    T factor = T(0);
    if (squares[s] > T(0)) factor = ratios[s] / squares[s];
    for (std::size_t n = 0; n < numbers; ++n) {
      T const d = factor * (x[s * numbers + n] - target[s * numbers + n]);
      dx[s * numbers + n] = weights.weight.empty() ? d : weights.of(n) * d;
    }
  }
}

}  // namespace crossjoule::kernels::reference
