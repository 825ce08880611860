// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/objectives.hpp"

#include "core/error.hpp"
#include "kernels/cpu/relative_error.hpp"
#include "kernels/portable/objectives.hpp"
#include "kernels/shares.hpp"

#include <cmath>

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

namespace {

/// The rows of one sample.
template <class T>
cpu::Matrix<T> sample_of(Rows<HostSpace, T> const& rows, std::int64_t samples, std::int64_t s) {
  std::int64_t const count = static_cast<std::int64_t>(rows.extent(0)) / samples;
  return matrix(rows, s * count, (s + 1) * count);
}
template <class T>
cpu::RowWeights<T> weights_of(RowWeights<HostSpace, T> const& weights) {
  return {weights.weight.data(), static_cast<std::int64_t>(weights.weight.size()), weights.columns};
}
template <class A, class B>
void expect_same_size([[maybe_unused]] std::int64_t samples, [[maybe_unused]] A const& a,
                      [[maybe_unused]] B const& b) {
  EXPECT(a.extent(0) * a.extent(1) == b.extent(0) * b.extent(1));
  EXPECT(a.extent(0) % samples == 0 && b.extent(0) % samples == 0);
}

}  // namespace

template <class Space, class T>
void relative_error(Space const& space, std::int64_t samples, Rows<Space, T const> x,
                    Rows<Space, T const> target, RowWeights<Space, T> const& weights, Gradient mode,
                    Row<Space, T> out) {
  expect_same_size(samples, x, target);
  if constexpr (is_host<Space>) {
    static std::string const label = "kernels::relative_error";
    for_shares(label, space, samples, 1, [=](std::int64_t first, std::int64_t last) {
      for (std::int64_t s = first; s < last; ++s) {
        cpu::Squares const squares = cpu::sums_of_squares<T>(
            sample_of(x, samples, s), sample_of(target, samples, s), weights_of(weights));
        T const ratio = static_cast<T>(std::sqrt(squares.difference) / std::sqrt(squares.target));
        out(s) = mode == Gradient::add ? out(s) + ratio : ratio;
      }
    });
  } else {
    portable::relative_error<Space, T>(space, {x, target, weights, samples}, mode, out);
  }
}

template <class Space, class T>
void relative_error_gradient(Space const& space, std::int64_t samples, Rows<Space, T const> x,
                             Rows<Space, T const> target, RowWeights<Space, T> const& weights,
                             Gradient mode, Rows<Space, T> dx) {
  expect_same_size(samples, x, target);
  expect_same_size(samples, x, dx);
  if constexpr (is_host<Space>) {
    static std::string const label = "kernels::relative_error_gradient";
    for_shares(label, space, samples, 1, [=](std::int64_t first, std::int64_t last) {
      for (std::int64_t s = first; s < last; ++s) {
        auto const from = sample_of(x, samples, s), want = sample_of(target, samples, s);
        cpu::Squares const squares = cpu::sums_of_squares<T>(from, want, weights_of(weights));
        double const norms = std::sqrt(squares.difference) * std::sqrt(squares.target);
        cpu::scaled_difference<T>(
            from, want, weights_of(weights), squares.difference > 0 ? 1 / norms : 0,
            mode == Gradient::add ? cpu::Into::add : cpu::Into::replace, sample_of(dx, samples, s));
      }
    });
  } else {
    portable::relative_error_gradient<Space, T>(space, {x, target, weights, samples}, mode, dx);
  }
}

#define CROSSJOULE_INSTANTIATE(S, T)                                                               \
  template void squared_distance<S, T>(S const&, Rows<S, T const>, int, double, Row<S, T>);        \
  template void squared_distance_gradient<S, T>(S const&, Rows<S, T const>, double, Rows<S, T>);   \
  template void mean_squared_error<S, T>(S const&, Rows<S, T const>, Rows<S, T const>, int,        \
                                         Row<S, T>);                                               \
  template void mean_squared_error_gradient<S, T>(S const&, Rows<S, T const>, Rows<S, T const>,    \
                                                  int, Rows<S, T>);                                \
  template void relative_error<S, T>(S const&, std::int64_t, Rows<S, T const>, Rows<S, T const>,   \
                                     RowWeights<S, T> const&, Gradient, Row<S, T>);                \
  template void relative_error_gradient<S, T>(S const&, std::int64_t, Rows<S, T const>,            \
                                              Rows<S, T const>, RowWeights<S, T> const&, Gradient, \
                                              Rows<S, T>);
CROSSJOULE_FOR_SPACES(CROSSJOULE_INSTANTIATE)

}  // namespace crossjoule::kernels
