// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/portable/pointwise.hpp"
#include "kernels/window_grid.hpp"

#include <string>

namespace crossjoule::kernels::portable {

/// The pixel under tap (a, b) of the window at a place, or -1 where it is padding; `across` places
/// stand in a row.
KOKKOS_INLINE_FUNCTION std::int64_t pixel_under(WindowGrid const& g, std::int64_t across,
                                                std::int64_t place, std::int64_t a,
                                                std::int64_t b) {
  std::int64_t const row = place / across * g.stride_rows - g.padding_rows + a;
  std::int64_t const column = place % across * g.stride_columns - g.padding_columns + b;
  bool const inside = row >= 0 && row < g.rows && column >= 0 && column < g.columns;
  return inside ? row * g.columns + column : -1;
}

/// Rows of numbers under the window, for one sample. Shapes: x (rows * columns, features), columns
/// (places, taps).
template <class Space, class T>
void im2col(Space const& space, WindowGrid const& g, Rows<Space, T const> x,
            Rows<Space, T> columns) {
  std::int64_t const across = g.out_columns(), kernel = g.kernel_rows * g.kernel_columns;
  static std::string const label = "kernels::conv2d::im2col";
  Kokkos::parallel_for(
      label, plane(space, columns.extent(0), columns.extent(1)),
      KOKKOS_LAMBDA(std::int64_t const place, std::int64_t const f) {
        std::int64_t const tap = f % kernel;
        std::int64_t const pixel =
            pixel_under(g, across, place, tap / g.kernel_columns, tap % g.kernel_columns);
        columns(place, f) = pixel < 0 ? T{0} : x(pixel, f / kernel);
      });
}

/// The way back: each pixel adds up what the windows that read it hold, in rising order of taps.
template <class Space, class T>
void col2im(Space const& space, WindowGrid const& g, Rows<Space, T const> columns, Gradient mode,
            Rows<Space, T> dx) {
  std::int64_t const down = g.out_rows(), across = g.out_columns();
  bool const adds = mode == Gradient::add;
  static std::string const label = "kernels::conv2d_gradient::col2im";
  Kokkos::parallel_for(
      label, plane(space, dx.extent(0), dx.extent(1)),
      KOKKOS_LAMBDA(std::int64_t const pixel, std::int64_t const c) {
        T sum = adds ? dx(pixel, c) : T{0};
        for (std::int64_t a = 0; a < g.kernel_rows; ++a) {
          std::int64_t const row = pixel / g.columns + g.padding_rows - a;
          if (row < 0 || row % g.stride_rows != 0 || row / g.stride_rows >= down) continue;
          for (std::int64_t b = 0; b < g.kernel_columns; ++b) {
            std::int64_t const column = pixel % g.columns + g.padding_columns - b;
            if (column < 0 || column % g.stride_columns != 0) continue;
            if (column / g.stride_columns >= across) continue;
            sum += columns(row / g.stride_rows * across + column / g.stride_columns,
                           (c * g.kernel_rows + a) * g.kernel_columns + b);
          }
        }
        dx(pixel, c) = sum;
      });
}

/// The pixel of the largest number under the window: the first of several, a NaN before all.
template <class View>
KOKKOS_INLINE_FUNCTION std::int64_t largest_pixel(WindowGrid const& g, std::int64_t across,
                                                  std::int64_t place, View const& x,
                                                  std::int64_t first_pixel, std::int64_t c) {
  std::int64_t best = -1;
  for (std::int64_t a = 0; a < g.kernel_rows; ++a)
    for (std::int64_t b = 0; b < g.kernel_columns; ++b) {
      std::int64_t const pixel = pixel_under(g, across, place, a, b);
      if (pixel < 0) continue;
      if (best < 0) {
        best = pixel;
        continue;
      }
      auto const value = x(first_pixel + pixel, c), so_far = x(first_pixel + best, c);
      if (value > so_far || (value != value && so_far == so_far)) best = pixel;
    }
  return best;
}

template <class Space, class T>
void max_pool(Space const& space, WindowGrid const& g, Rows<Space, T const> x, Rows<Space, T> y) {
  std::int64_t const across = g.out_columns(), places = g.places(), pixels = g.rows * g.columns;
  static std::string const label = "kernels::max_pool";
  Kokkos::parallel_for(
      label, plane(space, y.extent(0), y.extent(1)),
      KOKKOS_LAMBDA(std::int64_t const r, std::int64_t const c) {
        std::int64_t const first = r / places * pixels;
        y(r, c) = x(first + largest_pixel(g, across, r % places, x, first, c), c);
      });
}

/// One thread for a feature of a sample: windows overlap.
template <class Space, class T>
void max_pool_gradient(Space const& space, std::int64_t samples, WindowGrid const& g,
                       Rows<Space, T const> x, Rows<Space, T const> dy, Gradient mode,
                       Rows<Space, T> dx) {
  std::int64_t const across = g.out_columns(), places = g.places(), pixels = g.rows * g.columns;
  bool const adds = mode == Gradient::add;
  static std::string const label = "kernels::max_pool_gradient";
  Kokkos::parallel_for(
      label, plane(space, samples, g.features),
      KOKKOS_LAMBDA(std::int64_t const s, std::int64_t const c) {
        for (std::int64_t pixel = 0; !adds && pixel < pixels; ++pixel)
          dx(s * pixels + pixel, c) = T{0};
        for (std::int64_t place = 0; place < places; ++place)
          dx(s * pixels + largest_pixel(g, across, place, x, s * pixels, c), c) +=
              dy(s * places + place, c);
      });
}

template <class Space, class T>
void average_pool(Space const& space, WindowGrid const& g, Rows<Space, T const> x,
                  Rows<Space, T> y) {
  std::int64_t const across = g.out_columns(), places = g.places(), pixels = g.rows * g.columns;
  auto const count = static_cast<T>(g.kernel_rows * g.kernel_columns);
  static std::string const label = "kernels::average_pool";
  Kokkos::parallel_for(
      label, plane(space, y.extent(0), y.extent(1)),
      KOKKOS_LAMBDA(std::int64_t const r, std::int64_t const c) {
        T sum = 0;
        for (std::int64_t a = 0; a < g.kernel_rows; ++a)
          for (std::int64_t b = 0; b < g.kernel_columns; ++b) {
            std::int64_t const pixel = pixel_under(g, across, r % places, a, b);
            if (pixel >= 0) sum += x(r / places * pixels + pixel, c);
          }
        y(r, c) = sum / count;
      });
}

template <class Space, class T>
void average_pool_gradient(Space const& space, std::int64_t samples, WindowGrid const& g,
                           Rows<Space, T const> dy, Gradient mode, Rows<Space, T> dx) {
  std::int64_t const across = g.out_columns(), places = g.places(), pixels = g.rows * g.columns;
  auto const count = static_cast<T>(g.kernel_rows * g.kernel_columns);
  bool const adds = mode == Gradient::add;
  static std::string const label = "kernels::average_pool_gradient";
  Kokkos::parallel_for(
      label, plane(space, samples, g.features),
      KOKKOS_LAMBDA(std::int64_t const s, std::int64_t const c) {
        for (std::int64_t pixel = 0; !adds && pixel < pixels; ++pixel)
          dx(s * pixels + pixel, c) = T{0};
        for (std::int64_t place = 0; place < places; ++place) {
          T const share = dy(s * places + place, c) / count;
          for (std::int64_t a = 0; a < g.kernel_rows; ++a)
            for (std::int64_t b = 0; b < g.kernel_columns; ++b)
              if (std::int64_t const pixel = pixel_under(g, across, place, a, b); pixel >= 0)
                dx(s * pixels + pixel, c) += share;
        }
      });
}

}  // namespace crossjoule::kernels::portable
