// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/channels.hpp"

#include "core/error.hpp"
#include "kernels/portable/pointwise.hpp"

#include <string>

namespace crossjoule::kernels {
namespace {

/// Rows of a sample in the part and in the whole.
struct Extents {
  std::int64_t part, whole;
};

template <class Part, class Whole>
Extents extents(std::int64_t samples, Part const& part, Whole const& whole,
                [[maybe_unused]] std::int64_t first) {
  Extents const rows{part.extent_int(0) / samples, whole.extent_int(0) / samples};
  EXPECT(part.extent(1) == whole.extent(1) && first >= 0 && first + rows.part <= rows.whole);
  return rows;
}

}  // namespace

template <class Space, class T>
void join_channels(Space const& space, std::int64_t samples, Rows<Space, T const> part,
                   std::int64_t first_row, Rows<Space, T> whole) {
  Extents const rows = extents(samples, part, whole, first_row);
  static std::string const label = "kernels::join_channels";
  Kokkos::parallel_for(
      label, portable::plane(space, part.extent(0), part.extent(1)),
      KOKKOS_LAMBDA(std::int64_t const r, std::int64_t const k) {
        whole(r / rows.part * rows.whole + first_row + r % rows.part, k) = part(r, k);
      });
}

template <class Space, class T>
void take_channels(Space const& space, std::int64_t samples, Rows<Space, T const> whole,
                   std::int64_t first_row, Gradient mode, Rows<Space, T> part) {
  Extents const rows = extents(samples, part, whole, first_row);
  bool const adds = mode == Gradient::add;
  static std::string const label = "kernels::take_channels";
  Kokkos::parallel_for(
      label, portable::plane(space, part.extent(0), part.extent(1)),
      KOKKOS_LAMBDA(std::int64_t const r, std::int64_t const k) {
        T const value = whole(r / rows.part * rows.whole + first_row + r % rows.part, k);
        part(r, k) = adds ? part(r, k) + value : value;
      });
}

template <class Space, class T>
void take_channels_gradient(Space const& space, std::int64_t samples, Rows<Space, T const> part,
                            std::int64_t first_row, Gradient mode, Rows<Space, T> whole) {
  Extents const rows = extents(samples, part, whole, first_row);
  bool const adds = mode == Gradient::add;
  static std::string const label = "kernels::take_channels_gradient";
  Kokkos::parallel_for(
      label, portable::plane(space, whole.extent(0), whole.extent(1)),
      KOKKOS_LAMBDA(std::int64_t const r, std::int64_t const k) {
        std::int64_t const row = r % rows.whole - first_row;
        bool const is_taken = row >= 0 && row < rows.part;
        T const value = is_taken ? part(r / rows.whole * rows.part + row, k) : T{0};
        whole(r, k) = adds ? whole(r, k) + value : value;
      });
}

#define CROSSJOULE_INSTANTIATE(S, T)                                                        \
  template void join_channels<S, T>(S const&, std::int64_t, Rows<S, T const>, std::int64_t, \
                                    Rows<S, T>);                                            \
  template void take_channels<S, T>(S const&, std::int64_t, Rows<S, T const>, std::int64_t, \
                                    Gradient, Rows<S, T>);                                  \
  template void take_channels_gradient<S, T>(S const&, std::int64_t, Rows<S, T const>,      \
                                             std::int64_t, Gradient, Rows<S, T>);
CROSSJOULE_FOR_SPACES(CROSSJOULE_INSTANTIATE)

}  // namespace crossjoule::kernels
