// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/portable/pointwise.hpp"

#include <string>

namespace crossjoule::kernels::portable {

template <class Space, class T>
void batch_norm(Space const& space, Rows<Space, T const> x, Row<Space, T const> scale,
                Row<Space, T const> shift, Rows<Space, T> y) {
  static std::string const label = "kernels::batch_norm";
  Kokkos::parallel_for(
      label, plane(space, y.extent(0), y.extent(1)),
      KOKKOS_LAMBDA(std::int64_t const r, std::int64_t const k) {
        y(r, k) = scale(k) * x(r, k) + shift(k);
      });
}

template <class Space, class T>
void batch_norm_input_gradient(Space const& space, Row<Space, T const> scale,
                               Rows<Space, T const> dy, Gradient mode, Rows<Space, T> dx) {
  bool const adds = mode == Gradient::add;
  static std::string const label = "kernels::batch_norm_gradient";
  Kokkos::parallel_for(
      label, plane(space, dx.extent(0), dx.extent(1)),
      KOKKOS_LAMBDA(std::int64_t const r, std::int64_t const k) {
        T const value = scale(k) * dy(r, k);
        dx(r, k) = adds ? dx(r, k) + value : value;
      });
}

/// One thread a column, rows in rising order.
template <class Space, class T>
void batch_norm_parameter_gradients(Space const& space, Rows<Space, T const> x,
                                    Rows<Space, T const> dy, Gradient sums, Row<Space, T> dscale,
                                    Row<Space, T> dshift) {
  auto const rows = static_cast<std::int64_t>(x.extent(0));
  bool const adds = sums == Gradient::add;
  static std::string const label = "kernels::batch_norm_gradient::sums";
  Kokkos::parallel_for(
      label, plane(space, dscale.extent(0), 1), KOKKOS_LAMBDA(std::int64_t const k, std::int64_t) {
        T of_scale = adds ? dscale(k) : T{0}, of_shift = adds ? dshift(k) : T{0};
        for (std::int64_t r = 0; r < rows; ++r) {
          of_scale += dy(r, k) * x(r, k);
          of_shift += dy(r, k);
        }
        dscale(k) = of_scale;
        dshift(k) = of_shift;
      });
}

template <class Space, class T>
void log_cosh_sum(Space const& space, Rows<Space, T const> x, Rows<Space, T> y) {
  auto const columns = static_cast<std::int64_t>(x.extent(1));
  static std::string const label = "kernels::log_cosh_sum";
  Kokkos::parallel_for(
      label, plane(space, y.extent(0), 1), KOKKOS_LAMBDA(std::int64_t const r, std::int64_t) {
        T sum = 0;
        for (std::int64_t k = 0; k < columns; ++k) {
          T const size = x(r, k) < 0 ? -x(r, k) : x(r, k);
          sum += size + log1p(exp(-2 * size));
        }
        y(r, 0) = sum;
      });
}

template <class Space, class T>
void log_cosh_sum_gradient(Space const& space, Rows<Space, T const> x, Rows<Space, T const> dy,
                           Gradient mode, Rows<Space, T> dx) {
  bool const adds = mode == Gradient::add;
  static std::string const label = "kernels::log_cosh_sum_gradient";
  Kokkos::parallel_for(
      label, plane(space, dx.extent(0), dx.extent(1)),
      KOKKOS_LAMBDA(std::int64_t const r, std::int64_t const k) {
        T const value = dy(r, 0) * tanh(x(r, k));
        dx(r, k) = adds ? dx(r, k) + value : value;
      });
}

}  // namespace crossjoule::kernels::portable
