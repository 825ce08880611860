// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/weather/fourier.hpp"

#include "core/error.hpp"

#include <numbers>

namespace crossjoule::sim::weather {
namespace {

using Complex = std::complex<double>;

inline ComplexLanes operator+(ComplexLanes const& a, ComplexLanes const& b) {
  return {a.re + b.re, a.im + b.im};
}
inline ComplexLanes operator-(ComplexLanes const& a, ComplexLanes const& b) {
  return {a.re - b.re, a.im - b.im};
}
inline ComplexLanes operator*(Complex const& w, ComplexLanes const& a) {
  return {w.real() * a.re - w.imag() * a.im, w.real() * a.im + w.imag() * a.re};
}
/// sign * i * a
inline ComplexLanes turned(double sign, ComplexLanes const& a) {
  return {-sign * a.im, sign * a.re};
}
inline ComplexLanes conjugate(ComplexLanes const& a) { return {a.re, -a.im}; }

/// One pass of the Stockham form: `n` points remain to be transformed, `stride` sequences lie side
/// by side. in[q + stride (p + i n/r)] -> out[q + stride (r p + i)], times the turn of p i.
struct Pass {
  int n, stride;
  double sign;           ///< -1 forward, +1 backward
  Complex const* turns;  ///< exp(-2 pi i k / (n stride))
  ComplexLanes const* in;
  ComplexLanes* out;

  /// exp(sign 2 pi i k / n), k < n
  Complex turn(int k) const {
    Complex const w = turns[k * stride];
    return sign < 0 ? w : std::conj(w);
  }
};

void pass_2(Pass const& s) {
  int const m = s.n / 2;
  for (int p = 0; p < m; ++p) {
    Complex const w = s.turn(p);
    for (int q = 0; q < s.stride; ++q) {
      auto const a = s.in[q + s.stride * p], b = s.in[q + s.stride * (p + m)];
      s.out[q + s.stride * 2 * p] = a + b;
      s.out[q + s.stride * (2 * p + 1)] = w * (a - b);
    }
  }
}

void pass_4(Pass const& s) {
  int const m = s.n / 4;
  for (int p = 0; p < m; ++p) {
    Complex const w1 = s.turn(p), w2 = s.turn(2 * p), w3 = s.turn(3 * p);
    for (int q = 0; q < s.stride; ++q) {
      ComplexLanes const* x = s.in + q + s.stride * p;
      auto const a = x[0], b = x[s.stride * m], c = x[s.stride * 2 * m], d = x[s.stride * 3 * m];
      auto const even = a + c, odd = a - c, sum = b + d, side = turned(s.sign, b - d);
      ComplexLanes* y = s.out + q + s.stride * 4 * p;
      y[0] = even + sum;
      y[s.stride] = w1 * (odd + side);
      y[2 * s.stride] = w2 * (even - sum);
      y[3 * s.stride] = w3 * (odd - side);
    }
  }
}

/// Any radix by its definition: 3, 5 and the odd prime that a grid may have.
void pass_any(Pass const& s, int radix) {
  int const m = s.n / radix;
  for (int p = 0; p < m; ++p)
    for (int q = 0; q < s.stride; ++q)
      for (int i = 0; i < radix; ++i) {
        ComplexLanes sum = s.in[q + s.stride * p];
        for (int k = 1; k < radix; ++k)
          sum = sum + s.turn(i * k % radix * m) * s.in[q + s.stride * (p + k * m)];
        s.out[q + s.stride * (radix * p + i)] = s.turn(p * i) * sum;
      }
}

std::vector<int> factors(int n) {
  std::vector<int> found;
  for (int radix : {4, 2, 3, 5})
    for (; n % radix == 0; n /= radix) found.push_back(radix);
  for (int radix = 7; n > 1; radix += 2)
    for (; n % radix == 0; n /= radix) found.push_back(radix);
  return found;
}

std::vector<Complex> turns_of(int count, int whole) {
  std::vector<Complex> turns;
  for (int k = 0; k < count; ++k) {
    long double const angle = -2 * std::numbers::pi_v<long double> * k / whole;
    turns.emplace_back(static_cast<double>(std::cos(angle)), static_cast<double>(std::sin(angle)));
  }
  return turns;
}

}  // namespace

Fourier::Fourier(int points)
    : half_(points / 2),
      radices_(factors(half_)),
      turns_(turns_of(half_, half_)),
      half_turns_(turns_of(half_ + 1, points)) {
  EXPECT(points > 0 && points % 2 == 0);
  for (auto& work : work_) work.resize(static_cast<std::size_t>(half_));
}

ComplexLanes const* Fourier::transform(Direction direction) {
  Pass pass{half_,
            1,
            direction == Direction::forward ? -1.0 : 1.0,
            turns_.data(),
            work_[0].data(),
            work_[1].data()};
  for (int const radix : radices_) {
    if (radix == 4)
      pass_4(pass);
    else if (radix == 2)
      pass_2(pass);
    else
      pass_any(pass, radix);
    pass.n /= radix;
    pass.stride *= radix;
    ComplexLanes* const filled = pass.out;
    pass.out = pass.in == work_[0].data() ? work_[0].data() : work_[1].data();
    pass.in = filled;
  }
  return pass.in;
}

void Fourier::analyse(Lanes const* x, int last, ComplexLanes* out) {
  EXPECT(last >= 0 && last < half_);
  for (int n = 0; n < half_; ++n) work_[0][static_cast<std::size_t>(n)] = {x[2 * n], x[2 * n + 1]};
  ComplexLanes const* const z = transform(Direction::forward);
  // x = even + odd points: X_k = (Z_k + conj Z_-k)/2 - i w^k (Z_k - conj Z_-k)/2
  double const scale = 0.25 / half_;
  for (int k = 0; k <= last; ++k) {
    ComplexLanes const a = z[k], b = conjugate(z[(half_ - k) % half_]);
    ComplexLanes const sum = a + b + turned(-1, half_turns_[static_cast<std::size_t>(k)] * (a - b));
    out[k] = {scale * sum.re, scale * sum.im};
  }
}

void Fourier::synthesise(ComplexLanes const* coefficients, int last, Lanes* x) {
  EXPECT(last >= 0 && last < half_);
  ComplexLanes const zero{};
  for (int k = 0; k < half_; ++k) {
    // k and k - half share a complex point, with w^half = -1
    ComplexLanes const a = k <= last ? coefficients[k] : zero;
    ComplexLanes const b = k > 0 && half_ - k <= last ? conjugate(coefficients[half_ - k]) : zero;
    Complex const w = std::conj(half_turns_[static_cast<std::size_t>(k)]);
    work_[0][static_cast<std::size_t>(k)] = a + b + turned(1, w * (a - b));
  }
  // X_0 is real: it counts once
  work_[0][0] = {coefficients[0].re, coefficients[0].re};
  ComplexLanes const* const z = transform(Direction::backward);
  for (int n = 0; n < half_; ++n) {
    x[2 * n] = z[n].re;
    x[2 * n + 1] = z[n].im;
  }
}

}  // namespace crossjoule::sim::weather
