// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/cpu/dense.hpp"
#include "kernels/cpu/pointwise.hpp"
#include "kernels/fourier_grid.hpp"

#include <array>
#include <cstdint>
#include <vector>

/// Truncated Fourier transforms of one thread on plain pointers: products with small tables of
/// cosines and sines, the features side by side in the vectors.
namespace crossjoule::kernels::cpu {

/// A transform along one axis, at consecutive modes, as products.
///
/// cos and sin are even and odd about the middle of the axis, so that only sums and differences of
/// points t and points - t are needed; and, for an even number of points, even or odd about its
/// quarter too, depending on the parity of the mode. So there are `parities` x {cos, sin} products
/// with `folded` points each: (cos, even), (cos, odd), (sin, even), (sin, odd).
template <class T>
struct FourierAxis {
  /// `weight` of each mode; `sine` = 1 or -1 multiplies the sines.
  FourierAxis(std::int64_t points, std::int64_t first_mode, std::vector<double> const& weight,
              double sine);

  std::int64_t points, first_mode, modes;
  std::int64_t parities;  ///< 2 for an even number of points, else 1
  std::int64_t folded;    ///< points that are left after folding
  using Tables = std::array<std::vector<T>, 4>;
  Tables analysis;   ///< (modes_of, folded): from points to modes
  Tables synthesis;  ///< (folded, depth_of): the way back

  /// The parity of the mode at a position: which products it takes part in.
  std::int64_t parity_at(std::int64_t position) const { return (first_mode + position) % parities; }
  /// Position among all modes of the first one of a parity.
  std::int64_t first_of(std::int64_t parity) const { return (parity + first_mode) % parities; }
  /// Number of modes of a parity.
  std::int64_t modes_of(std::int64_t parity) const {
    return (modes - first_of(parity) + parities - 1) / parities;
  }
  /// The same for a product over modes, which takes one (that is 0) even where there is none.
  std::int64_t depth_of(std::int64_t parity) const {
    return modes_of(parity) > 1 ? modes_of(parity) : 1;
  }
};

template <class T>
struct FourierTables {
  explicit FourierTables(FourierGrid const& all);
  FourierAxis<T> const& columns(InnerColumns inner) const {
    return inner == InnerColumns::once ? columns_once : columns_twice;
  }
  FourierGrid grid;
  FourierAxis<T> columns_once, columns_twice;
  FourierAxis<T> rows;  ///< modes u <= rows / 2: each stands for row u and row (rows - u)
};
template <class T>
std::int64_t bytes(FourierTables<T> const& tables);

/// Features are worked on in strips that keep all that belongs to them in the caches.
template <class T>
std::int64_t fourier_strips(FourierGrid const& grid);
/// Numbers of scratch of one strip.
template <class T>
std::int64_t fourier_analysis_scratch(FourierTables<T> const& tables);
template <class T>
std::int64_t fourier_synthesis_scratch(FourierTables<T> const& tables);

/// From the grid to the spectrum, one sample, one strip: x (rows * columns, features), spectrum
/// (kept_rows * kept_columns * blocks, 2 features / blocks).
template <class T>
void fourier_analysis(FourierTables<T> const& tables, InnerColumns inner, std::int64_t strip,
                      Matrix<T const> x, Into into, Matrix<T> spectrum, T* scratch);
/// From the spectrum to the grid, one sample, one strip.
template <class T>
void fourier_synthesis(FourierTables<T> const& tables, InnerColumns inner, std::int64_t strip,
                       Matrix<T const> spectrum, Into into, Matrix<T> y, T* scratch);

}  // namespace crossjoule::kernels::cpu
