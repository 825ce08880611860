// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/error.hpp"

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

}  // namespace crossjoule::kernels::reference
