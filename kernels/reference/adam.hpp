// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/error.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

namespace crossjoule::kernels::reference {

/// Constants of Adam.
struct AdamConstants {
  double learning_rate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
};

/// One step of Adam in place (Kingma & Ba, ICLR 2015, algorithm 1); `step` counts from 1 and the
/// gradient is multiplied by `scale` first:
///   m = beta1 m + (1 - beta1) g,  v = beta2 v + (1 - beta2) g^2,
///   p -= rate / (1 - beta1^step) m / (sqrt(v / (1 - beta2^step)) + epsilon)
template <class T>
void adam(AdamConstants const& constants, std::int64_t step, double scale, std::span<T> parameters,
          std::span<T const> gradient, std::span<T> moment1, std::span<T> moment2) {
  EXPECT(gradient.size() == parameters.size() && moment1.size() == parameters.size());
  EXPECT(moment2.size() == parameters.size() && step >= 1);
  double const correction1 = 1 - std::pow(constants.beta1, static_cast<double>(step));
  double const correction2 = 1 - std::pow(constants.beta2, static_cast<double>(step));
  for (std::size_t n = 0; n < parameters.size(); ++n) {
    double const g = scale * gradient[n];
    double const m = constants.beta1 * moment1[n] + (1 - constants.beta1) * g;
    double const v = constants.beta2 * moment2[n] + (1 - constants.beta2) * g * g;
    double const direction = m / correction1 / (std::sqrt(v / correction2) + constants.epsilon);
    moment1[n] = static_cast<T>(m);
    moment2[n] = static_cast<T>(v);
    parameters[n] = static_cast<T>(parameters[n] - constants.learning_rate * direction);
  }
}

}  // namespace crossjoule::kernels::reference
