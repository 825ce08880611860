// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/gradient.hpp"
#include "kernels/linear.hpp"
#include "kernels/patch_grid.hpp"
#include "kernels/views.hpp"

namespace crossjoule::kernels {

// Images are views whose rows hold whole pixel rows of one sample, in the order (sample, channel,
// row): (samples * channels * rows, columns), (samples, channels * rows * columns), or anything
// between. Tokens are (samples * grid.tokens(), …).

/// y = patches x W^T + bias + position: a convolution whose kernel and stride are the patch.
/// Shapes: weight (out, channels * patch * patch), a patch being ordered (channel, row, column);
/// position (tokens * out), or empty; y (samples * tokens, out). `scratch` takes
/// patch_embed_scratch() numbers. Budget: 2 out * features FLOP a token, each pixel copied once.
template <class Space, class T>
void patch_embed(Space const& space, std::int64_t samples, PatchGrid const& grid,
                 Rows<Space, T const> images, LinearWeights<Space, T> const& weights,
                 Row<Space, T const> position, Rows<Space, T> y, Row<Space, T> scratch);

/// dposition = dy summed over samples (where not empty), dweight = dy^T patches and dbias = dy
/// summed over samples and tokens; they replace what is there or are added to it (`sums`). dimages
/// = dy W put back in place (where not empty), by a mode of its own. On CPUs rows add up in rising
/// order.
template <class Space, class T>
void patch_embed_gradient(Space const& space, std::int64_t samples, PatchGrid const& grid,
                          Rows<Space, T const> images, LinearWeights<Space, T> const& weights,
                          Rows<Space, T const> dy, Gradient sums, Row<Space, T> dposition,
                          Rows<Space, T> dweight, Row<Space, T> dbias, Rows<Space, T> dimages,
                          Gradient dimages_mode, Row<Space, T> scratch);

/// Numbers of scratch of both.
template <class Space, class T>
std::int64_t patch_embed_scratch(Space const& space, PatchGrid const& grid, std::int64_t samples);

/// images[c, i * patch + a, j * patch + b] = x[token (i, j), (a * patch + b) * channels + c]: from
/// tokens back to pixels, `grid` being that of the result. Shapes: x (samples * tokens, features).
template <class Space, class T>
void patch_restore(Space const& space, std::int64_t samples, PatchGrid const& grid,
                   Rows<Space, T const> x, Rows<Space, T> images);
/// The way back of a gradient, which replaces dx or is added to it.
template <class Space, class T>
void patch_restore_gradient(Space const& space, std::int64_t samples, PatchGrid const& grid,
                            Rows<Space, T const> dimages, Gradient gradient, Rows<Space, T> dx);

}  // namespace crossjoule::kernels
