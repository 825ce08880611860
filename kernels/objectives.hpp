// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/gradient.hpp"
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

/// Weights of squares by rows of an image: number n of a sample counts weight[n / columns % rows],
/// rows being the length of `weight`. Without weights every number counts 1.
template <class Space, class T>
struct RowWeights {
  Row<Space, T const> weight = {};
  std::int64_t columns = 1;
};

/// out[s] = ||x - target|| / ||target|| over the sample's numbers, or added to out; norms of
/// weighted squares, in double precision. Shapes: x and target (samples * rows of a sample,
/// columns), each with a row length of its own: only the order of the numbers counts. A target of
/// norm 0 gives inf or NaN. Budget: 5 FLOP a number, 7 with weights.
template <class Space, class T>
void relative_error(Space const& space, std::int64_t samples, Rows<Space, T const> x,
                    Rows<Space, T const> target, RowWeights<Space, T> const& weights, Gradient mode,
                    Row<Space, T> out);
/// dx = weight (x - target) / (||x - target|| ||target||), the gradient of the sum over samples,
/// the target being constant, or added to dx; 0 where x is the target. Shape of dx as that of x.
template <class Space, class T>
void relative_error_gradient(Space const& space, std::int64_t samples, Rows<Space, T const> x,
                             Rows<Space, T const> target, RowWeights<Space, T> const& weights,
                             Gradient mode, Rows<Space, T> dx);

}  // namespace crossjoule::kernels
