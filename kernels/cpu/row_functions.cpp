// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/cpu/row_functions.hpp"

#include <cmath>

namespace crossjoule::kernels::cpu {

template <class T>
void batch_norm(Matrix<T const> x, T const* scale, T const* shift, Matrix<T> y) {
  for (std::int64_t r = 0; r < x.rows; ++r)
    for (std::int64_t k = 0; k < x.columns; ++k)
      y.data[r * y.stride + k] = scale[k] * x.data[r * x.stride + k] + shift[k];
}

template <class T>
void log_cosh_sum(Matrix<T const> x, Matrix<T> y) {
  for (std::int64_t r = 0; r < x.rows; ++r) {
    T sum = 0;
    for (std::int64_t k = 0; k < x.columns; ++k) {
      T const size = std::abs(x.data[r * x.stride + k]);
      sum += size + std::log1p(std::exp(-2 * size));
    }
    y.data[r * y.stride] = sum;
  }
}

#define CROSSJOULE_INSTANTIATE(T)                                              \
  template void batch_norm<T>(Matrix<T const>, T const*, T const*, Matrix<T>); \
  template void log_cosh_sum<T>(Matrix<T const>, Matrix<T>);
CROSSJOULE_INSTANTIATE(float)
CROSSJOULE_INSTANTIATE(double)

}  // namespace crossjoule::kernels::cpu
