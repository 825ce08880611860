// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/cpu/block.hpp"
#include "kernels/cpu/dense.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace crossjoule::kernels::cpu {
namespace {

/// Rows at a time; between two such chunks the sums wait in dw. What is gathered of dy (192 KiB for
/// 256 rows in fp32) and the panels that pass by share the second cache.
constexpr std::int64_t chunk_rows = has_large_caches ? 512 : 256;
/// Rows that meet at once: a piece of a panel of x (16 KiB) and what it meets of dy share the first
/// cache.
constexpr std::int64_t piece_rows = 256;
/// Outputs at a time: their columns of dy stay in the second cache while all panels of x pass by.
constexpr std::int64_t block_outputs = 192;
/// Columns of x at a time: each is rearranged once, and dy once for so many of them.
constexpr std::int64_t block_columns = 768;
/// Where dy is wide, and met by panels enough, it pays to gather it; below, fewer rows meet at a
/// time, so that their lines of dy stay in a near cache.
constexpr std::int64_t gather_outputs = 192, gather_columns = 96, gather_rows = 64;
constexpr std::int64_t direct_rows = 128;
/// Panels filled together: whole lines are read, and few places are written at once.
constexpr std::int64_t panels_at_once = 4;
static_assert(block_outputs % block_rows == 0);

template <class T>
using Run = void (*)(Block<T> const&);
template <class T, int... index>
constexpr std::array<Run<T>, block_rows> runs_of(std::integer_sequence<int, index...>) {
  return {run_block<T, index + 1, 1, Walk::columns, Epilogue::none>...};
}
template <class T>
constexpr auto runs = runs_of<T>(std::make_integer_sequence<int, block_rows>());

/// One call's walk through a product, and its places in the scratch memory.
template <class T>
struct Walker {
  static constexpr std::int64_t width = panel_width<T>;

  OuterProduct<T> const& g;
  T* head = g.scratch;                     ///< zeros, where sums start
  T* aside = head + width;                 ///< a block of dw whose last columns do not exist
  T* panels = aside + block_rows * width;  ///< of x: (panel, row, column)
  T* blocks = panels + chunk_rows * block_columns;  ///< of dy: (block, row, output)

  /// Columns [first, last) of x in panels of their own; zeros up to the last panel's width.
  void gather_x(std::int64_t row, std::int64_t rows, std::int64_t first, std::int64_t last) const {
    std::int64_t const whole = (last - first) / width;
    for (std::int64_t p0 = 0; p0 < whole; p0 += panels_at_once) {
      std::int64_t const p1 = std::min(whole, p0 + panels_at_once);
      for (std::int64_t r = 0; r < rows; ++r) {
        T const* const from = g.x + (row + r) * g.x_stride + first;
        for (std::int64_t p = p0; p < p1; ++p) {
          T* const to = panels + (p * rows + r) * width;
          store(to, load(from + p * width));
          store(to + lanes<T>, load(from + p * width + lanes<T>));
        }
      }
    }
    std::int64_t const rest = last - first - whole * width;
    if (rest == 0) return;
    T* to = panels + whole * rows * width;
    for (std::int64_t r = 0; r < rows; ++r, to += width) {
      std::copy_n(g.x + (row + r) * g.x_stride + first + whole * width, rest, to);
      std::fill_n(to + rest, width - rest, T{0});
    }
  }

  /// `count` outputs of dy from `first`, side by side in blocks of block_rows. Whole vectors are
  /// written: what goes beyond a row of a block is overwritten by the next, so the last row is
  /// exact.
  void gather_dy(std::int64_t row, std::int64_t rows, std::int64_t first,
                 std::int64_t count) const {
    constexpr int vectors = (block_rows + lanes<T> - 1) / lanes<T>;
    std::int64_t const whole = count / block_rows, rest = count % block_rows;
    for (std::int64_t r = 0; r < rows; ++r) {
      T const* from = g.dy + (row + r) * g.dy_stride + first;
      T* to = blocks + r * block_rows;
      if (r + 1 < rows)
        for (std::int64_t b = 0; b < whole; ++b, from += block_rows, to += rows * block_rows)
          for (int v = 0; v < vectors; ++v) store(to + v * lanes<T>, load(from + v * lanes<T>));
      else
        for (std::int64_t b = 0; b < whole; ++b, from += block_rows, to += rows * block_rows)
          std::memcpy(to, from, block_rows * sizeof(T));
      for (std::int64_t n = 0; n < rest; ++n) to[n] = from[n];
    }
  }

  /// Where outputs are read from: gathered, or in dy itself.
  struct Outputs {
    T const* first;
    std::int64_t row_stride, block_stride;
    std::int64_t count;
  };

  /// Outputs against panel `panel` of `columns` columns, whose sums go to dw.
  void multiply(std::int64_t rows, std::int64_t panel, std::int64_t columns, Outputs const& outputs,
                T* dw, Start start) const {
    std::int64_t const pieces = (rows + piece_rows - 1) / piece_rows;
    for (std::int64_t piece = 0; piece < pieces; ++piece, start = Start::result) {
      std::int64_t const first = rows * piece / pieces, last = rows * (piece + 1) / pieces;
      Block<T> block{.a = outputs.first + first * outputs.row_stride,
                     .a_stride = outputs.row_stride,
                     .panel = panels + (panel * rows + first) * width,
                     .head = head,
                     .panel_stride = 0,
                     .depth = last - first,
                     .y = dw,
                     .y_stride = g.dw_stride,
                     .y_panel_stride = 0,
                     .operand = nullptr,
                     .operand_stride = 0,
                     .repeats = 1,
                     .start = start,
                     .alpha = 0};
      for (std::int64_t n = 0; n < outputs.count; n += block_rows) {
        std::int64_t const count = std::min<std::int64_t>(block_rows, outputs.count - n);
        columns == width ? runs<T>[count - 1](block) : multiply_aside(block, count, columns);
        block.a += outputs.block_stride;
        block.y += count * g.dw_stride;
      }
    }
  }
  /// The numbers after the last column belong to somebody else: compute aside.
  void multiply_aside(Block<T> block, std::int64_t outputs, std::int64_t columns) const {
    T* const dw = std::exchange(block.y, aside);
    block.y_stride = width;
    if (block.start == Start::result)
      for (std::int64_t i = 0; i < outputs; ++i)
        std::copy_n(dw + i * g.dw_stride, columns, aside + i * width);
    runs<T>[outputs - 1](block);
    for (std::int64_t i = 0; i < outputs; ++i)
      std::copy_n(aside + i * width, columns, dw + i * g.dw_stride);
  }

  Start start_at(std::int64_t row) const {
    return row == 0 && g.into == Into::replace ? Start::head : Start::result;
  }

  /// Rows [row, row + rows) added on for columns [first, last) and all outputs.
  void run(std::int64_t row, std::int64_t rows, std::int64_t first, std::int64_t last) const {
    gather_x(row, rows, first, last);
    for (std::int64_t n = 0; n < g.outputs; n += block_outputs) {
      std::int64_t const count = std::min(block_outputs, g.outputs - n);
      gather_dy(row, rows, n, count);
      Outputs const outputs{blocks, block_rows, rows * block_rows, count};
      for (std::int64_t column = first, panel = 0; column < last; column += width, ++panel)
        multiply(rows, panel, std::min(width, last - column), outputs,
                 g.dw + n * g.dw_stride + column, start_at(row));
    }
  }
  /// The same for few panels, where gathering dy would not pay: panel by panel.
  void run_directly(std::int64_t row, std::int64_t rows) const {
    Outputs const outputs{g.dy + row * g.dy_stride, g.dy_stride, block_rows, g.outputs};
    for (std::int64_t column = g.first; column < g.last; column += width) {
      std::int64_t const columns = std::min(width, g.last - column);
      gather_x(row, rows, column, column + columns);
      multiply(rows, 0, columns, outputs, g.dw + column, start_at(row));
    }
  }
};

}  // namespace

template <class T>
std::int64_t outer_scratch() {
  return (1 + block_rows) * panel_width<T> + chunk_rows * (block_columns + block_outputs);
}

template <class T>
void outer(OuterProduct<T> const& g) {
  if (g.rows == 0 && g.into == Into::replace)
    for (std::int64_t n = 0; n < g.outputs; ++n)
      std::fill(g.dw + n * g.dw_stride + g.first, g.dw + n * g.dw_stride + g.last, T{0});
  Walker<T> const walker{g};
  std::fill_n(walker.head, (1 + block_rows) * panel_width<T>, T{0});
  bool const gathers =
      g.outputs >= gather_outputs && g.last - g.first >= gather_columns && g.rows >= gather_rows;
  if (!gathers) {
    for (std::int64_t row = 0; row < g.rows; row += direct_rows)
      walker.run_directly(row, std::min(direct_rows, g.rows - row));
    return;
  }
  std::int64_t const chunks = (g.rows + chunk_rows - 1) / chunk_rows;
  for (std::int64_t first = g.first; first < g.last; first += block_columns)
    for (std::int64_t chunk = 0; chunk < chunks; ++chunk) {
      std::int64_t const row = g.rows * chunk / chunks;
      walker.run(row, g.rows * (chunk + 1) / chunks - row, first,
                 std::min(g.last, first + block_columns));
    }
}

template std::int64_t outer_scratch<float>();
template std::int64_t outer_scratch<double>();
template void outer<float>(OuterProduct<float> const&);
template void outer<double>(OuterProduct<double> const&);

}  // namespace crossjoule::kernels::cpu
