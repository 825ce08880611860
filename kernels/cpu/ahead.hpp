// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/cpu/block.hpp"

#include <cstdint>

namespace crossjoule::kernels::cpu {

/// A part of a matrix that is asked for a few lines at a time, while products run, to be near when
/// its turn comes: its rows are too far apart for the processor to guess.
template <class T>
class Ahead {
 public:
  Ahead() = default;
  Ahead(T const* first, std::int64_t stride, std::int64_t rows, std::int64_t columns)
      : row_(first), stride_(stride), rows_(rows), columns_(columns) {}
  /// All of it within so many calls of ask().
  Ahead within(std::int64_t calls) const {
    Ahead spread = *this;
    spread.at_once_ = (rows_ * ((columns_ + line - 1) / line) + calls - 1) / calls;
    return spread;
  }
  void ask() {
    for (std::int64_t n = 0; n < at_once_ && rows_ > 0; ++n) {
      __builtin_prefetch(row_ + column_, 0, 2);
      column_ += line;
      if (column_ < columns_) continue;
      column_ = 0;
      row_ += stride_;
      --rows_;
    }
  }

 private:
  static constexpr std::int64_t line = line_bytes / sizeof(T);
  T const* row_ = nullptr;
  std::int64_t stride_ = 0, rows_ = 0, columns_ = 0;
  std::int64_t column_ = 0, at_once_ = 0;
};

}  // namespace crossjoule::kernels::cpu
