// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/error.hpp"

#include <cstddef>
#include <span>

namespace crossjoule::kernels::reference {

/// y of each sample = as many numbers of x, from the one after `before` others on: some channels of
/// images whose channels are their outermost axis. Shapes: x (samples, whole), y (samples, part).
template <class T>
void take_channels(std::size_t samples, std::span<T const> x, std::size_t before, std::span<T> y) {
  std::size_t const whole = x.size() / samples, part = y.size() / samples;
  EXPECT(before + part <= whole);
  for (std::size_t s = 0; s < samples; ++s)
    for (std::size_t i = 0; i < part; ++i) y[s * part + i] = x[s * whole + before + i];
}

/// dx = dy where it was taken from, 0 elsewhere.
template <class T>
void take_channels_gradient(std::size_t samples, std::span<T const> dy, std::size_t before,
                            std::span<T> dx) {
  std::size_t const whole = dx.size() / samples, part = dy.size() / samples;
  EXPECT(before + part <= whole);
  for (T& number : dx) number = T(0);
  for (std::size_t s = 0; s < samples; ++s)
    for (std::size_t i = 0; i < part; ++i) dx[s * whole + before + i] = dy[s * part + i];
}

}  // namespace crossjoule::kernels::reference
