// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/epilogue.hpp"

#include <cstdint>

/// Element by element work of one thread on plain pointers; strides are numbers between rows.
namespace crossjoule::kernels::cpu {

/// A row-major matrix in someone else's memory.
template <class T>
struct Matrix {
  T* data = nullptr;
  std::int64_t rows = 0, columns = 0, stride = 0;
};

/// y = epilogue(x), also in place; `operand` is read by gradient epilogues only.
template <class T>
void activate(Fused epilogue, Matrix<T const> x, Matrix<T const> operand, Matrix<T> y);
/// y = a + b, also in place.
template <class T>
void add(Matrix<T const> a, Matrix<T const> b, Matrix<T> y);
/// Does a result replace what is there or add to it?
enum class Into { replace, add };

/// out[k] = sum over rows of x[r, k], rows in rising order, or added to out.
template <class T>
void column_sums(Matrix<T const> x, Into into, T* out);

/// A sample is `rows_per_sample` rows of the matrices below; sums run lane by lane over its rows,
/// then over lanes: an order that depends on the shape of a sample alone.
/// out[s] = sum (x - centre)^2.
template <class T>
void squared_distance(Matrix<T const> x, std::int64_t rows_per_sample, double centre, T* out);
/// dx = 2 (x - centre).
template <class T>
void squared_distance_gradient(Matrix<T const> x, double centre, Matrix<T> dx);
/// out[s] = mean (x - target)^2 over the sample's numbers.
template <class T>
void mean_squared_error(Matrix<T const> x, Matrix<T const> target, std::int64_t rows_per_sample,
                        T* out);
/// dx = scale (x - target), scale = 2 / numbers of a sample.
template <class T>
void mean_squared_error_gradient(Matrix<T const> x, Matrix<T const> target, double scale,
                                 Matrix<T> dx);

/// Numbers of one Adam step: p -= rate m / (sqrt(v) / root + epsilon) after the moments' update.
struct AdamStep {
  double beta1, beta2, epsilon;
  double rate;            ///< learning rate / (1 - beta1^t)
  double root;            ///< sqrt(1 - beta2^t)
  double gradient_scale;  ///< the gradient is multiplied by it first
};
/// Returns false if a new parameter is not finite.
template <class T>
bool adam(AdamStep const& step, std::int64_t count, T* parameters, T const* gradient, T* moment1,
          T* moment2);

/// Sum in one canonical binary tree over the index, in double precision: the tree of n numbers
/// splits at the largest power of two below n.
template <class T>
double tree_sum(T const* values, std::int64_t count);
template <class T>
bool all_finite(T const* values, std::int64_t count);

}  // namespace crossjoule::kernels::cpu
