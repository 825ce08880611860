// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace crossjoule::runtime {

/// Samples in memory: rows x features, row-major.
template <class T>
struct Matrix {
  std::int64_t rows = 0, features = 0;
  std::vector<T> values;

  std::span<T const> row_span(std::int64_t first, std::int64_t count) const {
    return std::span(values).subspan(static_cast<std::size_t>(first * features),
                                     static_cast<std::size_t>(count * features));
  }
};

}  // namespace crossjoule::runtime
