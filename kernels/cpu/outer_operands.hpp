// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/cpu/block.hpp"
#include "kernels/cpu/dense.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

/// How outer() brings its operands together: columns of x in panels, outputs of dy in blocks.
namespace crossjoule::kernels::cpu {

/// Rows at a time; between two such chunks the sums wait in dw. What is gathered of dy (192 KiB for
/// 256 rows in fp32) and the panels that pass by share the second cache, with what is asked for
/// ahead of the next pass.
inline constexpr std::int64_t chunk_rows = has_large_caches ? 512 : 256;
/// Outputs at a time: their columns of dy stay in the second cache while all panels of x pass by.
inline constexpr std::int64_t block_outputs = 192;
/// Columns of x that are gathered at a time: each is rearranged once, and dy once for so many.
inline constexpr std::int64_t block_columns = 768;
/// Panels filled together: whole lines are read, and few places are written at once.
inline constexpr std::int64_t panels_at_once = 4;
static_assert(block_outputs % block_rows == 0);

/// Rows [first, end), and how many come after them.
struct OuterRows {
  std::int64_t first, end, next;
  std::int64_t count() const { return end - first; }
};

/// The operands of one call, and the places of what is gathered of them in its scratch memory.
template <class T>
struct OuterOperands {
  static constexpr std::int64_t width = panel_width<T>;

  OuterProduct<T> const& g;
  T* head = g.scratch;                     ///< zeros, where sums start
  T* aside = head + width;                 ///< a block of dw whose last columns do not exist
  T* panels = aside + block_rows * width;  ///< of x: (panel, row, column)
  T* blocks = panels + chunk_rows * block_columns;  ///< of dy: (block, row, output)
  static std::int64_t scratch() {
    return (1 + block_rows) * width + chunk_rows * (block_columns + block_outputs);
  }

  /// Columns side by side: gathered, or in x itself.
  struct Panel {
    T const* first;
    std::int64_t row_stride, columns;
  };
  /// Where outputs are read from: gathered, or in dy itself.
  struct Outputs {
    T const* first;
    std::int64_t row_stride, block_stride, count;
    std::int64_t blocks() const { return (count + block_rows - 1) / block_rows; }
  };

  /// Do panels in x itself do as well as gathered ones? They begin with a line, their rows spread
  /// over all sets of the first cache (an odd number of lines apart), and few passes read them.
  bool is_read_in_place() const {
    std::int64_t const bytes = g.x_stride * static_cast<std::int64_t>(sizeof(T));
    bool const is_aligned = reinterpret_cast<std::uintptr_t>(g.x + g.first) % line_bytes == 0;
    return is_aligned && bytes % line_bytes == 0 && bytes / line_bytes % 2 == 1 &&
           g.last - g.first >= g.outputs;
  }

  /// Columns [first, last) of x in panels of their own; zeros up to the last panel's width.
  void gather_x(OuterRows const& rows, std::int64_t first, std::int64_t last) const {
    std::int64_t const whole = (last - first) / width, count = rows.count();
    for (std::int64_t p0 = 0; p0 < whole; p0 += panels_at_once) {
      std::int64_t const p1 = std::min(whole, p0 + panels_at_once);
      for (std::int64_t r = 0; r < count; ++r) {
        T const* const from = g.x + (rows.first + r) * g.x_stride + first;
        for (std::int64_t p = p0; p < p1; ++p) {
          T* const to = panels + (p * count + r) * width;
          store(to, load(from + p * width));
          store(to + lanes<T>, load(from + p * width + lanes<T>));
        }
      }
    }
    std::int64_t const rest = last - first - whole * width;
    if (rest == 0) return;
    T* to = panels + whole * count * width;
    for (std::int64_t r = 0; r < count; ++r, to += width) {
      std::copy_n(g.x + (rows.first + r) * g.x_stride + first + whole * width, rest, to);
      std::fill_n(to + rest, width - rest, T{0});
    }
  }

  /// Up to block_outputs outputs of dy from `first`, side by side in blocks of block_rows. Whole
  /// vectors are written: what goes beyond a row of a block is overwritten by the next, so the last
  /// row is exact.
  Outputs gather_dy(OuterRows const& rows, std::int64_t first) const {
    std::int64_t const count = std::min(block_outputs, g.outputs - first);
    constexpr int vectors = (block_rows + lanes<T> - 1) / lanes<T>;
    std::int64_t const whole = count / block_rows, rest = count % block_rows;
    std::int64_t const block = rows.count() * block_rows;
    for (std::int64_t r = 0; r < rows.count(); ++r) {
      T const* from = g.dy + (rows.first + r) * g.dy_stride + first;
      T* to = blocks + r * block_rows;
      if (r + 1 < rows.count())
        for (std::int64_t b = 0; b < whole; ++b, from += block_rows, to += block)
          for (int v = 0; v < vectors; ++v) store(to + v * lanes<T>, load(from + v * lanes<T>));
      else
        for (std::int64_t b = 0; b < whole; ++b, from += block_rows, to += block)
          std::memcpy(to, from, block_rows * sizeof(T));
      for (std::int64_t n = 0; n < rest; ++n) to[n] = from[n];
    }
    return {blocks, block_rows, block, count};
  }
};

}  // namespace crossjoule::kernels::cpu
