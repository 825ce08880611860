// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/cpu/layer_norm.hpp"

#include "kernels/cpu/simd.hpp"

#include <algorithm>
#include <cmath>

namespace crossjoule::kernels::cpu {
namespace {

/// Vectors summed side by side, to hide the latency of an addition.
constexpr int sums_at_once = 4;

template <class T>
CROSSJOULE_INLINE Vector<T> load_first(T const* from, std::int64_t count) {
  return count == lanes<T> ? load(from) : load_part(from, count);
}
template <class T>
CROSSJOULE_INLINE void store_first(T* to, Vector<T> v, std::int64_t count) {
  count == lanes<T> ? store(to, v) : store_part(to, v, count);
}
/// v with zeros in the lanes from `count` on.
template <class T>
CROSSJOULE_INLINE Vector<T> keep_first(Vector<T> v, std::int64_t count) {
  if (count == lanes<T>) return v;
  T numbers[lanes<T>];
  store(numbers, v);
  return load_part(numbers, count);
}

/// body(k, count) for the vectors of a row; only the last one may have count < lanes.
template <class T, class Body>
CROSSJOULE_INLINE void for_vectors(std::int64_t columns, Body&& body) {
  constexpr std::int64_t width = lanes<T>;
  std::int64_t k = 0;
  for (; k + width <= columns; k += width) body(k, width);
  if (k < columns) body(k, columns - k);
}

/// Sum of term(k, count) over a row, in an order that depends on `columns` alone; lanes from
/// `count` on do not take part.
template <class T, class Term>
CROSSJOULE_INLINE T row_sum(std::int64_t columns, Term&& term) {
  constexpr std::int64_t width = lanes<T>, step = sums_at_once * width;
  Vector<T> sum[sums_at_once] = {};
  std::int64_t k = 0;
  for (; k + step <= columns; k += step)
    for (int v = 0; v < sums_at_once; ++v) sum[v] += term(k + v * width, width);
  for (; k + width <= columns; k += width) sum[0] += term(k, width);
  if (k < columns) sum[1] += keep_first<T>(term(k, columns - k), columns - k);
  return sum_of_lanes<T>((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

template <class T>
struct Moments {
  T mean, rstd;
};
/// Two passes: the variance of numbers far from 0 keeps its digits.
template <class T>
CROSSJOULE_INLINE Moments<T> moments(T const* x, std::int64_t columns, T epsilon) {
  T const count = static_cast<T>(columns);
  T const mean =
      row_sum<T>(columns, [&](std::int64_t k, std::int64_t n) { return load_first(x + k, n); }) /
      count;
  T const variance = row_sum<T>(columns,
                                [&](std::int64_t k, std::int64_t n) {
                                  Vector<T> const centred = load_first(x + k, n) - mean;
                                  return centred * centred;
                                }) /
                     count;
  return {mean, T{1} / std::sqrt(variance + epsilon)};
}

/// One row of the way back; `sums` takes its share of dgain and dbias.
template <class T, bool wants_dx, bool wants_sums>
void row_gradient(LayerNormGradient<T> const& g, T const* x, T const* dy, T* dx) {
  std::int64_t const columns = g.x.columns;
  Moments<T> const row = moments<T>(x, columns, g.epsilon);
  T const count = static_cast<T>(columns);
  auto const normal = [&](std::int64_t k, std::int64_t n) {
    return (load_first(x + k, n) - row.mean) * row.rstd;
  };
  auto const scaled = [&](std::int64_t k, std::int64_t n) {
    return load_first(g.gain + k, n) * load_first(dy + k, n);
  };
  T level = 0, slope = 0;  // means of gain dy and of gain dy h
  if constexpr (wants_dx) {
    level = row_sum<T>(columns, scaled) / count;
    slope = row_sum<T>(columns, [&](std::int64_t k,
                                    std::int64_t n) { return scaled(k, n) * normal(k, n); }) /
            count;
  }
  bool const adds = g.into == Into::add;
  T* const dgain = g.sums;
  T* const dbias = g.sums + columns;
  for_vectors<T>(columns, [&](std::int64_t k, std::int64_t n) {
    Vector<T> const h = normal(k, n);
    if constexpr (wants_sums) {  // before dx, which may be dy
      Vector<T> const gradient = load_first(dy + k, n);
      store_first(dgain + k, load_first(dgain + k, n) + gradient * h, n);
      store_first(dbias + k, load_first(dbias + k, n) + gradient, n);
    }
    if constexpr (wants_dx) {
      Vector<T> const part = row.rstd * (scaled(k, n) - level - h * slope);
      store_first(dx + k, adds ? load_first(dx + k, n) + part : part, n);
    }
  });
}

template <class T, bool wants_dx, bool wants_sums>
void rows_gradient(LayerNormGradient<T> const& g) {
  if constexpr (wants_sums) std::fill_n(g.sums, 2 * g.x.columns, T{0});
  for (std::int64_t r = 0; r < g.x.rows; ++r)
    row_gradient<T, wants_dx, wants_sums>(g, g.x.data + r * g.x.stride, g.dy.data + r * g.dy.stride,
                                          wants_dx ? g.dx.data + r * g.dx.stride : nullptr);
}

}  // namespace

template <class T>
void layer_norm(Matrix<T const> x, T const* gain, T const* bias, T epsilon, Matrix<T> y) {
  for (std::int64_t r = 0; r < x.rows; ++r) {
    T const* const from = x.data + r * x.stride;
    T* const to = y.data + r * y.stride;
    Moments<T> const row = moments<T>(from, x.columns, epsilon);
    for_vectors<T>(x.columns, [&](std::int64_t k, std::int64_t n) {
      Vector<T> const normal = (load_first(from + k, n) - row.mean) * row.rstd;
      store_first(to + k, normal * load_first(gain + k, n) + load_first(bias + k, n), n);
    });
  }
}

template <class T>
void layer_norm_gradient(LayerNormGradient<T> const& g) {
  if (g.dx.data && g.sums) return rows_gradient<T, true, true>(g);
  if (g.dx.data) return rows_gradient<T, true, false>(g);
  if (g.sums) return rows_gradient<T, false, true>(g);
}

#define CROSSJOULE_INSTANTIATE(T)                                                 \
  template void layer_norm<T>(Matrix<T const>, T const*, T const*, T, Matrix<T>); \
  template void layer_norm_gradient<T>(LayerNormGradient<T> const&);
CROSSJOULE_INSTANTIATE(float)
CROSSJOULE_INSTANTIATE(double)

}  // namespace crossjoule::kernels::cpu
