// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace crossjoule::kernels {

/// Images of rows x columns x features, features last, under a window that moves over rows and
/// columns with `padding` numbers on either side.
struct WindowGrid {
  std::int64_t rows = 1, columns = 1, features = 1;
  std::int64_t kernel_rows = 1, kernel_columns = 1;
  std::int64_t stride_rows = 1, stride_columns = 1;
  std::int64_t padding_rows = 0, padding_columns = 0;

  std::int64_t out_rows() const {
    return (rows + 2 * padding_rows - kernel_rows) / stride_rows + 1;
  }
  std::int64_t out_columns() const {
    return (columns + 2 * padding_columns - kernel_columns) / stride_columns + 1;
  }
  /// Places of the window, row by row.
  std::int64_t places() const { return out_rows() * out_columns(); }
  /// Numbers under the window, of all features.
  std::int64_t taps() const { return features * kernel_rows * kernel_columns; }
};

}  // namespace crossjoule::kernels
