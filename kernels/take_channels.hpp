// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/gradient.hpp"
#include "kernels/views.hpp"

#include <cstdint>

namespace crossjoule::kernels {

/// Some channels of images, channels outermost: y becomes rows [first_row, first_row + its rows) of
/// each sample of x. Shapes: x (samples * its rows, columns), y (samples * its rows, columns).
/// Budget: one read and one write a number of y.
template <class Space, class T>
void take_channels(Space const& space, std::int64_t samples, Rows<Space, T const> x,
                   std::int64_t first_row, Rows<Space, T> y);
/// The adjoint: these rows of dx = (or +=) dy; the others become 0 (or stay).
template <class Space, class T>
void take_channels_gradient(Space const& space, std::int64_t samples, Rows<Space, T const> dy,
                            std::int64_t first_row, Gradient mode, Rows<Space, T> dx);

}  // namespace crossjoule::kernels
