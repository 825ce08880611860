// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/cpu/row_functions.hpp"

#include "kernels/cpu/exp.hpp"

#include <algorithm>
#include <cmath>

namespace crossjoule::kernels::cpu {
namespace {

/// Of all lanes, divided by 2^padded.
template <class T>
double log_of_product(Vector<T> factors, std::int64_t padded) {
  T part[lanes<T>];
  store(part, factors);
  double product = 1;
  for (T const factor : part) product *= static_cast<double>(factor);
  return std::log(std::ldexp(product, -static_cast<int>(padded)));
}

}  // namespace

template <class T>
void batch_norm(Matrix<T const> x, T const* scale, T const* shift, Matrix<T> y) {
  for (std::int64_t r = 0; r < x.rows; ++r)
    for (std::int64_t k = 0; k < x.columns; ++k)
      y.data[r * y.stride + k] = scale[k] * x.data[r * x.stride + k] + shift[k];
}

/// One logarithm for many numbers: factors 1 + exp(-2 |x|) lie in [1, 2], so that a lane multiplies
/// some of them before their product is as large as a number may be.
template <class T>
void log_cosh_sum(Matrix<T const> x, Matrix<T> y) {
  constexpr std::int64_t width = lanes<T>, blocks_at_once = 32;
  for (std::int64_t r = 0; r < x.rows; ++r) {
    T const* const from = x.data + r * x.stride;
    Vector<T> sizes{};
    double logarithms = 0;
    for (std::int64_t k = 0; k < x.columns;) {
      Vector<T> factors = splat(T{1});
      std::int64_t const end = std::min(x.columns, k + blocks_at_once * width);
      std::int64_t padded = 0;  // lanes of 0, whose factor is 2
      for (; k < end; k += width) {
        std::int64_t const count = std::min(width, end - k);
        padded = width - count;
        Vector<T> const v = count == width ? load(from + k) : load_part(from + k, count);
        Vector<T> const size = v < Vector<T>{} ? -v : v;
        sizes += size;
        factors *= T{1} + exp_of_negative<T>(size * T{-2});
      }
      logarithms += log_of_product<T>(factors, padded);
    }
    y.data[r * y.stride] = sum_of_lanes<T>(sizes) + static_cast<T>(logarithms);
  }
}

#define CROSSJOULE_INSTANTIATE(T)                                              \
  template void batch_norm<T>(Matrix<T const>, T const*, T const*, Matrix<T>); \
  template void log_cosh_sum<T>(Matrix<T const>, Matrix<T>);
CROSSJOULE_INSTANTIATE(float)
CROSSJOULE_INSTANTIATE(double)

}  // namespace crossjoule::kernels::cpu
