// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/cpu/block.hpp"
#include "kernels/cpu/dense.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace crossjoule::kernels::cpu {
namespace {

/// Panels computed at once for a given number of rows: enough independent sums (8 or more) to keep
/// both multiply-add units busy, no more than the registers hold.
constexpr int panels_at_once(int rows) {
  int const budget = vector_registers == 32 ? 24 : 12;
  return rows == 1 ? 4 : std::max(1, budget / (2 * rows) >= 2 ? 2 : 1);
}

template <class T>
using Run = void (*)(Block<T> const&);
/// Kernels by rows - 1: one panel, and as many panels as panels_at_once says.
template <class T>
struct Kernels {
  std::array<Run<T>, block_rows> single, several;
};

template <class T, Epilogue epilogue, int... index>
constexpr Kernels<T> kernels_of(std::integer_sequence<int, index...>) {
  return {{run_block<T, index + 1, 1, Walk::rows, epilogue>...},
          {run_block<T, index + 1, panels_at_once(index + 1), Walk::rows, epilogue>...}};
}
template <class T, Epilogue epilogue>
constexpr Kernels<T> kernels =
    kernels_of<T, epilogue>(std::make_integer_sequence<int, block_rows>());

template <class T>
Kernels<T> const& kernels_for(Epilogue epilogue) {
  switch (epilogue) {
    case Epilogue::relu: return kernels<T, Epilogue::relu>;
    case Epilogue::elu: return kernels<T, Epilogue::elu>;
    case Epilogue::gelu: return kernels<T, Epilogue::gelu>;
    case Epilogue::soft_shrink: return kernels<T, Epilogue::soft_shrink>;
    case Epilogue::leaky_relu: return kernels<T, Epilogue::leaky_relu>;
    case Epilogue::relu_gradient: return kernels<T, Epilogue::relu_gradient>;
    case Epilogue::elu_gradient: return kernels<T, Epilogue::elu_gradient>;
    case Epilogue::gelu_gradient: return kernels<T, Epilogue::gelu_gradient>;
    case Epilogue::soft_shrink_gradient: return kernels<T, Epilogue::soft_shrink_gradient>;
    case Epilogue::leaky_relu_gradient: return kernels<T, Epilogue::leaky_relu_gradient>;
    case Epilogue::none: break;
  }
  return kernels<T, Epilogue::none>;
}

/// One block whose last columns do not exist in y: compute aside, then copy what exists.
template <class T>
void run_narrow(Run<T> run, Block<T> block, int rows, std::int64_t columns) {
  constexpr int width = panel_width<T>;
  alignas(vector_bytes) T aside[block_rows * width] = {}, operand[block_rows * width] = {};
  for (int i = 0; i < rows; ++i) {
    if (block.start == Start::result)
      std::copy_n(block.y + i * block.y_stride, columns, aside + i * width);
    if (block.operand)
      std::copy_n(block.operand + i * block.operand_stride, columns, operand + i * width);
  }
  T* const y = std::exchange(block.y, aside);
  std::int64_t const y_stride = std::exchange(block.y_stride, width);
  block.operand = operand;
  block.operand_stride = width;
  run(block);
  for (int i = 0; i < rows; ++i) std::copy_n(aside + i * width, columns, y + i * y_stride);
}

/// Deepest piece of a panel. 256 numbers deep for either width: 16 KiB share the first cache (32
/// KiB) with the rows they meet, 32 KiB of a wide panel may come from the second one in time.
constexpr std::int64_t panel_bytes = (has_large_caches ? 32 : 16) * 1024;
/// As much of x as stays in the second cache while all panels pass by.
constexpr std::int64_t resident_bytes = (has_large_caches ? 720 : 360) * 1024;
/// With this many register blocks a panel, asking for the next panel costs next to nothing.
constexpr std::int64_t many_blocks = 10;

std::int64_t pieces(std::int64_t size, std::int64_t largest) {
  return (size + largest - 1) / largest;
}

template <class T>
struct Walker {
  Product<T> const& g;
  Kernels<T> const &last_chunk = kernels_for<T>(g.epilogue.kind),
                   &inner_chunk = kernels_for<T>(Epilogue::none);
  std::int64_t panels = (g.columns + panel_width<T> - 1) / panel_width<T>;
  std::int64_t panel_size = (g.depth + 1) * panel_width<T>;
  /// Where both have room for whole panels, vectors need no care at the last column.
  bool is_wide = g.y_stride >= panels * panel_width<T> &&
                 (!g.operand || g.operand_stride >= panels * panel_width<T>);

  Block<T> block_at(std::int64_t row, std::int64_t panel, std::int64_t k0, std::int64_t k1) const {
    T const* const head = g.packed + panel * panel_size;
    std::int64_t const column = panel * panel_width<T>;
    return {.a = g.x + row * g.x_stride + k0,
            .a_stride = g.x_stride,
            .panel = head + (k0 + 1) * panel_width<T>,
            .head = head,
            .panel_stride = panel_size,
            .depth = k1 - k0,
            .y = g.y + row * g.y_stride + column,
            .y_stride = g.y_stride,
            .y_panel_stride = panel_width<T>,
            .operand = g.operand ? g.operand + row * g.operand_stride + column : nullptr,
            .operand_stride = g.operand_stride,
            .repeats = 1,
            .start = k0 > 0 || g.into == Into::add ? Start::result : Start::head,
            .alpha = static_cast<T>(g.epilogue.alpha)};
  }

  /// Rows [first, last) in blocks of nearly equal size: none is left with one or two rows.
  void run_rows(Kernels<T> const& kernels, Block<T> block, std::int64_t first,
                std::int64_t last) const {
    if (first >= last) return;
    std::int64_t const blocks = (last - first + block_rows - 1) / block_rows;
    std::int64_t const rows = (last - first) / blocks, larger = (last - first) % blocks;
    block.repeats = larger;
    if (larger > 0) kernels.single[rows](block);
    block.a += larger * (rows + 1) * g.x_stride;
    block.y += larger * (rows + 1) * g.y_stride;
    if (block.operand) block.operand += larger * (rows + 1) * g.operand_stride;
    block.ahead += larger * block.ahead_lines * (line_bytes / sizeof(T));
    block.repeats = blocks - larger;
    kernels.single[rows - 1](block);
  }
  /// The same for a last panel that y has no room for.
  void run_narrow_rows(Kernels<T> const& kernels, std::int64_t panel, std::int64_t k0,
                       std::int64_t k1, std::int64_t first, std::int64_t last) const {
    for (std::int64_t row = first; row < last; row += block_rows) {
      int const rows = static_cast<int>(std::min<std::int64_t>(block_rows, last - row));
      run_narrow<T>(kernels.single[rows - 1], block_at(row, panel, k0, k1), rows,
                    g.columns - panel * panel_width<T>);
    }
  }

  /// All panels for one block of rows: each panel is read once, several at a time.
  void few_rows() const {
    int const rows = static_cast<int>(g.rows);
    std::int64_t const whole = is_wide ? panels : g.columns / panel_width<T>;
    std::int64_t const at_once = panels_at_once(rows), groups = whole / at_once;
    for (std::int64_t group = 0; group < groups; ++group) {
      // panels a stride of `groups` apart: each of them reads on in memory from group to group
      Block<T> block = block_at(0, group, 0, g.depth);
      block.panel_stride = groups * panel_size;
      block.y_panel_stride = groups * panel_width<T>;
      last_chunk.several[rows - 1](block);
    }
    for (std::int64_t panel = groups * at_once; panel < whole; ++panel)
      last_chunk.single[rows - 1](block_at(0, panel, 0, g.depth));
    if (whole < panels) run_narrow_rows(last_chunk, whole, 0, g.depth, 0, rows);
  }

  /// Rows at the end whose last panel must not be written whole. All earlier rows may write past
  /// their end: what they spoil lies in rows or panels that are computed later.
  std::int64_t narrow_rows(std::int64_t depth_at_once) const {
    if (is_wide) return 0;
    if (depth_at_once < g.depth || g.into == Into::add || g.operand) return g.rows;
    std::int64_t const excess = panels * panel_width<T> - g.columns;
    return std::min(g.rows, (excess + g.y_stride - 1) / g.y_stride);
  }

  /// Panels against k in [first_k, last_k) of all rows; each piece of a panel meets all rows while
  /// it is in the first cache. Last panel first (narrow_rows).
  void many_rows(std::int64_t first_k, std::int64_t last_k) const {
    std::int64_t const depth = last_k - first_k;
    std::int64_t const chunks = pieces(depth, panel_bytes / (panel_width<T> * sizeof(T)));
    for (std::int64_t panel = panels; panel-- > 0;) {
      std::int64_t const whole =
          panel + 1 == panels ? g.rows - narrow_rows(pieces(depth, chunks)) : g.rows;
      for (std::int64_t chunk = 0; chunk < chunks; ++chunk) {
        std::int64_t const k0 = first_k + depth * chunk / chunks,
                           k1 = first_k + depth * (chunk + 1) / chunks;
        Kernels<T> const& kernels = k1 == g.depth ? last_chunk : inner_chunk;
        Block<T> block = block_at(0, panel, k0, k1);
        if (chunk + 1 < chunks)
          look_ahead(block, block.panel + (k1 - k0) * panel_width<T>);
        else if (panel > 0)
          look_ahead(block, block.head - panel_size + (first_k + 1) * panel_width<T>);
        run_rows(kernels, block, 0, whole);
        run_narrow_rows(kernels, panel, k0, k1, whole, g.rows);
      }
    }
  }
  /// Let the blocks of this piece of a panel ask for the next piece.
  void look_ahead(Block<T>& block, T const* next) const {
    std::int64_t const blocks = pieces(g.rows, block_rows);
    if (blocks < many_blocks) return;
    block.ahead = next;
    block.ahead_lines = pieces(block.depth * panel_width<T> * static_cast<std::int64_t>(sizeof(T)),
                               line_bytes * blocks);
  }

  /// k in as few steps as let the rows of x stay in the second cache; sums wait in y between them.
  void many_rows() const {
    std::int64_t const steps =
        pieces(g.rows * g.depth * static_cast<std::int64_t>(sizeof(T)), resident_bytes);
    for (std::int64_t step = 0; step < steps; ++step)
      many_rows(g.depth * step / steps, g.depth * (step + 1) / steps);
  }
};

}  // namespace

template <class T>
void multiply(Product<T> const& product) {
  if (product.rows <= block_rows && product.rows > 0) return Walker<T>{product}.few_rows();
  if (product.epilogue.kind != Epilogue::gelu_gradient) return Walker<T>{product}.many_rows();
  // a long derivative between register blocks would spill their sums, and its operand lies in lines
  // far apart there; row by row it costs a third
  Product<T> sums = product;
  sums.epilogue = {};
  sums.operand = nullptr;
  Walker<T>{sums}.many_rows();
  Matrix<T> const y{product.y, product.rows, product.columns, product.y_stride};
  activate<T>(product.epilogue, {y.data, y.rows, y.columns, y.stride},
              {product.operand, y.rows, y.columns, product.operand_stride}, y);
}

template void multiply<float>(Product<float> const&);
template void multiply<double>(Product<double> const&);

}  // namespace crossjoule::kernels::cpu
