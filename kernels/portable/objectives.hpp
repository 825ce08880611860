// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/objectives.hpp"
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

/// Number n of a sample in a view whose rows hold the sample's numbers one after the other.
template <class View>
KOKKOS_INLINE_FUNCTION auto& number(View const& rows, std::int64_t first_row, std::int64_t n) {
  std::int64_t const columns = rows.extent(1);
  return rows(first_row + n / columns, n % columns);
}
template <class Space, class T>
KOKKOS_INLINE_FUNCTION double weight_of(RowWeights<Space, T> const& weights, std::int64_t n) {
  if (!weights.weight.data()) return 1;
  auto const rows = static_cast<std::int64_t>(weights.weight.extent(0));
  return static_cast<double>(weights.weight(n / weights.columns % rows));
}

/// Weighted sums of squares of sample s: of the difference, and of the target.
template <class Space, class T>
struct SquaresOf {
  Rows<Space, T const> x, target;
  RowWeights<Space, T> weights;
  std::int64_t samples;

  using Member = typename Kokkos::TeamPolicy<Space>::member_type;
  KOKKOS_INLINE_FUNCTION std::int64_t count() const { return x.extent(0) * x.extent(1) / samples; }
  KOKKOS_INLINE_FUNCTION double operator()(Member const& team, std::int64_t s,
                                           bool of_target) const {
    SquaresOf const self = *this;
    std::int64_t const first = s * x.extent(0) / samples, want = s * target.extent(0) / samples;
    double total = 0;
    Kokkos::parallel_reduce(
        Kokkos::TeamThreadRange(team, count()),
        [=](std::int64_t const n, double& part) {
          auto d = static_cast<double>(number(self.target, want, n));
          if (!of_target) d = static_cast<double>(number(self.x, first, n)) - d;
          part += weight_of(self.weights, n) * (d * d);
        },
        total);
    return total;
  }
};

/// One team a sample.
template <class Space, class T>
void relative_error(Space const& space, SquaresOf<Space, T> const& squares, Gradient mode,
                    Row<Space, T> out) {
  using Team = Kokkos::TeamPolicy<Space>;
  bool const adds = mode == Gradient::add;
  Kokkos::parallel_for(
      "kernels::relative_error", Team(space, static_cast<int>(squares.samples), Kokkos::AUTO),
      KOKKOS_LAMBDA(typename Team::member_type const& team) {
        std::int64_t const s = team.league_rank();
        double const difference = squares(team, s, false), norm = squares(team, s, true);
        Kokkos::single(Kokkos::PerTeam(team), [&] {
          T const ratio = static_cast<T>(sqrt(difference) / sqrt(norm));
          out(s) = adds ? out(s) + ratio : ratio;
        });
      });
}

template <class Space, class T>
void relative_error_gradient(Space const& space, SquaresOf<Space, T> const& squares, Gradient mode,
                             Rows<Space, T> dx) {
  using Team = Kokkos::TeamPolicy<Space>;
  bool const adds = mode == Gradient::add;
  Kokkos::parallel_for(
      "kernels::relative_error_gradient",
      Team(space, static_cast<int>(squares.samples), Kokkos::AUTO),
      KOKKOS_LAMBDA(typename Team::member_type const& team) {
        std::int64_t const s = team.league_rank();
        double const difference = squares(team, s, false), norm = squares(team, s, true);
        double const factor = difference > 0 ? 1 / (sqrt(difference) * sqrt(norm)) : 0;
        std::int64_t const first = s * squares.x.extent(0) / squares.samples;
        std::int64_t const want = s * squares.target.extent(0) / squares.samples;
        std::int64_t const to = s * dx.extent(0) / squares.samples;
        Kokkos::parallel_for(
            Kokkos::TeamThreadRange(team, squares.count()), [=](std::int64_t const n) {
              T const value = static_cast<T>(factor * weight_of(squares.weights, n)) *
                              (number(squares.x, first, n) - number(squares.target, want, n));
              T& place = number(dx, to, n);
              place = adds ? place + value : value;
            });
      });
}

}  // namespace crossjoule::kernels::portable
