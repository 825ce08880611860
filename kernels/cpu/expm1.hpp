// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/cpu/simd.hpp"

#include <array>

namespace crossjoule::kernels::cpu {

/// Constants of exp(x) - 1 = 2^n (exp(r) - 1) + (2^n - 1) with x = n ln 2 + r, |r| <= ln(2) / 2.
template <class T>
struct Expm1;

template <>
struct Expm1<float> {
  static constexpr float round_to_integer = 0x1.8p23f;  ///< adding it leaves n in the low bits
  static constexpr std::uint32_t one = 0x3f800000;
  static constexpr int exponent_shift = 23;
  static constexpr float lowest = -25;  ///< exp(-25) is below half a unit in the last place of 1
  static constexpr float zero_below =
      -88.2f;  ///< n = -127 there, whose power of two is stored as 0
  /// Minimax polynomial of (exp(r) - 1) / r, lowest power first: relative error 1.1e-8.
  static constexpr std::array<float, 6> polynomial = {
      1.0000000106343254f,  0.4999999812367091f,   0.1666650615549367f,
      0.04166713639863354f, 0.008369075707559653f, 0.0013888872632161714f};
};
template <>
struct Expm1<double> {
  static constexpr double round_to_integer = 0x1.8p52;
  static constexpr std::uint64_t one = 0x3ff0000000000000;
  static constexpr int exponent_shift = 52;
  static constexpr double lowest = -50;
  static constexpr double zero_below = -709.2;
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

/// Two parts of exp(x) = power (1 + excess): power = 2^n, excess = exp(r) - 1.
template <class T>
struct ExpParts {
  Vector<T> power, excess;
};
/// For zero_below <= x <= 0; other lanes hold anything, NaN gives NaN.
template <class T>
CROSSJOULE_INLINE ExpParts<T> exp_parts(Vector<T> x) {
  using C = Expm1<T>;
  constexpr T inverse_ln2 = static_cast<T>(1.4426950408889634),
              ln2 = static_cast<T>(0.6931471805599453);
  Vector<T> const shifted = x * inverse_ln2 + C::round_to_integer;
  Vector<T> const n = shifted - C::round_to_integer;
  Vector<T> const r = x - n * ln2;
  Vector<T> p = splat(C::polynomial.back());
#pragma GCC unroll 16
  for (int i = static_cast<int>(C::polynomial.size()) - 2; i >= 0; --i)
    p = p * r + C::polynomial[i];
  Integers<T> bits;
  std::memcpy(&bits, &shifted, sizeof bits);
  bits = (bits << C::exponent_shift) + C::one;  // unsigned: lanes with x > 0 may wrap
  Vector<T> power;
  std::memcpy(&power, &bits, sizeof power);
  return {power, p * r};
}

/// exp(x) - 1 for x <= 0 to about one unit in the last place, no cancellation near 0; lanes with
/// x > 0 hold anything, NaN stays NaN.
template <class T>
CROSSJOULE_INLINE Vector<T> expm1_of_negative(Vector<T> x) {
  ExpParts<T> const parts = exp_parts<T>(x < splat(Expm1<T>::lowest) ? splat(Expm1<T>::lowest) : x);
  return parts.excess * parts.power + (parts.power - T{1});
}

/// exp(x) for x <= 0, to an absolute error of about one unit in the last place of 1; the relative
/// error grows with -x to 3e-7 (fp32) and 2e-14 (fp64). 0 where the result would be subnormal.
template <class T>
CROSSJOULE_INLINE Vector<T> exp_of_negative(Vector<T> x) {
  Vector<T> const floor = splat(Expm1<T>::zero_below);
  ExpParts<T> const parts = exp_parts<T>(x < floor ? floor : x);
  return parts.excess * parts.power + parts.power;
}

}  // namespace crossjoule::kernels::cpu
