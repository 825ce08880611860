// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/error.hpp"
#include "kernels/reference/arithmetic.hpp"
#include "kernels/window_grid.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace crossjoule::kernels::reference {

/// Call body(place, tap, pixel) for every number under the window at every place: the tap counts
/// (kernel row, kernel column), the pixel (row, column) of the image, -1 where it is padding.
template <class Body>
void for_taps(WindowGrid const& g, Body&& body) {
  for (std::int64_t i = 0; i < g.out_rows(); ++i)
    for (std::int64_t j = 0; j < g.out_columns(); ++j)
      for (std::int64_t a = 0; a < g.kernel_rows; ++a)
        for (std::int64_t b = 0; b < g.kernel_columns; ++b) {
          std::int64_t const row = i * g.stride_rows - g.padding_rows + a;
          std::int64_t const column = j * g.stride_columns - g.padding_columns + b;
          bool const inside = row >= 0 && row < g.rows && column >= 0 && column < g.columns;
          body(i * g.out_columns() + j, a * g.kernel_columns + b,
               inside ? row * g.columns + column : -1);
        }
}

/// y[place, o] = bias[o] + sum over taps and features of x weight: a cross-correlation, padding
/// counting as zeros that are multiplied. Shapes: x (samples, rows, columns, features), weight
/// (out, features, kernel rows, kernel columns), bias (out) or empty, y (samples, places, out).
/// Work: places * out * taps MAC, an addition per result for the bias.
template <class T>
void conv2d(std::size_t samples, WindowGrid const& g, std::span<T const> x,
            std::span<T const> weight, std::span<T const> bias, std::span<T> y) {
  std::size_t const kernel = g.kernel_rows * g.kernel_columns, features = g.features;
  std::size_t const pixels = g.rows * g.columns, places = g.places();
  std::size_t const out = y.size() / (samples * places);
  EXPECT(x.size() == samples * pixels * features && weight.size() == out * features * kernel);
  EXPECT(y.size() == samples * places * out && (bias.empty() || bias.size() == out));
  for (T& value : y) value = T(0);
  for (std::size_t s = 0; s < samples; ++s)
    for_taps(g, [&](std::int64_t place, std::int64_t tap, std::int64_t pixel) {
      for (std::size_t o = 0; o < out; ++o)
        for (std::size_t c = 0; c < features; ++c) {
          T& sum = y[(s * places + place) * out + o];
          T const value = pixel < 0 ? T(0) : x[(s * pixels + pixel) * features + c];
          sum = multiply_add(sum, value, weight[(o * features + c) * kernel + tap]);
        }
    });
  for (std::size_t n = 0; !bias.empty() && n < y.size(); ++n) y[n] = y[n] + bias[n % out];
}

/// dx = sum over the places that read a pixel of dy W. Work: places * out * taps MAC, an addition
/// for every number under the window that is no padding.
template <class T>
void conv2d_input_gradient(std::size_t samples, WindowGrid const& g, std::span<T const> dy,
                           std::span<T const> weight, std::span<T> dx) {
  std::size_t const kernel = g.kernel_rows * g.kernel_columns, features = g.features;
  std::size_t const pixels = g.rows * g.columns, places = g.places();
  std::size_t const out = dy.size() / (samples * places);
  EXPECT(dx.size() == samples * pixels * features && weight.size() == out * features * kernel);
  for (T& value : dx) value = T(0);
  for (std::size_t s = 0; s < samples; ++s)
    for_taps(g, [&](std::int64_t place, std::int64_t tap, std::int64_t pixel) {
      for (std::size_t c = 0; c < features; ++c) {
        T sum = T(0);
        for (std::size_t o = 0; o < out; ++o)
          sum = multiply_add(sum, dy[(s * places + place) * out + o],
                             weight[(o * features + c) * kernel + tap]);
        if (pixel < 0) continue;
        T& total = dx[(s * pixels + pixel) * features + c];
        total = total + sum;
      }
    });
}

/// dweight = sum over samples and places of dy x, dbias (where not empty) = dy summed. Work: as
/// forward.
template <class T>
void conv2d_parameter_gradients(std::size_t samples, WindowGrid const& g, std::span<T const> x,
                                std::span<T const> dy, std::span<T> dweight, std::span<T> dbias) {
  std::size_t const kernel = g.kernel_rows * g.kernel_columns, features = g.features;
  std::size_t const pixels = g.rows * g.columns, places = g.places();
  std::size_t const out = dy.size() / (samples * places);
  EXPECT(x.size() == samples * pixels * features && dweight.size() == out * features * kernel);
  for (auto const& all : {dweight, dbias})
    for (T& value : all) value = T(0);
  for (std::size_t s = 0; s < samples; ++s)
    for_taps(g, [&](std::int64_t place, std::int64_t tap, std::int64_t pixel) {
      for (std::size_t o = 0; o < out; ++o)
        for (std::size_t c = 0; c < features; ++c) {
          T& sum = dweight[(o * features + c) * kernel + tap];
          T const value = pixel < 0 ? T(0) : x[(s * pixels + pixel) * features + c];
          sum = multiply_add(sum, dy[(s * places + place) * out + o], value);
        }
    });
  for (std::size_t n = 0; !dbias.empty() && n < dy.size(); ++n)
    dbias[n % out] = dbias[n % out] + dy[n];
}

/// What makes a convolution a product: row `place` of `columns` holds the numbers under the window
/// in the order of the weight (feature, kernel row, kernel column), zeros for padding. Then y =
/// columns W^T as in linear(). Shapes: x (rows, columns, features) of one sample, columns (places,
/// taps). Copies only.
template <class T>
void im2col(WindowGrid const& g, std::span<T const> x, std::span<T> columns) {
  std::int64_t const kernel = g.kernel_rows * g.kernel_columns;
  EXPECT(static_cast<std::int64_t>(x.size()) == g.rows * g.columns * g.features);
  EXPECT(static_cast<std::int64_t>(columns.size()) == g.places() * g.taps());
  for_taps(g, [&](std::int64_t place, std::int64_t tap, std::int64_t pixel) {
    for (std::int64_t c = 0; c < g.features; ++c)
      columns[place * g.taps() + c * kernel + tap] = pixel < 0 ? T(0) : x[pixel * g.features + c];
  });
}

}  // namespace crossjoule::kernels::reference
