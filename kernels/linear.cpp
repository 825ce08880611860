// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/linear.hpp"

#include "core/error.hpp"
#include "kernels/cpu/dense.hpp"
#include "kernels/portable/gemm.hpp"
#include "kernels/portable/pointwise.hpp"
#include "kernels/shares.hpp"

namespace crossjoule::kernels {
namespace {

cpu::Into into(Gradient gradient) {
  return gradient == Gradient::add ? cpu::Into::add : cpu::Into::replace;
}

/// Rows that meet all panels before the next rows come: they stay in the second cache.
template <class T>
void multiply_in_tiles(std::string const& label, HostSpace const& space,
                       cpu::Product<T> const& all) {
  for_shares(label, space, all.rows, cpu::rows_per_block(),
             [=](std::int64_t first, std::int64_t last) {
               cpu::Product<T> tile = all;
               std::int64_t const tile_rows = cpu::rows_per_tile();
               for (std::int64_t row = first; row < last; row += tile_rows) {
                 tile.rows = std::min(tile_rows, last - row);
                 tile.x = all.x + row * all.x_stride;
                 tile.y = all.y + row * all.y_stride;
                 if (all.operand) tile.operand = all.operand + row * all.operand_stride;
                 cpu::multiply(tile);
               }
             });
}

}  // namespace

template <class Space, class T>
std::int64_t packed_size(std::int64_t columns, std::int64_t depth) {
  return is_host<Space> ? cpu::packed_size<T>(columns, depth) : 0;
}

template <class Space, class T>
std::int64_t row_stride(std::int64_t columns) {
  return is_host<Space> ? cpu::good_stride<T>(columns) : (columns + 31) / 32 * 32;
}

template <class Space, class T>
void pack([[maybe_unused]] Space const& space, LinearWeights<Space, T> const& weights) {
  if constexpr (is_host<Space>) {
    std::int64_t const outputs = weights.weight.extent(0), inputs = weights.weight.extent(1);
    EXPECT(stride_of(weights.weight) == inputs || outputs == 1);
    if (weights.packed.size() > 0)
      cpu::pack(weights.weight.data(), weights.bias.data(), outputs, inputs, weights.packed.data());
    if (weights.packed_transposed.size() > 0)
      cpu::pack_transposed(weights.weight.data(), outputs, inputs,
                           weights.packed_transposed.data());
  }
}

template <class Space, class T>
void linear(Space const& space, Rows<Space, T const> x, LinearWeights<Space, T> const& weights,
            Fused epilogue, Rows<Space, T> y) {
  EXPECT(x.extent(0) == y.extent(0));
  if constexpr (is_host<Space>) {
    static std::string const label = "kernels::linear";
    multiply_in_tiles<T>(label, space,
                         {.rows = static_cast<std::int64_t>(x.extent(0)),
                          .depth = static_cast<std::int64_t>(x.extent(1)),
                          .columns = static_cast<std::int64_t>(y.extent(1)),
                          .x = x.data(),
                          .x_stride = stride_of(x),
                          .packed = weights.packed.data(),
                          .y = y.data(),
                          .y_stride = stride_of(y),
                          .epilogue = epilogue});
  } else {
    portable::gemm<Space, T>(space, portable::Operand::as_is, x, portable::Operand::transposed,
                             weights.weight, Gradient::replace, y);
    portable::bias_and_epilogue<Space, T>(space, weights.bias, epilogue, y);
  }
}

template <class Space, class T>
void linear_input_gradient(Space const& space, Rows<Space, T const> dy,
                           LinearWeights<Space, T> const& weights, Fused epilogue,
                           Rows<Space, T const> operand, Gradient gradient, Rows<Space, T> dx) {
  EXPECT(dy.extent(0) == dx.extent(0));
  if constexpr (is_host<Space>) {
    static std::string const label = "kernels::linear_input_gradient";
    multiply_in_tiles<T>(label, space,
                         {.rows = static_cast<std::int64_t>(dy.extent(0)),
                          .depth = static_cast<std::int64_t>(dy.extent(1)),
                          .columns = static_cast<std::int64_t>(dx.extent(1)),
                          .x = dy.data(),
                          .x_stride = stride_of(dy),
                          .packed = weights.packed_transposed.data(),
                          .y = dx.data(),
                          .y_stride = stride_of(dx),
                          .epilogue = epilogue,
                          .operand = operand.data(),
                          .operand_stride = operand.data() ? stride_of(operand) : 0,
                          .into = into(gradient)});
  } else {
    portable::gemm<Space, T>(space, portable::Operand::as_is, dy, portable::Operand::as_is,
                             weights.weight, gradient, dx);
    if (epilogue.kind != Epilogue::none)
      portable::activate<Space, T>(space, epilogue, dx, operand, dx);
  }
}

template <class Space, class T>
std::int64_t weight_gradient_scratch(Space const& space) {
  return is_host<Space> ? cpu::outer_scratch<T>() * static_cast<std::int64_t>(space.concurrency())
                        : 0;
}

template <class Space, class T>
void linear_weight_gradient(Space const& space, Rows<Space, T const> x, Rows<Space, T const> dy,
                            Rows<Space, T> dweight, Row<Space, T> dbias,
                            [[maybe_unused]] Row<Space, T> scratch, Gradient gradient) {
  EXPECT(x.extent(0) == dy.extent(0));
  if constexpr (is_host<Space>) {
    static std::string const label = "kernels::linear_weight_gradient";
    std::int64_t const panel = cpu::panel_columns<T>(), inputs = x.extent(1);
    std::int64_t const panels = (inputs + panel - 1) / panel;
    std::int64_t const shares = std::min<std::int64_t>(panels, space.concurrency());
    for_shares(label, space, shares, 1, [=](std::int64_t first, std::int64_t last) {
      for (std::int64_t share = first; share < last; ++share)
        cpu::outer<T>({.rows = static_cast<std::int64_t>(x.extent(0)),
                       .outputs = static_cast<std::int64_t>(dy.extent(1)),
                       .first = panels * share / shares * panel,
                       .last = std::min(inputs, panels * (share + 1) / shares * panel),
                       .dy = dy.data(),
                       .dy_stride = stride_of(dy),
                       .x = x.data(),
                       .x_stride = stride_of(x),
                       .dw = dweight.data(),
                       .dw_stride = stride_of(dweight),
                       .sums = share == 0 ? dbias.data() : nullptr,
                       .scratch = scratch.data() + share * cpu::outer_scratch<T>(),
                       .into = into(gradient)});
    });
  } else {
    portable::gemm<Space, T>(space, portable::Operand::transposed, dy, portable::Operand::as_is, x,
                             gradient, dweight);
    if (dbias.data()) portable::column_sums<Space, T>(space, dy, gradient, dbias);
  }
}

#define CROSSJOULE_INSTANTIATE(S, T)                                                             \
  template std::int64_t packed_size<S, T>(std::int64_t, std::int64_t);                           \
  template std::int64_t row_stride<S, T>(std::int64_t);                                          \
  template void pack<S, T>(S const&, LinearWeights<S, T> const&);                                \
  template void linear<S, T>(S const&, Rows<S, T const>, LinearWeights<S, T> const&, Fused,      \
                             Rows<S, T>);                                                        \
  template void linear_input_gradient<S, T>(S const&, Rows<S, T const>,                          \
                                            LinearWeights<S, T> const&, Fused, Rows<S, T const>, \
                                            Gradient, Rows<S, T>);                               \
  template std::int64_t weight_gradient_scratch<S, T>(S const&);                                 \
  template void linear_weight_gradient<S, T>(S const&, Rows<S, T const>, Rows<S, T const>,       \
                                             Rows<S, T>, Row<S, T>, Row<S, T>, Gradient);
CROSSJOULE_FOR_SPACES(CROSSJOULE_INSTANTIATE)

}  // namespace crossjoule::kernels
