// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

namespace crossjoule::runtime {

/// A buffer that lives from step `first` to step `last`, both included.
struct Lifetime {
  int first = 0, last = 0;
  std::int64_t size = 0;  ///< numbers; 0: needs no place
};

/// One flat buffer shared by many: where each one lies, and how long the whole is.
struct Arena {
  std::vector<std::int64_t> offsets;  ///< in numbers, multiples of 16
  std::int64_t size = 0;
};

/// Buffers that live at the same time never overlap; each goes to the lowest place that is free.
Arena arrange(std::vector<Lifetime> const& buffers);

}  // namespace crossjoule::runtime
