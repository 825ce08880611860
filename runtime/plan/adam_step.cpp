// SPDX-License-Identifier: BSD-3-Clause
#include "core/error.hpp"
#include "kernels/adam.hpp"
#include "runtime/plan/plan.hpp"

namespace crossjoule::runtime {

template <class T>
bool adam_step(AdamOptions const& options, std::int64_t step, double scale, std::span<T> parameters,
               std::span<T const> gradient, std::span<T> moment1, std::span<T> moment2) {
  EXPECT(gradient.size() == parameters.size() && moment1.size() == parameters.size() &&
         moment2.size() == parameters.size());
  using Space = kernels::HostSpace;
  std::int64_t const count = static_cast<std::int64_t>(parameters.size());
  return kernels::adam<Space, T>(
      Space(), {options.learning_rate, options.beta1, options.beta2, options.epsilon, step, scale},
      kernels::row_view<Space, T>(parameters.data(), count),
      kernels::row_view<Space, T const>(gradient.data(), count),
      kernels::row_view<Space, T>(moment1.data(), count),
      kernels::row_view<Space, T>(moment2.data(), count));
}

template bool adam_step<float>(AdamOptions const&, std::int64_t, double, std::span<float>,
                               std::span<float const>, std::span<float>, std::span<float>);
template bool adam_step<double>(AdamOptions const&, std::int64_t, double, std::span<double>,
                                std::span<double const>, std::span<double>, std::span<double>);

}  // namespace crossjoule::runtime
