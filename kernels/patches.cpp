// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/patches.hpp"

#include "core/error.hpp"
#include "kernels/cpu/dense.hpp"
#include "kernels/cpu/patches.hpp"
#include "kernels/portable/patches.hpp"
#include "kernels/shares.hpp"

#include <algorithm>

namespace crossjoule::kernels {
namespace {

/// Tokens whose patches are gathered at once: a quarter of the second cache, whole register blocks.
template <class T>
std::int64_t tile_tokens(PatchGrid const& grid) {
  constexpr std::int64_t bytes = 256 * 1024;
  std::int64_t const block = cpu::rows_per_block();
  std::int64_t const fitting = bytes / static_cast<std::int64_t>(sizeof(T)) / grid.features();
  return std::clamp<std::int64_t>(fitting / block, 4, 20) * block;
}
template <class T>
std::int64_t tile_stride(PatchGrid const& grid) {
  return cpu::good_stride<T>(grid.features());
}

cpu::Into into(Gradient gradient) {
  return gradient == Gradient::add ? cpu::Into::add : cpu::Into::replace;
}

template <class T>
cpu::Pixels<T> pixels(PatchGrid const& grid, Rows<HostSpace, T> const& images, std::int64_t sample,
                      std::int64_t samples) {
  std::int64_t const rows = static_cast<std::int64_t>(images.extent(0)) / samples;
  return {images.data() + sample * rows * stride_of(images), grid.columns,
          static_cast<std::int64_t>(images.extent(1)) / grid.columns, stride_of(images)};
}

template <class View>
void expect_images([[maybe_unused]] PatchGrid const& grid, [[maybe_unused]] std::int64_t samples,
                   [[maybe_unused]] View const& images) {
  EXPECT(grid.rows % grid.patch == 0 && grid.columns % grid.patch == 0);
  EXPECT(static_cast<std::int64_t>(images.extent(0) * images.extent(1)) ==
         samples * grid.channels * grid.rows * grid.columns);
  EXPECT(images.extent(0) % samples == 0 && images.extent(1) % grid.columns == 0);
}

/// Run body(sample, first token, tokens, share) on tiles of tokens; no tile crosses samples.
template <class T, class Body>
void for_tiles(std::string const& label, HostSpace const& space, PatchGrid const& grid,
               std::int64_t samples, Body const& body) {
  std::int64_t const tile = tile_tokens<T>(grid), tiles = (grid.tokens() + tile - 1) / tile;
  std::int64_t const all = samples * tiles;
  std::int64_t const shares = std::min<std::int64_t>(all, space.concurrency());
  for_shares(label, space, shares, 1, [=](std::int64_t first, std::int64_t last) {
    for (std::int64_t share = first; share < last; ++share)
      for (std::int64_t n = all * share / shares; n < all * (share + 1) / shares; ++n) {
        std::int64_t const token = n % tiles * tile;
        body(n / tiles, token, std::min(tile, grid.tokens() - token), share);
      }
  });
}

/// Tokens whose patches meet their gradients at once: enough for outer() to work at its full rate.
std::int64_t gradient_tile_tokens(PatchGrid const& grid) {
  constexpr std::int64_t rows = 256;
  return std::min(rows, grid.tokens());
}
/// Room of one share: a tile of patches and what outer() asks for.
template <class T>
std::int64_t room_of_share(PatchGrid const& grid) {
  return std::max(tile_tokens<T>(grid), gradient_tile_tokens(grid)) * tile_stride<T>(grid) +
         cpu::outer_scratch<T>();
}

template <class T>
void embed_tile(PatchGrid const& grid, cpu::Pixels<T const> images, cpu::PatchPiece const& piece,
                T const* packed, T const* position, cpu::Matrix<T> y, T* room) {
  std::int64_t const stride = tile_stride<T>(grid);
  cpu::gather_patches<T>(grid, images, piece, room, stride);
  cpu::multiply<T>({.rows = piece.tokens,
                    .depth = grid.features(),
                    .columns = y.columns,
                    .x = room,
                    .x_stride = stride,
                    .packed = packed,
                    .y = y.data,
                    .y_stride = y.stride});
  if (position)
    cpu::add<T>({y.data, y.rows, y.columns, y.stride},
                {position + piece.first_token * y.columns, y.rows, y.columns, y.columns}, y);
}

/// dweight for features [first, last), and dbias with the first of them: tile after tile, so that
/// rows add up in rising order.
template <class T>
void weight_gradient(PatchGrid const& grid, std::int64_t samples, Rows<HostSpace, T const> images,
                     Rows<HostSpace, T const> dy, std::int64_t first, std::int64_t last,
                     cpu::Into sums, Rows<HostSpace, T> dweight, T* dbias, T* room) {
  std::int64_t const tile = gradient_tile_tokens(grid), stride = tile_stride<T>(grid);
  cpu::Into mode = sums;
  for (std::int64_t sample = 0; sample < samples; ++sample)
    for (std::int64_t token = 0; token < grid.tokens(); token += tile) {
      cpu::PatchPiece const piece{token, std::min(tile, grid.tokens() - token), first,
                                  last - first};
      cpu::gather_patches<T>(grid, pixels(grid, images, sample, samples), piece, room, stride);
      cpu::outer<T>({.rows = piece.tokens,
                     .outputs = static_cast<std::int64_t>(dy.extent(1)),
                     .first = 0,
                     .last = last - first,
                     .dy = dy.data() + (sample * grid.tokens() + token) * stride_of(dy),
                     .dy_stride = stride_of(dy),
                     .x = room,
                     .x_stride = stride,
                     .dw = dweight.data() + first,
                     .dw_stride = stride_of(dweight),
                     .sums = first == 0 ? dbias : nullptr,
                     .scratch = room + tile * stride,
                     .into = mode});
      mode = cpu::Into::add;
    }
}

/// dposition[t] = dy of token t, summed over samples.
template <class T>
void position_gradient(std::int64_t samples, std::int64_t tokens, Rows<HostSpace, T const> dy,
                       Gradient sums, T* dposition) {
  std::int64_t const out = dy.extent(1);
  cpu::Matrix<T> const to{dposition, tokens, out, out};
  cpu::Matrix<T const> const so_far{dposition, tokens, out, out};
  for (std::int64_t sample = 0; sample < samples; ++sample) {
    auto const rows = matrix(dy, sample * tokens, (sample + 1) * tokens);
    if (sample == 0 && sums == Gradient::replace)
      cpu::activate<T>({}, rows, {}, to);  // a copy
    else
      cpu::add<T>(so_far, rows, to);
  }
}

}  // namespace

template <class Space, class T>
std::int64_t patch_embed_scratch([[maybe_unused]] Space const& space, PatchGrid const& grid,
                                 std::int64_t samples) {
  if constexpr (is_host<Space>)
    return room_of_share<T>(grid) * static_cast<std::int64_t>(space.concurrency());
  return samples * grid.tokens() * grid.features();
}

template <class Space, class T>
void patch_embed(Space const& space, std::int64_t samples, PatchGrid const& grid,
                 Rows<Space, T const> images, LinearWeights<Space, T> const& weights,
                 Row<Space, T const> position, Rows<Space, T> y, Row<Space, T> scratch) {
  expect_images(grid, samples, images);
  EXPECT(static_cast<std::int64_t>(y.extent(0)) == samples * grid.tokens());
  if constexpr (is_host<Space>) {
    static std::string const label = "kernels::patch_embed";
    for_tiles<T>(
        label, space, grid, samples,
        [=](std::int64_t sample, std::int64_t token, std::int64_t tokens, std::int64_t share) {
          std::int64_t const row = sample * grid.tokens() + token;
          embed_tile<T>(grid, pixels(grid, images, sample, samples),
                        {token, tokens, 0, grid.features()}, weights.packed.data(), position.data(),
                        matrix(y, row, row + tokens),
                        scratch.data() + share * room_of_share<T>(grid));
        });
  } else {
    portable::patch_embed<Space, T>(space, samples, grid, images, weights, position, y, scratch);
  }
}

template <class Space, class T>
void patch_embed_gradient(Space const& space, std::int64_t samples, PatchGrid const& grid,
                          Rows<Space, T const> images, LinearWeights<Space, T> const& weights,
                          Rows<Space, T const> dy, Gradient sums, Row<Space, T> dposition,
                          Rows<Space, T> dweight, Row<Space, T> dbias, Rows<Space, T> dimages,
                          Gradient dimages_mode, Row<Space, T> scratch) {
  expect_images(grid, samples, images);
  EXPECT(static_cast<std::int64_t>(dy.extent(0)) == samples * grid.tokens());
  if constexpr (is_host<Space>) {
    static std::string const label = "kernels::patch_embed_gradient";
    std::int64_t const panel = cpu::panel_columns<T>(), features = grid.features();
    std::int64_t const panels = (features + panel - 1) / panel, room = room_of_share<T>(grid);
    std::int64_t const shares = std::min<std::int64_t>(panels, space.concurrency());
    for_shares(label, space, shares, 1, [=](std::int64_t first, std::int64_t last) {
      for (std::int64_t share = first; share < last; ++share)
        weight_gradient<T>(grid, samples, images, dy, panels * share / shares * panel,
                           std::min(features, panels * (share + 1) / shares * panel), into(sums),
                           dweight, dbias.data(), scratch.data() + share * room);
    });
    if (dposition.data()) position_gradient<T>(samples, grid.tokens(), dy, sums, dposition.data());
    if (!dimages.data()) return;
    for_tiles<T>(
        label, space, grid, samples,
        [=](std::int64_t sample, std::int64_t token, std::int64_t tokens, std::int64_t share) {
          T* const rows = scratch.data() + share * room;
          std::int64_t const stride = tile_stride<T>(grid);
          std::int64_t const row = sample * grid.tokens() + token;
          auto const from = matrix(dy, row, row + tokens);
          cpu::multiply<T>({.rows = tokens,
                            .depth = from.columns,
                            .columns = features,
                            .x = from.data,
                            .x_stride = from.stride,
                            .packed = weights.packed_transposed.data(),
                            .y = rows,
                            .y_stride = stride});
          cpu::scatter_patches<T>(grid, {token, tokens, 0, features}, rows, stride,
                                  into(dimages_mode), pixels(grid, dimages, sample, samples));
        });
  } else {
    portable::patch_embed_gradient<Space, T>(space, samples, grid, images, weights, dy, sums,
                                             dposition, dweight, dbias, dimages, dimages_mode,
                                             scratch);
  }
}

template <class Space, class T>
void patch_restore(Space const& space, std::int64_t samples, PatchGrid const& grid,
                   Rows<Space, T const> x, Rows<Space, T> images) {
  expect_images(grid, samples, images);
  EXPECT(static_cast<std::int64_t>(x.extent(0)) == samples * grid.tokens());
  if constexpr (is_host<Space>) {
    static std::string const label = "kernels::patch_restore";
    std::int64_t const down = grid.rows / grid.patch, tokens = grid.tokens();
    for_shares(label, space, samples * down, 1, [=](std::int64_t first, std::int64_t last) {
      for (std::int64_t n = first; n < last; ++n)
        cpu::restore_row<T>(grid, n % down, matrix(x, n / down * tokens, (n / down + 1) * tokens),
                            pixels(grid, images, n / down, samples));
    });
  } else {
    portable::patch_restore<Space, T>(space, grid, x, images);
  }
}

template <class Space, class T>
void patch_restore_gradient(Space const& space, std::int64_t samples, PatchGrid const& grid,
                            Rows<Space, T const> dimages, Gradient gradient, Rows<Space, T> dx) {
  expect_images(grid, samples, dimages);
  EXPECT(static_cast<std::int64_t>(dx.extent(0)) == samples * grid.tokens());
  if constexpr (is_host<Space>) {
    static std::string const label = "kernels::patch_restore_gradient";
    std::int64_t const down = grid.rows / grid.patch, tokens = grid.tokens();
    for_shares(label, space, samples * down, 1, [=](std::int64_t first, std::int64_t last) {
      for (std::int64_t n = first; n < last; ++n)
        cpu::restore_row_gradient<T>(grid, n % down, pixels(grid, dimages, n / down, samples),
                                     into(gradient),
                                     matrix(dx, n / down * tokens, (n / down + 1) * tokens));
    });
  } else {
    portable::patch_restore_gradient<Space, T>(space, grid, dimages, gradient, dx);
  }
}

#define CROSSJOULE_INSTANTIATE(S, T)                                                            \
  template std::int64_t patch_embed_scratch<S, T>(S const&, PatchGrid const&, std::int64_t);    \
  template void patch_embed<S, T>(S const&, std::int64_t, PatchGrid const&, Rows<S, T const>,   \
                                  LinearWeights<S, T> const&, Row<S, T const>, Rows<S, T>,      \
                                  Row<S, T>);                                                   \
  template void patch_embed_gradient<S, T>(S const&, std::int64_t, PatchGrid const&,            \
                                           Rows<S, T const>, LinearWeights<S, T> const&,        \
                                           Rows<S, T const>, Gradient, Row<S, T>, Rows<S, T>,   \
                                           Row<S, T>, Rows<S, T>, Gradient, Row<S, T>);         \
  template void patch_restore<S, T>(S const&, std::int64_t, PatchGrid const&, Rows<S, T const>, \
                                    Rows<S, T>);                                                \
  template void patch_restore_gradient<S, T>(S const&, std::int64_t, PatchGrid const&,          \
                                             Rows<S, T const>, Gradient, Rows<S, T>);
CROSSJOULE_FOR_SPACES(CROSSJOULE_INSTANTIATE)

}  // namespace crossjoule::kernels
