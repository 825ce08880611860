// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sim/world/weather/lanes.hpp"

#include <cstddef>

namespace crossjoule::sim::weather::detail {

/// c[r, j] = sum over k of a[k, r] b[k, j] for a tile of rows and columns of lanes, in registers.
template <std::size_t Rows, std::size_t Columns>
inline void product_tile(std::size_t depth, double const* a, std::size_t a_stride, Lanes const* b,
                         Lanes* c, std::size_t stride) {
  Lanes sum[Rows][Columns] = {};
  for (std::size_t k = 0; k < depth; ++k)
    for (std::size_t r = 0; r < Rows; ++r)
      for (std::size_t j = 0; j < Columns; ++j)
        sum[r][j] += a[k * a_stride + r] * b[k * stride + j];
  for (std::size_t r = 0; r < Rows; ++r)
    for (std::size_t j = 0; j < Columns; ++j) c[r * stride + j] = sum[r][j];
}

template <std::size_t Columns>
inline void product_column(std::size_t rows, std::size_t stride, std::size_t depth, double const* a,
                           Lanes const* b, Lanes* c) {
  std::size_t r = 0;
  for (; r + 4 <= rows; r += 4)
    product_tile<4, Columns>(depth, a + r, rows, b, c + r * stride, stride);
  for (; r + 2 <= rows; r += 2)
    product_tile<2, Columns>(depth, a + r, rows, b, c + r * stride, stride);
}

/// c (rows, columns) = a^T b with a (depth, rows) numbers, b (depth, columns) and c in lanes; rows
/// is even. Each sum runs over k in rising order, whatever the tile: the bits of one field do not
/// depend on the others.
inline void small_product(std::size_t rows, std::size_t columns, std::size_t depth, double const* a,
                          Lanes const* b, Lanes* c) {
  std::size_t j = 0;
  for (; j + 2 <= columns; j += 2) product_column<2>(rows, columns, depth, a, b + j, c + j);
  if (j < columns) product_column<1>(rows, columns, depth, a, b + j, c + j);
}

}  // namespace crossjoule::sim::weather::detail
