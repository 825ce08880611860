// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/plan/arena.hpp"

#include <algorithm>
#include <numeric>

namespace crossjoule::runtime {
namespace {

/// One after the other, each at the lowest place that is free while it lives.
Arena arrange_in(std::vector<std::size_t> const& order, std::vector<Lifetime> const& buffers) {
  constexpr std::int64_t boundary = 16;
  Arena arena;
  arena.offsets.assign(buffers.size(), 0);
  std::vector<std::size_t> placed;
  for (std::size_t const n : order) {
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

}  // namespace

Arena arrange(std::vector<Lifetime> const& buffers) {
  std::vector<std::size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Arena best = arrange_in(order, buffers);
  auto const try_by = [&](auto const& before) {
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return before(buffers[a], buffers[b]); });
    if (Arena other = arrange_in(order, buffers); other.size < best.size) best = std::move(other);
  };
  // the long-lived at the bottom leave no holes behind; the large first find room while there is
  try_by([](Lifetime const& a, Lifetime const& b) { return a.last - a.first > b.last - b.first; });
  try_by([](Lifetime const& a, Lifetime const& b) { return a.size > b.size; });
  return best;
}

}  // namespace crossjoule::runtime
