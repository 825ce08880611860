// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/cpu/pointwise.hpp"
#include "kernels/cpu/simd.hpp"

namespace crossjoule::kernels::cpu {
namespace {

/// Sum over a sample of difference(k)^2: vectors over whole lanes, the last columns apart.
template <class T, class VectorDifference, class Difference>
CROSSJOULE_INLINE T sum_of_squares(std::int64_t rows, std::int64_t columns,
                                   VectorDifference&& vector_at, Difference&& at) {
  constexpr std::int64_t width = lanes<T>;
  Vector<T> sum{};
  T rest = 0;
  for (std::int64_t r = 0; r < rows; ++r) {
    std::int64_t k = 0;
    for (; k + width <= columns; k += width) {
      Vector<T> const d = vector_at(r, k);
      sum += d * d;
    }
    for (; k < columns; ++k) {
      T const d = at(r, k);
      rest += d * d;
    }
  }
  return sum_of_lanes<T>(sum) + rest;
}

}  // namespace

template <class T>
void squared_distance(Matrix<T const> x, std::int64_t rows_per_sample, double centre, T* out) {
  T const c = static_cast<T>(centre);
  for (std::int64_t s = 0; s < x.rows / rows_per_sample; ++s) {
    T const* const from = x.data + s * rows_per_sample * x.stride;
    out[s] = sum_of_squares<T>(
        rows_per_sample, x.columns,
        [&](std::int64_t r, std::int64_t k) { return load(from + r * x.stride + k) - c; },
        [&](std::int64_t r, std::int64_t k) { return from[r * x.stride + k] - c; });
  }
}

template <class T>
void mean_squared_error(Matrix<T const> x, Matrix<T const> target, std::int64_t rows_per_sample,
                        T* out) {
  T const numbers = static_cast<T>(rows_per_sample * x.columns);
  for (std::int64_t s = 0; s < x.rows / rows_per_sample; ++s) {
    T const* const from = x.data + s * rows_per_sample * x.stride;
    T const* const want = target.data + s * rows_per_sample * target.stride;
    out[s] = sum_of_squares<T>(
                 rows_per_sample, x.columns,
                 [&](std::int64_t r, std::int64_t k) {
                   return load(from + r * x.stride + k) - load(want + r * target.stride + k);
                 },
                 [&](std::int64_t r, std::int64_t k) {
                   return from[r * x.stride + k] - want[r * target.stride + k];
                 }) /
             numbers;
  }
}

template <class T>
void squared_distance_gradient(Matrix<T const> x, double centre, Matrix<T> dx) {
  T const c = static_cast<T>(centre);
  for (std::int64_t r = 0; r < x.rows; ++r)
    for (std::int64_t k = 0; k < x.columns; ++k)
      dx.data[r * dx.stride + k] = 2 * (x.data[r * x.stride + k] - c);
}

template <class T>
void mean_squared_error_gradient(Matrix<T const> x, Matrix<T const> target, double scale,
                                 Matrix<T> dx) {
  T const factor = static_cast<T>(scale);
  for (std::int64_t r = 0; r < x.rows; ++r)
    for (std::int64_t k = 0; k < x.columns; ++k)
      dx.data[r * dx.stride + k] =
          factor * (x.data[r * x.stride + k] - target.data[r * target.stride + k]);
}

#define CROSSJOULE_INSTANTIATE(T)                                                          \
  template void squared_distance<T>(Matrix<T const>, std::int64_t, double, T*);            \
  template void squared_distance_gradient<T>(Matrix<T const>, double, Matrix<T>);          \
  template void mean_squared_error<T>(Matrix<T const>, Matrix<T const>, std::int64_t, T*); \
  template void mean_squared_error_gradient<T>(Matrix<T const>, Matrix<T const>, double, Matrix<T>);
CROSSJOULE_INSTANTIATE(float)
CROSSJOULE_INSTANTIATE(double)

}  // namespace crossjoule::kernels::cpu
