// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/error.hpp"
#include "kernels/reference/arithmetic.hpp"

#include <cstddef>
#include <span>

namespace crossjoule::kernels::reference {

/// Sizes of a block-diagonal complex layer: complex numbers per block.
struct ComplexShape {
  std::size_t rows = 1, blocks = 1, inputs = 1, outputs = 1;
  std::size_t weight_size() const { return blocks * inputs * outputs; }  ///< of either part
  /// Place of a weight's real part; the imaginary one lies weight_size() further on.
  std::size_t weight(std::size_t block, std::size_t i, std::size_t o) const {
    return (block * inputs + i) * outputs + o;
  }
};

/// yr = xr W0 - xi W1 + b0, yi = xi W0 + xr W1 + b1 for every row of every block. Shapes: x (rows,
/// blocks, 2, inputs), y (rows, blocks, 2, outputs), real parts first; weight (2, blocks, inputs,
/// outputs), bias (2, blocks, outputs). Work: rows * blocks * 4 inputs * outputs MAC and 2 outputs
/// additions.
template <class T>
void complex_linear(ComplexShape const& shape, std::span<T const> x, std::span<T const> weight,
                    std::span<T const> bias, std::span<T> y) {
  auto const [rows, blocks, in, out] = shape;
  EXPECT(x.size() == rows * blocks * 2 * in && y.size() == rows * blocks * 2 * out);
  EXPECT(weight.size() == 2 * shape.weight_size() && bias.size() == 2 * blocks * out);
  for (std::size_t n = 0; n < rows * blocks; ++n)
    for (std::size_t o = 0; o < out; ++o) {
      std::size_t const block = n % blocks;
      T const *const real = &x[n * 2 * in], *const imaginary = real + in;
      T re = T(0), im = T(0);
      for (std::size_t i = 0; i < in; ++i) {
        std::size_t const at = shape.weight(block, i, o), next = at + shape.weight_size();
        re = multiply_add(multiply_add(re, real[i], weight[at]), -imaginary[i], weight[next]);
        im = multiply_add(multiply_add(im, imaginary[i], weight[at]), real[i], weight[next]);
      }
      y[n * 2 * out + o] = re + bias[block * out + o];
      y[(n * 2 + 1) * out + o] = im + bias[(blocks + block) * out + o];
    }
}

/// dxr = dyr W0^T + dyi W1^T, dxi = -dyr W1^T + dyi W0^T. Work: the MAC of forward.
template <class T>
void complex_linear_input_gradient(ComplexShape const& shape, std::span<T const> dy,
                                   std::span<T const> weight, std::span<T> dx) {
  auto const [rows, blocks, in, out] = shape;
  EXPECT(dx.size() == rows * blocks * 2 * in && dy.size() == rows * blocks * 2 * out);
  for (std::size_t n = 0; n < rows * blocks; ++n)
    for (std::size_t i = 0; i < in; ++i) {
      T const *const real = &dy[n * 2 * out], *const imaginary = real + out;
      T re = T(0), im = T(0);
      for (std::size_t o = 0; o < out; ++o) {
        std::size_t const at = shape.weight(n % blocks, i, o), next = at + shape.weight_size();
        re = multiply_add(multiply_add(re, real[o], weight[at]), imaginary[o], weight[next]);
        im = multiply_add(multiply_add(im, -real[o], weight[next]), imaginary[o], weight[at]);
      }
      dx[n * 2 * in + i] = re;
      dx[(n * 2 + 1) * in + i] = im;
    }
}

/// dW0 = xr^T dyr + xi^T dyi, dW1 = -xi^T dyr + xr^T dyi, summed over rows. Work: the MAC of
/// forward.
template <class T>
void complex_linear_weight_gradient(ComplexShape const& shape, std::span<T const> x,
                                    std::span<T const> dy, std::span<T> dweight) {
  auto const [rows, blocks, in, out] = shape;
  EXPECT(x.size() == rows * blocks * 2 * in && dy.size() == rows * blocks * 2 * out);
  for (std::size_t block = 0; block < blocks; ++block)
    for (std::size_t i = 0; i < in; ++i)
      for (std::size_t o = 0; o < out; ++o) {
        T real = T(0), imaginary = T(0);
        for (std::size_t r = 0; r < rows; ++r) {
          std::size_t const n = r * blocks + block;
          T const xr = x[n * 2 * in + i], xi = x[(n * 2 + 1) * in + i];
          T const dr = dy[n * 2 * out + o], di = dy[(n * 2 + 1) * out + o];
          real = multiply_add(multiply_add(real, xr, dr), xi, di);
          imaginary = multiply_add(multiply_add(imaginary, -xi, dr), xr, di);
        }
        dweight[shape.weight(block, i, o)] = real;
        dweight[shape.weight(block, i, o) + shape.weight_size()] = imaginary;
      }
}

/// db = dy summed over rows. Work: an addition per number of dy.
template <class T>
void complex_linear_bias_gradient(ComplexShape const& shape, std::span<T const> dy,
                                  std::span<T> dbias) {
  auto const [rows, blocks, in, out] = shape;
  EXPECT(dy.size() == rows * blocks * 2 * out && dbias.size() == 2 * blocks * out);
  for (T& value : dbias) value = T(0);
  for (std::size_t n = 0; n < rows * blocks; ++n)
    for (std::size_t part = 0; part < 2; ++part)
      for (std::size_t o = 0; o < out; ++o) {
        T& sum = dbias[(part * blocks + n % blocks) * out + o];
        sum = sum + dy[(n * 2 + part) * out + o];
      }
}

}  // namespace crossjoule::kernels::reference
