// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstdint>

namespace crossjoule::testing {

/// What Counting scalars have done since the last reset.
struct Tally {
  std::int64_t macs = 0;   ///< multiply-accumulates of products
  std::int64_t flops = 0;  ///< all other arithmetic, comparisons, roots and exponentials included
};
inline Tally tally;

/// A double that counts the operations it takes part in.
class Counting {
 public:
  Counting() = default;
  explicit Counting(double value) : value_(value) {}
  double value() const { return value_; }

  friend Counting operator+(Counting a, Counting b) { return counted(a.value_ + b.value_); }
  friend Counting operator-(Counting a, Counting b) { return counted(a.value_ - b.value_); }
  friend Counting operator*(Counting a, Counting b) { return counted(a.value_ * b.value_); }
  friend Counting operator/(Counting a, Counting b) { return counted(a.value_ / b.value_); }
  friend bool operator>(Counting a, Counting b) { return ++tally.flops, a.value_ > b.value_; }
  friend bool operator<(Counting a, Counting b) { return ++tally.flops, a.value_ < b.value_; }
  friend bool operator==(Counting a, Counting b) { return ++tally.flops, a.value_ == b.value_; }
  friend Counting operator-(Counting a) { return Counting(-a.value_); }  // a sign costs nothing
  friend Counting abs(Counting a) { return counted(std::abs(a.value_)); }
  friend Counting copysign(Counting a, Counting b) {
    return counted(std::copysign(a.value_, b.value_));
  }
  friend Counting sqrt(Counting a) { return counted(std::sqrt(a.value_)); }
  friend Counting exp(Counting a) { return counted(std::exp(a.value_)); }
  friend Counting erf(Counting a) { return counted(std::erf(a.value_)); }
  friend Counting log1p(Counting a) { return counted(std::log1p(a.value_)); }
  friend Counting tanh(Counting a) { return counted(std::tanh(a.value_)); }
  friend bool isnan(Counting a) { return std::isnan(a.value_); }  // a comparison's by-product
  friend Counting expm1(Counting a) { return counted(std::expm1(a.value_)); }
  /// Found in place of the reference's template by argument-dependent lookup.
  friend Counting multiply_add(Counting const& sum, Counting const& a, Counting const& b) {
    ++tally.macs;
    return Counting(sum.value_ + a.value_ * b.value_);
  }

 private:
  static Counting counted(double value) { return ++tally.flops, Counting(value); }
  double value_ = 0;
};

}  // namespace crossjoule::testing
