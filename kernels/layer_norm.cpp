// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/layer_norm.hpp"

#include "core/error.hpp"
#include "kernels/cpu/layer_norm.hpp"
#include "kernels/portable/layer_norm.hpp"
#include "kernels/shares.hpp"

namespace crossjoule::kernels {
namespace {

/// Blocks of rows, each summed on its own: enough for the threads of a node, and for a GPU.
template <class Space>
constexpr std::int64_t row_blocks = is_host<Space> ? 16 : 512;

/// Parameter gradients from the sums of `blocks` blocks, in rising order.
template <class T>
void join_blocks(HostSpace const& space, std::int64_t blocks, std::int64_t columns,
                 Row<HostSpace, T> sums, Gradient gradient, Row<HostSpace, T> dgain,
                 Row<HostSpace, T> dbias) {
  static std::string const label = "kernels::layer_norm_gradient";
  cpu::Into const into = gradient == Gradient::add ? cpu::Into::add : cpu::Into::replace;
  for_shares(label, space, 2, 1, [=](std::int64_t first, std::int64_t last) {
    for (std::int64_t part = first; part < last; ++part)
      cpu::column_sums<T>({sums.data() + part * columns, blocks, columns, 2 * columns}, into,
                          part == 0 ? dgain.data() : dbias.data());
  });
}

}  // namespace

template <class Space, class T>
void layer_norm(Space const& space, Rows<Space, T const> x, Row<Space, T const> gain,
                Row<Space, T const> bias, T epsilon, Rows<Space, T> y) {
  EXPECT(x.extent(0) == y.extent(0) && x.extent(1) == y.extent(1) && x.extent(1) > 0);
  EXPECT(gain.extent(0) == x.extent(1) && bias.extent(0) == x.extent(1));
  if constexpr (is_host<Space>) {
    static std::string const label = "kernels::layer_norm";
    for_shares(label, space, y.extent(0), 1, [=](std::int64_t first, std::int64_t last) {
      cpu::layer_norm<T>(matrix(x, first, last), gain.data(), bias.data(), epsilon,
                         matrix(y, first, last));
    });
  } else {
    portable::layer_norm<Space, T>(space, x, gain, bias, epsilon, y);
  }
}

template <class Space, class T>
std::int64_t layer_norm_scratch([[maybe_unused]] Space const& space, std::int64_t columns) {
  return 2 * row_blocks<Space> * columns;
}

template <class Space, class T>
void layer_norm_gradient(Space const& space, Rows<Space, T const> x, Row<Space, T const> gain,
                         T epsilon, Rows<Space, T const> dy, Gradient dx_gradient,
                         Rows<Space, T> dx, Gradient parameter_gradient, Row<Space, T> dgain,
                         Row<Space, T> dbias, Row<Space, T> scratch) {
  EXPECT(x.extent(0) == dy.extent(0) && x.extent(1) == dy.extent(1) && x.extent(1) > 0);
  EXPECT(gain.extent(0) == x.extent(1) && (dgain.data() == nullptr) == (dbias.data() == nullptr));
  EXPECT(!dx.data() || (dx.extent(0) == x.extent(0) && dx.extent(1) == x.extent(1)));
  std::int64_t const rows = x.extent(0), columns = x.extent(1), blocks = row_blocks<Space>;
  EXPECT(!dgain.data() || static_cast<std::int64_t>(scratch.extent(0)) >= 2 * blocks * columns);
  if constexpr (is_host<Space>) {
    static std::string const label = "kernels::layer_norm_gradient";
    bool const adds = dx_gradient == Gradient::add;
    for_shares(label, space, blocks, 1, [=](std::int64_t first_block, std::int64_t last_block) {
      for (std::int64_t block = first_block; block < last_block; ++block) {
        std::int64_t const first = rows * block / blocks, last = rows * (block + 1) / blocks;
        cpu::layer_norm_gradient<T>(
            {.x = matrix(x, first, last),
             .gain = gain.data(),
             .epsilon = epsilon,
             .dy = matrix(dy, first, last),
             .dx = matrix(dx, first, last),
             .into = adds ? cpu::Into::add : cpu::Into::replace,
             .sums = dgain.data() ? scratch.data() + 2 * block * columns : nullptr});
      }
    });
    if (dgain.data())
      join_blocks<T>(space, blocks, columns, scratch, parameter_gradient, dgain, dbias);
  } else {
    Rows<Space, T> const sums = rows_view<Space, T>(dgain.data() ? scratch.data() : nullptr, blocks,
                                                    2 * columns, 2 * columns);
    portable::layer_norm_gradient<Space, T>(space, x, gain, epsilon, dy, dx_gradient, dx, blocks,
                                            sums);
    if (dgain.data())
      portable::join_layer_norm_sums<Space, T>(space, sums, parameter_gradient, dgain, dbias);
  }
}

#define CROSSJOULE_INSTANTIATE(S, T)                                                              \
  template void layer_norm<S, T>(S const&, Rows<S, T const>, Row<S, T const>, Row<S, T const>, T, \
                                 Rows<S, T>);                                                     \
  template std::int64_t layer_norm_scratch<S, T>(S const&, std::int64_t);                         \
  template void layer_norm_gradient<S, T>(S const&, Rows<S, T const>, Row<S, T const>, T,         \
                                          Rows<S, T const>, Gradient, Rows<S, T>, Gradient,       \
                                          Row<S, T>, Row<S, T>, Row<S, T>);
CROSSJOULE_FOR_SPACES(CROSSJOULE_INSTANTIATE)

}  // namespace crossjoule::kernels
