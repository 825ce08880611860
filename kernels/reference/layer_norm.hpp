// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/error.hpp"
#include "kernels/reference/arithmetic.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace crossjoule::kernels::reference {

/// y = gain (x - mean) rstd + bias in each row, rstd = 1 / sqrt(variance + epsilon), variance
/// biased. Shapes: x, y (rows, columns); gain, bias (columns); mean, rstd (rows), kept for the way
/// back. Work: 7 per element, 5 per row (two divisions, epsilon, root, reciprocal).
template <class T>
void layer_norm(std::span<T const> x, std::span<T const> gain, std::span<T const> bias,
                T const& epsilon, std::span<T> y, std::span<T> mean, std::span<T> rstd) {
  using std::sqrt;
  std::size_t const columns = gain.size(), rows = x.size() / columns;
  EXPECT(x.size() == y.size() && bias.size() == columns);
  EXPECT(mean.size() == rows && rstd.size() == rows);
  T const count = T(static_cast<double>(columns));
  for (std::size_t r = 0; r < rows; ++r) {
    std::span<T const> const from = x.subspan(r * columns, columns);
    std::span<T> const to = y.subspan(r * columns, columns);
    T sum = T(0), squares = T(0);
    for (std::size_t k = 0; k < columns; ++k) sum = sum + from[k];
    mean[r] = sum / count;
    for (std::size_t k = 0; k < columns; ++k) {
      to[k] = from[k] - mean[r];
      squares = squares + to[k] * to[k];
    }
    rstd[r] = T(1) / sqrt(squares / count + epsilon);
    for (std::size_t k = 0; k < columns; ++k) to[k] = gain[k] * to[k] * rstd[r] + bias[k];
  }
}

/// dx = rstd (g - mean(g) - h mean(g h)) with g = gain dy and h = (x - mean) rstd. Work: 10 per
/// element, 2 per row.
template <class T>
void layer_norm_input_gradient(std::span<T const> x, std::span<T const> gain,
                               std::span<T const> mean, std::span<T const> rstd,
                               std::span<T const> dy, std::span<T> dx) {
  std::size_t const columns = gain.size(), rows = x.size() / columns;
  EXPECT(x.size() == dy.size() && x.size() == dx.size());
  EXPECT(mean.size() == rows && rstd.size() == rows);
  T const count = T(static_cast<double>(columns));
  std::vector<T> h(columns), g(columns);
  for (std::size_t r = 0; r < rows; ++r) {
    std::size_t const row = r * columns;
    T level = T(0), slope = T(0);
    for (std::size_t k = 0; k < columns; ++k) {
      h[k] = (x[row + k] - mean[r]) * rstd[r];
      g[k] = gain[k] * dy[row + k];
      level = level + g[k];
      slope = slope + g[k] * h[k];
    }
    level = level / count;
    slope = slope / count;
    for (std::size_t k = 0; k < columns; ++k) dx[row + k] = rstd[r] * (g[k] - level - h[k] * slope);
  }
}

/// dgain = sum_r dy h, dbias = sum_r dy with h = (x - mean) rstd. Work: 5 per element.
template <class T>
void layer_norm_parameter_gradients(std::span<T const> x, std::span<T const> mean,
                                    std::span<T const> rstd, std::span<T const> dy,
                                    std::span<T> dgain, std::span<T> dbias) {
  std::size_t const columns = dgain.size(), rows = x.size() / columns;
  EXPECT(x.size() == dy.size() && dbias.size() == columns);
  EXPECT(mean.size() == rows && rstd.size() == rows);
  for (std::size_t k = 0; k < columns; ++k) {
    T of_gain = T(0), of_bias = T(0);
    for (std::size_t r = 0; r < rows; ++r) {
      T const g = dy[r * columns + k];
      of_gain = of_gain + g * ((x[r * columns + k] - mean[r]) * rstd[r]);
      of_bias = of_bias + g;
    }
    dgain[k] = of_gain;
    dbias[k] = of_bias;
  }
}

}  // namespace crossjoule::kernels::reference
