// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/objectives.hpp"

#include "core/error.hpp"
#include "kernels/portable/objectives.hpp"
#include "kernels/shares.hpp"

namespace crossjoule::kernels {

template <class Space, class T>
void squared_distance(Space const& space, Rows<Space, T const> x, int rows_per_sample,
                      double centre, Row<Space, T> out) {
  EXPECT(x.extent(0) == out.extent(0) * rows_per_sample);
  if constexpr (is_host<Space>) {
    static std::string const label = "kernels::squared_distance";
    for_shares(label, space, out.extent(0), 1, [=](std::int64_t first, std::int64_t last) {
      cpu::squared_distance<T>(matrix(x, first * rows_per_sample, last * rows_per_sample),
                               rows_per_sample, centre, out.data() + first);
    });
  } else {
    portable::squared_distance<Space, T>(space, x, rows_per_sample, centre, out);
  }
}

template <class Space, class T>
void squared_distance_gradient(Space const& space, Rows<Space, T const> x, double centre,
                               Rows<Space, T> dx) {
  EXPECT(x.extent(0) == dx.extent(0) && x.extent(1) == dx.extent(1));
  if constexpr (is_host<Space>) {
    static std::string const label = "kernels::squared_distance_gradient";
    for_shares(label, space, dx.extent(0), 1, [=](std::int64_t first, std::int64_t last) {
      cpu::squared_distance_gradient<T>(matrix(x, first, last), centre, matrix(dx, first, last));
    });
  } else {
    portable::squared_distance_gradient<Space, T>(space, x, centre, dx);
  }
}

template <class Space, class T>
void mean_squared_error(Space const& space, Rows<Space, T const> x, Rows<Space, T const> target,
                        int rows_per_sample, Row<Space, T> out) {
  EXPECT(x.extent(0) == out.extent(0) * rows_per_sample && target.extent(0) == x.extent(0));
  if constexpr (is_host<Space>) {
    static std::string const label = "kernels::mean_squared_error";
    for_shares(label, space, out.extent(0), 1, [=](std::int64_t first, std::int64_t last) {
      cpu::mean_squared_error<T>(matrix(x, first * rows_per_sample, last * rows_per_sample),
                                 matrix(target, first * rows_per_sample, last * rows_per_sample),
                                 rows_per_sample, out.data() + first);
    });
  } else {
    portable::mean_squared_error<Space, T>(space, x, target, rows_per_sample, out);
  }
}

template <class Space, class T>
void mean_squared_error_gradient(Space const& space, Rows<Space, T const> x,
                                 Rows<Space, T const> target, int rows_per_sample,
                                 Rows<Space, T> dx) {
  EXPECT(x.extent(0) == dx.extent(0) && target.extent(0) == dx.extent(0));
  double const scale =
      2.0 / (static_cast<double>(rows_per_sample) * static_cast<double>(x.extent(1)));
  if constexpr (is_host<Space>) {
    static std::string const label = "kernels::mean_squared_error_gradient";
    for_shares(label, space, dx.extent(0), 1, [=](std::int64_t first, std::int64_t last) {
      cpu::mean_squared_error_gradient<T>(matrix(x, first, last), matrix(target, first, last),
                                          scale, matrix(dx, first, last));
    });
  } else {
    portable::mean_squared_error_gradient<Space, T>(space, x, target, scale, dx);
  }
}

#define CROSSJOULE_INSTANTIATE(S, T)                                                             \
  template void squared_distance<S, T>(S const&, Rows<S, T const>, int, double, Row<S, T>);      \
  template void squared_distance_gradient<S, T>(S const&, Rows<S, T const>, double, Rows<S, T>); \
  template void mean_squared_error<S, T>(S const&, Rows<S, T const>, Rows<S, T const>, int,      \
                                         Row<S, T>);                                             \
  template void mean_squared_error_gradient<S, T>(S const&, Rows<S, T const>, Rows<S, T const>,  \
                                                  int, Rows<S, T>);
CROSSJOULE_FOR_SPACES(CROSSJOULE_INSTANTIATE)

}  // namespace crossjoule::kernels
