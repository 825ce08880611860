// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace crossjoule::kernels {

/// A grid of rows x columns points with `features` numbers each, and the part of its half spectrum
/// that is kept: `kept_rows` rows from `first_row` on, counted round (after the last comes row 0),
/// and columns [0, kept_columns). Features come in `blocks` groups of equal size.
struct FourierGrid {
  std::int64_t rows = 1, columns = 1;
  std::int64_t first_row = 0, kept_rows = 1, kept_columns = 1;
  std::int64_t blocks = 1, features = 1;
};

/// How much the columns between column 0 and the Nyquist column count: each for itself (forward
/// transform and its adjoint), or for its mirror image too (inverse transform and its adjoint).
enum class InnerColumns { once, twice };

}  // namespace crossjoule::kernels
