// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/gradient.hpp"
#include "kernels/linear.hpp"
#include "kernels/views.hpp"
#include "kernels/window_grid.hpp"

namespace crossjoule::kernels {

/// y = columns x W^T + bias, `columns` holding the numbers under the window at every place, zeros
/// for padding: a cross-correlation as a product, sample by sample. Shapes: x (samples * rows *
/// columns, features); weight (out, features * kernel rows * kernel columns), ordered (feature,
/// kernel row, kernel column); y (samples * places, out). `scratch` takes conv2d_scratch() numbers.
/// Budget: 2 out * taps FLOP a place, and each pixel copied as often as a window reads it.
template <class Space, class T>
void conv2d(Space const& space, std::int64_t samples, WindowGrid const& grid,
            Rows<Space, T const> x, LinearWeights<Space, T> const& weights, Rows<Space, T> y,
            Row<Space, T> scratch);

/// dweight = dy^T columns and dbias = dy summed over samples and places (where not empty), which
/// replace what is there or are added to it (`sums`); dx = dy W summed over the windows that read a
/// pixel (where not empty), by a mode of its own.
template <class Space, class T>
void conv2d_gradient(Space const& space, std::int64_t samples, WindowGrid const& grid,
                     Rows<Space, T const> x, LinearWeights<Space, T> const& weights,
                     Rows<Space, T const> dy, Gradient sums, Rows<Space, T> dweight,
                     Row<Space, T> dbias, Gradient dx_mode, Rows<Space, T> dx,
                     Row<Space, T> scratch);

/// Numbers of scratch of both.
template <class Space, class T>
std::int64_t conv2d_scratch(Space const& space, WindowGrid const& grid);

}  // namespace crossjoule::kernels
