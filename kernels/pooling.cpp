// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/pooling.hpp"

#include "core/error.hpp"
#include "kernels/portable/windows.hpp"

#include <string>

namespace crossjoule::kernels {

template <class Space, class T>
void max_pool(Space const& space, WindowGrid const& grid, Rows<Space, T const> x,
              Rows<Space, T> y) {
  EXPECT(x.extent(0) * grid.places() == y.extent(0) * grid.rows * grid.columns);
  portable::max_pool<Space, T>(space, grid, x, y);
}
template <class Space, class T>
void max_pool_gradient(Space const& space, std::int64_t samples, WindowGrid const& grid,
                       Rows<Space, T const> x, Rows<Space, T const> dy, Gradient mode,
                       Rows<Space, T> dx) {
  EXPECT(x.extent(0) == dx.extent(0) && x.extent(1) == dx.extent(1));
  portable::max_pool_gradient<Space, T>(space, samples, grid, x, dy, mode, dx);
}

template <class Space, class T>
void average_pool(Space const& space, WindowGrid const& grid, Rows<Space, T const> x,
                  Rows<Space, T> y) {
  EXPECT(x.extent(0) * grid.places() == y.extent(0) * grid.rows * grid.columns);
  portable::average_pool<Space, T>(space, grid, x, y);
}
template <class Space, class T>
void average_pool_gradient(Space const& space, std::int64_t samples, WindowGrid const& grid,
                           Rows<Space, T const> dy, Gradient mode, Rows<Space, T> dx) {
  EXPECT(dx.extent(0) * grid.places() == dy.extent(0) * grid.rows * grid.columns);
  portable::average_pool_gradient<Space, T>(space, samples, grid, dy, mode, dx);
}

template <class Space, class T>
void flatten(Space const& space, Rows<Space, T const> x, Rows<Space, T> y) {
  EXPECT(x.extent(0) * x.extent(1) == y.extent(0) * y.extent(1));
  std::int64_t const columns = x.extent(1), rows = y.extent(1) / columns;
  static std::string const label = "kernels::flatten";
  Kokkos::parallel_for(
      label, portable::plane(space, x.extent(0), columns),
      KOKKOS_LAMBDA(std::int64_t const r, std::int64_t const k) {
        y(r / rows, r % rows * columns + k) = x(r, k);
      });
}
template <class Space, class T>
void flatten_gradient(Space const& space, Rows<Space, T const> dy, Gradient mode,
                      Rows<Space, T> dx) {
  EXPECT(dx.extent(0) * dx.extent(1) == dy.extent(0) * dy.extent(1));
  std::int64_t const columns = dx.extent(1), rows = dy.extent(1) / columns;
  bool const adds = mode == Gradient::add;
  static std::string const label = "kernels::flatten_gradient";
  Kokkos::parallel_for(
      label, portable::plane(space, dx.extent(0), columns),
      KOKKOS_LAMBDA(std::int64_t const r, std::int64_t const k) {
        T const value = dy(r / rows, r % rows * columns + k);
        dx(r, k) = adds ? dx(r, k) + value : value;
      });
}

#define CROSSJOULE_INSTANTIATE(S, T)                                                               \
  template void max_pool<S, T>(S const&, WindowGrid const&, Rows<S, T const>, Rows<S, T>);         \
  template void max_pool_gradient<S, T>(S const&, std::int64_t, WindowGrid const&,                 \
                                        Rows<S, T const>, Rows<S, T const>, Gradient, Rows<S, T>); \
  template void average_pool<S, T>(S const&, WindowGrid const&, Rows<S, T const>, Rows<S, T>);     \
  template void average_pool_gradient<S, T>(S const&, std::int64_t, WindowGrid const&,             \
                                            Rows<S, T const>, Gradient, Rows<S, T>);               \
  template void flatten<S, T>(S const&, Rows<S, T const>, Rows<S, T>);                             \
  template void flatten_gradient<S, T>(S const&, Rows<S, T const>, Gradient, Rows<S, T>);
CROSSJOULE_FOR_SPACES(CROSSJOULE_INSTANTIATE)

}  // namespace crossjoule::kernels
