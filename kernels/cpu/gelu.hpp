// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/cpu/expm1.hpp"
#include "kernels/cpu/simd.hpp"

#include <array>

namespace crossjoule::kernels::cpu {

/// The normal distribution's upper tail for a >= 0:
///   Q(a) = erfc(a / sqrt 2) / 2 = exp(-a^2 / 2) t p(t),   t = 1 / (1 + slope a),
/// where p is our own minimax polynomial (Remez exchange at 60 digits). Its error in Q is below
/// `error` Q exp(a^2 / 4) near 0 and at most 1000 `error` Q in the far tail: the rounding of the
/// arithmetic dominates where Q matters, and the tail keeps its leading digits.
template <class T>
struct NormalTail;

template <>
struct NormalTail<float> {
  static constexpr float slope = 0.3f;
  static constexpr double error = 2.3e-8;
  static constexpr std::array<float, 8> polynomial = {
      0.1196800081f,   0.1199539194f, 0.1044872033f,  0.1154104608f,
      -0.03253371099f, 0.1870343105f, -0.1478372023f, 0.03380500266f};
};
template <>
struct NormalTail<double> {
  static constexpr double slope = 0.25;
  static constexpr double error = 4.2e-17;
  static constexpr std::array<double, 21> polynomial = {
      0.09973557010035407229, 0.09973557010297333761,  0.09350209669495896688,
      0.0810351618246515104,  0.06350327983281566135,  0.04324732773742546356,
      0.02338369280980501772, 0.007210172979935477617, -0.00262691914714206609,
      -0.011109178487871678,  0.01899554470945188048,  -0.08718322935704597274,
      0.2287891633101788711,  -0.4367611863442483406,  0.6388312416816512705,
      -0.6808253880188929146, 0.5114317192318133375,   -0.2641538459011859895,
      0.08975534992487744997, -0.01816212944992543228, 0.001665985765420097381};
};

/// Phi(x) = (1 + erf(x / sqrt 2)) / 2 and exp(-x^2 / 2), which share an exponential.
template <class T>
struct NormalDistribution {
  Vector<T> cumulative, bell;
};

/// Absolute error of Phi about one unit in the last place of 1/2, also a small relative error in
/// the lower tail (no 1 - erf there). NaN stays NaN.
template <class T>
CROSSJOULE_INLINE NormalDistribution<T> normal_distribution(Vector<T> x) {
  using C = NormalTail<T>;
  Vector<T> const zero{};
  Vector<T> const size = x < zero ? -x : x;
  Vector<T> const bell = exp_of_negative<T>(x * (x * T(-0.5)));
  Vector<T> const t = T{1} / (T{1} + C::slope * size);
  Vector<T> p = splat(C::polynomial.back());
#pragma GCC unroll 32
  for (int i = static_cast<int>(C::polynomial.size()) - 2; i >= 0; --i)
    p = p * t + C::polynomial[i];
  Vector<T> const tail = (bell * t) * p;
  return {x > zero ? T{1} - tail : tail, bell};
}

/// x Phi(x), the exact GELU.
template <class T>
CROSSJOULE_INLINE Vector<T> gelu(Vector<T> x) {
  return x * normal_distribution<T>(x).cumulative;
}

/// d gelu / dx = Phi(x) + x exp(-x^2 / 2) / sqrt(2 pi).
template <class T>
CROSSJOULE_INLINE Vector<T> gelu_derivative(Vector<T> x) {
  constexpr T inverse_root_two_pi = static_cast<T>(0.3989422804014326779);
  NormalDistribution<T> const normal = normal_distribution<T>(x);
  return normal.cumulative + (inverse_root_two_pi * x) * normal.bell;
}

}  // namespace crossjoule::kernels::cpu
