// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/row_functions.hpp"

#include "core/error.hpp"
#include "kernels/cpu/row_functions.hpp"
#include "kernels/portable/row_functions.hpp"
#include "kernels/shares.hpp"

namespace crossjoule::kernels {

template <class Space, class T>
void batch_norm(Space const& space, Rows<Space, T const> x, Row<Space, T const> scale,
                Row<Space, T const> shift, Rows<Space, T> y) {
  EXPECT(x.extent(0) == y.extent(0) && x.extent(1) == y.extent(1));
  EXPECT(scale.extent(0) == x.extent(1) && shift.extent(0) == x.extent(1));
  if constexpr (is_host<Space>) {
    static std::string const label = "kernels::batch_norm";
    for_shares(label, space, y.extent(0), 1, [=](std::int64_t first, std::int64_t last) {
      cpu::batch_norm<T>(matrix(x, first, last), scale.data(), shift.data(),
                         matrix(y, first, last));
    });
  } else {
    portable::batch_norm<Space, T>(space, x, scale, shift, y);
  }
}

template <class Space, class T>
void batch_norm_gradient(Space const& space, Rows<Space, T const> x, Row<Space, T const> scale,
                         Rows<Space, T const> dy, Gradient dx_mode, Rows<Space, T> dx,
                         Gradient sums, Row<Space, T> dscale, Row<Space, T> dshift) {
  EXPECT(x.extent(0) == dy.extent(0) && x.extent(1) == dy.extent(1));
  EXPECT(scale.extent(0) == x.extent(1) && dscale.extent(0) == dshift.extent(0));
  EXPECT(!dx.data() || (dx.extent(0) == x.extent(0) && dx.extent(1) == x.extent(1)));
  portable::batch_norm_parameter_gradients<Space, T>(space, x, dy, sums, dscale, dshift);
  if (dx.data()) portable::batch_norm_input_gradient<Space, T>(space, scale, dy, dx_mode, dx);
}

template <class Space, class T>
void log_cosh_sum(Space const& space, Rows<Space, T const> x, Rows<Space, T> y) {
  EXPECT(x.extent(0) == y.extent(0) && y.extent(1) == 1);
  if constexpr (is_host<Space>) {
    static std::string const label = "kernels::log_cosh_sum";
    for_shares(label, space, y.extent(0), 1, [=](std::int64_t first, std::int64_t last) {
      cpu::log_cosh_sum<T>(matrix(x, first, last), matrix(y, first, last));
    });
  } else {
    portable::log_cosh_sum<Space, T>(space, x, y);
  }
}

template <class Space, class T>
void log_cosh_sum_gradient(Space const& space, Rows<Space, T const> x, Rows<Space, T const> dy,
                           Gradient dx_mode, Rows<Space, T> dx) {
  EXPECT(x.extent(0) == dy.extent(0) && dy.extent(1) == 1);
  EXPECT(x.extent(0) == dx.extent(0) && x.extent(1) == dx.extent(1));
  portable::log_cosh_sum_gradient<Space, T>(space, x, dy, dx_mode, dx);
}

#define CROSSJOULE_INSTANTIATE(S, T)                                                           \
  template void batch_norm<S, T>(S const&, Rows<S, T const>, Row<S, T const>, Row<S, T const>, \
                                 Rows<S, T>);                                                  \
  template void batch_norm_gradient<S, T>(S const&, Rows<S, T const>, Row<S, T const>,         \
                                          Rows<S, T const>, Gradient, Rows<S, T>, Gradient,    \
                                          Row<S, T>, Row<S, T>);                               \
  template void log_cosh_sum<S, T>(S const&, Rows<S, T const>, Rows<S, T>);                    \
  template void log_cosh_sum_gradient<S, T>(S const&, Rows<S, T const>, Rows<S, T const>,      \
                                            Gradient, Rows<S, T>);
CROSSJOULE_FOR_SPACES(CROSSJOULE_INSTANTIATE)

}  // namespace crossjoule::kernels
