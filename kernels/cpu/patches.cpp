// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/cpu/patches.hpp"

#include <algorithm>

namespace crossjoule::kernels::cpu {
namespace {

/// Call copy(pixel row, first pixel in the patch, count, feature in the piece) for every run of
/// pixels that lie side by side both in a patch of token row i and in the piece.
template <class Copy>
void for_runs(PatchGrid const& grid, PatchPiece const& piece, std::int64_t i, Copy&& copy) {
  std::int64_t const last = piece.first_feature + piece.features;
  for (std::int64_t f = piece.first_feature; f < last;) {
    std::int64_t const line = f / grid.patch, b = f % grid.patch;  // line: (channel, row in patch)
    std::int64_t const count = std::min(grid.patch - b, last - f);
    copy(line / grid.patch * grid.rows + i * grid.patch + line % grid.patch, b, count,
         f - piece.first_feature);
    f += count;
  }
}

/// Call row(token row, first token column, end, place of the first one in the piece).
template <class Row>
void for_token_rows(PatchGrid const& grid, PatchPiece const& piece, Row&& row) {
  std::int64_t const across = grid.token_columns(), last = piece.first_token + piece.tokens;
  for (std::int64_t t = piece.first_token; t < last;) {
    std::int64_t const j = t % across, end = std::min(across, j + last - t);
    row(t / across, j, end, t - piece.first_token);
    t += end - j;
  }
}

/// run(size), with the usual sizes of patches as constants: their loops become straight lines.
template <class Run>
void with_constant(std::int64_t size, Run&& run) {
  switch (size) {
    case 2: return run(std::integral_constant<std::int64_t, 2>());
    case 4: return run(std::integral_constant<std::int64_t, 4>());
    case 8: return run(std::integral_constant<std::int64_t, 8>());
    default: return run(size);
  }
}

/// Copy `count` numbers for each of `times` places.
template <class T, class Move>
void repeat(std::int64_t count, std::int64_t times, T const* from, std::int64_t from_step, T* to,
            std::int64_t to_step, Move&& move) {
  with_constant(count, [&](auto numbers) {
    for (std::int64_t n = 0; n < times; ++n, from += from_step, to += to_step)
      for (std::int64_t k = 0; k < numbers; ++k) move(from[k], to[k]);
  });
}

}  // namespace

template <class T>
void gather_patches(PatchGrid const& grid, Pixels<T const> images, PatchPiece const& piece, T* rows,
                    std::int64_t stride) {
  for_token_rows(
      grid, piece, [&](std::int64_t i, std::int64_t j, std::int64_t end, std::int64_t t) {
        for_runs(grid, piece, i,
                 [&](std::int64_t line, std::int64_t b, std::int64_t count, std::int64_t f) {
                   repeat(count, end - j, images.row(line) + j * grid.patch + b, grid.patch,
                          rows + t * stride + f, stride, [](T const& from, T& to) { to = from; });
                 });
      });
}

template <class T>
void scatter_patches(PatchGrid const& grid, PatchPiece const& piece, T const* rows,
                     std::int64_t stride, Into into, Pixels<T> images) {
  for_token_rows(
      grid, piece, [&](std::int64_t i, std::int64_t j, std::int64_t end, std::int64_t t) {
        for_runs(grid, piece, i,
                 [&](std::int64_t line, std::int64_t b, std::int64_t count, std::int64_t f) {
                   T const* const from = rows + t * stride + f;
                   T* const to = images.row(line) + j * grid.patch + b;
                   if (into == Into::add)
                     repeat(count, end - j, from, stride, to, grid.patch,
                            [](T const& value, T& pixel) { pixel += value; });
                   else
                     repeat(count, end - j, from, stride, to, grid.patch,
                            [](T const& value, T& pixel) { pixel = value; });
                 });
      });
}

template <class T>
void restore_row(PatchGrid const& grid, std::int64_t i, Matrix<T const> x, Pixels<T> images) {
  with_constant(grid.patch, [&](auto patch) {
    std::int64_t const across = grid.token_columns(), channels = grid.channels;
    for (std::int64_t a = 0; a < patch; ++a)
      for (std::int64_t c = 0; c < channels; ++c) {
        T* to = images.row(c * grid.rows + i * patch + a);
        T const* from = x.data + i * across * x.stride + a * patch * channels + c;
        T const* next = from - c + patch * (channels + c);  // c's part of pixel row a + 1
        for (std::int64_t j = 0; j < across; ++j, from += x.stride, next += x.stride, to += patch) {
          __builtin_prefetch(next);
          for (std::int64_t b = 0; b < patch; ++b) to[b] = from[b * channels];
        }
      }
  });
}

template <class T>
void restore_row_gradient(PatchGrid const& grid, std::int64_t i, Pixels<T const> dimages, Into into,
                          Matrix<T> dx) {
  with_constant(grid.patch, [&](auto patch) {
    std::int64_t const across = grid.token_columns(), channels = grid.channels;
    bool const adds = into == Into::add;
    for (std::int64_t a = 0; a < patch; ++a)
      for (std::int64_t c = 0; c < channels; ++c) {
        T const* from = dimages.row(c * grid.rows + i * patch + a);
        T* to = dx.data + i * across * dx.stride + a * patch * channels + c;
        T* next = to - c + patch * (channels + c);
        for (std::int64_t j = 0; j < across;
             ++j, from += patch, to += dx.stride, next += dx.stride) {
          __builtin_prefetch(next, 1);
          for (std::int64_t b = 0; b < patch; ++b)
            to[b * channels] = adds ? to[b * channels] + from[b] : from[b];
        }
      }
  });
}

#define CROSSJOULE_INSTANTIATE(T)                                                               \
  template void gather_patches<T>(PatchGrid const&, Pixels<T const>, PatchPiece const&, T*,     \
                                  std::int64_t);                                                \
  template void scatter_patches<T>(PatchGrid const&, PatchPiece const&, T const*, std::int64_t, \
                                   Into, Pixels<T>);                                            \
  template void restore_row<T>(PatchGrid const&, std::int64_t, Matrix<T const>, Pixels<T>);     \
  template void restore_row_gradient<T>(PatchGrid const&, std::int64_t, Pixels<T const>, Into,  \
                                        Matrix<T>);
CROSSJOULE_INSTANTIATE(float)
CROSSJOULE_INSTANTIATE(double)

}  // namespace crossjoule::kernels::cpu
