// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/error.hpp"
#include "kernels/window_grid.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

namespace crossjoule::kernels::reference {

/// Call body(pixel) for the pixels under the window at a place, row by row; padding is left out.
template <class Body>
void for_pixels_of(WindowGrid const& g, std::int64_t place, Body&& body) {
  std::int64_t const first_row = place / g.out_columns() * g.stride_rows - g.padding_rows;
  std::int64_t const first_column = place % g.out_columns() * g.stride_columns - g.padding_columns;
  for (std::int64_t row = first_row; row < first_row + g.kernel_rows; ++row)
    for (std::int64_t column = first_column; column < first_column + g.kernel_columns; ++column)
      if (row >= 0 && row < g.rows && column >= 0 && column < g.columns)
        body(row * g.columns + column);
}

/// Where the largest number of a window lies: the first of several, a NaN before all numbers.
template <class T>
std::int64_t largest_pixel(WindowGrid const& g, std::int64_t place, std::int64_t feature,
                           std::span<T const> image) {
  using std::isnan;
  std::int64_t best = -1;
  for_pixels_of(g, place, [&](std::int64_t pixel) {
    if (best < 0) {
      best = pixel;
      return;
    }
    T const value = image[pixel * g.features + feature],
            so_far = image[best * g.features + feature];
    bool const is_larger = value > so_far;
    if (is_larger || (isnan(value) && !isnan(so_far))) best = pixel;
  });
  return best;
}

/// y[place, c] = the largest number under the window, padding left out. Shapes: x (samples, rows,
/// columns, features), y (samples, places, features). Work: a comparison for each number under the
/// window but the first.
template <class T>
void max_pool(std::size_t samples, WindowGrid const& g, std::span<T const> x, std::span<T> y) {
  std::int64_t const size = g.rows * g.columns * g.features;
  EXPECT(static_cast<std::int64_t>(x.size()) == static_cast<std::int64_t>(samples) * size);
  for (std::size_t s = 0; s < samples; ++s) {
    auto const image = x.subspan(s * size, size);
    for (std::int64_t place = 0; place < g.places(); ++place)
      for (std::int64_t c = 0; c < g.features; ++c)
        y[(s * g.places() + place) * g.features + c] =
            image[largest_pixel(g, place, c, image) * g.features + c];
  }
}

/// dx = dy summed where the largest numbers lie. Work: as forward, and an addition per window.
template <class T>
void max_pool_gradient(std::size_t samples, WindowGrid const& g, std::span<T const> x,
                       std::span<T const> dy, std::span<T> dx) {
  std::int64_t const size = g.rows * g.columns * g.features;
  EXPECT(x.size() == dx.size());
  for (T& value : dx) value = T(0);
  for (std::size_t s = 0; s < samples; ++s) {
    auto const image = x.subspan(s * size, size);
    for (std::int64_t place = 0; place < g.places(); ++place)
      for (std::int64_t c = 0; c < g.features; ++c) {
        T& total = dx[s * size + largest_pixel(g, place, c, image) * g.features + c];
        total = total + dy[(s * g.places() + place) * g.features + c];
      }
  }
}

/// y[place, c] = sum under the window / size of the kernel. Work: an addition for each number under
/// the window, a division per result.
template <class T>
void average_pool(std::size_t samples, WindowGrid const& g, std::span<T const> x, std::span<T> y) {
  std::int64_t const size = g.rows * g.columns * g.features;
  EXPECT(static_cast<std::int64_t>(x.size()) == static_cast<std::int64_t>(samples) * size);
  T const count = T(static_cast<double>(g.kernel_rows * g.kernel_columns));
  for (std::size_t s = 0; s < samples; ++s)
    for (std::int64_t place = 0; place < g.places(); ++place)
      for (std::int64_t c = 0; c < g.features; ++c) {
        T sum = T(0);
        for_pixels_of(g, place, [&](std::int64_t pixel) {
          sum = sum + x[s * size + pixel * g.features + c];
        });
        y[(s * g.places() + place) * g.features + c] = sum / count;
      }
}

/// dx = dy / size of the kernel, summed over the windows that read a pixel. Work: as forward.
template <class T>
void average_pool_gradient(std::size_t samples, WindowGrid const& g, std::span<T const> dy,
                           std::span<T> dx) {
  std::int64_t const size = g.rows * g.columns * g.features;
  EXPECT(static_cast<std::int64_t>(dx.size()) == static_cast<std::int64_t>(samples) * size);
  T const count = T(static_cast<double>(g.kernel_rows * g.kernel_columns));
  for (T& value : dx) value = T(0);
  for (std::size_t s = 0; s < samples; ++s)
    for (std::int64_t place = 0; place < g.places(); ++place)
      for (std::int64_t c = 0; c < g.features; ++c) {
        T const share = dy[(s * g.places() + place) * g.features + c] / count;
        for_pixels_of(g, place, [&](std::int64_t pixel) {
          T& total = dx[s * size + pixel * g.features + c];
          total = total + share;
        });
      }
}

}  // namespace crossjoule::kernels::reference
