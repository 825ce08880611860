// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/patches.hpp"
#include "kernels/portable/gemm.hpp"
#include "kernels/portable/pointwise.hpp"

namespace crossjoule::kernels::portable {

/// Pixel n of a sample in a view whose rows hold whole pixel rows.
template <class View>
KOKKOS_INLINE_FUNCTION auto& pixel(View const& images, std::int64_t index) {
  std::int64_t const across = images.extent(1);
  return images(index / across, index % across);
}

/// Where feature f of a token lies, counted over the pixels of all samples: f in the order of
/// embedding (channel, row, column) or of restoring (row, column, channel).
KOKKOS_INLINE_FUNCTION std::int64_t embedded_pixel(PatchGrid const& g, std::int64_t token,
                                                   std::int64_t f) {
  std::int64_t const across = g.columns / g.patch, tokens = g.rows / g.patch * across;
  std::int64_t const sample = token / tokens, i = token % tokens / across, j = token % across;
  std::int64_t const c = f / (g.patch * g.patch), a = f / g.patch % g.patch, b = f % g.patch;
  return ((sample * g.channels + c) * g.rows + i * g.patch + a) * g.columns + j * g.patch + b;
}
KOKKOS_INLINE_FUNCTION std::int64_t restored_pixel(PatchGrid const& g, std::int64_t token,
                                                   std::int64_t f) {
  return embedded_pixel(g, token, f % g.channels * g.patch * g.patch + f / g.channels);
}

template <class Space, class T>
void gather_patches(Space const& space, PatchGrid const& grid, Rows<Space, T const> images,
                    Rows<Space, T> rows) {
  Kokkos::parallel_for(
      "kernels::patch_embed::gather", plane(space, rows.extent(0), rows.extent(1)),
      KOKKOS_LAMBDA(std::int64_t const t, std::int64_t const f) {
        rows(t, f) = pixel(images, embedded_pixel(grid, t, f));
      });
}

template <class Space, class T>
Rows<Space, T> patch_rows(PatchGrid const& grid, std::int64_t samples, Row<Space, T> scratch) {
  return rows_view<Space, T>(scratch.data(), samples * grid.tokens(), grid.features(),
                             grid.features());
}

template <class Space, class T>
void patch_embed(Space const& space, std::int64_t samples, PatchGrid const& grid,
                 Rows<Space, T const> images, LinearWeights<Space, T> const& weights,
                 Row<Space, T const> position, Rows<Space, T> y, Row<Space, T> scratch) {
  auto const rows = patch_rows<Space, T>(grid, samples, scratch);
  gather_patches<Space, T>(space, grid, images, rows);
  gemm<Space, T>(space, Operand::as_is, rows, Operand::transposed, weights.weight,
                 Gradient::replace, y);
  std::int64_t const tokens = grid.tokens(), out = y.extent(1);
  auto const bias = weights.bias;
  bool const has_bias = bias.data() != nullptr, has_position = position.data() != nullptr;
  Kokkos::parallel_for(
      "kernels::patch_embed::position", plane(space, y.extent(0), out),
      KOKKOS_LAMBDA(std::int64_t const t, std::int64_t const k) {
        T value = y(t, k);
        if (has_bias) value += bias(k);
        if (has_position) value += position(t % tokens * out + k);
        y(t, k) = value;
      });
}

template <class Space, class T>
void patch_embed_gradient(Space const& space, std::int64_t samples, PatchGrid const& grid,
                          Rows<Space, T const> images, LinearWeights<Space, T> const& weights,
                          Rows<Space, T const> dy, Gradient sums, Row<Space, T> dposition,
                          Rows<Space, T> dweight, Row<Space, T> dbias, Rows<Space, T> dimages,
                          Gradient dimages_mode, Row<Space, T> scratch) {
  auto const rows = patch_rows<Space, T>(grid, samples, scratch);
  gather_patches<Space, T>(space, grid, images, rows);
  gemm<Space, T>(space, Operand::transposed, dy, Operand::as_is, rows, sums, dweight);
  if (dbias.data()) column_sums<Space, T>(space, dy, sums, dbias);
  std::int64_t const tokens = grid.tokens(), out = dy.extent(1);
  if (dposition.data()) {
    bool const adds = sums == Gradient::add;
    Kokkos::parallel_for(
        "kernels::patch_embed_gradient::position", plane(space, tokens, out),
        KOKKOS_LAMBDA(std::int64_t const t, std::int64_t const k) {
          T sum = adds ? dposition(t * out + k) : T{0};
          for (std::int64_t s = 0; s < samples; ++s) sum += dy(s * tokens + t, k);
          dposition(t * out + k) = sum;
        });
  }
  if (!dimages.data()) return;
  gemm<Space, T>(space, Operand::as_is, dy, Operand::as_is, weights.weight, Gradient::replace,
                 rows);
  bool const adds = dimages_mode == Gradient::add;
  Kokkos::parallel_for(
      "kernels::patch_embed_gradient::scatter", plane(space, rows.extent(0), rows.extent(1)),
      KOKKOS_LAMBDA(std::int64_t const t, std::int64_t const f) {
        T& to = pixel(dimages, embedded_pixel(grid, t, f));
        to = adds ? to + rows(t, f) : rows(t, f);
      });
}

template <class Space, class T>
void patch_restore(Space const& space, PatchGrid const& grid, Rows<Space, T const> x,
                   Rows<Space, T> images) {
  Kokkos::parallel_for(
      "kernels::patch_restore", plane(space, x.extent(0), grid.features()),
      KOKKOS_LAMBDA(std::int64_t const t, std::int64_t const f) {
        pixel(images, restored_pixel(grid, t, f)) = x(t, f);
      });
}
template <class Space, class T>
void patch_restore_gradient(Space const& space, PatchGrid const& grid, Rows<Space, T const> dimages,
                            Gradient gradient, Rows<Space, T> dx) {
  bool const adds = gradient == Gradient::add;
  Kokkos::parallel_for(
      "kernels::patch_restore_gradient", plane(space, dx.extent(0), grid.features()),
      KOKKOS_LAMBDA(std::int64_t const t, std::int64_t const f) {
        T const value = pixel(dimages, restored_pixel(grid, t, f));
        dx(t, f) = adds ? dx(t, f) + value : value;
      });
}

}  // namespace crossjoule::kernels::portable
