// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/ordered_sum.hpp"
#include "core/philox.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace crossjoule::core {

/// Word `word` of leaf `leaf`: numbers of very different size, so that every order of additions
/// gives other bits.
inline float leaf_word(std::int64_t leaf, std::int64_t word) {
  Random random(11, purpose("ordered sum test"), static_cast<std::uint64_t>(leaf * 100'000 + word));
  return static_cast<float>(random.normal() * (1 << random.below(20)));
}

/// The oracle: the tree as its definition reads, n leaves split at the largest power of two below
/// n.
inline float tree_sum(std::int64_t first, std::int64_t last, std::int64_t word) {
  if (last - first == 0) return 0;
  if (last - first == 1) return leaf_word(first, word);
  std::int64_t half = 1;
  while (half * 2 < last - first) half *= 2;
  return tree_sum(first, first + half, word) + tree_sum(first + half, last, word);
}

/// Left to right, as a plain loop adds: must differ, else the test proves nothing.
inline float plain_sum(std::int64_t leaves, std::int64_t word) {
  float sum = 0;
  for (std::int64_t leaf = 0; leaf < leaves; ++leaf) sum += leaf_word(leaf, word);
  return sum;
}

/// The sum over `leaves` leaves, each rank adding its own, as every rank gets it.
inline std::vector<float> total_of(OrderedSum<float>& sum, std::int64_t leaves,
                                   std::int64_t words) {
  sum.begin(leaves);
  for (std::int64_t leaf = sum.mine().first; leaf < sum.mine().last; ++leaf) {
    std::span<float> const into = sum.next_leaf();
    for (std::int64_t word = 0; word < words; ++word)
      into[static_cast<std::size_t>(word)] = leaf_word(leaf, word);
    sum.add_leaf();
  }
  auto const total = sum.finish();
  return {total.begin(), total.end()};
}

}  // namespace crossjoule::core
