// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/error.hpp"
#include "kernels/reference/arithmetic.hpp"

#include <cstddef>
#include <span>

namespace crossjoule::kernels::reference {

/// y = max(x, 0). Work: one comparison per element.
template <class T>
void relu(std::span<T const> x, std::span<T> y) {
  EXPECT(x.size() == y.size());
  for (std::size_t n = 0; n < x.size(); ++n) y[n] = x[n] > T(0) ? x[n] : T(0);
}

/// dx = dy where y > 0, else 0: the derivative at 0 is 0. Work: one comparison per element.
template <class T>
void relu_backward(std::span<T const> y, std::span<T const> dy, std::span<T> dx) {
  EXPECT(y.size() == dy.size() && y.size() == dx.size());
  for (std::size_t n = 0; n < y.size(); ++n) dx[n] = y[n] > T(0) ? dy[n] : T(0);
}

/// y = x > 0 ? x : alpha (exp(x) - 1). Both branches are computed, so the work does not depend on
/// the data: comparison, exponential, multiplication.
template <class T>
void elu(std::span<T const> x, T const& alpha, std::span<T> y) {
  using std::expm1;
  EXPECT(x.size() == y.size());
  for (std::size_t n = 0; n < x.size(); ++n) {
    T const bent = alpha * expm1(x[n]);
    y[n] = x[n] > T(0) ? x[n] : bent;
  }
}

/// dx = dy * (y > 0 ? 1 : y + alpha), from the output alone (alpha > 0). Work: comparison,
/// addition, multiplication per element.
template <class T>
void elu_backward(std::span<T const> y, std::span<T const> dy, T const& alpha, std::span<T> dx) {
  EXPECT(y.size() == dy.size() && y.size() == dx.size());
  for (std::size_t n = 0; n < y.size(); ++n) {
    T const bent = y[n] + alpha;
    dx[n] = dy[n] * (y[n] > T(0) ? T(1) : bent);
  }
}

/// y = x Phi(x), Phi(x) = (1 + erf(x / sqrt 2)) / 2. Work: 5 per element (3 multiplications, erf,
/// addition).
template <class T>
void gelu(std::span<T const> x, std::span<T> y) {
  using std::erf;
  EXPECT(x.size() == y.size());
  T const inverse_root_two = T(0.70710678118654752440);
  for (std::size_t n = 0; n < x.size(); ++n)
    y[n] = T(0.5) * x[n] * (T(1) + erf(x[n] * inverse_root_two));
}

/// dx = dy (Phi(x) + x exp(-x^2 / 2) / sqrt(2 pi)), from the input. Work: 11 per element.
template <class T>
void gelu_backward(std::span<T const> x, std::span<T const> dy, std::span<T> dx) {
  using std::erf, std::exp;
  EXPECT(x.size() == dy.size() && x.size() == dx.size());
  T const inverse_root_two = T(0.70710678118654752440),
          inverse_root_two_pi = T(0.39894228040143267794);
  for (std::size_t n = 0; n < x.size(); ++n) {
    T const cumulative = T(0.5) * (T(1) + erf(x[n] * inverse_root_two));
    T const density = exp(x[n] * x[n] * T(-0.5)) * inverse_root_two_pi;
    dx[n] = dy[n] * (cumulative + x[n] * density);
  }
}

/// y = sign(x) max(|x| - threshold, 0). Work: 4 per element (magnitude, subtraction, comparison,
/// sign).
template <class T>
void soft_shrink(std::span<T const> x, T const& threshold, std::span<T> y) {
  using std::abs, std::copysign;
  EXPECT(x.size() == y.size());
  for (std::size_t n = 0; n < x.size(); ++n) {
    T const excess = abs(x[n]) - threshold;
    T const signed_excess = copysign(excess, x[n]);
    y[n] = excess > T(0) ? signed_excess : T(0);
  }
}

/// dx = dy where y is not 0, else 0 (the derivative is 0 where |x| <= threshold). Work: one
/// comparison per element.
template <class T>
void soft_shrink_backward(std::span<T const> y, std::span<T const> dy, std::span<T> dx) {
  EXPECT(y.size() == dy.size() && y.size() == dx.size());
  for (std::size_t n = 0; n < y.size(); ++n) dx[n] = y[n] == T(0) ? T(0) : dy[n];
}

/// y = x > 0 ? x : alpha x. Both branches are computed. Work: 2 per element.
template <class T>
void leaky_relu(std::span<T const> x, T const& alpha, std::span<T> y) {
  EXPECT(x.size() == y.size());
  for (std::size_t n = 0; n < x.size(); ++n) {
    T const bent = alpha * x[n];
    y[n] = x[n] > T(0) ? x[n] : bent;
  }
}

/// dx = dy (y > 0 ? 1 : alpha), from the output alone (alpha > 0). Work: 2 per element.
template <class T>
void leaky_relu_backward(std::span<T const> y, std::span<T const> dy, T const& alpha,
                         std::span<T> dx) {
  EXPECT(y.size() == dy.size() && y.size() == dx.size());
  for (std::size_t n = 0; n < y.size(); ++n) dx[n] = dy[n] * (y[n] > T(0) ? T(1) : alpha);
}

/// y = a + b. Work: one addition per element; both gradients are dy itself.
template <class T>
void add(std::span<T const> a, std::span<T const> b, std::span<T> y) {
  EXPECT(a.size() == b.size() && a.size() == y.size());
  for (std::size_t n = 0; n < y.size(); ++n) y[n] = a[n] + b[n];
}

}  // namespace crossjoule::kernels::reference
