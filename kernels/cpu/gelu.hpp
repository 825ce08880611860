// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/cpu/exp.hpp"
#include "kernels/cpu/simd.hpp"

#include <array>
#include <cstring>

namespace crossjoule::kernels::cpu {

/// The normal distribution's upper tail for a >= 0:
///   Q(a) = erfc(a / sqrt 2) / 2 = exp(-a^2 / 2) N(a) / D(a),
/// where N / D is our own rational minimax approximation of Mills' ratio (Remez exchange at 60
/// digits; no coefficient is negative, so that nothing cancels). With e = 1.6e-8 (fp32) and 5.7e-17
/// (fp64) its error in Q is below e Q exp(a^2 / 4) near 0 and at most 1000 e Q in the far tail: the
/// rounding of the arithmetic dominates where Q matters, and the tail keeps its leading digits.
template <class T>
struct MillsRatio;

template <>
struct MillsRatio<float> {
  static constexpr float zero_beyond = 13.28f;  ///< exp(-a^2 / 2) is 0 there
  static constexpr std::array<float, 4> numerator = {0.499999992f, 0.327306931f, 0.100422944f,
                                                     0.0127207283f};
  static constexpr std::array<float, 5> denominator = {1.0f, 1.45249729f, 0.859784116f,
                                                       0.251104109f, 0.0319075021f};
};
template <>
struct MillsRatio<double> {
  static constexpr double zero_beyond = 37.662;
  static constexpr std::array<double, 9> numerator = {
      0.5000000000000000280879,   0.693845933084080124066,     0.4767273417576596372135,
      0.2056386353150851981662,   0.06019987254196475194356,   0.01219315782159180964324,
      0.001669693046974887749684, 0.0001420876091378656586961, 0.000005821147872149337202199};
  static constexpr std::array<double, 10> denominator = {1.0,
                                                         2.185576426971037374564,
                                                         2.197292371049800593147,
                                                         1.337636235848153825828,
                                                         0.5453120892539210177763,
                                                         0.1550547648710773107902,
                                                         0.03091987695531951562676,
                                                         0.004199891207355523704447,
                                                         0.0003561608192229543132142,
                                                         0.00001459145384285934739389};
};

/// |x|, no larger than where the bell is 0. NaN stays NaN.
template <class T>
CROSSJOULE_INLINE Vector<T> clamped_size(Vector<T> x) {
  Integers<T> bits;
  std::memcpy(&bits, &x, sizeof bits);
  bits = (bits << 1) >> 1;  // no sign
  std::memcpy(&x, &bits, sizeof x);
  return at_most<T>(MillsRatio<T>::zero_beyond, x);
}
template <class T>
CROSSJOULE_INLINE Vector<T> bell(Vector<T> size) {
  return exp_of_scaled<T>(size * size, -0.5);
}

/// x Phi(x), the exact GELU, as max(x, 0) - |x| Q(|x|). The relative error is a few units in the
/// last place and grows towards the lower tail (fp32: below 1e-5 at -6). NaN stays NaN.
template <class T>
CROSSJOULE_INLINE Vector<T> gelu(Vector<T> x) {
  using C = MillsRatio<T>;
  Vector<T> const size = clamped_size<T>(x), height = bell<T>(size);
  Vector<T> const ratio =
      polynomial<T>(C::numerator, size) * size / polynomial<T>(C::denominator, size);
  return at_least<T>(0, x) - ratio * height;
}

/// d gelu / dx = Phi(x) + x exp(-x^2 / 2) / sqrt(2 pi); above 0 it is 1 - (d gelu / dx)(-x).
template <class T>
CROSSJOULE_INLINE Vector<T> gelu_derivative(Vector<T> x) {
  using C = MillsRatio<T>;
  constexpr T inverse_root_two_pi = static_cast<T>(0.3989422804014326779);
  Vector<T> const zero{}, size = clamped_size<T>(x);
  Vector<T> const ratio = polynomial<T>(C::numerator, size) / polynomial<T>(C::denominator, size);
  Vector<T> const below = bell<T>(size) * (ratio - inverse_root_two_pi * size);
  return x > zero ? T{1} - below : below;
}

}  // namespace crossjoule::kernels::cpu
