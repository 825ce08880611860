// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/cpu/pointwise.hpp"

#include "tests/kernels/support.hpp"

#include <limits>

namespace crossjoule::kernels {
namespace {

TEST(TreeSum, SplitsAtTheLargestPowerOfTwoBelow) {
  // 2^53 swallows a 1 added to it alone: which numbers meet first shows in the sum
  double const big = 0x1p53;
  double const values[] = {big, 1, 1, 1, -big, 1, 1};
  // ((big + 1) + (1 + 1)) + ((-big + 1) + 1)
  EXPECT_EQ(cpu::tree_sum(values, 7), ((big + 1) + (1.0 + 1)) + ((-big + 1) + 1));
  EXPECT_NE(cpu::tree_sum(values, 7), 5);  // the exact sum: another order would give another number
  EXPECT_EQ(cpu::tree_sum(values, 0), 0);
  EXPECT_EQ(cpu::tree_sum(values + 1, 1), 1);
}

TEST(TreeSum, IsCompositional) {
  core::Random random = testing::stream("tests/tree_sum", 0);
  std::vector<float> values(48);
  for (float& value : values) value = static_cast<float>(random.normal());
  EXPECT_EQ(cpu::tree_sum(values.data(), 48),
            cpu::tree_sum(values.data(), 32) + cpu::tree_sum(values.data() + 32, 16));
}

TEST(AllFinite, FindsOneBadNumberAnywhere) {
  for (std::int64_t const count : {1, 7, 8, 9, 33})
    for (std::int64_t bad = 0; bad < count; ++bad) {
      std::vector<float> values(count, std::numeric_limits<float>::max());
      EXPECT_TRUE(cpu::all_finite(values.data(), count));
      for (float const number : {NAN, INFINITY, -INFINITY}) {
        values[bad] = number;
        EXPECT_FALSE(cpu::all_finite(values.data(), count)) << count << " " << bad;
      }
    }
}

}  // namespace
}  // namespace crossjoule::kernels
