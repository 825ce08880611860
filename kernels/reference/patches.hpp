// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/error.hpp"
#include "kernels/patch_grid.hpp"
#include "kernels/reference/arithmetic.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace crossjoule::kernels::reference {

/// Call body(token, feature, pixel) for all pixels of one sample: pixel counts (channel, row,
/// column), feature counts (channel, row in the patch, column in the patch).
template <class Body>
void for_pixels(PatchGrid const& grid, Body&& body) {
  std::int64_t const p = grid.patch;
  for (std::int64_t c = 0; c < grid.channels; ++c)
    for (std::int64_t row = 0; row < grid.rows; ++row)
      for (std::int64_t column = 0; column < grid.columns; ++column)
        body(row / p * grid.token_columns() + column / p, (c * p + row % p) * p + column % p,
             (c * grid.rows + row) * grid.columns + column);
}

/// y[t] = bias + sum_f patch[t, f] weight[:, f] + position[t]. Shapes: images (samples, channels,
/// rows, columns), weight (out, features), bias (out), position (tokens, out) or empty, y (samples,
/// tokens, out). Work: tokens * out * features MAC, an addition per result for the bias and one for
/// the position.
template <class T>
void patch_embed(std::size_t samples, PatchGrid const& grid, std::span<T const> images,
                 std::span<T const> weight, std::span<T const> bias, std::span<T const> position,
                 std::span<T> y) {
  std::size_t const out = bias.size(), features = grid.features(), tokens = grid.tokens();
  EXPECT(images.size() == samples * tokens * features && weight.size() == out * features);
  EXPECT(y.size() == samples * tokens * out && position.size() % (tokens * out) == 0);
  for (T& value : y) value = T(0);
  for (std::size_t s = 0; s < samples; ++s)
    for_pixels(grid, [&](std::int64_t t, std::int64_t f, std::int64_t pixel) {
      for (std::size_t o = 0; o < out; ++o) {
        T& sum = y[(s * tokens + t) * out + o];
        sum = multiply_add(sum, images[s * tokens * features + pixel], weight[o * features + f]);
      }
    });
  for (std::size_t n = 0; n < y.size(); ++n) y[n] = y[n] + bias[n % out];
  for (std::size_t n = 0; !position.empty() && n < y.size(); ++n)
    y[n] = y[n] + position[n % position.size()];
}

/// dposition = dy summed over samples (where not empty), dweight = dy^T patches, dbias = dy summed
/// over samples and tokens. Work: as forward.
template <class T>
void patch_embed_parameter_gradients(std::size_t samples, PatchGrid const& grid,
                                     std::span<T const> images, std::span<T const> dy,
                                     std::span<T> dposition, std::span<T> dweight,
                                     std::span<T> dbias) {
  std::size_t const out = dbias.size(), features = grid.features(), tokens = grid.tokens();
  EXPECT(dy.size() == samples * tokens * out && dweight.size() == out * features);
  for (auto const& all : {dposition, dweight, dbias})
    for (T& value : all) value = T(0);
  for (std::size_t s = 0; s < samples; ++s)
    for_pixels(grid, [&](std::int64_t t, std::int64_t f, std::int64_t pixel) {
      for (std::size_t o = 0; o < out; ++o) {
        T& sum = dweight[o * features + f];
        sum = multiply_add(sum, dy[(s * tokens + t) * out + o],
                           images[s * tokens * features + pixel]);
      }
    });
  for (std::size_t n = 0; n < dy.size(); ++n) dbias[n % out] = dbias[n % out] + dy[n];
  for (std::size_t n = 0; !dposition.empty() && n < dy.size(); ++n)
    dposition[n % dposition.size()] = dposition[n % dposition.size()] + dy[n];
}

/// dimages = dy W, each number in its pixel's place. Work: tokens * out * features MAC.
template <class T>
void patch_embed_input_gradient(std::size_t samples, PatchGrid const& grid, std::span<T const> dy,
                                std::span<T const> weight, std::span<T> dimages) {
  std::size_t const features = grid.features(), tokens = grid.tokens();
  std::size_t const out = weight.size() / features;
  EXPECT(dimages.size() == samples * tokens * features && dy.size() == samples * tokens * out);
  for (std::size_t s = 0; s < samples; ++s)
    for_pixels(grid, [&](std::int64_t t, std::int64_t f, std::int64_t pixel) {
      T sum = T(0);
      for (std::size_t o = 0; o < out; ++o)
        sum = multiply_add(sum, dy[(s * tokens + t) * out + o], weight[o * features + f]);
      dimages[s * tokens * features + pixel] = sum;
    });
}

/// The feature of patch_restore for a feature in the order of for_pixels: channel last.
inline std::int64_t channel_last(PatchGrid const& grid, std::int64_t feature) {
  std::int64_t const area = grid.patch * grid.patch;
  return feature % area * grid.channels + feature / area;
}

/// images[c, i p + a, j p + b] = x[token (i, j), (a p + b) channels + c]. Shapes: x (samples,
/// tokens, features). Copies only.
template <class T>
void patch_restore(std::size_t samples, PatchGrid const& grid, std::span<T const> x,
                   std::span<T> images) {
  std::size_t const size = grid.features() * grid.tokens();
  EXPECT(x.size() == samples * size && images.size() == x.size());
  for (std::size_t s = 0; s < samples; ++s)
    for_pixels(grid, [&](std::int64_t t, std::int64_t f, std::int64_t pixel) {
      images[s * size + pixel] = x[s * size + t * grid.features() + channel_last(grid, f)];
    });
}
template <class T>
void patch_restore_gradient(std::size_t samples, PatchGrid const& grid, std::span<T const> dimages,
                            std::span<T> dx) {
  std::size_t const size = grid.features() * grid.tokens();
  EXPECT(dx.size() == samples * size && dimages.size() == dx.size());
  for (std::size_t s = 0; s < samples; ++s)
    for_pixels(grid, [&](std::int64_t t, std::int64_t f, std::int64_t pixel) {
      dx[s * size + t * grid.features() + channel_last(grid, f)] = dimages[s * size + pixel];
    });
}

}  // namespace crossjoule::kernels::reference
