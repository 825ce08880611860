// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/cpu/fourier.hpp"
#include "kernels/cpu/fourier_fold.hpp"

namespace crossjoule::kernels::cpu {
namespace {

template <class T>
std::int64_t deepest(FourierAxis<T> const& axis) {
  return std::max(axis.depth_of(0), axis.depth_of(axis.parities - 1));
}

/// Where things lie in the scratch of one strip.
template <class T>
struct Synthesis {
  FourierTables<T> const& tables;
  FourierAxis<T> const& columns;
  FourierGrid const& grid;
  Strip<T> strip;
  Parts<T> row_parts;
  std::int64_t half_way_size;  ///< numbers of the parts of one row of points
  T *products,                 ///< of either axis: (part, folded, width)
      *half_way;               ///< for each row of points the parts of its products

  Synthesis(FourierTables<T> const& all, InnerColumns inner, std::int64_t index, T* scratch)
      : tables(all),
        columns(all.columns(inner)),
        grid(all.grid),
        strip(grid, index),
        row_parts{scratch, 2 * strip.panels, deepest(all.rows)},
        half_way_size(Parts<T>::size(strip.panels, deepest(columns))),
        products(scratch + Parts<T>::size(row_parts.panels, row_parts.deepest)),
        half_way(products + products_size(all, strip)) {}
  static std::int64_t products_size(FourierTables<T> const& all, Strip<T> const& strip) {
    return 4 * strip.width * std::max(all.columns_once.folded, 2 * all.rows.folded);
  }
  Parts<T> column_parts(std::int64_t row) const {
    return {half_way + row * half_way_size, strip.panels, deepest(columns)};
  }

  /// One row of a column of the spectrum, real parts first; zeros where it is not kept.
  void load_row(Matrix<T const> spectrum, std::int64_t row, std::int64_t column, T* to) const {
    std::int64_t const place = place_of_row(grid, row);
    if (place < 0) {
      std::fill_n(to, 2 * strip.width, T{0});
      return;
    }
    std::int64_t const first = (place * grid.kept_columns + column) * grid.blocks;
    std::int64_t const size = grid.features / grid.blocks;
    for_blocks(grid, strip,
               [&](std::int64_t block, std::int64_t inside, std::int64_t f, std::int64_t count) {
                 T const* const from = spectrum.data + (first + block) * spectrum.stride + inside;
                 put_numbers(from, count, Into::replace, to + f);
                 put_numbers(from + size, count, Into::replace, to + strip.width + f);
               });
  }

  /// Sums of rows u and (rows - u) meet the cosines, i times their differences the sines.
  void fold_column(Matrix<T const> spectrum, std::int64_t column) const {
    FourierAxis<T> const& axis = tables.rows;
    std::int64_t const width = strip.width;
    alignas(vector_bytes) T near[2 * strip_panels * panel_width<T>] = {};
    alignas(vector_bytes) T far[2 * strip_panels * panel_width<T>] = {};
    for (std::int64_t m = 0; m < axis.modes; ++m) {
      std::int64_t const mode = axis.first_mode + m, parity = axis.parity_at(m);
      bool const is_pair = mode != 0 && 2 * mode != grid.rows;
      load_row(spectrum, mode, column, near);
      if (is_pair)
        load_row(spectrum, grid.rows - mode, column, far);
      else
        std::fill_n(far, 2 * width, T{0});
      std::int64_t const depth = axis.depth_of(parity);
      std::int64_t const at = (m - axis.first_of(parity)) / axis.parities * panel_width<T>;
      for (std::int64_t p = 0; p < strip.panels; ++p) {
        T* const re = row_parts.panel(parity, depth, p) + at;
        T* const im = row_parts.panel(parity, depth, p + strip.panels) + at;
        T* const sine_re = row_parts.panel(2 + parity, depth, p) + at;
        T* const sine_im = row_parts.panel(2 + parity, depth, p + strip.panels) + at;
        T const *const a = near + p * panel_width<T>, *const b = far + p * panel_width<T>;
        for (std::int64_t k = 0; k < panel_width<T>; ++k) {
          re[k] = a[k] + b[k];
          im[k] = a[width + k] + b[width + k];
          sine_re[k] = b[width + k] - a[width + k];
          sine_im[k] = a[k] - b[k];
        }
      }
    }
  }

  /// Along the rows of one column of the spectrum; the results are where transform_row wants them.
  void transform_column(std::int64_t column) const {
    std::int64_t const width = 2 * strip.width, parity = columns.parity_at(column);
    std::int64_t const depth = columns.depth_of(parity);
    std::int64_t const at = (column - columns.first_of(parity)) / columns.parities * panel_width<T>;
    multiply_synthesis(tables.rows, row_parts, width, products);
    for (std::int64_t p = 0; p < row_parts.panels; ++p) {
      std::array<T const*, 4> from;
      for (int part = 0; part < 4; ++part)
        from[part] = products + part * tables.rows.folded * width + p * panel_width<T>;
      std::int64_t const part = 2 * (p / strip.panels) + parity;
      T* const to = column_parts(0).panel(part, depth, p % strip.panels) + at;
      unfold(tables.rows, from, width, [&](std::int64_t t, int v, Vector<T> value) {
        store(to + t * half_way_size + v * lanes<T>, value);
      });
    }
  }

  /// Along the columns of one row of points.
  void transform_row(std::int64_t row, Into into, Matrix<T> y) const {
    multiply_synthesis(columns, column_parts(row), strip.width, products);
    T* const to = y.data + row * grid.columns * y.stride + strip.first;
    for (std::int64_t p = 0; p < strip.panels; ++p) {
      std::int64_t const count = strip.count - p * panel_width<T>;
      T* const panel = to + p * panel_width<T>;
      std::array<T const*, 4> from;
      for (int part = 0; part < 4; ++part)
        from[part] = products + part * columns.folded * strip.width + p * panel_width<T>;
      if (count >= panel_width<T>)
        unfold(columns, from, strip.width, [&](std::int64_t t, int v, Vector<T> value) {
          T* const at = panel + t * y.stride + v * lanes<T>;
          store(at, into == Into::add ? load(at) + value : value);
        });
      else
        unfold(columns, from, strip.width, [&](std::int64_t t, int v, Vector<T> value) {
          T some[lanes<T>];
          store(some, value);
          std::int64_t const left = std::clamp<std::int64_t>(count - v * lanes<T>, 0, lanes<T>);
          put_numbers(some, left, into, panel + t * y.stride + v * lanes<T>);
        });
    }
  }
};

}  // namespace

template <class T>
std::int64_t fourier_synthesis_scratch(FourierTables<T> const& tables) {
  Strip<T> const widest(tables.grid, 0);
  return Parts<T>::size(2 * widest.panels, deepest(tables.rows)) +
         Synthesis<T>::products_size(tables, widest) +
         tables.grid.rows * Parts<T>::size(widest.panels, deepest(tables.columns_once));
}

template <class T>
void fourier_synthesis(FourierTables<T> const& tables, InnerColumns inner, std::int64_t strip,
                       Matrix<T const> spectrum, Into into, Matrix<T> y, T* scratch) {
  Synthesis<T> const run(tables, inner, strip, scratch);
  for (std::int64_t part = 0; part < 4; ++part) {
    run.row_parts.clear_part(part, tables.rows.depth_of(part % tables.rows.parities));
    for (std::int64_t row = 0; row < tables.grid.rows; ++row)
      run.column_parts(row).clear_part(part, run.columns.depth_of(part % run.columns.parities));
  }
  for (std::int64_t column = 0; column < tables.grid.kept_columns; ++column) {
    run.fold_column(spectrum, column);
    run.transform_column(column);
  }
  for (std::int64_t row = 0; row < tables.grid.rows; ++row) run.transform_row(row, into, y);
}

#define CROSSJOULE_INSTANTIATE(T)                                                         \
  template std::int64_t fourier_synthesis_scratch<T>(FourierTables<T> const&);            \
  template void fourier_synthesis<T>(FourierTables<T> const&, InnerColumns, std::int64_t, \
                                     Matrix<T const>, Into, Matrix<T>, T*);
CROSSJOULE_INSTANTIATE(float)
CROSSJOULE_INSTANTIATE(double)

}  // namespace crossjoule::kernels::cpu
