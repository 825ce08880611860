// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/epilogue.hpp"
#include "kernels/views.hpp"

namespace crossjoule::kernels {

/// y = epilogue(x), also in place. An activation takes x; NaN stays NaN. A gradient epilogue
/// multiplies x (the gradient that comes back) by the derivative, computed from `operand`, which
/// gradients alone read (epilogue.hpp says what it is; it may share memory with y). Shapes: all
/// (rows, columns). Budget: one read and one write a number (gradients: two reads); elu of a
/// negative number costs about 16 operations, gelu and its gradient about 30.
template <class Space, class T>
void activate(Space const& space, Fused epilogue, Rows<Space, T const> x,
              Rows<Space, T const> operand, Rows<Space, T> y);

/// y = a + b, also in place: residual connections, and gradients of values with several readers.
template <class Space, class T>
void add(Space const& space, Rows<Space, T const> a, Rows<Space, T const> b, Rows<Space, T> y);

}  // namespace crossjoule::kernels
