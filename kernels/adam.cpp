// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/adam.hpp"

#include "core/error.hpp"
#include "kernels/shares.hpp"

#include <atomic>
#include <cmath>

namespace crossjoule::kernels {
namespace {

cpu::AdamStep constants(Adam const& options) {
  double const t = static_cast<double>(options.step);
  return {.beta1 = options.beta1,
          .beta2 = options.beta2,
          .epsilon = options.epsilon,
          .rate = options.learning_rate / (1 - std::pow(options.beta1, t)),
          .root = std::sqrt(1 - std::pow(options.beta2, t)),
          .gradient_scale = options.gradient_scale};
}

/// Numbers of one share: a multiple of every vector, so that shares never cut one.
constexpr std::int64_t grain = 4096;

}  // namespace

namespace portable {

/// The same step for any space.
template <class Space, class T>
bool adam(Space const& space, cpu::AdamStep const& step, Row<Space, T> parameters,
          Row<Space, T const> gradient, Row<Space, T> moment1, Row<Space, T> moment2) {
  T const keep1 = step.beta1, take1 = 1 - step.beta1, keep2 = step.beta2, take2 = 1 - step.beta2;
  T const rate = step.rate, inverse_root = 1 / step.root, epsilon = step.epsilon;
  T const scale = step.gradient_scale;
  int not_finite = 0;
  Kokkos::parallel_reduce(
      "kernels::adam", Kokkos::RangePolicy<Space>(space, 0, parameters.extent(0)),
      KOKKOS_LAMBDA(std::int64_t const i, int& bad) {
        T const g = scale * gradient(i);
        T const m = moment1(i) = keep1 * moment1(i) + take1 * g;
        T const v = moment2(i) = keep2 * moment2(i) + take2 * (g * g);
        parameters(i) -= rate * m / (sqrt(v) * inverse_root + epsilon);
        bad += isfinite(parameters(i)) ? 0 : 1;
      },
      not_finite);
  return not_finite == 0;
}

}  // namespace portable

template <class Space, class T>
bool adam(Space const& space, Adam const& options, Row<Space, T> parameters,
          Row<Space, T const> gradient, Row<Space, T> moment1, Row<Space, T> moment2) {
  EXPECT(gradient.extent(0) == parameters.extent(0) && options.step >= 1);
  EXPECT(moment1.extent(0) == parameters.extent(0) && moment2.extent(0) == parameters.extent(0));
  cpu::AdamStep const step = constants(options);
  if constexpr (is_host<Space>) {
    static std::string const label = "kernels::adam";
    std::atomic<bool> finite = true;
    auto* const all_finite = &finite;
    for_shares(
        label, space, parameters.extent(0), grain, [=](std::int64_t first, std::int64_t last) {
          if (!cpu::adam<T>(step, last - first, parameters.data() + first, gradient.data() + first,
                            moment1.data() + first, moment2.data() + first))
            *all_finite = false;
        });
    return finite;
  } else {
    return portable::adam<Space, T>(space, step, parameters, gradient, moment1, moment2);
  }
}

#define CROSSJOULE_INSTANTIATE(S, T) \
  template bool adam<S, T>(S const&, Adam const&, Row<S, T>, Row<S, T const>, Row<S, T>, Row<S, T>);
CROSSJOULE_FOR_SPACES(CROSSJOULE_INSTANTIATE)

}  // namespace crossjoule::kernels
