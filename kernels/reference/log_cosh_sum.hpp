// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/error.hpp"

#include <cmath>
#include <cstddef>
#include <span>

namespace crossjoule::kernels::reference {

/// y[r] = sum_k log(2 cosh x[r, k]), each term as |x| + log1p(exp(-2 |x|)), which never overflows.
/// Shapes: x (rows, columns), y (rows). Work: 6 per element.
template <class T>
void log_cosh_sum(std::span<T const> x, std::span<T> y) {
  using std::abs, std::exp, std::log1p;
  std::size_t const columns = x.size() / y.size();
  EXPECT(x.size() == columns * y.size());
  for (std::size_t r = 0; r < y.size(); ++r) {
    T sum = T(0);
    for (std::size_t k = 0; k < columns; ++k) {
      T const size = abs(x[r * columns + k]);
      sum = sum + (size + log1p(exp(T(-2) * size)));
    }
    y[r] = sum;
  }
}

/// dx = dy tanh(x). Work: 2 per element.
template <class T>
void log_cosh_sum_gradient(std::span<T const> x, std::span<T const> dy, std::span<T> dx) {
  using std::tanh;
  std::size_t const columns = x.size() / dy.size();
  for (std::size_t n = 0; n < x.size(); ++n) dx[n] = dy[n / columns] * tanh(x[n]);
}

}  // namespace crossjoule::kernels::reference
