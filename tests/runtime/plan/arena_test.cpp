// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/plan/arena.hpp"

#include "core/philox.hpp"

#include <gtest/gtest.h>
#include <algorithm>

namespace crossjoule::runtime {
namespace {

bool overlap(std::vector<Lifetime> const& buffers, Arena const& arena) {
  for (std::size_t a = 0; a < buffers.size(); ++a)
    for (std::size_t b = 0; b < a; ++b)
      if (buffers[a].size > 0 && buffers[b].size > 0 && buffers[a].first <= buffers[b].last &&
          buffers[b].first <= buffers[a].last &&
          arena.offsets[a] < arena.offsets[b] + buffers[b].size &&
          arena.offsets[b] < arena.offsets[a] + buffers[a].size)
        return true;
  return false;
}

TEST(Arena, BuffersThatLiveTogetherNeverOverlap) {
  for (std::uint64_t item = 0; item < 500; ++item) {
    core::Random random(1, core::purpose("tests/arena"), item);
    std::vector<Lifetime> buffers(1 + random.below(20));
    std::int64_t all = 0;
    for (Lifetime& buffer : buffers) {
      buffer.first = static_cast<int>(random.below(10));
      buffer.last = buffer.first + static_cast<int>(random.below(5));
      buffer.size = static_cast<std::int64_t>(random.below(100));
      all += (buffer.size + 15) / 16 * 16;
    }
    Arena const arena = arrange(buffers);
    EXPECT_FALSE(overlap(buffers, arena)) << item;
    EXPECT_LE(arena.size, all);
    for (std::size_t n = 0; n < buffers.size(); ++n) {
      EXPECT_EQ(arena.offsets[n] % 16, 0);
      EXPECT_LE(arena.offsets[n] + buffers[n].size, arena.size);
    }
  }
}

TEST(Arena, CheckNoticesAnOverlap) {
  EXPECT_TRUE(overlap({{0, 1, 20}, {1, 2, 20}}, {{0, 16}, 36}));
}

TEST(Arena, AChainPingsAndPongs) {
  Arena const arena = arrange({{0, 1, 100}, {1, 2, 100}, {2, 3, 100}, {3, 4, 100}});
  EXPECT_EQ(arena.size, 112 + 112);
}

}  // namespace
}  // namespace crossjoule::runtime
