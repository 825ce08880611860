// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/cpu/ahead.hpp"
#include "kernels/cpu/outer_operands.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace crossjoule::kernels::cpu {
namespace {

/// Rows that meet at once: a piece of a panel of x (16 KiB) and what it meets of dy share the first
/// cache.
constexpr std::int64_t piece_rows = 256;
/// Where dy is wide, and met by panels enough, it pays to gather it; below, fewer rows meet at a
/// time, so that their lines of dy stay in a near cache.
constexpr std::int64_t gather_outputs = 192, gather_columns = 96, gather_rows = 64;
constexpr std::int64_t direct_rows = 128;

template <class T>
using Run = void (*)(Block<T> const&);
template <class T, int... index>
constexpr std::array<Run<T>, block_rows> runs_of(std::integer_sequence<int, index...>) {
  return {run_block<T, index + 1, 1, Walk::columns, Epilogue::none>...};
}
template <class T>
constexpr auto runs = runs_of<T>(std::make_integer_sequence<int, block_rows>());

using Rows = OuterRows;

/// One call's walk through a product.
template <class T>
struct Walker : OuterOperands<T> {
  using Operands = OuterOperands<T>;
  using Operands::aside, Operands::g, Operands::gather_dy, Operands::gather_x, Operands::head,
      Operands::panels, Operands::width;
  using typename Operands::Outputs;
  using typename Operands::Panel;

  /// Columns of dy summed while they are near.
  void sum(Rows const& rows, std::int64_t first, std::int64_t count) const {
    if (g.sums)
      column_sums<T>({g.dy + rows.first * g.dy_stride + first, rows.count(), count, g.dy_stride},
                     rows.first == 0 ? g.into : Into::add, g.sums + first);
  }

  /// Outputs against a panel, whose sums go to dw.
  void multiply(Rows const& rows, Panel const& panel, Outputs const& outputs, T* dw, Ahead<T>& of_x,
                Ahead<T>& of_dy) const {
    std::int64_t const count = rows.count(), pieces = pieces_of(count);
    Start start = rows.first == 0 && g.into == Into::replace ? Start::head : Start::result;
    for (std::int64_t piece = 0; piece < pieces; ++piece, start = Start::result) {
      std::int64_t const first = count * piece / pieces, last = count * (piece + 1) / pieces;
      Block<T> block{.a = outputs.first + first * outputs.row_stride,
                     .a_stride = outputs.row_stride,
                     .panel = panel.first + first * panel.row_stride,
                     .head = head,
                     .panel_stride = panel.row_stride,
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
        std::int64_t const some = std::min<std::int64_t>(block_rows, outputs.count - n);
        of_x.ask();
        of_dy.ask();
        panel.columns == width ? runs<T>[some - 1](block)
                               : multiply_aside(block, some, panel.columns);
        block.a += outputs.block_stride;
        block.y += some * g.dw_stride;
      }
    }
  }
  static std::int64_t pieces_of(std::int64_t rows) { return (rows + piece_rows - 1) / piece_rows; }

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

  /// What a pass over outputs [n, n + block_outputs) wants of dy next: more outputs of the same
  /// rows, or the first ones of the next rows.
  Ahead<T> dy_after(Rows const& rows, std::int64_t n) const {
    std::int64_t const next = n + block_outputs;
    if (next < g.outputs)
      return {g.dy + rows.first * g.dy_stride + next, g.dy_stride, rows.count(),
              std::min(block_outputs, g.outputs - next)};
    return {g.dy + rows.end * g.dy_stride, g.dy_stride, rows.next,
            std::min(block_outputs, g.outputs)};
  }
  /// Where x is gathered, what one of `passes` wants: its share of the next rows.
  Ahead<T> x_after(Rows const& rows, std::int64_t first, std::int64_t last, std::int64_t pass,
                   std::int64_t passes) const {
    std::int64_t const from = rows.next * pass / passes, to = rows.next * (pass + 1) / passes;
    return {g.x + (rows.end + from) * g.x_stride + first, g.x_stride, to - from, last - first};
  }
  /// Where x is read in place, what the panel at `column` wants: the next panel of this pass, of
  /// the next pass or of the next rows.
  Ahead<T> x_after_panel(Rows const& rows, std::int64_t column, bool is_last_pass) const {
    T const* const here = g.x + rows.first * g.x_stride;
    if (column + width < g.last) return {here + column + width, g.x_stride, rows.count(), width};
    if (!is_last_pass) return {here + g.first, g.x_stride, rows.count(), width};
    return {g.x + rows.end * g.x_stride + g.first, g.x_stride, rows.next, width};
  }

  /// Rows added on for columns [first, last), which were gathered, and all outputs.
  void run(Rows const& rows, std::int64_t first, std::int64_t last) const {
    gather_x(rows, first, last);
    std::int64_t const passes = (g.outputs + block_outputs - 1) / block_outputs;
    for (std::int64_t pass = 0; pass < passes; ++pass) {
      std::int64_t const n = pass * block_outputs;
      Outputs const outputs = gather_dy(rows, n);
      if (first == g.first) sum(rows, n, outputs.count);
      std::int64_t const calls = outputs.blocks() * pieces_of(rows.count());
      std::int64_t const panel_count = (last - first + width - 1) / width;
      Ahead<T> of_dy = dy_after(rows, n).within(calls * panel_count);
      Ahead<T> of_x = x_after(rows, first, last, pass, passes).within(calls * panel_count);
      for (std::int64_t p = 0; p < panel_count; ++p) {
        std::int64_t const column = first + p * width;
        Panel const panel{panels + p * rows.count() * width, width, std::min(width, last - column)};
        multiply(rows, panel, outputs, g.dw + n * g.dw_stride + column, of_x, of_dy);
      }
    }
  }
  /// The same for all columns, read in place.
  void run_in_place(Rows const& rows) const {
    for (std::int64_t n = 0; n < g.outputs; n += block_outputs) {
      Outputs const outputs = gather_dy(rows, n);
      sum(rows, n, outputs.count);
      std::int64_t const calls = outputs.blocks() * pieces_of(rows.count());
      std::int64_t const panel_count = (g.last - g.first + width - 1) / width;
      Ahead<T> of_dy = dy_after(rows, n).within(calls * panel_count);
      for (std::int64_t column = g.first; column < g.last; column += width) {
        Ahead<T> of_x = x_after_panel(rows, column, n + block_outputs >= g.outputs).within(calls);
        Panel panel{g.x + rows.first * g.x_stride + column, g.x_stride,
                    std::min(width, g.last - column)};
        if (panel.columns < width) {
          gather_x(rows, column, g.last);
          panel = {panels, width, panel.columns};
        }
        multiply(rows, panel, outputs, g.dw + n * g.dw_stride + column, of_x, of_dy);
      }
    }
  }
  /// The same for few panels, where gathering dy would not pay: panel by panel.
  void run_directly(Rows const& rows) const {
    Outputs const outputs{g.dy + rows.first * g.dy_stride, g.dy_stride, block_rows, g.outputs};
    sum(rows, 0, g.outputs);
    Ahead<T> nothing;
    for (std::int64_t column = g.first; column < g.last; column += width) {
      std::int64_t const columns = std::min(width, g.last - column);
      gather_x(rows, column, column + columns);
      multiply(rows, {panels, width, columns}, outputs, g.dw + column, nothing, nothing);
    }
  }
};

}  // namespace

template <class T>
std::int64_t outer_scratch() {
  return OuterOperands<T>::scratch();
}

template <class T>
void outer(OuterProduct<T> const& g) {
  if (g.rows == 0 && g.into == Into::replace)
    for (std::int64_t n = 0; n < g.outputs; ++n)
      std::fill(g.dw + n * g.dw_stride + g.first, g.dw + n * g.dw_stride + g.last, T{0});
  if (g.rows == 0 && g.into == Into::replace && g.sums) std::fill_n(g.sums, g.outputs, T{0});
  Walker<T> const walker{{g}};
  std::fill_n(walker.head, (1 + block_rows) * panel_width<T>, T{0});
  bool const gathers =
      g.outputs >= gather_outputs && g.last - g.first >= gather_columns && g.rows >= gather_rows;
  if (!gathers) {
    for (std::int64_t row = 0; row < g.rows; row += direct_rows)
      walker.run_directly({row, std::min(row + direct_rows, g.rows), 0});
    return;
  }
  std::int64_t const chunks = (g.rows + chunk_rows - 1) / chunk_rows;
  auto const rows_of = [&](std::int64_t chunk) {
    auto const row_at = [&](std::int64_t n) { return g.rows * std::min(n, chunks) / chunks; };
    return Rows{row_at(chunk), row_at(chunk + 1), row_at(chunk + 2) - row_at(chunk + 1)};
  };
  if (walker.is_read_in_place()) {
    for (std::int64_t chunk = 0; chunk < chunks; ++chunk) walker.run_in_place(rows_of(chunk));
    return;
  }
  for (std::int64_t first = g.first; first < g.last; first += block_columns)
    for (std::int64_t chunk = 0; chunk < chunks; ++chunk)
      walker.run(rows_of(chunk), first, std::min(g.last, first + block_columns));
}

template std::int64_t outer_scratch<float>();
template std::int64_t outer_scratch<double>();
template void outer<float>(OuterProduct<float> const&);
template void outer<double>(OuterProduct<double> const&);

}  // namespace crossjoule::kernels::cpu
