// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/epilogue.hpp"
#include "kernels/gradient.hpp"
#include "kernels/views.hpp"

/// Kernels for any Kokkos space, one thread a number or a team a sum: what devices other than CPUs
/// run. Tests run them on the CPU too, where they are correct and slow.
namespace crossjoule::kernels::portable {

/// P(N <= x) for a standard normal N.
template <class T>
KOKKOS_INLINE_FUNCTION T normal_cumulative(T x) {
  return T(0.5) * (1 + erf(x * T(0.70710678118654752440)));
}

/// The epilogue of one number; `operand` is what a derivative is computed from (gradients only).
template <class T>
KOKKOS_INLINE_FUNCTION T apply(Epilogue epilogue, T x, T operand, T alpha) {
  switch (epilogue) {
    case Epilogue::relu: return x < 0 ? T{0} : x;
    case Epilogue::elu: return x > 0 ? x : alpha * expm1(x);
    case Epilogue::gelu: return x * normal_cumulative(x);
    case Epilogue::soft_shrink:  // x - x keeps NaN
      return x > alpha ? x - alpha : x < -alpha ? x + alpha : x - x;
    case Epilogue::leaky_relu: return x > 0 ? x : alpha * x;
    case Epilogue::relu_gradient: return operand > 0 ? x : T{0};
    case Epilogue::elu_gradient: return operand > 0 ? x : x * (operand + alpha);
    case Epilogue::gelu_gradient:
      return x * (normal_cumulative(operand) +
                  operand * exp(T(-0.5) * operand * operand) * T(0.39894228040143267794));
    case Epilogue::soft_shrink_gradient: return operand == 0 ? T{0} : x;
    case Epilogue::leaky_relu_gradient: return operand > 0 ? x : alpha * x;
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

/// y = epilogue(x); `operand` may be empty where the epilogue reads none.
template <class Space, class T>
void activate(Space const& space, Fused epilogue, Rows<Space, T const> x,
              Rows<Space, T const> operand, Rows<Space, T> y) {
  Epilogue const kind = epilogue.kind;
  T const alpha = static_cast<T>(epilogue.alpha);
  Rows<Space, T const> const read = is_gradient(kind) ? operand : x;
  Kokkos::parallel_for(
      "kernels::activate", plane(space, y.extent(0), y.extent(1)),
      KOKKOS_LAMBDA(std::int64_t const r, std::int64_t const k) {
        y(r, k) = apply<T>(kind, x(r, k), read(r, k), alpha);
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

/// out[k] = sum_r x[r,k], or added to out; the order of the sum depends on the team size alone.
template <class Space, class T>
void column_sums(Space const& space, Rows<Space, T const> x, Gradient into, Row<Space, T> out) {
  using Team = Kokkos::TeamPolicy<Space>;
  int const rows = static_cast<int>(x.extent(0));
  bool const adds = into == Gradient::add;
  Kokkos::parallel_for(
      "kernels::column_sums", Team(space, static_cast<int>(x.extent(1)), Kokkos::AUTO),
      KOKKOS_LAMBDA(typename Team::member_type const& column) {
        int const k = column.league_rank();
        T total = 0;
        Kokkos::parallel_reduce(
            Kokkos::TeamThreadRange(column, rows), [&](int r, T& part) { part += x(r, k); }, total);
        Kokkos::single(Kokkos::PerTeam(column), [&] { out(k) = adds ? out(k) + total : total; });
      });
}

}  // namespace crossjoule::kernels::portable
