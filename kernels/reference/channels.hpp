// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/error.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace crossjoule::kernels::reference {

/// y of each sample = the numbers of all parts one after the other: images whose channels are their
/// outermost axis. Shapes: parts[k] (samples, size of part k), y (samples, sum of the sizes).
template <class T>
void join_channels(std::size_t samples, std::vector<std::span<T const>> const& parts,
                   std::span<T> y) {
  std::size_t n = 0;
  for (std::size_t s = 0; s < samples; ++s)
    for (std::span<T const> const part : parts)
      for (std::size_t i = 0; i < part.size() / samples; ++i)
        y[n++] = part[s * (part.size() / samples) + i];
  EXPECT(n == y.size());
}

/// dx = what of dy belongs to one part, which begins `before` numbers into each sample.
template <class T>
void join_channels_gradient(std::size_t samples, std::span<T const> dy, std::size_t before,
                            std::span<T> dx) {
  std::size_t const whole = dy.size() / samples, size = dx.size() / samples;
  EXPECT(before + size <= whole);
  for (std::size_t s = 0; s < samples; ++s)
    for (std::size_t i = 0; i < size; ++i) dx[s * size + i] = dy[s * whole + before + i];
}

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
