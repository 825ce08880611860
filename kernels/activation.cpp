// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/activation.hpp"

#include "core/error.hpp"
#include "kernels/portable/pointwise.hpp"
#include "kernels/shares.hpp"

namespace crossjoule::kernels {

template <class Space, class T>
void activate(Space const& space, Fused epilogue, Rows<Space, T const> x,
              Rows<Space, T const> operand, Rows<Space, T> y) {
  EXPECT(x.extent(0) == y.extent(0) && x.extent(1) == y.extent(1));
  if constexpr (is_host<Space>) {
    static std::string const label = "kernels::activate";
    for_shares(label, space, y.extent(0), 1, [=](std::int64_t first, std::int64_t last) {
      cpu::activate<T>(epilogue, matrix(x, first, last), matrix(operand, first, last),
                       matrix(y, first, last));
    });
  } else {
    portable::activate<Space, T>(space, epilogue, x, operand, y);
  }
}

template <class Space, class T>
void add(Space const& space, Rows<Space, T const> a, Rows<Space, T const> b, Rows<Space, T> y) {
  EXPECT(a.extent(0) == y.extent(0) && b.extent(0) == y.extent(0));
  EXPECT(a.extent(1) == y.extent(1) && b.extent(1) == y.extent(1));
  if constexpr (is_host<Space>) {
    static std::string const label = "kernels::add";
    for_shares(label, space, y.extent(0), 1, [=](std::int64_t first, std::int64_t last) {
      cpu::add<T>(matrix(a, first, last), matrix(b, first, last), matrix(y, first, last));
    });
  } else {
    portable::add<Space, T>(space, a, b, y);
  }
}

#define CROSSJOULE_INSTANTIATE(S, T)                                                             \
  template void activate<S, T>(S const&, Fused, Rows<S, T const>, Rows<S, T const>, Rows<S, T>); \
  template void add<S, T>(S const&, Rows<S, T const>, Rows<S, T const>, Rows<S, T>);
CROSSJOULE_FOR_SPACES(CROSSJOULE_INSTANTIATE)

}  // namespace crossjoule::kernels
