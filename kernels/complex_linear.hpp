// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/epilogue.hpp"
#include "kernels/gradient.hpp"
#include "kernels/views.hpp"

namespace crossjoule::kernels {

/// A complex dense layer per block of features: weight (2, blocks, inputs, outputs), real parts
/// first, bias (2, blocks, outputs), both contiguous, and the packed forms, which pack() fills.
///
/// Real and imaginary parts count as independent numbers, so each block is one real product: a row
/// [xr xi] of 2 inputs numbers times [[W0, W1], [-W1, W0]].
template <class Space, class T>
struct ComplexWeights {
  std::int64_t blocks = 1, inputs = 1, outputs = 1;  ///< complex numbers of one block
  Row<Space, T const> weight, bias;
  Row<Space, T> packed;             ///< complex_packed_size() numbers
  Row<Space, T> packed_transposed;  ///< complex_transposed_size() numbers, for the input's gradient
};

/// Numbers the packed forms take.
template <class Space, class T>
std::int64_t complex_packed_size(std::int64_t blocks, std::int64_t inputs, std::int64_t outputs);
template <class Space, class T>
std::int64_t complex_transposed_size(std::int64_t blocks, std::int64_t inputs,
                                     std::int64_t outputs);
/// Bring weight and bias into the packed forms that have room (length > 0).
template <class Space, class T>
void pack(Space const& space, ComplexWeights<Space, T> const& weights);

// Shapes: x, dx (rows * blocks, 2 inputs), y, dy (rows * blocks, 2 outputs); row r of block b is
// row r * blocks + b: its real parts, then its imaginary ones. On CPUs the bits of a row depend on
// nothing but the row. Budget: 8 inputs * outputs FLOP a row of a block.

/// yr = epilogue(xr W0 - xi W1 + b0), yi = epilogue(xi W0 + xr W1 + b1).
template <class Space, class T>
void complex_linear(Space const& space, Rows<Space, T const> x,
                    ComplexWeights<Space, T> const& weights, Fused epilogue, Rows<Space, T> y);

/// dxr = dyr W0^T + dyi W1^T, dxi = -dyr W1^T + dyi W0^T, times the derivative of the activation
/// that produced x (computed from `operand`, see epilogue.hpp), or added to dx.
template <class Space, class T>
void complex_linear_input_gradient(Space const& space, Rows<Space, T const> dy,
                                   ComplexWeights<Space, T> const& weights, Fused derivative,
                                   Rows<Space, T const> operand, Gradient gradient,
                                   Rows<Space, T> dx);

/// dW0 = xr^T dyr + xi^T dyi, dW1 = -xi^T dyr + xr^T dyi, db = dy, summed over rows; they replace
/// what is in dweight (2, blocks, inputs, outputs) and dbias (2, blocks, outputs) or are added to
/// it. `scratch` takes complex_weight_gradient_scratch() numbers.
template <class Space, class T>
void complex_linear_weight_gradient(Space const& space, Rows<Space, T const> x,
                                    Rows<Space, T const> dy,
                                    ComplexWeights<Space, T> const& weights, Gradient gradient,
                                    Row<Space, T> dweight, Row<Space, T> dbias,
                                    Row<Space, T> scratch);
template <class Space, class T>
std::int64_t complex_weight_gradient_scratch(Space const& space, std::int64_t blocks,
                                             std::int64_t inputs, std::int64_t outputs);

}  // namespace crossjoule::kernels
