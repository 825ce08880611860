// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/cpu/pointwise.hpp"

#include <cstdint>

namespace crossjoule::kernels::cpu {

/// Weights by image row: number n of a sample counts weight[n / columns % rows]; null: all count 1.
template <class T>
struct RowWeights {
  T const* weight = nullptr;
  std::int64_t rows = 1, columns = 1;
};

/// Weighted sums of squares over one sample.
struct Squares {
  double difference = 0, target = 0;
};
/// Number n adds to one of eight sums by n % 8, each in rising order: the bits depend on the
/// numbers alone, not on the row lengths of the matrices that hold them.
template <class T>
Squares sums_of_squares(Matrix<T const> x, Matrix<T const> target, RowWeights<T> const& weights);
/// dx = factor * weight * (x - target), or added to dx.
template <class T>
void scaled_difference(Matrix<T const> x, Matrix<T const> target, RowWeights<T> const& weights,
                       double factor, Into into, Matrix<T> dx);

}  // namespace crossjoule::kernels::cpu
