// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/portable/pointwise.hpp"

namespace crossjoule::kernels::portable {

/// out[s] = sum (x - centre)^2 over the rows of sample s, one thread a sample.
template <class Space, class T>
void squared_distance(Space const& space, Rows<Space, T const> x, int rows_per_sample,
                      double centre, Row<Space, T> out) {
  T const c = static_cast<T>(centre);
  std::int64_t const columns = x.extent(1);
  Kokkos::parallel_for(
      "kernels::squared_distance", Kokkos::RangePolicy<Space>(space, 0, out.extent(0)),
      KOKKOS_LAMBDA(std::int64_t const s) {
        T sum = 0;
        for (std::int64_t r = s * rows_per_sample; r < (s + 1) * rows_per_sample; ++r)
          for (std::int64_t k = 0; k < columns; ++k) sum += (x(r, k) - c) * (x(r, k) - c);
        out(s) = sum;
      });
}

/// dx = 2 (x - centre).
template <class Space, class T>
void squared_distance_gradient(Space const& space, Rows<Space, T const> x, double centre,
                               Rows<Space, T> dx) {
  T const c = static_cast<T>(centre);
  Kokkos::parallel_for(
      "kernels::squared_distance_gradient", plane(space, x.extent(0), x.extent(1)),
      KOKKOS_LAMBDA(std::int64_t const r, std::int64_t const k) { dx(r, k) = 2 * (x(r, k) - c); });
}

/// out[s] = mean (x - target)^2 over the rows of sample s, one thread a sample.
template <class Space, class T>
void mean_squared_error(Space const& space, Rows<Space, T const> x, Rows<Space, T const> target,
                        int rows_per_sample, Row<Space, T> out) {
  std::int64_t const columns = x.extent(1);
  T const numbers = static_cast<T>(rows_per_sample * columns);
  Kokkos::parallel_for(
      "kernels::mean_squared_error", Kokkos::RangePolicy<Space>(space, 0, out.extent(0)),
      KOKKOS_LAMBDA(std::int64_t const s) {
        T sum = 0;
        for (std::int64_t r = s * rows_per_sample; r < (s + 1) * rows_per_sample; ++r)
          for (std::int64_t k = 0; k < columns; ++k) {
            T const difference = x(r, k) - target(r, k);
            sum += difference * difference;
          }
        out(s) = sum / numbers;
      });
}

/// dx = scale (x - target).
template <class Space, class T>
void mean_squared_error_gradient(Space const& space, Rows<Space, T const> x,
                                 Rows<Space, T const> target, double scale, Rows<Space, T> dx) {
  T const factor = static_cast<T>(scale);
  Kokkos::parallel_for(
      "kernels::mean_squared_error_gradient", plane(space, x.extent(0), x.extent(1)),
      KOKKOS_LAMBDA(std::int64_t const r, std::int64_t const k) {
        dx(r, k) = factor * (x(r, k) - target(r, k));
      });
}

}  // namespace crossjoule::kernels::portable
