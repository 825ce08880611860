// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/take_channels.hpp"

#include "core/error.hpp"
#include "kernels/portable/pointwise.hpp"

#include <string>

namespace crossjoule::kernels {

template <class Space, class T>
void take_channels(Space const& space, std::int64_t samples, Rows<Space, T const> x,
                   std::int64_t first_row, Rows<Space, T> y) {
  std::int64_t const whole = x.extent_int(0) / samples, part = y.extent_int(0) / samples;
  EXPECT(x.extent(1) == y.extent(1) && first_row >= 0 && first_row + part <= whole);
  static std::string const label = "kernels::take_channels";
  Kokkos::parallel_for(
      label, portable::plane(space, y.extent(0), y.extent(1)),
      KOKKOS_LAMBDA(std::int64_t const r, std::int64_t const k) {
        y(r, k) = x(r / part * whole + first_row + r % part, k);
      });
}

template <class Space, class T>
void take_channels_gradient(Space const& space, std::int64_t samples, Rows<Space, T const> dy,
                            std::int64_t first_row, Gradient mode, Rows<Space, T> dx) {
  std::int64_t const whole = dx.extent_int(0) / samples, part = dy.extent_int(0) / samples;
  EXPECT(dx.extent(1) == dy.extent(1) && first_row >= 0 && first_row + part <= whole);
  bool const adds = mode == Gradient::add;
  static std::string const label = "kernels::take_channels_gradient";
  Kokkos::parallel_for(
      label, portable::plane(space, dx.extent(0), dx.extent(1)),
      KOKKOS_LAMBDA(std::int64_t const r, std::int64_t const k) {
        std::int64_t const row = r % whole - first_row;
        T const value = row >= 0 && row < part ? dy(r / whole * part + row, k) : T{0};
        dx(r, k) = adds ? dx(r, k) + value : value;
      });
}

#define CROSSJOULE_INSTANTIATE(S, T)                                                        \
  template void take_channels<S, T>(S const&, std::int64_t, Rows<S, T const>, std::int64_t, \
                                    Rows<S, T>);                                            \
  template void take_channels_gradient<S, T>(S const&, std::int64_t, Rows<S, T const>,      \
                                             std::int64_t, Gradient, Rows<S, T>);
CROSSJOULE_FOR_SPACES(CROSSJOULE_INSTANTIATE)

}  // namespace crossjoule::kernels
