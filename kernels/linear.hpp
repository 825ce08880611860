// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/epilogue.hpp"
#include "kernels/gradient.hpp"
#include "kernels/views.hpp"

namespace crossjoule::kernels {

/// One layer's weight (outputs, inputs), bias (outputs, or empty) and, on CPUs, its packed forms,
/// which pack() fills. On other devices `packed` and `packed_transposed` stay empty.
template <class Space, class T>
struct LinearWeights {
  Rows<Space, T const> weight;
  Row<Space, T const> bias;
  Row<Space, T> packed;             ///< for linear(): packed_size(outputs, inputs) numbers
  Row<Space, T> packed_transposed;  ///< for linear_input_gradient(): packed_size(inputs, outputs)
};

/// Numbers a packed form takes: 0 where the device needs none.
template <class Space, class T>
std::int64_t packed_size(std::int64_t columns, std::int64_t depth);
/// Bring weight and bias into the packed forms that have room (length > 0).
template <class Space, class T>
void pack(Space const& space, LinearWeights<Space, T> const& weights);

/// The row stride that kernels like best for a matrix of `columns` columns.
template <class Space, class T>
std::int64_t row_stride(std::int64_t columns);

/// y[r,n] = epilogue(bias[n] + sum_k x[r,k] weight[n,k]).
/// Shapes: x (rows, inputs), y (rows, outputs). On CPUs every sum is one chain of multiply-adds
/// over rising k: the bits of a row depend on nothing but the row. Budget: 2 inputs * outputs FLOP
/// a row.
template <class Space, class T>
void linear(Space const& space, Rows<Space, T const> x, LinearWeights<Space, T> const& weights,
            Fused epilogue, Rows<Space, T> y);

/// dx[r,k] = epilogue(sum_n dy[r,n] weight[n,k]), or added to dx. A gradient epilogue multiplies by
/// the derivative of the activation that produced x, computed from its `operand` (rows, inputs):
/// epilogue.hpp says whether that is the activation's result or its input.
template <class Space, class T>
void linear_input_gradient(Space const& space, Rows<Space, T const> dy,
                           LinearWeights<Space, T> const& weights, Fused epilogue,
                           Rows<Space, T const> operand, Gradient gradient, Rows<Space, T> dx);

/// dweight[n,k] = sum_r dy[r,n] x[r,k] and dbias[n] = sum_r dy[r,n] (skipped where dbias is empty),
/// or both added to what is there (parameters with several readers). On CPUs every sum is one chain
/// over rising r, starting from 0 or from what is there: a call for all rows and a replacing call
/// for the first rows with adding calls for the next ones give the same bits. `scratch` takes
/// weight_gradient_scratch() numbers.
template <class Space, class T>
void linear_weight_gradient(Space const& space, Rows<Space, T const> x, Rows<Space, T const> dy,
                            Rows<Space, T> dweight, Row<Space, T> dbias, Row<Space, T> scratch,
                            Gradient gradient = Gradient::replace);
template <class Space, class T>
std::int64_t weight_gradient_scratch(Space const& space);

}  // namespace crossjoule::kernels
