// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/epilogue.hpp"
#include "kernels/views.hpp"

/// Kernels for any Kokkos space, one thread a number or a team a sum: what devices other than CPUs
/// run. Tests run them on the CPU too, where they are correct and slow.
namespace crossjoule::kernels::portable {

/// The epilogue of one number; `result` is the activation's result (gradients only).
template <class T>
KOKKOS_INLINE_FUNCTION T apply(Epilogue epilogue, T x, T result, T alpha) {
  switch (epilogue) {
    case Epilogue::relu: return x < 0 ? T{0} : x;
    case Epilogue::elu: return x > 0 ? x : alpha * expm1(x);
    case Epilogue::relu_gradient: return result > 0 ? x : T{0};
    case Epilogue::elu_gradient: return result > 0 ? x : x * (result + alpha);
    case Epilogue::none: break;
  }
  return x;
}

template <class Space>
using Plane = Kokkos::MDRangePolicy<Space, Kokkos::Rank<2>, Kokkos::IndexType<std::int64_t>>;
template <class Space>
Plane<Space> plane(Space const& space, std::int64_t rows, std::int64_t columns) {
  return Plane<Space>(space, {{0, 0}}, {{rows, columns}});
}

/// y = epilogue(x); an empty `result_of` stands for y's own numbers (not read).
template <class Space, class T>
void activate(Space const& space, Fused epilogue, Rows<Space, T const> x,
              Rows<Space, T const> result_of, Rows<Space, T> y) {
  Epilogue const kind = epilogue.kind;
  T const alpha = static_cast<T>(epilogue.alpha);
  bool const reads = kind == Epilogue::relu_gradient || kind == Epilogue::elu_gradient;
  Rows<Space, T const> const result = reads ? result_of : x;
  Kokkos::parallel_for(
      "kernels::activate", plane(space, y.extent(0), y.extent(1)),
      KOKKOS_LAMBDA(std::int64_t const r, std::int64_t const k) {
        y(r, k) = apply<T>(kind, x(r, k), result(r, k), alpha);
      });
}

/// y = epilogue(y + bias): what follows a library's product.
template <class Space, class T>
void bias_and_epilogue(Space const& space, Row<Space, T const> bias, Fused epilogue,
                       Rows<Space, T> y) {
  Epilogue const kind = epilogue.kind;
  T const alpha = static_cast<T>(epilogue.alpha);
  bool const has_bias = bias.data() != nullptr;
  if (!has_bias && kind == Epilogue::none) return;
  Kokkos::parallel_for(
      "kernels::linear", plane(space, y.extent(0), y.extent(1)),
      KOKKOS_LAMBDA(std::int64_t const r, std::int64_t const n) {
        y(r, n) = apply<T>(kind, has_bias ? y(r, n) + bias(n) : y(r, n), T{0}, alpha);
      });
}

template <class Space, class T>
void add(Space const& space, Rows<Space, T const> a, Rows<Space, T const> b, Rows<Space, T> y) {
  Kokkos::parallel_for(
      "kernels::add", plane(space, y.extent(0), y.extent(1)),
      KOKKOS_LAMBDA(std::int64_t const r, std::int64_t const k) { y(r, k) = a(r, k) + b(r, k); });
}

/// out[k] = sum_r x[r,k]; the order of the sum depends on the team size alone.
template <class Space, class T>
void column_sums(Space const& space, Rows<Space, T const> x, Row<Space, T> out) {
  using Team = Kokkos::TeamPolicy<Space>;
  int const rows = static_cast<int>(x.extent(0));
  Kokkos::parallel_for(
      "kernels::column_sums", Team(space, static_cast<int>(x.extent(1)), Kokkos::AUTO),
      KOKKOS_LAMBDA(typename Team::member_type const& column) {
        int const k = column.league_rank();
        T total = 0;
        Kokkos::parallel_reduce(
            Kokkos::TeamThreadRange(column, rows), [&](int r, T& part) { part += x(r, k); }, total);
        Kokkos::single(Kokkos::PerTeam(column), [&] { out(k) = total; });
      });
}

}  // namespace crossjoule::kernels::portable
