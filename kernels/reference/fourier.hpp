// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/error.hpp"
#include "kernels/fourier_grid.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>

namespace crossjoule::kernels::reference {

/// The sums of kernels/fourier.hpp as they stand there, every mode from every point: no fast
/// transform, no folding, no shortcut. Layouts: points (samples, row, column, feature), spectrum
/// (samples, kept row, column, block, part, feature of the block). Work by convention 2.5 N log2(N)
/// FLOP a feature whatever is kept, not what these loops execute.

/// Call body(first point number, first real part, first imaginary part, cos theta, sin theta,
/// weight of the column) for every sample, point, mode and block: the numbers of a block's features
/// follow one another.
template <class Body>
void for_modes(FourierGrid const& g, std::size_t samples, InnerColumns inner, Body&& body) {
  std::int64_t const size = g.features / g.blocks;
  double const scale = 1 / std::sqrt(static_cast<double>(g.rows * g.columns));
  for (std::int64_t r = 0; r < g.kept_rows; ++r)
    for (std::int64_t k = 0; k < g.kept_columns; ++k)
      for (std::int64_t i = 0; i < g.rows; ++i)
        for (std::int64_t j = 0; j < g.columns; ++j) {
          std::int64_t const u = (g.first_row + r) % g.rows;
          long double const turns =
              static_cast<long double>(u * i % g.rows) / static_cast<long double>(g.rows) +
              static_cast<long double>(k * j % g.columns) / static_cast<long double>(g.columns);
          long double const theta = 2 * std::numbers::pi_v<long double> * turns;
          bool const is_inner = k > 0 && 2 * k != g.columns;
          double const weight = is_inner && inner == InnerColumns::twice ? 2 * scale : scale;
          double const c = weight * static_cast<double>(std::cos(theta));
          double const s = weight * static_cast<double>(std::sin(theta));
          for (std::size_t n = 0; n < samples; ++n)
            for (std::int64_t block = 0; block < g.blocks; ++block) {
              std::int64_t const sample = static_cast<std::int64_t>(n);
              std::int64_t const point = (sample * g.rows + i) * g.columns + j;
              std::int64_t const mode = (sample * g.kept_rows + r) * g.kept_columns + k;
              body(point * g.features + block * size, (mode * g.blocks + block) * 2 * size,
                   (mode * g.blocks + block) * 2 * size + size, c, s);
            }
        }
}

/// From points to modes: re = sum x cos, im = -sum x sin.
template <class T>
void fourier_analysis(FourierGrid const& g, std::size_t samples, InnerColumns inner,
                      std::span<T const> x, std::span<T> spectrum) {
  EXPECT(x.size() == samples * g.rows * g.columns * g.features);
  EXPECT(spectrum.size() == samples * g.kept_rows * g.kept_columns * 2 * g.features);
  for (T& value : spectrum) value = T(0);
  for_modes(g, samples, inner,
            [&](std::int64_t point, std::int64_t re, std::int64_t im, double c, double s) {
              for (std::int64_t f = 0; f < g.features / g.blocks; ++f) {
                spectrum[re + f] = spectrum[re + f] + x[point + f] * T(c);
                spectrum[im + f] = spectrum[im + f] - x[point + f] * T(s);
              }
            });
}
/// From modes to points: y = sum re cos - im sin.
template <class T>
void fourier_synthesis(FourierGrid const& g, std::size_t samples, InnerColumns inner,
                       std::span<T const> spectrum, std::span<T> y) {
  EXPECT(y.size() == samples * g.rows * g.columns * g.features);
  EXPECT(spectrum.size() == samples * g.kept_rows * g.kept_columns * 2 * g.features);
  for (T& value : y) value = T(0);
  for_modes(g, samples, inner,
            [&](std::int64_t point, std::int64_t re, std::int64_t im, double c, double s) {
              for (std::int64_t f = 0; f < g.features / g.blocks; ++f)
                y[point + f] = y[point + f] + (spectrum[re + f] * T(c) - spectrum[im + f] * T(s));
            });
}

template <class T>
void fourier_transform(FourierGrid const& grid, std::size_t samples, std::span<T const> x,
                       std::span<T> spectrum) {
  fourier_analysis<T>(grid, samples, InnerColumns::once, x, spectrum);
}
template <class T>
void fourier_transform_gradient(FourierGrid const& grid, std::size_t samples,
                                std::span<T const> dspectrum, std::span<T> dx) {
  fourier_synthesis<T>(grid, samples, InnerColumns::once, dspectrum, dx);
}
template <class T>
void inverse_fourier_transform(FourierGrid const& grid, std::size_t samples,
                               std::span<T const> spectrum, std::span<T> y) {
  fourier_synthesis<T>(grid, samples, InnerColumns::twice, spectrum, y);
}
template <class T>
void inverse_fourier_transform_gradient(FourierGrid const& grid, std::size_t samples,
                                        std::span<T const> dy, std::span<T> dspectrum) {
  fourier_analysis<T>(grid, samples, InnerColumns::twice, dy, dspectrum);
}

}  // namespace crossjoule::kernels::reference
