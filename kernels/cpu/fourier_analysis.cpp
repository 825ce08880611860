// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/cpu/fourier.hpp"
#include "kernels/cpu/fourier_fold.hpp"

namespace crossjoule::kernels::cpu {
namespace {

/// Where things lie in the scratch of one strip.
template <class T>
struct Analysis {
  FourierTables<T> const& tables;
  FourierAxis<T> const& columns;
  FourierGrid const& grid;
  Strip<T> strip;
  Parts<T> column_parts, row_parts;
  std::int64_t column_stride;  ///< numbers between columns of the half-way spectrum
  T *half_way,                 ///< (kept_columns, rows, part, width)
      *cosines, *sines;        ///< (row modes, part, width)

  Analysis(FourierTables<T> const& all, InnerColumns inner, std::int64_t index, T* scratch)
      : tables(all),
        columns(all.columns(inner)),
        grid(all.grid),
        strip(grid, index),
        column_parts{scratch, strip.panels, columns.folded},
        row_parts{scratch + Parts<T>::size(strip.panels, columns.folded), 2 * strip.panels,
                  all.rows.folded},
        column_stride(stride(grid, strip)) {
    cosines = row_parts.data + Parts<T>::size(row_parts.panels, row_parts.deepest);
    sines = cosines + all.rows.modes * 2 * strip.width;
    half_way = sines + all.rows.modes * 2 * strip.width;
  }
  /// Never a multiple of a page: columns would share the few sets of a cache.
  static std::int64_t stride(FourierGrid const& grid, Strip<T> const& strip) {
    return grid.rows * 2 * strip.width + panel_width<T>;
  }

  /// Along the columns of one row of points.
  void transform_row(Matrix<T const> x, std::int64_t row) const {
    T const* const from = x.data + row * grid.columns * x.stride + strip.first;
    for (std::int64_t p = 0; p < strip.panels; ++p) {
      std::int64_t const count = strip.count - p * panel_width<T>;
      T const* const panel = from + p * panel_width<T>;
      std::array<T*, 4> to;
      for (int part = 0; part < 4; ++part) to[part] = column_parts.panel(part, columns.folded, p);
      if (count >= panel_width<T>)
        fold(columns, to,
             [&](std::int64_t t, int v) { return load(panel + t * x.stride + v * lanes<T>); });
      else
        fold(columns, to, [&](std::int64_t t, int v) {
          T some[panel_width<T>] = {};
          std::copy_n(panel + t * x.stride, count, some);
          return load(some + v * lanes<T>);
        });
    }
    T* const out = half_way + row * 2 * strip.width;
    multiply_analysis(columns, column_parts, strip.width, {out, out + strip.width}, column_stride);
  }

  /// Along the rows of one column of the half-way spectrum.
  void transform_column(std::int64_t column) const {
    T const* const from = half_way + column * column_stride;
    for (std::int64_t p = 0; p < row_parts.panels; ++p) {
      std::array<T*, 4> to;
      for (int part = 0; part < 4; ++part) to[part] = row_parts.panel(part, tables.rows.folded, p);
      fold(tables.rows, to, [&](std::int64_t t, int v) {
        return load(from + t * 2 * strip.width + p * panel_width<T> + v * lanes<T>);
      });
    }
    multiply_analysis(tables.rows, row_parts, 2 * strip.width, {cosines, sines}, 2 * strip.width);
  }

  /// spectrum row u = cosines - i sines, row (rows - u) = cosines + i sines.
  void store_column(std::int64_t column, Into into, Matrix<T> spectrum) const {
    std::int64_t const width = strip.width, rows = grid.rows;
    alignas(vector_bytes) T sum[2 * strip_panels * panel_width<T>];
    for (std::int64_t m = 0; m < tables.rows.modes; ++m) {
      std::int64_t const mode = tables.rows.first_mode + m;
      T const* const c = cosines + m * 2 * width;
      T const* const s = sines + m * 2 * width;
      if (std::int64_t const place = place_of_row(grid, mode); place >= 0) {
        for (std::int64_t k = 0; k < width; ++k) {
          sum[k] = c[k] + s[width + k];
          sum[width + k] = c[width + k] - s[k];
        }
        store_row(place, column, sum, into, spectrum);
      }
      std::int64_t const place = place_of_row(grid, rows - mode);
      if (place >= 0 && mode != 0 && 2 * mode != rows) {
        for (std::int64_t k = 0; k < width; ++k) {
          sum[k] = c[k] - s[width + k];
          sum[width + k] = c[width + k] + s[k];
        }
        store_row(place, column, sum, into, spectrum);
      }
    }
  }
  void store_row(std::int64_t place, std::int64_t column, T const* from, Into into,
                 Matrix<T> spectrum) const {
    std::int64_t const first = (place * grid.kept_columns + column) * grid.blocks;
    std::int64_t const size = grid.features / grid.blocks;
    for_blocks(grid, strip,
               [&](std::int64_t block, std::int64_t inside, std::int64_t f, std::int64_t count) {
                 T* const to = spectrum.data + (first + block) * spectrum.stride + inside;
                 put_numbers(from + f, count, into, to);
                 put_numbers(from + strip.width + f, count, into, to + size);
               });
  }
};

}  // namespace

template <class T>
std::int64_t fourier_analysis_scratch(FourierTables<T> const& tables) {
  Strip<T> const widest(tables.grid, 0);
  return Parts<T>::size(widest.panels, tables.columns_once.folded) +
         Parts<T>::size(2 * widest.panels, tables.rows.folded) +
         2 * tables.rows.modes * 2 * widest.width +
         tables.grid.kept_columns * Analysis<T>::stride(tables.grid, widest);
}

template <class T>
void fourier_analysis(FourierTables<T> const& tables, InnerColumns inner, std::int64_t strip,
                      Matrix<T const> x, Into into, Matrix<T> spectrum, T* scratch) {
  Analysis<T> const run(tables, inner, strip, scratch);
  for (std::int64_t part = 0; part < 4; ++part) {
    run.column_parts.clear_part(part, run.columns.folded);
    run.row_parts.clear_part(part, tables.rows.folded);
  }
  for (std::int64_t row = 0; row < tables.grid.rows; ++row) run.transform_row(x, row);
  for (std::int64_t column = 0; column < tables.grid.kept_columns; ++column) {
    run.transform_column(column);
    run.store_column(column, into, spectrum);
  }
}

template <class T>
std::int64_t fourier_strips(FourierGrid const& grid) {
  std::int64_t const widest = strip_panels * panel_width<T>;
  return (grid.features + widest - 1) / widest;
}

#define CROSSJOULE_INSTANTIATE(T)                                                        \
  template std::int64_t fourier_strips<T>(FourierGrid const&);                           \
  template std::int64_t fourier_analysis_scratch<T>(FourierTables<T> const&);            \
  template void fourier_analysis<T>(FourierTables<T> const&, InnerColumns, std::int64_t, \
                                    Matrix<T const>, Into, Matrix<T>, T*);
CROSSJOULE_INSTANTIATE(float)
CROSSJOULE_INSTANTIATE(double)

}  // namespace crossjoule::kernels::cpu
