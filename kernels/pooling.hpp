// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/gradient.hpp"
#include "kernels/views.hpp"
#include "kernels/window_grid.hpp"

namespace crossjoule::kernels {

// Images are (samples * rows * columns, features), results (samples * places, features).

/// y = the largest number under each window, padding left out; NaN wins. Budget: every number read
/// as often as a window covers it.
template <class Space, class T>
void max_pool(Space const& space, WindowGrid const& grid, Rows<Space, T const> x, Rows<Space, T> y);
/// dx = dy where the first of the largest numbers lies, or added to dx.
template <class Space, class T>
void max_pool_gradient(Space const& space, std::int64_t samples, WindowGrid const& grid,
                       Rows<Space, T const> x, Rows<Space, T const> dy, Gradient mode,
                       Rows<Space, T> dx);

/// y = the sum under each window over the size of the kernel; padding counts as 0. A kernel as
/// large as the image makes the global mean.
template <class Space, class T>
void average_pool(Space const& space, WindowGrid const& grid, Rows<Space, T const> x,
                  Rows<Space, T> y);
template <class Space, class T>
void average_pool_gradient(Space const& space, std::int64_t samples, WindowGrid const& grid,
                           Rows<Space, T const> dy, Gradient mode, Rows<Space, T> dx);

/// The rows of each sample side by side in one. Shapes: x (samples * rows, columns), y (samples,
/// rows * columns).
template <class Space, class T>
void flatten(Space const& space, Rows<Space, T const> x, Rows<Space, T> y);
template <class Space, class T>
void flatten_gradient(Space const& space, Rows<Space, T const> dy, Gradient mode,
                      Rows<Space, T> dx);

}  // namespace crossjoule::kernels
