// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/error.hpp"
#include "kernels/reference/arithmetic.hpp"

#include <cstddef>
#include <span>

namespace crossjoule::kernels::reference {

/// y = x W^T + b, each row by itself. Shapes: x (rows, in), weight (out, in), bias (out) or empty,
/// y (rows, out). Work: rows * out * in MAC, rows * out additions for the bias.
template <class T>
void linear(std::size_t rows, std::span<T const> x, std::span<T const> weight,
            std::span<T const> bias, std::span<T> y) {
  std::size_t const in = x.size() / rows, out = y.size() / rows;
  EXPECT(weight.size() == in * out && (bias.empty() || bias.size() == out));
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t o = 0; o < out; ++o) {
      T sum = T(0);
      for (std::size_t i = 0; i < in; ++i)
        sum = multiply_add(sum, x[r * in + i], weight[o * in + i]);
      y[r * out + o] = bias.empty() ? sum : sum + bias[o];
    }
}

/// dx = dy W. Shapes: dy (rows, out), weight (out, in), dx (rows, in). Work: rows * out * in MAC.
template <class T>
void linear_input_gradient(std::size_t rows, std::span<T const> dy, std::span<T const> weight,
                           std::span<T> dx) {
  std::size_t const in = dx.size() / rows, out = dy.size() / rows;
  EXPECT(weight.size() == in * out);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t i = 0; i < in; ++i) {
      T sum = T(0);
      for (std::size_t o = 0; o < out; ++o)
        sum = multiply_add(sum, dy[r * out + o], weight[o * in + i]);
      dx[r * in + i] = sum;
    }
}

/// dW = dy^T x, summed over rows. Shapes: x (rows, in), dy (rows, out), dweight (out, in). Work:
/// rows
/// * out * in MAC.
template <class T>
void linear_weight_gradient(std::size_t rows, std::span<T const> x, std::span<T const> dy,
                            std::span<T> dweight) {
  std::size_t const in = x.size() / rows, out = dy.size() / rows;
  EXPECT(dweight.size() == in * out);
  for (std::size_t o = 0; o < out; ++o)
    for (std::size_t i = 0; i < in; ++i) {
      T sum = T(0);
      for (std::size_t r = 0; r < rows; ++r)
        sum = multiply_add(sum, dy[r * out + o], x[r * in + i]);
      dweight[o * in + i] = sum;
    }
}

/// db = dy summed over rows. Shapes: dy (rows, out), dbias (out). Work: rows * out additions.
template <class T>
void linear_bias_gradient(std::size_t rows, std::span<T const> dy, std::span<T> dbias) {
  std::size_t const out = dy.size() / rows;
  EXPECT(dbias.size() == out);
  for (std::size_t o = 0; o < out; ++o) {
    T sum = T(0);
    for (std::size_t r = 0; r < rows; ++r) sum = sum + dy[r * out + o];
    dbias[o] = sum;
  }
}

}  // namespace crossjoule::kernels::reference
