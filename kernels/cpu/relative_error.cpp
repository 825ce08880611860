// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/cpu/relative_error.hpp"

#include <algorithm>

namespace crossjoule::kernels::cpu {
namespace {

constexpr std::int64_t sums = 8;

template <class T>
T* at(Matrix<T> const& matrix, std::int64_t n) {
  return matrix.data + n / matrix.columns * matrix.stride + n % matrix.columns;
}

/// Call run(n, count, weight) for all numbers of a sample, in pieces that lie side by side in all
/// matrices and have one weight.
template <class T, class Run>
void for_runs(RowWeights<T> const& weights, std::int64_t count,
              std::initializer_list<std::int64_t> row_lengths, Run&& run) {
  for (std::int64_t n = 0; n < count;) {
    std::int64_t length = count - n;
    for (std::int64_t const row : row_lengths) length = std::min(length, row - n % row);
    T weight = 1;
    if (weights.weight) {
      length = std::min(length, weights.columns - n % weights.columns);
      weight = weights.weight[n / weights.columns % weights.rows];
    }
    run(n, length, weight);
    n += length;
  }
}

}  // namespace

template <class T>
Squares sums_of_squares(Matrix<T const> x, Matrix<T const> target, RowWeights<T> const& weights) {
  double difference[sums] = {}, norm[sums] = {};
  for_runs(weights, x.rows * x.columns, {x.columns, target.columns},
           [&](std::int64_t n, std::int64_t count, T weight) {
             T const *const from = at(x, n), *const want = at(target, n);
             auto const w = static_cast<double>(weight);
             auto const add = [&](std::int64_t k, std::int64_t sum) {
               auto const y = static_cast<double>(want[k]);
               double const d = static_cast<double>(from[k]) - y;
               difference[sum] += w * (d * d);
               norm[sum] += w * (y * y);
             };
             std::int64_t k = 0;
             for (; k < count && (n + k) % sums != 0; ++k) add(k, (n + k) % sums);
             for (; k + sums <= count; k += sums)
               for (std::int64_t sum = 0; sum < sums; ++sum) add(k + sum, sum);
             for (; k < count; ++k) add(k, (n + k) % sums);
           });
  Squares total;
  for (std::int64_t sum = 0; sum < sums; ++sum) {
    total.difference += difference[sum];
    total.target += norm[sum];
  }
  return total;
}

template <class T>
void scaled_difference(Matrix<T const> x, Matrix<T const> target, RowWeights<T> const& weights,
                       double factor, Into into, Matrix<T> dx) {
  for_runs(weights, x.rows * x.columns, {x.columns, target.columns, dx.columns},
           [&](std::int64_t n, std::int64_t count, T weight) {
             T const *const from = at(x, n), *const want = at(target, n);
             T* const to = at(dx, n);
             T const scale = static_cast<T>(factor * static_cast<double>(weight));
             if (into == Into::add)
               for (std::int64_t k = 0; k < count; ++k) to[k] += scale * (from[k] - want[k]);
             else
               for (std::int64_t k = 0; k < count; ++k) to[k] = scale * (from[k] - want[k]);
           });
}

#define CROSSJOULE_INSTANTIATE(T)                                                              \
  template Squares sums_of_squares<T>(Matrix<T const>, Matrix<T const>, RowWeights<T> const&); \
  template void scaled_difference<T>(Matrix<T const>, Matrix<T const>, RowWeights<T> const&,   \
                                     double, Into, Matrix<T>);
CROSSJOULE_INSTANTIATE(float)
CROSSJOULE_INSTANTIATE(double)

}  // namespace crossjoule::kernels::cpu
