// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/cpu/pointwise.hpp"

#include <cmath>

namespace crossjoule::kernels::cpu {

template <class T>
bool adam(AdamStep const& step, std::int64_t count, T* __restrict parameters,
          T const* __restrict gradient, T* __restrict moment1, T* __restrict moment2) {
  T const keep1 = static_cast<T>(step.beta1), take1 = static_cast<T>(1 - step.beta1);
  T const keep2 = static_cast<T>(step.beta2), take2 = static_cast<T>(1 - step.beta2);
  T const rate = static_cast<T>(step.rate), inverse_root = static_cast<T>(1 / step.root);
  T const epsilon = static_cast<T>(step.epsilon), scale = static_cast<T>(step.gradient_scale);
  for (std::int64_t i = 0; i < count; ++i) {  // the compiler's vectors: every lane is on its own
    T const g = scale * gradient[i];
    T const m = keep1 * moment1[i] + take1 * g;
    T const v = keep2 * moment2[i] + take2 * (g * g);
    moment1[i] = m;
    moment2[i] = v;
    parameters[i] -= rate * m / (std::sqrt(v) * inverse_root + epsilon);
  }
  return all_finite(parameters, count);
}

template bool adam<float>(AdamStep const&, std::int64_t, float*, float const*, float*, float*);
template bool adam<double>(AdamStep const&, std::int64_t, double*, double const*, double*, double*);

}  // namespace crossjoule::kernels::cpu
