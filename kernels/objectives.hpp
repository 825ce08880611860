// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/views.hpp"

namespace crossjoule::kernels {

// One number per sample; a sample is `rows_per_sample` consecutive rows. Shapes: x, target, dx
// (samples * rows_per_sample, columns), out (samples). Budget: 3 FLOP a number.

/// out[s] = sum (x - centre)^2.
template <class Space, class T>
void squared_distance(Space const& space, Rows<Space, T const> x, int rows_per_sample,
                      double centre, Row<Space, T> out);
/// dx = 2 (x - centre).
template <class Space, class T>
void squared_distance_gradient(Space const& space, Rows<Space, T const> x, double centre,
                               Rows<Space, T> dx);

/// out[s] = mean (x - target)^2 over the sample's numbers.
template <class Space, class T>
void mean_squared_error(Space const& space, Rows<Space, T const> x, Rows<Space, T const> target,
                        int rows_per_sample, Row<Space, T> out);
/// dx = 2 (x - target) / (numbers of a sample); the target counts as a constant.
template <class Space, class T>
void mean_squared_error_gradient(Space const& space, Rows<Space, T const> x,
                                 Rows<Space, T const> target, int rows_per_sample,
                                 Rows<Space, T> dx);

}  // namespace crossjoule::kernels
