// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <compare>
#include <string_view>

namespace crossjoule::core {

/// A number with a unit in its type. Units differ by tag, so joules never add to seconds.
template <class Tag>
struct Unit {
  double value = 0;

  friend constexpr auto operator<=>(Unit, Unit) = default;
  friend constexpr Unit operator+(Unit a, Unit b) { return {a.value + b.value}; }
  friend constexpr Unit operator-(Unit a, Unit b) { return {a.value - b.value}; }
  friend constexpr Unit operator*(double a, Unit b) { return {a * b.value}; }
  friend constexpr Unit operator*(Unit a, double b) { return {a.value * b}; }
  friend constexpr Unit operator/(Unit a, double b) { return {a.value / b}; }
  friend constexpr double operator/(Unit a, Unit b) { return a.value / b.value; }
  constexpr Unit& operator+=(Unit b) { return value += b.value, *this; }
  constexpr Unit& operator-=(Unit b) { return value -= b.value, *this; }
};

using Joules = Unit<struct JouleTag>;
using Seconds = Unit<struct SecondTag>;
using Watts = Unit<struct WattTag>;
using SquareMillimetres = Unit<struct SquareMillimetreTag>;

constexpr Joules operator*(Watts power, Seconds time) { return {power.value * time.value}; }
constexpr Joules operator*(Seconds time, Watts power) { return power * time; }
constexpr Watts operator/(Joules energy, Seconds time) { return {energy.value / time.value}; }
constexpr Seconds operator/(Joules energy, Watts power) { return {energy.value / power.value}; }

constexpr std::string_view unit_symbol(Joules) { return "J"; }
constexpr std::string_view unit_symbol(Seconds) { return "s"; }
constexpr std::string_view unit_symbol(Watts) { return "W"; }
constexpr std::string_view unit_symbol(SquareMillimetres) { return "mm2"; }

/// Where a number comes from, best first. A combination is as good as its worst part.
enum class Kind { measured_counter, measured_sampled, modelled, assumed, absent };

/// "measured-counter", "measured-sampled", "modelled", "assumed", "absent".
std::string_view to_string(Kind kind);
/// The inverse of to_string; Error (bad_input) for any other text.
Kind kind_from(std::string_view text);
constexpr Kind worst(Kind a, Kind b) { return a < b ? b : a; }
constexpr bool is_measured(Kind kind) { return kind <= Kind::measured_sampled; }

/// A figure as every record holds it: value between low and high, and its kind. An absent figure
/// has no numbers: it is never 0.
template <class T>
struct Quantity {
  T low{}, value{}, high{};
  Kind kind = Kind::absent;

  static constexpr Quantity exactly(T value, Kind kind) { return {value, value, value, kind}; }
  constexpr bool present() const { return kind != Kind::absent; }

  /// Sum of figures whose errors go together (one constant drives both): ends add to ends. The sum
  /// of anything with an absent figure is absent.
  friend constexpr Quantity operator+(Quantity a, Quantity b) {
    if (!a.present() || !b.present()) return {};
    return {a.low + b.low, a.value + b.value, a.high + b.high, worst(a.kind, b.kind)};
  }
  /// Scale by a number known without error (a count, a batch size), which must not be negative.
  friend constexpr Quantity operator*(double a, Quantity b) {
    return {a * b.low, a * b.value, a * b.high, b.kind};
  }
  friend constexpr Quantity operator/(Quantity a, double b) {
    return {a.low / b, a.value / b, a.high / b, a.kind};
  }
};

}  // namespace crossjoule::core
