// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/complex_linear.hpp"

#include "core/error.hpp"
#include "kernels/cpu/complex_linear.hpp"
#include "kernels/portable/complex_linear.hpp"
#include "kernels/shares.hpp"

#include <algorithm>

namespace crossjoule::kernels {
namespace {

/// Rows that meet the weights of all blocks before the next rows come.
constexpr std::int64_t tile_rows = 96;

template <class T>
cpu::ComplexBlock<T> block_of(ComplexWeights<HostSpace, T> const& w, std::int64_t block) {
  std::int64_t const size = w.inputs * w.outputs;
  bool const has_bias = w.bias.data() != nullptr;
  return {.inputs = w.inputs,
          .outputs = w.outputs,
          .real = w.weight.data() + block * size,
          .imaginary = w.weight.data() + (w.blocks + block) * size,
          .real_bias = has_bias ? w.bias.data() + block * w.outputs : nullptr,
          .imaginary_bias = has_bias ? w.bias.data() + (w.blocks + block) * w.outputs : nullptr};
}

/// `all` is the product of block 0, whose strides are those between rows of all blocks; the next
/// block's operands lie one of these rows further on.
template <class T>
void multiply_blocks(std::string const& label, HostSpace const& space, cpu::Product<T> const& all,
                     std::int64_t blocks) {
  std::int64_t const packed = cpu::packed_size<T>(all.columns, all.depth);
  bool const has_room = all.y_stride >= cpu::padded<T>(all.columns) &&
                        (!all.operand || all.operand_stride >= cpu::padded<T>(all.columns));
  for_shares(label, space, all.rows, cpu::rows_per_block(),
             [=](std::int64_t first, std::int64_t last) {
               for (std::int64_t row = first; row < last; row += tile_rows)
                 for (std::int64_t block = 0; block < blocks; ++block) {
                   std::int64_t const at = row * blocks + block;
                   cpu::Product<T> tile = all;
                   tile.rows = std::min(tile_rows, last - row);
                   tile.x = all.x + at * all.x_stride;
                   tile.y = all.y + at * all.y_stride;
                   if (all.operand) tile.operand = all.operand + at * all.operand_stride;
                   tile.packed = all.packed + block * packed;
                   for (auto* stride : {&tile.x_stride, &tile.y_stride, &tile.operand_stride})
                     *stride *= blocks;
                   has_room ? cpu::multiply(tile) : cpu::multiply_within(tile);
                 }
             });
}

}  // namespace

template <class Space, class T>
std::int64_t complex_packed_size(std::int64_t blocks, std::int64_t inputs, std::int64_t outputs) {
  if constexpr (is_host<Space>) return blocks * cpu::packed_size<T>(2 * outputs, 2 * inputs);
  return portable::complex_packed_size(blocks, inputs, outputs);
}

template <class Space, class T>
std::int64_t complex_transposed_size(std::int64_t blocks, std::int64_t inputs,
                                     std::int64_t outputs) {
  return is_host<Space> ? blocks * cpu::packed_size<T>(2 * inputs, 2 * outputs) : 0;
}

template <class Space, class T>
void pack(Space const& space, ComplexWeights<Space, T> const& w) {
  EXPECT(static_cast<std::int64_t>(w.weight.size()) == 2 * w.blocks * w.inputs * w.outputs);
  EXPECT(static_cast<std::int64_t>(w.bias.size()) == 2 * w.blocks * w.outputs);
  if constexpr (is_host<Space>) {
    std::int64_t const size = cpu::packed_size<T>(2 * w.outputs, 2 * w.inputs);
    std::int64_t const transposed = cpu::packed_size<T>(2 * w.inputs, 2 * w.outputs);
    for (std::int64_t block = 0; block < w.blocks; ++block) {
      if (w.packed.size() > 0)
        cpu::pack_complex(block_of(w, block), w.packed.data() + block * size);
      if (w.packed_transposed.size() > 0)
        cpu::pack_complex_transposed(block_of(w, block),
                                     w.packed_transposed.data() + block * transposed);
    }
  } else {
    if (w.packed.size() > 0) portable::pack<Space, T>(space, w);
  }
}

template <class Space, class T>
void complex_linear(Space const& space, Rows<Space, T const> x,
                    ComplexWeights<Space, T> const& weights, Fused epilogue, Rows<Space, T> y) {
  EXPECT(x.extent(0) == y.extent(0) && x.extent(0) % weights.blocks == 0);
  EXPECT(static_cast<std::int64_t>(x.extent(1)) == 2 * weights.inputs);
  EXPECT(static_cast<std::int64_t>(y.extent(1)) == 2 * weights.outputs);
  if constexpr (is_host<Space>) {
    static std::string const label = "kernels::complex_linear";
    multiply_blocks<T>(label, space,
                       {.rows = static_cast<std::int64_t>(x.extent(0)) / weights.blocks,
                        .depth = 2 * weights.inputs,
                        .columns = 2 * weights.outputs,
                        .x = x.data(),
                        .x_stride = stride_of(x),
                        .packed = weights.packed.data(),
                        .y = y.data(),
                        .y_stride = stride_of(y),
                        .epilogue = epilogue},
                       weights.blocks);
  } else {
    portable::complex_linear<Space, T>(space, x, weights, epilogue, y);
  }
}

template <class Space, class T>
void complex_linear_input_gradient(Space const& space, Rows<Space, T const> dy,
                                   ComplexWeights<Space, T> const& weights, Fused derivative,
                                   Rows<Space, T const> operand, Gradient gradient,
                                   Rows<Space, T> dx) {
  EXPECT(dy.extent(0) == dx.extent(0) && dy.extent(0) % weights.blocks == 0);
  if constexpr (is_host<Space>) {
    static std::string const label = "kernels::complex_linear_input_gradient";
    multiply_blocks<T>(label, space,
                       {.rows = static_cast<std::int64_t>(dy.extent(0)) / weights.blocks,
                        .depth = 2 * weights.outputs,
                        .columns = 2 * weights.inputs,
                        .x = dy.data(),
                        .x_stride = stride_of(dy),
                        .packed = weights.packed_transposed.data(),
                        .y = dx.data(),
                        .y_stride = stride_of(dx),
                        .epilogue = derivative,
                        .operand = operand.data(),
                        .operand_stride = operand.data() ? stride_of(operand) : 0,
                        .into = gradient == Gradient::add ? cpu::Into::add : cpu::Into::replace},
                       weights.blocks);
  } else {
    portable::complex_linear_input_gradient<Space, T>(space, dy, weights, derivative, operand,
                                                      gradient, dx);
  }
}

namespace {

/// Rows of one block brought together for the weight gradient: the blocks' rows lie a power of two
/// apart, more often than not, and would share the few sets of the first cache.
constexpr std::int64_t gathered_rows = 256;

/// What one share of the weight gradient works in.
struct GradientRoom {
  std::int64_t product, sums, x_stride, dy_stride, outer;
  template <class T>
  static GradientRoom of(std::int64_t inputs, std::int64_t outputs) {
    return {4 * inputs * outputs, 2 * outputs, cpu::good_stride<T>(2 * inputs),
            cpu::good_stride<T>(2 * outputs), cpu::outer_scratch<T>()};
  }
  std::int64_t size() const {
    return product + sums + gathered_rows * (x_stride + dy_stride) + outer;
  }
};

/// Rows [first, first + rows) of one block, side by side.
template <class T>
void gather(Rows<HostSpace, T const> from, std::int64_t blocks, std::int64_t block,
            std::int64_t first, std::int64_t rows, T* to, std::int64_t stride) {
  std::int64_t const columns = from.extent(1);
  for (std::int64_t r = 0; r < rows; ++r)
    std::copy_n(from.data() + ((first + r) * blocks + block) * stride_of(from), columns,
                to + r * stride);
}

/// The gradients of one block; rows add up in rising order.
template <class T>
void block_gradient(Rows<HostSpace, T const> x, Rows<HostSpace, T const> dy,
                    ComplexWeights<HostSpace, T> const& w, Gradient gradient, std::int64_t block,
                    Row<HostSpace, T> dweight, Row<HostSpace, T> dbias, T* product) {
  std::int64_t const rows = static_cast<std::int64_t>(x.extent(0)) / w.blocks;
  std::int64_t const size = w.inputs * w.outputs, columns = 2 * w.outputs;
  GradientRoom const room = GradientRoom::of<T>(w.inputs, w.outputs);
  T *const sums = product + room.product, *const some_x = sums + room.sums;
  T* const some_dy = some_x + gathered_rows * room.x_stride;
  T* const scratch = some_dy + gathered_rows * room.dy_stride;
  for (std::int64_t first = 0; first < rows; first += gathered_rows) {
    std::int64_t const count = std::min(gathered_rows, rows - first);
    gather<T>(x, w.blocks, block, first, count, some_x, room.x_stride);
    gather<T>(dy, w.blocks, block, first, count, some_dy, room.dy_stride);
    cpu::Into const into = first == 0 ? cpu::Into::replace : cpu::Into::add;
    cpu::outer<T>({.rows = count,
                   .outputs = 2 * w.inputs,
                   .first = 0,
                   .last = columns,
                   .dy = some_x,
                   .dy_stride = room.x_stride,
                   .x = some_dy,
                   .x_stride = room.dy_stride,
                   .dw = product,
                   .dw_stride = columns,
                   .scratch = scratch,
                   .into = into});
    cpu::column_sums<T>({some_dy, count, columns, room.dy_stride}, into, sums);
  }
  cpu::Into const into = gradient == Gradient::add ? cpu::Into::add : cpu::Into::replace;
  cpu::complex_weight_gradient<T>(w.inputs, w.outputs, product, into, dweight.data() + block * size,
                                  dweight.data() + (w.blocks + block) * size);
  for (std::int64_t o = 0; o < columns; ++o) {
    T& to = dbias(((o / w.outputs) * w.blocks + block) * w.outputs + o % w.outputs);
    to = into == cpu::Into::add ? to + sums[o] : sums[o];
  }
}

}  // namespace

template <class Space, class T>
std::int64_t complex_weight_gradient_scratch([[maybe_unused]] Space const& space,
                                             [[maybe_unused]] std::int64_t blocks,
                                             std::int64_t inputs, std::int64_t outputs) {
  if constexpr (is_host<Space>)
    return GradientRoom::of<T>(inputs, outputs).size() *
           std::min<std::int64_t>(blocks, space.concurrency());
  return (2 * inputs + 1) * 2 * outputs;
}

template <class Space, class T>
void complex_linear_weight_gradient(Space const& space, Rows<Space, T const> x,
                                    Rows<Space, T const> dy,
                                    ComplexWeights<Space, T> const& weights, Gradient gradient,
                                    Row<Space, T> dweight, Row<Space, T> dbias,
                                    Row<Space, T> scratch) {
  EXPECT(x.extent(0) == dy.extent(0) && x.extent(0) % weights.blocks == 0);
  if constexpr (is_host<Space>) {
    static std::string const label = "kernels::complex_linear_weight_gradient";
    std::int64_t const shares = std::min<std::int64_t>(weights.blocks, space.concurrency());
    std::int64_t const room = scratch.size() / shares;
    for_shares(label, space, shares, 1, [=](std::int64_t first, std::int64_t last) {
      for (std::int64_t share = first; share < last; ++share)
        for (std::int64_t block = weights.blocks * share / shares;
             block < weights.blocks * (share + 1) / shares; ++block)
          block_gradient<T>(x, dy, weights, gradient, block, dweight, dbias,
                            scratch.data() + share * room);
    });
  } else {
    portable::complex_linear_weight_gradient<Space, T>(space, x, dy, weights, gradient, dweight,
                                                       dbias, scratch);
  }
}

#define CROSSJOULE_INSTANTIATE(S, T)                                                               \
  template std::int64_t complex_packed_size<S, T>(std::int64_t, std::int64_t, std::int64_t);       \
  template std::int64_t complex_transposed_size<S, T>(std::int64_t, std::int64_t, std::int64_t);   \
  template void pack<S, T>(S const&, ComplexWeights<S, T> const&);                                 \
  template void complex_linear<S, T>(S const&, Rows<S, T const>, ComplexWeights<S, T> const&,      \
                                     Fused, Rows<S, T>);                                           \
  template void complex_linear_input_gradient<S, T>(S const&, Rows<S, T const>,                    \
                                                    ComplexWeights<S, T> const&, Fused,            \
                                                    Rows<S, T const>, Gradient, Rows<S, T>);       \
  template std::int64_t complex_weight_gradient_scratch<S, T>(S const&, std::int64_t,              \
                                                              std::int64_t, std::int64_t);         \
  template void complex_linear_weight_gradient<S, T>(S const&, Rows<S, T const>, Rows<S, T const>, \
                                                     ComplexWeights<S, T> const&, Gradient,        \
                                                     Row<S, T>, Row<S, T>, Row<S, T>);
CROSSJOULE_FOR_SPACES(CROSSJOULE_INSTANTIATE)

}  // namespace crossjoule::kernels
