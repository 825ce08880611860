// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/gradient.hpp"
#include "kernels/views.hpp"

#include <cstdint>

namespace crossjoule::kernels {

/// One of the images that are joined, channels outermost, into its place in the whole: in each
/// sample, rows [first_row, first_row + rows of x) of y become those of x. Shapes: x (samples * its
/// rows, columns), y (samples * its rows, columns). Budget: one read and one write a number.
template <class Space, class T>
void join_channels(Space const& space, std::int64_t samples, Rows<Space, T const> x,
                   std::int64_t first_row, Rows<Space, T> y);
/// The adjoint: dx = (or +=) these rows of dy.
template <class Space, class T>
void join_channels_gradient(Space const& space, std::int64_t samples, Rows<Space, T const> dy,
                            std::int64_t first_row, Gradient mode, Rows<Space, T> dx);

}  // namespace crossjoule::kernels
