// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/cpu/block.hpp"
#include "kernels/cpu/fourier.hpp"

#include <algorithm>

/// Folding an axis before its products and unfolding it after them, one panel of features at a
/// time. Everything here adds and subtracts pairs of points (a, b) = (t, points - t) and, for an
/// even number of points, (c, d) = (points / 2 - t, points / 2 + t).
namespace crossjoule::kernels::cpu {

/// Panels of one strip of features.
inline constexpr std::int64_t strip_panels = 4;

/// A strip: features [first, first + count), rounded up to whole panels.
template <class T>
struct Strip {
  Strip(FourierGrid const& grid, std::int64_t index)
      : first(index * strip_panels * panel_width<T>),
        count(std::min(strip_panels * panel_width<T>, grid.features - first)),
        panels((count + panel_width<T> - 1) / panel_width<T>),
        width(panels * panel_width<T>) {}
  std::int64_t first, count, panels, width;
};

/// The packed operands of one axis' products, in the order of FourierAxis: each a matrix of `depth`
/// rows in panels with a head row (dense.hpp); heads are 0.
template <class T>
struct Parts {
  T* data;
  std::int64_t panels, deepest;

  static std::int64_t size(std::int64_t panels, std::int64_t deepest) {
    return 4 * panels * (deepest + 1) * panel_width<T>;
  }
  /// Heads become 0, and the row of a part that no mode belongs to.
  void clear_part(std::int64_t index, std::int64_t depth) const {
    std::int64_t const rows = depth == 1 ? 2 : 1;
    for (std::int64_t p = 0; p < panels; ++p)
      std::fill_n(panel(index, depth, p) - panel_width<T>, rows * panel_width<T>, T{0});
  }
  T* part(std::int64_t index) const {
    return data + index * panels * (deepest + 1) * panel_width<T>;
  }
  /// First row of a panel of a part that has `depth` rows.
  T* panel(std::int64_t index, std::int64_t depth, std::int64_t panel) const {
    return part(index) + (panel * (depth + 1) + 1) * panel_width<T>;
  }
};

/// Fold the points of one panel; at(t, v) is vector v of point t; rows of `to` are panel rows.
template <class T, class At>
CROSSJOULE_INLINE void fold(FourierAxis<T> const& axis, std::array<T*, 4> const& to, At&& at) {
  constexpr std::int64_t width = panel_width<T>;
  std::int64_t const n = axis.points, half = n / 2;
  auto const put = [&](int part, std::int64_t row, int v, Vector<T> value) {
    store(to[part] + row * width + v * lanes<T>, value);
  };
  Vector<T> const zero{};
  if (axis.parities == 1) {
    for (int v = 0; v < 2; ++v) {
      put(0, 0, v, at(0, v));
      put(2, 0, v, zero);
    }
    for (std::int64_t t = 1; t < axis.folded; ++t)
      for (int v = 0; v < 2; ++v) {
        Vector<T> const a = at(t, v), b = at(n - t, v);
        put(0, t, v, a + b);
        put(2, t, v, a - b);
      }
    return;
  }
  for (int v = 0; v < 2; ++v) {
    Vector<T> const a = at(0, v), c = at(half, v);
    put(0, 0, v, a + c);
    put(1, 0, v, a - c);
    put(2, 0, v, zero);
    put(3, 0, v, zero);
  }
  for (std::int64_t t = 1; 2 * t < half; ++t)
    for (int v = 0; v < 2; ++v) {
      Vector<T> const a = at(t, v), b = at(n - t, v), c = at(half - t, v), d = at(half + t, v);
      Vector<T> const even = a + b, far_even = c + d, odd = a - b, far_odd = c - d;
      put(0, t, v, even + far_even);
      put(1, t, v, even - far_even);
      put(2, t, v, odd - far_odd);
      put(3, t, v, odd + far_odd);
    }
  if (half % 2 == 0)
    for (int v = 0; v < 2; ++v) {  // the quarter is its own mirror image
      Vector<T> const a = at(half / 2, v), b = at(n - half / 2, v);
      put(0, half / 2, v, a + b);
      put(1, half / 2, v, zero);
      put(2, half / 2, v, zero);
      put(3, half / 2, v, a - b);
    }
}

/// The way back: put(t, v, value) takes vector v of point t from the products `from`, whose rows
/// are `stride` numbers apart.
template <class T, class Put>
CROSSJOULE_INLINE void unfold(FourierAxis<T> const& axis, std::array<T const*, 4> const& from,
                              std::int64_t stride, Put&& put) {
  std::int64_t const n = axis.points, half = n / 2;
  auto const at = [&](int part, std::int64_t t, int v) {
    return load(from[part] + t * stride + v * lanes<T>);
  };
  if (axis.parities == 1) {
    for (int v = 0; v < 2; ++v) put(0, v, at(0, 0, v));
    for (std::int64_t t = 1; t < axis.folded; ++t)
      for (int v = 0; v < 2; ++v) {
        Vector<T> const even = at(0, t, v), odd = at(2, t, v);
        put(t, v, even + odd);
        put(n - t, v, even - odd);
      }
    return;
  }
  for (int v = 0; v < 2; ++v) {
    Vector<T> const even = at(0, 0, v), odd = at(1, 0, v);
    put(0, v, even + odd);
    put(half, v, even - odd);
  }
  for (std::int64_t t = 1; 2 * t < half; ++t)
    for (int v = 0; v < 2; ++v) {
      Vector<T> const even = at(0, t, v), odd = at(1, t, v);
      Vector<T> const even_sine = at(2, t, v), odd_sine = at(3, t, v);
      Vector<T> const near_cosine = even + odd, far_cosine = even - odd;
      Vector<T> const near_sine = odd_sine + even_sine, far_sine = odd_sine - even_sine;
      put(t, v, near_cosine + near_sine);
      put(n - t, v, near_cosine - near_sine);
      put(half - t, v, far_cosine + far_sine);
      put(half + t, v, far_cosine - far_sine);
    }
  if (half % 2 == 0)
    for (int v = 0; v < 2; ++v) {
      Vector<T> const cosine = at(0, half / 2, v) + at(1, half / 2, v);
      Vector<T> const sine = at(2, half / 2, v) + at(3, half / 2, v);
      put(half / 2, v, cosine + sine);
      put(n - half / 2, v, cosine - sine);
    }
}

/// out (modes, width) = analysis tables * folded points, cosines and sines apart; rows are `stride`
/// numbers apart.
template <class T>
void multiply_analysis(FourierAxis<T> const& axis, Parts<T> const& parts, std::int64_t width,
                       std::array<T*, 2> const& out, std::int64_t stride) {
  for (std::int64_t part = 0; part < 4; ++part) {
    std::int64_t const parity = part % 2;
    if (parity >= axis.parities || axis.modes_of(parity) == 0) continue;
    multiply<T>({.rows = axis.modes_of(parity),
                 .depth = axis.folded,
                 .columns = width,
                 .x = axis.analysis[part].data(),
                 .x_stride = axis.folded,
                 .packed = parts.part(part),
                 .y = out[part / 2] + axis.first_of(parity) * stride,
                 .y_stride = axis.parities * stride});
  }
}

/// out, part after part (folded, width) = synthesis tables * modes.
template <class T>
void multiply_synthesis(FourierAxis<T> const& axis, Parts<T> const& parts, std::int64_t width,
                        T* out) {
  for (std::int64_t part = 0; part < 4; ++part) {
    std::int64_t const parity = part % 2;
    if (parity >= axis.parities) continue;
    multiply<T>({.rows = axis.folded,
                 .depth = axis.depth_of(parity),
                 .columns = width,
                 .x = axis.synthesis[part].data(),
                 .x_stride = axis.depth_of(parity),
                 .packed = parts.part(part),
                 .y = out + part * axis.folded * width,
                 .y_stride = width});
  }
}

/// The place of a row of the grid's spectrum in the window, -1 where it is not kept.
inline std::int64_t place_of_row(FourierGrid const& grid, std::int64_t row) {
  std::int64_t const place = (row - grid.first_row + grid.rows) % grid.rows;
  return place < grid.kept_rows ? place : -1;
}

/// Call piece(block, feature in the block, feature in the strip, count) for the parts of a strip
/// that lie in one block.
template <class T, class Piece>
CROSSJOULE_INLINE void for_blocks(FourierGrid const& grid, Strip<T> const& strip, Piece&& piece) {
  std::int64_t const size = grid.features / grid.blocks;
  for (std::int64_t f = 0; f < strip.count;) {
    std::int64_t const block = (strip.first + f) / size, inside = strip.first + f - block * size;
    std::int64_t const count = std::min(size - inside, strip.count - f);
    piece(block, inside, f, count);
    f += count;
  }
}

/// to = from, or to += from.
template <class T>
CROSSJOULE_INLINE void put_numbers(T const* from, std::int64_t count, Into into, T* to) {
  std::int64_t k = 0;
  if (into == Into::add) {
    for (; k + lanes<T> <= count; k += lanes<T>) store(to + k, load(to + k) + load(from + k));
    for (; k < count; ++k) to[k] += from[k];
  } else {
    for (; k + lanes<T> <= count; k += lanes<T>) store(to + k, load(from + k));
    for (; k < count; ++k) to[k] = from[k];
  }
}

}  // namespace crossjoule::kernels::cpu
