// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/cpu/epilogue.hpp"
#include "kernels/cpu/simd.hpp"

namespace crossjoule::kernels::cpu {

/// Columns of one packed panel: two vectors.
template <class T>
inline constexpr int panel_width = 2 * lanes<T>;
/// Rows of the largest register block: with two vectors a row it leaves registers for the panel and
/// for the broadcast number.
inline constexpr int block_rows = vector_registers == 32 ? 12 : 6;
/// Processors with wide vectors have second caches of 1 MiB and more, others of 512 KiB.
inline constexpr bool has_large_caches = vector_bytes == 64;
/// How far ahead of use a panel is asked for where it is read once: about 1 KiB hides the latency
/// of the last-level cache at one line in three cycles.
inline constexpr int prefetch_bytes = 1024;

/// How a register block walks through its left operand A: `rows` has one row of A per row of the
/// result (stride between rows, k contiguous); `columns` has k as the slow index, and may have it
/// so in the panel too.
enum class Walk { rows, columns };
/// What a register block starts from: the head row of the panel (bias), or what y holds.
enum class Start { head, result };

/// y[i, 0..width) = epilogue(start + sum_k A[i, k] panel[k, 0..width)), a few rows i at a time.
///
/// Every element is one chain of fused multiply-adds over rising k, whatever the block's shape: the
/// bits of a row do not depend on which rows or panels are computed with it.
template <class T>
struct Block {
  T const* a;                 ///< first row, first k
  std::int64_t a_stride;      ///< numbers between rows (Walk::rows) or between k (Walk::columns)
  T const* panel;             ///< first k of the first panel
  T const* head;              ///< head row of the first panel, for Start::head
  std::int64_t panel_stride;  ///< numbers between panels computed at once (Walk::rows) or between k
                              ///< of the one panel (Walk::columns)
  std::int64_t depth;         ///< number of k, at least 1
  T* y;
  std::int64_t y_stride;        ///< numbers between rows of y
  std::int64_t y_panel_stride;  ///< numbers between the columns of panels computed at once
  T const* operand;             ///< for gradient epilogues: what the derivative is computed from
  std::int64_t operand_stride;  ///< numbers between their rows
  std::int64_t repeats;         ///< register blocks, one below the other, at least 1
  Start start;
  T alpha;                       ///< of the epilogue
  T const* ahead = nullptr;      ///< what the second cache should have when these blocks are done
  std::int64_t ahead_lines = 0;  ///< lines of it to ask for in each register block
};

inline constexpr std::int64_t line_bytes = 64;

/// Source of vector v of the panels computed at once.
template <class T>
CROSSJOULE_INLINE std::int64_t vector_at(int v, std::int64_t panel_stride) {
  return (v / 2) * panel_stride + (v % 2) * lanes<T>;
}

/// sum += A panel for one register block: `rows` broadcasts and 2 `panels` loads feed 2 rows *
/// panels multiply-adds per k.
template <class T, int rows, int panels, Walk walk>
CROSSJOULE_INLINE void multiply_block(T const* a, T const* panel, Block<T> const& g,
                                      Vector<T> (&sum)[rows][2 * panels]) {
  std::int64_t k = g.depth;
  do {
    if constexpr (walk == Walk::rows && rows < block_rows) {  // few rows: panels are read once
#pragma GCC unroll 16
      for (int p = 0; p < panels; ++p)
        __builtin_prefetch(panel + p * g.panel_stride + prefetch_bytes / sizeof(T));
    }
    Vector<T> b[2 * panels];
#pragma GCC unroll 16
    for (int v = 0; v < 2 * panels; ++v) b[v] = load(panel + vector_at<T>(v, g.panel_stride));
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i) {
      T const factor = walk == Walk::rows ? a[i * g.a_stride] : a[i];
#pragma GCC unroll 16
      for (int v = 0; v < 2 * panels; ++v) sum[i][v] += factor * b[v];
    }
    a += walk == Walk::rows ? 1 : g.a_stride;
    panel += walk == Walk::rows ? panel_width<T> : g.panel_stride;
  } while (--k > 0);
}

/// Run `repeats` blocks of `rows` x (`panels` * panel_width).
template <class T, int rows, int panels, Walk walk, Epilogue epilogue>
void run_block(Block<T> const& block) {
  constexpr int vectors = 2 * panels;
  Block<T> g = block;
  do {
    Vector<T> sum[rows][vectors];
    for (std::int64_t line = 0; line < g.ahead_lines; ++line, g.ahead += line_bytes / sizeof(T))
      __builtin_prefetch(g.ahead, 0, 2);
    if (g.start == Start::head) {
#pragma GCC unroll 16
      for (int v = 0; v < vectors; ++v) {
        Vector<T> const head = load(g.head + vector_at<T>(v, g.panel_stride));
#pragma GCC unroll 16
        for (int i = 0; i < rows; ++i) sum[i][v] = head;
      }
    } else {
#pragma GCC unroll 16
      for (int v = 0; v < vectors; ++v)
#pragma GCC unroll 16
        for (int i = 0; i < rows; ++i)
          sum[i][v] = load(g.y + i * g.y_stride + vector_at<T>(v, g.y_panel_stride));
      if constexpr (panels == 1) {  // the sums of the next block
#pragma GCC unroll 16
        for (int i = 0; i < rows; ++i) __builtin_prefetch(g.y + (rows + i) * g.y_stride, 1);
      }
    }
    multiply_block<T, rows, panels, walk>(g.a, g.panel, g, sum);
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i)
#pragma GCC unroll 16
      for (int v = 0; v < vectors; ++v) {
        auto const at = vector_at<T>(v, g.y_panel_stride);
        T const* operand = nullptr;
        if constexpr (is_gradient(epilogue)) operand = g.operand + i * g.operand_stride + at;
        store(g.y + i * g.y_stride + at, apply<T, epilogue>(sum[i][v], operand, g.alpha));
      }
    g.a += rows * (walk == Walk::rows ? g.a_stride : 1);
    g.y += rows * g.y_stride;
    if constexpr (is_gradient(epilogue)) g.operand += rows * g.operand_stride;
  } while (--g.repeats > 0);
}

}  // namespace crossjoule::kernels::cpu
