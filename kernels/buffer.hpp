// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/system.hpp"
#include "kernels/kokkos.hpp"

#include <cstdint>
#include <string>

namespace crossjoule::kernels {

/// Numbers of our own in the memory of a space.
template <class Space, class T>
using Buffer = Kokkos::View<T*, typename Space::memory_space>;

/// `numbers` zeros, on CPUs in huge pages where the system grants them: the rows of a tile then
/// meet a few entries of the TLB, not one or two each.
template <class Space, class T>
Buffer<Space, T> zeros(std::string const& label, std::int64_t numbers) {
  Buffer<Space, T> buffer(Kokkos::view_alloc(label, Kokkos::WithoutInitializing),
                          static_cast<std::size_t>(numbers));
  if constexpr (is_host<Space>)
    core::ask_for_huge_pages(buffer.data(), numbers * static_cast<std::int64_t>(sizeof(T)));
  Kokkos::deep_copy(buffer, T{0});
  return buffer;
}

}  // namespace crossjoule::kernels
