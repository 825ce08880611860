// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/gradient.hpp"
#include "kernels/views.hpp"

namespace crossjoule::kernels {

/// y = scale x + shift in each row: batch normalisation with its statistics folded in. Shapes: x, y
/// (rows, columns); scale, shift (columns). Budget: x read and y written once.
template <class Space, class T>
void batch_norm(Space const& space, Rows<Space, T const> x, Row<Space, T const> scale,
                Row<Space, T const> shift, Rows<Space, T> y);

/// dx = scale dy, or added to dx (where not empty); dscale = sum_r dy x and dshift = sum_r dy,
/// rows in rising order, or added to what is there.
template <class Space, class T>
void batch_norm_gradient(Space const& space, Rows<Space, T const> x, Row<Space, T const> scale,
                         Rows<Space, T const> dy, Gradient dx_mode, Rows<Space, T> dx,
                         Gradient sums, Row<Space, T> dscale, Row<Space, T> dshift);

/// y[r] = sum_k log(2 cosh x[r,k]), each term as |x| + log(1 + exp(-2 |x|)). Shapes: x (rows,
/// columns), y (rows, 1). Budget: about 20 FLOP a number, a logarithm for some hundred on CPUs.
template <class Space, class T>
void log_cosh_sum(Space const& space, Rows<Space, T const> x, Rows<Space, T> y);
/// dx = dy tanh(x), or added to dx.
template <class Space, class T>
void log_cosh_sum_gradient(Space const& space, Rows<Space, T const> x, Rows<Space, T const> dy,
                           Gradient dx_mode, Rows<Space, T> dx);

}  // namespace crossjoule::kernels
