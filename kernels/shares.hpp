// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/cpu/pointwise.hpp"
#include "kernels/views.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

namespace crossjoule::kernels {

/// Run body(first, last) on contiguous shares of [0, count), one per thread of a host space, each
/// starting on a multiple of `grain`. The body's results must not depend on where shares end. The
/// label is a std::string that outlives the call: a literal would be copied to the heap.
template <class Body>
void for_shares(std::string const& label, HostSpace const& space, std::int64_t count,
                std::int64_t grain, Body const& body) {
  std::int64_t const units = (count + grain - 1) / grain;
  std::int64_t const shares =
      std::clamp<std::int64_t>(units, 1, static_cast<std::int64_t>(space.concurrency()));
  Kokkos::parallel_for(
      label, Kokkos::RangePolicy<HostSpace>(space, 0, shares), [=](int const share) {
        std::int64_t const first = units * share / shares * grain;
        std::int64_t const last = std::min(count, units * (share + 1) / shares * grain);
        if (first < last) body(first, last);
      });
}

/// Rows [first, last) of a host view as the plain-pointer kernels take them; absent for an empty
/// view.
template <class T>
cpu::Matrix<T> matrix(Rows<HostSpace, T> const& view, std::int64_t first, std::int64_t last) {
  if (!view.data()) return {};
  return {view.data() + first * stride_of(view), last - first,
          static_cast<std::int64_t>(view.extent(1)), stride_of(view)};
}

}  // namespace crossjoule::kernels
