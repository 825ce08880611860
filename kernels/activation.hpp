// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/epilogue.hpp"
#include "kernels/views.hpp"

namespace crossjoule::kernels {

/// y = epilogue(x), also in place. relu, elu: the activation, NaN stays NaN. relu_gradient,
/// elu_gradient: x times the derivative, computed from the activation's results `result_of` (read
/// by these two only). Shapes: all (rows, columns). Budget: one read and one write a number; an elu
/// of a negative number costs about 16 operations.
template <class Space, class T>
void activate(Space const& space, Fused epilogue, Rows<Space, T const> x,
              Rows<Space, T const> result_of, Rows<Space, T> y);

/// y = a + b, also in place: residual connections, and gradients of values with several readers.
template <class Space, class T>
void add(Space const& space, Rows<Space, T const> a, Rows<Space, T const> b, Rows<Space, T> y);

}  // namespace crossjoule::kernels
