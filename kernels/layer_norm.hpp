// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/gradient.hpp"
#include "kernels/views.hpp"

namespace crossjoule::kernels {

/// Bring each row of x to mean 0 and variance 1, then scale and shift it:
///   y[r,:] = gain * (x[r,:] - mean[r]) * rstd[r] + bias,   rstd = 1 / sqrt(variance + epsilon)
/// with the biased variance (divided by `columns`). Shapes: x, y (rows, columns), y may be x; gain,
/// bias (columns). No statistics are kept: the way back computes them again from x. The bits of a
/// row depend on the row alone. Budget: 7 FLOP an element; x read once (a row stays in the first
/// cache), y written once.
template <class Space, class T>
void layer_norm(Space const& space, Rows<Space, T const> x, Row<Space, T const> gain,
                Row<Space, T const> bias, T epsilon, Rows<Space, T> y);

/// With h = (x - mean) rstd and g = gain * dy, row by row:
///   dx = rstd (g - mean(g) - h mean(g h)),   dgain = sum_r dy h,   dbias = sum_r dy,
/// each replacing what is there or added to it. dx may be empty (not wanted) or, where it replaces,
/// be dy itself; dgain and dbias may be empty, both together. Rows are summed in blocks whose
/// number and order depend on the shape alone, never on threads. `scratch` takes
/// layer_norm_scratch() numbers, none where dgain is empty. Budget: x and dy read once, dx written
/// once.
template <class Space, class T>
void layer_norm_gradient(Space const& space, Rows<Space, T const> x, Row<Space, T const> gain,
                         T epsilon, Rows<Space, T const> dy, Gradient dx_gradient,
                         Rows<Space, T> dx, Gradient parameter_gradient, Row<Space, T> dgain,
                         Row<Space, T> dbias, Row<Space, T> scratch);
/// Numbers of scratch for rows of `columns` numbers.
template <class Space, class T>
std::int64_t layer_norm_scratch(Space const& space, std::int64_t columns);

}  // namespace crossjoule::kernels
