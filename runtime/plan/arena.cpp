// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/plan/arena.hpp"

#include <algorithm>

namespace crossjoule::runtime {

Arena arrange(std::vector<Lifetime> const& buffers) {
  constexpr std::int64_t boundary = 16;
  Arena arena;
  arena.offsets.assign(buffers.size(), 0);
  std::vector<std::size_t> placed;
  for (std::size_t n = 0; n < buffers.size(); ++n) {
    Lifetime const& buffer = buffers[n];
    if (buffer.size == 0) continue;
    std::int64_t place = 0;
    for (std::size_t const other : placed) {  // in rising order of their places
      bool const meet = buffers[other].first <= buffer.last && buffer.first <= buffers[other].last;
      if (!meet) continue;
      if (place + buffer.size <= arena.offsets[other]) break;
      std::int64_t const end = arena.offsets[other] + buffers[other].size;
      place = std::max(place, (end + boundary - 1) / boundary * boundary);
    }
    arena.offsets[n] = place;
    arena.size = std::max(arena.size, place + buffer.size);
    placed.insert(std::upper_bound(placed.begin(), placed.end(), place,
                                   [&](std::int64_t value, std::size_t other) {
                                     return value < arena.offsets[other];
                                   }),
                  n);
  }
  arena.size = (arena.size + boundary - 1) / boundary * boundary;
  return arena;
}

}  // namespace crossjoule::runtime
