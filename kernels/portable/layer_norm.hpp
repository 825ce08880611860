// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/gradient.hpp"
#include "kernels/views.hpp"

namespace crossjoule::kernels::portable {

template <class T>
struct LayerNormRow {
  T mean, rstd;
};

/// Sum of term(k) over [0, columns) by the threads of a team; all of them get it.
template <class T, class Member, class Term>
KOKKOS_INLINE_FUNCTION T team_sum(Member const& team, int columns, Term const& term) {
  T total = 0;
  Kokkos::parallel_reduce(
      Kokkos::TeamThreadRange(team, columns), [&](int k, T& part) { part += term(k); }, total);
  return total;
}

template <class T, class Member, class View>
KOKKOS_INLINE_FUNCTION LayerNormRow<T> layer_norm_row(Member const& team, View const& x,
                                                      std::int64_t r, T epsilon) {
  int const columns = static_cast<int>(x.extent(1));
  T const mean = team_sum<T>(team, columns, [&](int k) { return x(r, k); }) / T(columns);
  T const variance =
      team_sum<T>(team, columns, [&](int k) { return (x(r, k) - mean) * (x(r, k) - mean); }) /
      T(columns);
  return {mean, T(1) / sqrt(variance + epsilon)};
}

/// A team a row.
template <class Space, class T>
void layer_norm(Space const& space, Rows<Space, T const> x, Row<Space, T const> gain,
                Row<Space, T const> bias, T epsilon, Rows<Space, T> y) {
  using Team = Kokkos::TeamPolicy<Space>;
  int const columns = static_cast<int>(x.extent(1));
  Kokkos::parallel_for(
      "kernels::layer_norm", Team(space, static_cast<int>(x.extent(0)), Kokkos::AUTO),
      KOKKOS_LAMBDA(typename Team::member_type const& team) {
        std::int64_t const r = team.league_rank();
        LayerNormRow<T> const row = layer_norm_row<T>(team, x, r, epsilon);
        team.team_barrier();  // y may be x
        Kokkos::parallel_for(Kokkos::TeamThreadRange(team, columns), [&](int k) {
          y(r, k) = gain(k) * (x(r, k) - row.mean) * row.rstd + bias(k);
        });
      });
}

/// A team a block of rows. sums (blocks, 2 columns) takes dgain and dbias of each block; every
/// column belongs to one thread, so its sum runs over rising rows. Without data: not wanted.
template <class Space, class T>
void layer_norm_gradient(Space const& space, Rows<Space, T const> x, Row<Space, T const> gain,
                         T epsilon, Rows<Space, T const> dy, Gradient dx_gradient,
                         Rows<Space, T> dx, std::int64_t blocks, Rows<Space, T> sums) {
  using Team = Kokkos::TeamPolicy<Space>;
  int const columns = static_cast<int>(x.extent(1));
  std::int64_t const rows = static_cast<std::int64_t>(x.extent(0));
  bool const wants_dx = dx.data() != nullptr, wants_sums = sums.data() != nullptr;
  bool const adds = dx_gradient == Gradient::add;
  Kokkos::parallel_for(
      "kernels::layer_norm_gradient", Team(space, static_cast<int>(blocks), Kokkos::AUTO),
      KOKKOS_LAMBDA(typename Team::member_type const& team) {
        std::int64_t const block = team.league_rank();
        if (wants_sums)
          Kokkos::parallel_for(Kokkos::TeamThreadRange(team, columns), [&](int k) {
            sums(block, k) = 0;
            sums(block, columns + k) = 0;
          });
        for (std::int64_t r = rows * block / blocks; r < rows * (block + 1) / blocks; ++r) {
          LayerNormRow<T> const row = layer_norm_row<T>(team, x, r, epsilon);
          T level = 0, slope = 0;  // means of gain dy and of gain dy h
          if (wants_dx) {
            level =
                team_sum<T>(team, columns, [&](int k) { return gain(k) * dy(r, k); }) / T(columns);
            slope = team_sum<T>(team, columns,
                                [&](int k) {
                                  return gain(k) * dy(r, k) * (x(r, k) - row.mean) * row.rstd;
                                }) /
                    T(columns);
          }
          team.team_barrier();  // dx may be dy
          Kokkos::parallel_for(Kokkos::TeamThreadRange(team, columns), [&](int k) {
            T const h = (x(r, k) - row.mean) * row.rstd, gradient = dy(r, k);
            if (wants_sums) {
              sums(block, k) += gradient * h;
              sums(block, columns + k) += gradient;
            }
            if (wants_dx) {
              T const part = row.rstd * (gain(k) * gradient - level - h * slope);
              dx(r, k) = adds ? dx(r, k) + part : part;
            }
          });
        }
      });
}

/// Parameter gradients from the sums of blocks, in rising order, one thread a column.
template <class Space, class T>
void join_layer_norm_sums(Space const& space, Rows<Space, T> sums, Gradient gradient,
                          Row<Space, T> dgain, Row<Space, T> dbias) {
  std::int64_t const columns = static_cast<std::int64_t>(dgain.extent(0));
  std::int64_t const blocks = static_cast<std::int64_t>(sums.extent(0));
  bool const adds = gradient == Gradient::add;
  Kokkos::parallel_for(
      "kernels::layer_norm_gradient", Kokkos::RangePolicy<Space>(space, 0, columns),
      KOKKOS_LAMBDA(std::int64_t const k) {
        T of_gain = adds ? dgain(k) : T{0}, of_bias = adds ? dbias(k) : T{0};
        for (std::int64_t block = 0; block < blocks; ++block) {
          of_gain += sums(block, k);
          of_bias += sums(block, columns + k);
        }
        dgain(k) = of_gain;
        dbias(k) = of_bias;
      });
}

}  // namespace crossjoule::kernels::portable
