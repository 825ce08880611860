// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/cpu/pointwise.hpp"

#include "kernels/cpu/epilogue.hpp"

#include <algorithm>
#include <bit>

namespace crossjoule::kernels::cpu {
namespace {

/// Matrices larger than the caches: 2 KiB ahead is asked for, as a page's end stops the processor's
/// own guess.
template <class T>
constexpr std::int64_t numbers_ahead = 2048 / sizeof(T);

template <class T, Epilogue epilogue>
void activate_rows(T alpha, Matrix<T const> x, Matrix<T const> operand, Matrix<T> y) {
  constexpr std::int64_t width = lanes<T>;
  std::int64_t const whole = x.columns / width * width, rest = x.columns - whole;
  for (std::int64_t r = 0; r < x.rows; ++r) {
    T const* const from = x.data + r * x.stride;
    T const* const result = operand.data ? operand.data + r * operand.stride : nullptr;
    T* const to = y.data + r * y.stride;
    for (std::int64_t k = 0; k < whole; k += width) {
      __builtin_prefetch(from + k + numbers_ahead<T>);
      __builtin_prefetch(to + k + numbers_ahead<T>, 1);
      store(to + k, apply<T, epilogue>(load(from + k), result + k, alpha));
    }
    if (rest > 0) {
      T part[width] = {};
      if (result) std::copy_n(result + whole, rest, part);
      store(part, apply<T, epilogue>(load_part(from + whole, rest), part, alpha));
      std::copy_n(part, rest, to + whole);
    }
  }
}

/// out += rows of x, in rising order.
template <class T, int rows>
void add_rows(T const* x, std::int64_t stride, std::int64_t columns, T* out) {
  constexpr std::int64_t width = lanes<T>;
  for (std::int64_t k = 0; k < columns; k += width) {
    std::int64_t const count = std::min(width, columns - k);
    Vector<T> sum = count == width ? load(out + k) : load_part(out + k, count);
#pragma GCC unroll 16
    for (int r = 0; r < rows; ++r)
      sum += count == width ? load(x + r * stride + k) : load_part(x + r * stride + k, count);
    count == width ? store(out + k, sum) : store_part(out + k, sum, count);
  }
}

}  // namespace

template <class T>
void activate(Fused epilogue, Matrix<T const> x, Matrix<T const> operand, Matrix<T> y) {
  T const alpha = static_cast<T>(epilogue.alpha);
  auto const run = [&]<Epilogue kind>() { activate_rows<T, kind>(alpha, x, operand, y); };
  switch (epilogue.kind) {
    case Epilogue::none: return run.template operator()<Epilogue::none>();
    case Epilogue::relu: return run.template operator()<Epilogue::relu>();
    case Epilogue::elu: return run.template operator()<Epilogue::elu>();
    case Epilogue::gelu: return run.template operator()<Epilogue::gelu>();
    case Epilogue::soft_shrink: return run.template operator()<Epilogue::soft_shrink>();
    case Epilogue::leaky_relu: return run.template operator()<Epilogue::leaky_relu>();
    case Epilogue::relu_gradient: return run.template operator()<Epilogue::relu_gradient>();
    case Epilogue::elu_gradient: return run.template operator()<Epilogue::elu_gradient>();
    case Epilogue::gelu_gradient: return run.template operator()<Epilogue::gelu_gradient>();
    case Epilogue::soft_shrink_gradient:
      return run.template operator()<Epilogue::soft_shrink_gradient>();
    case Epilogue::leaky_relu_gradient:
      return run.template operator()<Epilogue::leaky_relu_gradient>();
  }
}

template <class T>
void add(Matrix<T const> a, Matrix<T const> b, Matrix<T> y) {
  for (std::int64_t r = 0; r < y.rows; ++r) {
    T const *const left = a.data + r * a.stride, *const right = b.data + r * b.stride;
    T* const sum = y.data + r * y.stride;
    for (std::int64_t k = 0; k < y.columns; ++k) sum[k] = left[k] + right[k];
  }
}

template <class T>
void column_sums(Matrix<T const> x, Into into, T* out) {
  constexpr int rows_at_once = 4;
  if (into == Into::replace) std::fill_n(out, x.columns, T{0});
  std::int64_t r = 0;
  for (; r + rows_at_once <= x.rows; r += rows_at_once)
    add_rows<T, rows_at_once>(x.data + r * x.stride, x.stride, x.columns, out);
  for (; r < x.rows; ++r) add_rows<T, 1>(x.data + r * x.stride, x.stride, x.columns, out);
}

template <class T>
double tree_sum(T const* values, std::int64_t count) {
  if (count <= 1) return count == 1 ? static_cast<double>(values[0]) : 0;
  auto const half =
      static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(count - 1)));
  return tree_sum(values, half) + tree_sum(values + half, count - half);
}

template <class T>
bool all_finite(T const* values, std::int64_t count) {
  // x - x is 0 for finite x and NaN for all others; sums of them stay 0 or become NaN for good
  constexpr std::int64_t width = lanes<T>;
  Vector<T> witness{};
  std::int64_t k = 0;
  for (; k + width <= count; k += width) {
    Vector<T> const x = load(values + k);
    witness += x - x;
  }
  Vector<T> const rest = load_part(values + k, count - k);
  return sum_of_lanes<T>(witness + (rest - rest)) == 0;
}

#define CROSSJOULE_INSTANTIATE(T)                                                \
  template void activate<T>(Fused, Matrix<T const>, Matrix<T const>, Matrix<T>); \
  template void add<T>(Matrix<T const>, Matrix<T const>, Matrix<T>);             \
  template void column_sums<T>(Matrix<T const>, Into, T*);                       \
  template double tree_sum<T>(T const*, std::int64_t);                           \
  template bool all_finite<T>(T const*, std::int64_t);
CROSSJOULE_INSTANTIATE(float)
CROSSJOULE_INSTANTIATE(double)

}  // namespace crossjoule::kernels::cpu
