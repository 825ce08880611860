// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/cpu/pointwise.hpp"
#include "kernels/patch_grid.hpp"

#include <cstdint>

/// Moving pixels between images and patches; one thread, plain pointers.
namespace crossjoule::kernels::cpu {

/// Pixel rows of one sample: some of them side by side in each row of a matrix.
template <class T>
struct Pixels {
  T* data = nullptr;
  std::int64_t columns = 0;       ///< pixels of a pixel row
  std::int64_t side_by_side = 1;  ///< pixel rows in a row of the matrix
  std::int64_t stride = 0;        ///< numbers between rows of the matrix
  /// Pixel row channel * rows + row.
  T* row(std::int64_t index) const {
    return data + index / side_by_side * stride + index % side_by_side * columns;
  }
};

/// A piece of the matrix of patches (tokens, features), in memory of its own: tokens [first_token,
/// first_token + tokens), features [first_feature, first_feature + features).
struct PatchPiece {
  std::int64_t first_token, tokens, first_feature, features;
};

/// rows[t, f] = the pixels of the piece.
template <class T>
void gather_patches(PatchGrid const& grid, Pixels<T const> images, PatchPiece const& piece, T* rows,
                    std::int64_t stride);
/// The pixels of the piece = rows[t, f], or added to them.
template <class T>
void scatter_patches(PatchGrid const& grid, PatchPiece const& piece, T const* rows,
                     std::int64_t stride, Into into, Pixels<T> images);

/// Token row i of patch_restore, and of its gradient; x has the rows of all tokens of the sample.
template <class T>
void restore_row(PatchGrid const& grid, std::int64_t i, Matrix<T const> x, Pixels<T> images);
template <class T>
void restore_row_gradient(PatchGrid const& grid, std::int64_t i, Pixels<T const> dimages, Into into,
                          Matrix<T> dx);

}  // namespace crossjoule::kernels::cpu
