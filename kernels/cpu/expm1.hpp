// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/cpu/exp.hpp"
#include "kernels/cpu/simd.hpp"

#include <array>

namespace crossjoule::kernels::cpu {

/// Constants of exp(x) - 1 = 2^n (exp(r) - 1) + (2^n - 1) with x = n ln 2 + r, |r| <= ln(2) / 2.
template <class T>
struct Expm1;

template <>
struct Expm1<float> : Exponent<float> {
  static constexpr float lowest = -25;  ///< exp(-25) is below half a unit in the last place of 1
  /// Minimax polynomial of (exp(r) - 1) / r, lowest power first: relative error 1.1e-8.
  static constexpr std::array<float, 6> polynomial = {
      1.0000000106343254f,  0.4999999812367091f,   0.1666650615549367f,
      0.04166713639863354f, 0.008369075707559653f, 0.0013888872632161714f};
};
template <>
struct Expm1<double> : Exponent<double> {
  static constexpr double lowest = -50;
  /// The same, relative error 1.8e-17.
  static constexpr std::array<double, 11> polynomial = {1.0,
                                                        0.5000000000000006,
                                                        0.16666666666666563,
                                                        0.041666666666573836,
                                                        0.008333333333397877,
                                                        0.0013888888932284335,
                                                        0.0001984126970740514,
                                                        2.4801504569751532e-05,
                                                        2.7557414810168332e-06,
                                                        2.762627631494192e-07,
                                                        2.5052102513685723e-08};
};

/// exp(x) - 1 for x <= 0 to about one unit in the last place, no cancellation near 0; lanes with
/// x > 0 hold anything, NaN stays NaN.
template <class T>
CROSSJOULE_INLINE Vector<T> expm1_of_negative(Vector<T> x) {
  using C = Expm1<T>;
  constexpr T inverse_ln2 = static_cast<T>(1.4426950408889634),
              ln2 = static_cast<T>(0.6931471805599453);
  x = at_least<T>(C::lowest, x);
  Vector<T> const shifted = x * inverse_ln2 + C::round_to_integer;
  Vector<T> const n = shifted - C::round_to_integer;
  Vector<T> const r = x - n * ln2;
  Vector<T> const excess = polynomial<T>(C::polynomial, r) * r;
  Vector<T> const power = power_of_two<T>(shifted);
  return excess * power + (power - T{1});
}

}  // namespace crossjoule::kernels::cpu
