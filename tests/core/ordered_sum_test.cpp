// SPDX-License-Identifier: BSD-3-Clause
#include "core/ordered_sum.hpp"

#include "core/testing/expect_error.hpp"
#include "tests/core/ordered_tree.hpp"

#include <gtest/gtest.h>

namespace crossjoule::core {
namespace {

constexpr std::int64_t words = 9;

TEST(OrderedSum, IsEquivalentToTheRecursiveTree) {
  OrderedSum<float> sum(Comm::serial(), 70, words);
  for (std::int64_t leaves = 0; leaves <= 70; ++leaves) {
    std::vector<float> const total = total_of(sum, leaves, words);
    for (std::int64_t word = 0; word < words; ++word)
      ASSERT_EQ(total[static_cast<std::size_t>(word)], tree_sum(0, leaves, word))
          << leaves << " leaves";
  }
}

TEST(OrderedSum, TheTreeIsNotThePlainLoop) {
  int differences = 0;
  for (std::int64_t word = 0; word < words; ++word)
    differences += tree_sum(0, 64, word) != plain_sum(64, word);
  EXPECT_GT(differences, 0);
}

TEST(OrderedSum, TheNumberOfVectorsIsPredicted) {
  for (std::int64_t leaves = 0; leaves <= 70; ++leaves) {
    OrderedSum<float> sum(Comm::serial(), leaves, words);
    total_of(sum, leaves, words);
    EXPECT_EQ(sum.vectors(), OrderedSum<float>::vectors(leaves, 1, 0)) << leaves << " leaves";
  }
}

TEST(OrderedSum, AForgottenLeafIsAnError) {
  OrderedSum<double> sum(Comm::serial(), 2, 1);
  sum.next_leaf()[0] = 1;
  sum.add_leaf();
  EXPECT_EQ(testing::wrong_outcome(ExitCode::internal, "leaf 1 of 2", [&] { sum.finish(); }), "");
}

}  // namespace
}  // namespace crossjoule::core
