// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/cpu/pointwise.hpp"
#include "kernels/epilogue.hpp"

#include <cstdint>

/// Dense products of one thread on plain pointers. No Kokkos and no vector types in this header, so
/// that every compiler may see it.
namespace crossjoule::kernels::cpu {

/// Columns rounded up to whole panels. A matrix whose rows are at least this far apart is written
/// with full vectors: the padding then holds epilogue(0).
template <class T>
std::int64_t padded(std::int64_t columns);
/// A row stride for `columns` numbers: padded, and in wide rows an odd number of lines (rows a
/// multiple of 1 KiB apart would share the few sets of a cache).
template <class T>
std::int64_t good_stride(std::int64_t columns);

/// Numbers a packed matrix takes: panels of columns, each one head row (the bias) and `depth` rows.
template <class T>
std::int64_t packed_size(std::int64_t columns, std::int64_t depth);
/// Pack the weight (outputs, inputs) of y = x W^T + b: panels over outputs. `bias` may be null.
template <class T>
void pack(T const* weight, T const* bias, std::int64_t outputs, std::int64_t inputs, T* packed);
/// Pack the same weight for dx = dy W: panels over inputs, heads 0.
template <class T>
void pack_transposed(T const* weight, std::int64_t outputs, std::int64_t inputs, T* packed);

/// y (rows, columns) = epilogue(x (rows, depth) * packed (depth, columns) + heads). With Into::add
/// y takes the heads' place. All matrices row-major; strides are numbers between rows.
template <class T>
struct Product {
  std::int64_t rows = 0, depth = 0, columns = 0;
  T const* x = nullptr;
  std::int64_t x_stride = 0;
  T const* packed = nullptr;
  T* y = nullptr;
  std::int64_t y_stride = 0;
  Fused epilogue{};
  T const* operand = nullptr;  ///< for gradient epilogues (epilogue.hpp): a matrix like y
  std::int64_t operand_stride = 0;
  Into into = Into::replace;
};
template <class T>
void multiply(Product<T> const& product);

/// dw[n, k] = sum_r dy[r, n] x[r, k] for n < outputs and k in [first, last), or added to dw; one
/// chain of multiply-adds over rising r. Where asked for, sums[n] = sum_r dy[r, n] likewise.
/// `scratch` takes outer_scratch<T>() numbers.
template <class T>
struct OuterProduct {
  std::int64_t rows = 0, outputs = 0;
  std::int64_t first = 0, last = 0;  ///< columns of x; `first` on a multiple of the panel width
  T const* dy = nullptr;
  std::int64_t dy_stride = 0;
  T const* x = nullptr;
  std::int64_t x_stride = 0;
  T* dw = nullptr;
  std::int64_t dw_stride = 0;
  T* sums = nullptr;
  T* scratch = nullptr;
  Into into = Into::replace;
};
template <class T>
void outer(OuterProduct<T> const& product);
template <class T>
std::int64_t outer_scratch();

/// Columns of one panel: the unit in which outer() can be shared out.
template <class T>
std::int64_t panel_columns();
/// Rows of one register block: the unit in which rows are best shared out.
std::int64_t rows_per_block();
/// Rows of one multiply() that suit the second cache: callers cut a product into such tiles.
std::int64_t rows_per_tile();

/// "AVX2, 6 x 16 (fp32)": what this build was compiled for.
char const* description();

}  // namespace crossjoule::kernels::cpu
