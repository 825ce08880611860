// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/cpu/complex_linear.hpp"

#include "kernels/cpu/block.hpp"

#include <algorithm>

namespace crossjoule::kernels::cpu {
namespace {

/// Number (i, o) of [[W0, W1], [-W1, W0]].
template <class T>
CROSSJOULE_INLINE T real_form(ComplexBlock<T> const& block, std::int64_t i, std::int64_t o) {
  bool const is_lower = i >= block.inputs, is_right = o >= block.outputs;
  T const* const part = is_lower == is_right ? block.real : block.imaginary;
  T const value =
      part[(is_lower ? i - block.inputs : i) * block.outputs + (is_right ? o - block.outputs : o)];
  return is_lower && !is_right ? -value : value;
}

/// Panels over `columns`, each a head row and `depth` rows: see dense.hpp.
template <class T, class Head, class At>
void pack_panels(std::int64_t columns, std::int64_t depth, Head&& head, At&& at, T* packed) {
  constexpr std::int64_t width = panel_width<T>;
  for (std::int64_t first = 0; first < columns; first += width) {
    std::int64_t const count = std::min(width, columns - first);
    for (std::int64_t n = 0; n < width; ++n) *packed++ = n < count ? head(first + n) : T{0};
    for (std::int64_t k = 0; k < depth; ++k)
      for (std::int64_t n = 0; n < width; ++n) *packed++ = n < count ? at(k, first + n) : T{0};
  }
}

}  // namespace

template <class T>
void pack_complex(ComplexBlock<T> const& block, T* packed) {
  pack_panels<T>(
      2 * block.outputs, 2 * block.inputs,
      [&](std::int64_t o) {
        if (!block.real_bias) return T{0};
        return o < block.outputs ? block.real_bias[o] : block.imaginary_bias[o - block.outputs];
      },
      [&](std::int64_t i, std::int64_t o) { return real_form(block, i, o); }, packed);
}

template <class T>
void pack_complex_transposed(ComplexBlock<T> const& block, T* packed) {
  pack_panels<T>(
      2 * block.inputs, 2 * block.outputs, [](std::int64_t) { return T{0}; },
      [&](std::int64_t o, std::int64_t i) { return real_form(block, i, o); }, packed);
}

template <class T>
void multiply_within(Product<T> const& g) {
  constexpr std::int64_t width = panel_width<T>;
  alignas(vector_bytes) T y[block_rows * width] = {}, operand[block_rows * width] = {};
  for (std::int64_t column = 0; column < g.columns; column += width) {
    std::int64_t const columns = std::min(width, g.columns - column);
    for (std::int64_t row = 0; row < g.rows; row += block_rows) {
      Product<T> part = g;
      part.rows = std::min<std::int64_t>(block_rows, g.rows - row);
      part.columns = width;
      part.x = g.x + row * g.x_stride;
      part.packed = g.packed + column / width * (g.depth + 1) * width;
      part.y = y;
      part.y_stride = width;
      T* const to = g.y + row * g.y_stride + column;
      for (std::int64_t r = 0; g.operand && r < part.rows; ++r)
        std::copy_n(g.operand + (row + r) * g.operand_stride + column, columns,
                    operand + r * width);
      if (g.operand) part.operand = operand;
      part.operand_stride = width;
      for (std::int64_t r = 0; g.into == Into::add && r < part.rows; ++r)
        std::copy_n(to + r * g.y_stride, columns, y + r * width);
      multiply(part);
      for (std::int64_t r = 0; r < part.rows; ++r)
        std::copy_n(y + r * width, columns, to + r * g.y_stride);
    }
  }
}

template <class T>
void complex_weight_gradient(std::int64_t inputs, std::int64_t outputs, T const* product, Into into,
                             T* dreal, T* dimaginary) {
  for (std::int64_t i = 0; i < inputs; ++i) {
    T const* const real_row = product + i * 2 * outputs;
    T const* const imaginary_row = product + (inputs + i) * 2 * outputs;
    T *const real = dreal + i * outputs, *const imaginary = dimaginary + i * outputs;
    for (std::int64_t o = 0; o < outputs; ++o) {
      T const a = real_row[o] + imaginary_row[outputs + o];
      T const b = real_row[outputs + o] - imaginary_row[o];
      real[o] = into == Into::add ? real[o] + a : a;
      imaginary[o] = into == Into::add ? imaginary[o] + b : b;
    }
  }
}

#define CROSSJOULE_INSTANTIATE(T)                                       \
  template void pack_complex<T>(ComplexBlock<T> const&, T*);            \
  template void pack_complex_transposed<T>(ComplexBlock<T> const&, T*); \
  template void multiply_within<T>(Product<T> const&);                  \
  template void complex_weight_gradient<T>(std::int64_t, std::int64_t, T const*, Into, T*, T*);
CROSSJOULE_INSTANTIATE(float)
CROSSJOULE_INSTANTIATE(double)

}  // namespace crossjoule::kernels::cpu
