// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/kokkos.hpp"

#include <cstdint>

namespace crossjoule::kernels {

/// A row-major matrix in someone else's memory: any stride between rows, stride 1 within a row. The
/// numbers between the last column and the next row belong to the matrix: kernels that write it may
/// write them too.
template <class Space, class T>
using Rows = Kokkos::View<T**, Kokkos::LayoutStride, typename Space::memory_space,
                          Kokkos::MemoryTraits<Kokkos::Unmanaged>>;
/// A contiguous vector in someone else's memory.
template <class Space, class T>
using Row = Kokkos::View<T*, typename Space::memory_space, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;

template <class Space, class T>
Rows<Space, T> rows_view(T* data, std::int64_t rows, std::int64_t columns, std::int64_t stride) {
  return Rows<Space, T>(
      data, Kokkos::LayoutStride(static_cast<std::size_t>(rows), static_cast<std::size_t>(stride),
                                 static_cast<std::size_t>(columns), 1));
}
template <class Space, class T>
Row<Space, T> row_view(T* data, std::int64_t length) {
  return Row<Space, T>(data, static_cast<std::size_t>(length));
}
template <class View>
std::int64_t stride_of(View const& rows) {
  return static_cast<std::int64_t>(rows.stride_0());
}

}  // namespace crossjoule::kernels
