// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/complex_linear.hpp"
#include "kernels/portable/gemm.hpp"
#include "kernels/portable/pointwise.hpp"

namespace crossjoule::kernels::portable {

/// The real matrix (2 inputs, 2 outputs) of every block, then every block's bias (2 outputs).
inline std::int64_t complex_packed_size(std::int64_t blocks, std::int64_t inputs,
                                        std::int64_t outputs) {
  return blocks * (2 * inputs + 1) * 2 * outputs;
}

template <class Space, class T>
void pack(Space const& space, ComplexWeights<Space, T> const& weights) {
  std::int64_t const blocks = weights.blocks, in = weights.inputs, out = weights.outputs;
  auto const weight = weights.weight, bias = weights.bias;
  auto const packed = weights.packed;
  Kokkos::parallel_for(
      "kernels::complex_pack", plane(space, blocks * 2 * in, 2 * out),
      KOKKOS_LAMBDA(std::int64_t const row, std::int64_t const o) {
        std::int64_t const block = row / (2 * in), i = row % (2 * in);
        bool const is_lower = i >= in, is_right = o >= out;
        std::int64_t const part = is_lower == is_right ? 0 : 1;
        T const value = weight(((part * blocks + block) * in + i % in) * out + o % out);
        packed(row * 2 * out + o) = is_lower && !is_right ? -value : value;
      });
  Kokkos::parallel_for(
      "kernels::complex_pack", plane(space, blocks, 2 * out),
      KOKKOS_LAMBDA(std::int64_t const block, std::int64_t const o) {
        packed(blocks * 2 * in * 2 * out + block * 2 * out + o) =
            bias((o / out * blocks + block) * out + o % out);
      });
}

/// The rows of one block.
template <class View>
View rows_of_block(View const& all, std::int64_t blocks, std::int64_t block) {
  return View(
      all.data() + block * stride_of(all),
      Kokkos::LayoutStride(all.extent(0) / blocks, blocks * stride_of(all), all.extent(1), 1));
}
template <class Space, class T>
Rows<Space, T const> matrix_of(ComplexWeights<Space, T> const& weights, std::int64_t block) {
  std::int64_t const rows = 2 * weights.inputs, columns = 2 * weights.outputs;
  return rows_view<Space, T const>(weights.packed.data() + block * rows * columns, rows, columns,
                                   columns);
}

template <class Space, class T>
void complex_linear(Space const& space, Rows<Space, T const> x,
                    ComplexWeights<Space, T> const& weights, Fused epilogue, Rows<Space, T> y) {
  std::int64_t const columns = 2 * weights.outputs;
  T const* const bias = weights.packed.data() + weights.blocks * 2 * weights.inputs * columns;
  for (std::int64_t block = 0; block < weights.blocks; ++block) {
    auto const part = rows_of_block(y, weights.blocks, block);
    gemm<Space, T>(space, Operand::as_is, rows_of_block(x, weights.blocks, block), Operand::as_is,
                   matrix_of<Space, T>(weights, block), Gradient::replace, part);
    bias_and_epilogue<Space, T>(space, row_view<Space, T const>(bias + block * columns, columns),
                                epilogue, part);
  }
}

template <class Space, class T>
void complex_linear_input_gradient(Space const& space, Rows<Space, T const> dy,
                                   ComplexWeights<Space, T> const& weights, Fused derivative,
                                   Rows<Space, T const> operand, Gradient gradient,
                                   Rows<Space, T> dx) {
  for (std::int64_t block = 0; block < weights.blocks; ++block)
    gemm<Space, T>(space, Operand::as_is, rows_of_block(dy, weights.blocks, block),
                   Operand::transposed, matrix_of<Space, T>(weights, block), gradient,
                   rows_of_block(dx, weights.blocks, block));
  if (derivative.kind != Epilogue::none) activate<Space, T>(space, derivative, dx, operand, dx);
}

/// `scratch`: (2 inputs, 2 outputs) of one block, then its bias.
template <class Space, class T>
void complex_linear_weight_gradient(Space const& space, Rows<Space, T const> x,
                                    Rows<Space, T const> dy,
                                    ComplexWeights<Space, T> const& weights, Gradient gradient,
                                    Row<Space, T> dweight, Row<Space, T> dbias,
                                    Row<Space, T> scratch) {
  std::int64_t const blocks = weights.blocks, in = weights.inputs, out = weights.outputs;
  bool const adds = gradient == Gradient::add;
  auto const sums = row_view<Space, T>(scratch.data() + 4 * in * out, 2 * out);
  for (std::int64_t block = 0; block < blocks; ++block) {
    auto const from = rows_of_block(dy, blocks, block);
    gemm<Space, T>(space, Operand::transposed, rows_of_block(x, blocks, block), Operand::as_is,
                   from, Gradient::replace,
                   rows_view<Space, T>(scratch.data(), 2 * in, 2 * out, 2 * out));
    column_sums<Space, T>(space, from, Gradient::replace, sums);
    Kokkos::parallel_for(
        "kernels::complex_linear_weight_gradient", plane(space, in + 1, out),
        KOKKOS_LAMBDA(std::int64_t const i, std::int64_t const o) {
          T real, imaginary;
          std::int64_t at = block * out + o, next = blocks * out;
          if (i == in) {
            real = sums(o);
            imaginary = sums(out + o);
          } else {
            at = (block * in + i) * out + o;
            next = blocks * in * out;
            real = scratch(i * 2 * out + o) + scratch((in + i) * 2 * out + out + o);
            imaginary = scratch(i * 2 * out + out + o) - scratch((in + i) * 2 * out + o);
          }
          auto const& to = i == in ? dbias : dweight;
          to(at) = adds ? to(at) + real : real;
          to(at + next) = adds ? to(at + next) + imaginary : imaginary;
        });
  }
}

}  // namespace crossjoule::kernels::portable
