// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace crossjoule::kernels {

/// Images of `channels` x rows x columns pixels, cut into square patches of `patch` x `patch`,
/// which divides rows and columns. Tokens are the patches, row by row.
struct PatchGrid {
  std::int64_t channels = 1, rows = 1, columns = 1;
  std::int64_t patch = 1;

  std::int64_t token_columns() const { return columns / patch; }
  std::int64_t tokens() const { return rows / patch * token_columns(); }
  /// Numbers of one patch.
  std::int64_t features() const { return channels * patch * patch; }
};

}  // namespace crossjoule::kernels
