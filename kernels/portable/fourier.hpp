// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/fourier_grid.hpp"
#include "kernels/gradient.hpp"
#include "kernels/portable/pointwise.hpp"

#include <cmath>
#include <numbers>
#include <string>

namespace crossjoule::kernels::portable {

/// cos and sin of 2 pi n / columns, and of 2 pi n / rows.
template <class Space, class T>
struct FourierTables {
  using Circle = Kokkos::View<T* [2], Kokkos::LayoutRight, typename Space::memory_space>;
  FourierGrid grid;
  Circle columns, rows;

  FourierTables(Space const& space, FourierGrid const& all)
      : grid(all),
        columns(circle(space, "kernels::FourierTables::columns", all.columns)),
        rows(circle(space, "kernels::FourierTables::rows", all.rows)) {}

  static Circle circle(Space const& space, std::string const& label, std::int64_t points) {
    Circle const all(Kokkos::view_alloc(label, Kokkos::WithoutInitializing), points);
    auto const host = Kokkos::create_mirror_view(all);
    for (std::int64_t n = 0; n < points; ++n) {
      double const angle =
          2 * std::numbers::pi * static_cast<double>(n) / static_cast<double>(points);
      host(n, 0) = static_cast<T>(std::cos(angle));
      host(n, 1) = static_cast<T>(std::sin(angle));
    }
    Kokkos::deep_copy(space, all, host);
    space.fence();  // the host's copy ends here
    return all;
  }
};
template <class Space, class T>
std::int64_t bytes(FourierTables<Space, T> const& tables) {
  return static_cast<std::int64_t>(sizeof(T) * (tables.columns.size() + tables.rows.size()));
}

/// Numbers of the half-way spectrum: (samples, rows, kept_columns, part, features).
inline std::int64_t fourier_scratch(FourierGrid const& grid, std::int64_t samples) {
  return samples * grid.rows * grid.kept_columns * 2 * grid.features;
}

template <class T>
T scale_of(FourierGrid const& grid) {
  return static_cast<T>(1 / std::sqrt(static_cast<double>(grid.rows * grid.columns)));
}

/// From the grid to the spectrum: along columns into the scratch, then along rows. One thread a
/// number; features lie side by side, so neighbours read neighbours.
template <class Space, class T>
void fourier_analysis(Space const& space, FourierTables<Space, T> const& tables, InnerColumns inner,
                      std::int64_t samples, Rows<Space, T const> x, Gradient into,
                      Rows<Space, T> spectrum, Row<Space, T> scratch) {
  FourierGrid const g = tables.grid;
  auto const column_circle = tables.columns, row_circle = tables.rows;
  std::int64_t const doubled = inner == InnerColumns::twice ? 2 : 1, size = g.features / g.blocks;
  T const scale = scale_of<T>(g);
  Kokkos::parallel_for(
      "kernels::fourier::columns", plane(space, samples * g.rows * g.kept_columns, g.features),
      KOKKOS_LAMBDA(std::int64_t const place, std::int64_t const f) {
        std::int64_t const k = place % g.kept_columns, row = place / g.kept_columns;
        T re = 0, im = 0;
        for (std::int64_t j = 0, step = 0; j < g.columns; ++j, step = (step + k) % g.columns) {
          T const value = x(row * g.columns + j, f);
          re += value * column_circle(step, 0);
          im -= value * column_circle(step, 1);
        }
        T const weight = k > 0 && 2 * k != g.columns ? scale * static_cast<T>(doubled) : scale;
        scratch(2 * place * g.features + f) = weight * re;
        scratch((2 * place + 1) * g.features + f) = weight * im;
      });
  bool const adds = into == Gradient::add;
  Kokkos::parallel_for(
      "kernels::fourier::rows", plane(space, samples * g.kept_rows * g.kept_columns, g.features),
      KOKKOS_LAMBDA(std::int64_t const place, std::int64_t const f) {
        std::int64_t const k = place % g.kept_columns,
                           sample = place / g.kept_columns / g.kept_rows;
        std::int64_t const u = (g.first_row + place / g.kept_columns % g.kept_rows) % g.rows;
        T re = 0, im = 0;
        for (std::int64_t i = 0, step = 0; i < g.rows; ++i, step = (step + u) % g.rows) {
          std::int64_t const from = 2 * ((sample * g.rows + i) * g.kept_columns + k) * g.features;
          T const c = row_circle(step, 0), s = row_circle(step, 1);
          re += scratch(from + f) * c + scratch(from + g.features + f) * s;
          im += scratch(from + g.features + f) * c - scratch(from + f) * s;
        }
        std::int64_t const row = place * g.blocks + f / size, column = f % size;
        spectrum(row, column) = adds ? spectrum(row, column) + re : re;
        spectrum(row, size + column) = adds ? spectrum(row, size + column) + im : im;
      });
}

/// From the spectrum to the grid: along rows into the scratch, then along columns.
template <class Space, class T>
void fourier_synthesis(Space const& space, FourierTables<Space, T> const& tables,
                       InnerColumns inner, std::int64_t samples, Rows<Space, T const> spectrum,
                       Gradient into, Rows<Space, T> y, Row<Space, T> scratch) {
  FourierGrid const g = tables.grid;
  auto const column_circle = tables.columns, row_circle = tables.rows;
  std::int64_t const doubled = inner == InnerColumns::twice ? 2 : 1, size = g.features / g.blocks;
  T const scale = scale_of<T>(g);
  Kokkos::parallel_for(
      "kernels::fourier::rows", plane(space, samples * g.rows * g.kept_columns, g.features),
      KOKKOS_LAMBDA(std::int64_t const place, std::int64_t const f) {
        std::int64_t const k = place % g.kept_columns, i = place / g.kept_columns % g.rows;
        std::int64_t const sample = place / g.kept_columns / g.rows;
        T re = 0, im = 0;
        for (std::int64_t r = 0; r < g.kept_rows; ++r) {
          std::int64_t const step = (g.first_row + r) % g.rows * i % g.rows;
          std::int64_t const from =
              ((sample * g.kept_rows + r) * g.kept_columns + k) * g.blocks + f / size;
          T const c = row_circle(step, 0), s = row_circle(step, 1);
          T const a = spectrum(from, f % size), b = spectrum(from, size + f % size);
          re += a * c - b * s;
          im += b * c + a * s;
        }
        T const weight = k > 0 && 2 * k != g.columns ? scale * static_cast<T>(doubled) : scale;
        scratch(2 * place * g.features + f) = weight * re;
        scratch((2 * place + 1) * g.features + f) = weight * im;
      });
  bool const adds = into == Gradient::add;
  Kokkos::parallel_for(
      "kernels::fourier::columns", plane(space, samples * g.rows * g.columns, g.features),
      KOKKOS_LAMBDA(std::int64_t const point, std::int64_t const f) {
        std::int64_t const j = point % g.columns, row = point / g.columns;
        T sum = adds ? y(point, f) : T{0};
        for (std::int64_t k = 0, step = 0; k < g.kept_columns; ++k, step = (step + j) % g.columns) {
          std::int64_t const from = 2 * (row * g.kept_columns + k) * g.features;
          sum += scratch(from + f) * column_circle(step, 0) -
                 scratch(from + g.features + f) * column_circle(step, 1);
        }
        y(point, f) = sum;
      });
}

}  // namespace crossjoule::kernels::portable
