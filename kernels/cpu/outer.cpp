// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/cpu/block.hpp"
#include "kernels/cpu/dense.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace crossjoule::kernels::cpu {
namespace {

/// Rows of x in one packed panel: the panel (8 KiB) and the lines of dy it meets (8 KiB) share the
/// first cache.
constexpr std::int64_t chunk_rows = 128;

template <class T>
using Run = void (*)(Block<T> const&);
template <class T, int... index>
constexpr std::array<Run<T>, block_rows> runs_of(std::integer_sequence<int, index...>) {
  return {run_block<T, index + 1, 1, Walk::columns, Epilogue::none>...};
}
template <class T>
constexpr auto runs = runs_of<T>(std::make_integer_sequence<int, block_rows>());

/// Copy `columns` columns of `rows` rows of x side by side, zeros up to the panel's width.
template <class T>
void gather(T const* x, std::int64_t stride, std::int64_t rows, std::int64_t columns, T* panel) {
  constexpr std::int64_t width = panel_width<T>;
  for (std::int64_t r = 0; r < rows; ++r, x += stride, panel += width) {
    if (columns == width) {
      store(panel, load(x));
      store(panel + lanes<T>, load(x + lanes<T>));
    } else {
      for (std::int64_t k = 0; k < width; ++k) panel[k] = k < columns ? x[k] : T{0};
    }
  }
}

/// All outputs against one packed panel of `rows` rows; `columns` of the panel exist in dw.
template <class T>
void outer_panel(OuterProduct<T> const& g, std::int64_t row, std::int64_t rows, std::int64_t column,
                 std::int64_t columns) {
  constexpr std::int64_t width = panel_width<T>;
  T* const head = g.scratch;
  T* const aside = head + width;
  Block<T> block{.a = g.dy + row * g.dy_stride,
                 .a_stride = g.dy_stride,
                 .panel = aside + block_rows * width,
                 .head = head,
                 .panel_stride = 0,
                 .depth = rows,
                 .y = g.dw + column,
                 .y_stride = g.dw_stride,
                 .y_panel_stride = 0,
                 .operand = nullptr,
                 .operand_stride = 0,
                 .repeats = g.outputs / block_rows,
                 .start = row == 0 && g.into == Into::replace ? Start::head : Start::result,
                 .alpha = 0};
  std::int64_t const rest = g.outputs % block_rows;
  if (columns == width) {
    if (block.repeats > 0) runs<T>[block_rows - 1](block);
    block.a += block.repeats * block_rows;
    block.y += block.repeats * block_rows * g.dw_stride;
    block.repeats = 1;
    if (rest > 0) runs<T>[rest - 1](block);
    return;
  }
  block.repeats = 1;
  block.y = aside;
  block.y_stride = width;
  for (std::int64_t n = 0; n < g.outputs; n += block_rows, block.a += block_rows) {
    std::int64_t const count = std::min<std::int64_t>(block_rows, g.outputs - n);
    T* const dw = g.dw + n * g.dw_stride + column;
    if (block.start == Start::result)
      for (std::int64_t i = 0; i < count; ++i)
        std::copy_n(dw + i * g.dw_stride, columns, aside + i * width);
    runs<T>[count - 1](block);
    for (std::int64_t i = 0; i < count; ++i)
      std::copy_n(aside + i * width, columns, dw + i * g.dw_stride);
  }
}

}  // namespace

template <class T>
std::int64_t outer_scratch() {
  return (1 + block_rows + chunk_rows) * panel_width<T>;
}

template <class T>
void outer(OuterProduct<T> const& g) {
  constexpr std::int64_t width = panel_width<T>;
  if (g.rows == 0 && g.into == Into::replace)
    for (std::int64_t n = 0; n < g.outputs; ++n)
      std::fill(g.dw + n * g.dw_stride + g.first, g.dw + n * g.dw_stride + g.last, T{0});
  std::fill_n(g.scratch, (1 + block_rows) * width, T{0});
  T* const panel = g.scratch + (1 + block_rows) * width;
  for (std::int64_t column = g.first; column < g.last; column += width) {
    std::int64_t const columns = std::min(width, g.last - column);
    for (std::int64_t row = 0; row < g.rows; row += chunk_rows) {
      std::int64_t const rows = std::min(chunk_rows, g.rows - row);
      gather(g.x + row * g.x_stride + column, g.x_stride, rows, columns, panel);
      outer_panel(g, row, rows, column, columns);
    }
  }
}

template std::int64_t outer_scratch<float>();
template std::int64_t outer_scratch<double>();
template void outer<float>(OuterProduct<float> const&);
template void outer<double>(OuterProduct<double> const&);

}  // namespace crossjoule::kernels::cpu
