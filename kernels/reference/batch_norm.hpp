// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/error.hpp"

#include <cmath>
#include <cstddef>
#include <span>

namespace crossjoule::kernels::reference {

/// The scale and shift that stand for a trained batch normalisation: scale = gain / sqrt(variance +
/// epsilon), shift = bias - mean scale (Ioffe & Szegedy, arXiv:1502.03167, algorithm 2). Shapes:
/// all (features).
template <class T>
void fold_batch_norm(std::span<T const> gain, std::span<T const> bias, std::span<T const> mean,
                     std::span<T const> variance, T const& epsilon, std::span<T> scale,
                     std::span<T> shift) {
  using std::sqrt;
  for (std::size_t k = 0; k < scale.size(); ++k) {
    scale[k] = gain[k] / sqrt(variance[k] + epsilon);
    shift[k] = bias[k] - mean[k] * scale[k];
  }
}

/// y = scale x + shift in each row. Shapes: x, y (rows, columns); scale, shift (columns). Work: 2
/// per element.
template <class T>
void batch_norm(std::span<T const> x, std::span<T const> scale, std::span<T const> shift,
                std::span<T> y) {
  std::size_t const columns = scale.size();
  EXPECT(x.size() == y.size() && shift.size() == columns && x.size() % columns == 0);
  for (std::size_t n = 0; n < x.size(); ++n) y[n] = scale[n % columns] * x[n] + shift[n % columns];
}

/// dx = scale dy. Work: 1 per element.
template <class T>
void batch_norm_input_gradient(std::span<T const> scale, std::span<T const> dy, std::span<T> dx) {
  for (std::size_t n = 0; n < dy.size(); ++n) dx[n] = scale[n % scale.size()] * dy[n];
}

/// dscale = sum of dy x over rows, dshift = sum of dy. Work: 3 per element.
template <class T>
void batch_norm_parameter_gradients(std::span<T const> x, std::span<T const> dy,
                                    std::span<T> dscale, std::span<T> dshift) {
  std::size_t const columns = dscale.size();
  EXPECT(x.size() == dy.size() && dshift.size() == columns);
  for (auto const& all : {dscale, dshift})
    for (T& value : all) value = T(0);
  for (std::size_t n = 0; n < x.size(); ++n) {
    dscale[n % columns] = dscale[n % columns] + dy[n] * x[n];
    dshift[n % columns] = dshift[n % columns] + dy[n];
  }
}

}  // namespace crossjoule::kernels::reference
