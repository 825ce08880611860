// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/cpu/pointwise.hpp"

/// Functions of one row at a time, of one thread on plain pointers; kernels/row_functions.hpp has
/// the formulas.
namespace crossjoule::kernels::cpu {

template <class T>
void batch_norm(Matrix<T const> x, T const* scale, T const* shift, Matrix<T> y);

/// y has one column.
template <class T>
void log_cosh_sum(Matrix<T const> x, Matrix<T> y);

}  // namespace crossjoule::kernels::cpu
