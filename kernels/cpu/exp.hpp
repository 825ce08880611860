// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/cpu/simd.hpp"

#include <array>
#include <cstring>

namespace crossjoule::kernels::cpu {

/// c[0] + c[1] x + c[2] x^2 + ... by Horner's rule.
template <class T, std::size_t size>
CROSSJOULE_INLINE Vector<T> polynomial(std::array<T, size> const& c, Vector<T> x) {
  Vector<T> p = splat(c.back());
#pragma GCC unroll 32
  for (int i = static_cast<int>(size) - 2; i >= 0; --i) p = p * x + c[i];
  return p;
}

/// How a power of two is made of an integer in floating point.
template <class T>
struct Exponent;
template <>
struct Exponent<float> {
  static constexpr float round_to_integer = 0x1.8p23f;  ///< adding it leaves n in the low bits
  static constexpr std::uint32_t one = 0x3f800000;
  static constexpr int exponent_shift = 23;
};
template <>
struct Exponent<double> {
  static constexpr double round_to_integer = 0x1.8p52;
  static constexpr std::uint64_t one = 0x3ff0000000000000;
  static constexpr int exponent_shift = 52;
};

/// 2^n for shifted = n + round_to_integer; n = -127 (fp64: -1023) gives 0.
template <class T>
CROSSJOULE_INLINE Vector<T> power_of_two(Vector<T> shifted) {
  Integers<T> bits;
  std::memcpy(&bits, &shifted, sizeof bits);
  bits = (bits << Exponent<T>::exponent_shift) + Exponent<T>::one;  // unsigned: may wrap
  Vector<T> power;
  std::memcpy(&power, &bits, sizeof power);
  return power;
}

/// Constants of exp(x) = 2^n 2^r with n + r = x / ln 2, |r| <= 1/2.
template <class T>
struct Exp;
template <>
struct Exp<float> : Exponent<float> {
  static constexpr float zero_below = -88.2f;  ///< n = -127 there
  /// Our own minimax polynomial of 2^r with constant 1: relative error 2.0e-9.
  static constexpr std::array<float, 7> polynomial = {
      1.0f,           0.6931472029f,  0.2402264791f,  0.05550332471f,
      0.00961843736f, 0.00133988744f, 0.000153533613f};
};
template <>
struct Exp<double> : Exponent<double> {
  static constexpr double zero_below = -709.2;
  /// The same, relative error 3.4e-18.
  static constexpr std::array<double, 12> polynomial = {1.0,
                                                        0.693147180559945325805,
                                                        0.240226506959101312599,
                                                        0.055504108664820083226,
                                                        0.00961812910759412017781,
                                                        0.00133335581467746217087,
                                                        0.000154035304571119930735,
                                                        0.0000152527334931256124624,
                                                        0.00000132154352823491828393,
                                                        1.01781995728194064859e-7,
                                                        7.07378324282956929066e-9,
                                                        4.43477113531466120966e-10};
};

/// exp(factor x) for zero_below <= factor x <= 0; other lanes hold anything, NaN stays NaN. The
/// relative error is about one unit in the last place and grows with -factor x to 3e-6 (fp32) and
/// 1e-13 (fp64).
template <class T>
CROSSJOULE_INLINE Vector<T> exp_of_scaled(Vector<T> x, double factor) {
  using C = Exp<T>;
  T const per_ln2 = static_cast<T>(factor * 1.4426950408889634074);
  Vector<T> const shifted = x * per_ln2 + C::round_to_integer;
  Vector<T> const r = x * per_ln2 - (shifted - C::round_to_integer);
  return polynomial<T>(C::polynomial, r) * power_of_two<T>(shifted);
}

/// exp(x) for x <= 0 with that error. 0 where the result would be subnormal.
template <class T>
CROSSJOULE_INLINE Vector<T> exp_of_negative(Vector<T> x) {
  return exp_of_scaled<T>(at_least<T>(Exp<T>::zero_below, x), 1);
}

}  // namespace crossjoule::kernels::cpu
