// SPDX-License-Identifier: BSD-3-Clause
// Runs whole on every number of ranks; each rank checks what it got.
#include "core/comm.hpp"
#include "core/log.hpp"
#include "core/ordered_sum.hpp"
#include "tests/core/ordered_tree.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <string>

namespace crossjoule::core {
namespace {

Comm const& all() {
  static Comm const comm = Comm::world();
  return comm;
}

TEST(Comm, RanksAreNumberedAndShareTheNode) {
  EXPECT_GE(all().rank(), 0);
  EXPECT_LT(all().rank(), all().size());
  EXPECT_EQ(all().is_root(), all().rank() == 0);
  EXPECT_EQ(all().sum(1), all().size());
  EXPECT_EQ(all().node().size(), all().size());  // the tests run on one machine
}

TEST(Comm, SharesCoverEverythingOnce) {
  for (std::int64_t total : {0, 1, 2, 3, 7, 100}) {
    Share const mine = all().share(total);
    EXPECT_EQ(all().sum(mine.count()), total);
    EXPECT_LE(
        all().max(static_cast<double>(mine.count())) - all().min(static_cast<double>(mine.count())),
        1);
  }
}

TEST(Comm, GathersPartsOfDifferentLengthInRankOrder) {
  std::vector<std::int64_t> const mine(static_cast<std::size_t>(all().rank()) * 3, all().rank());
  std::vector<std::int64_t> wanted;
  for (int rank = 0; rank < all().size(); ++rank)
    wanted.insert(wanted.end(), static_cast<std::size_t>(rank) * 3, rank);
  EXPECT_EQ(all().all_gather(mine), wanted);
}

TEST(Comm, BroadcastsFromAnyRank) {
  for (int root = 0; root < all().size(); ++root) {
    std::vector<double> values;
    if (all().rank() == root) values = {1.5, static_cast<double>(root)};
    all().broadcast(values, root);
    EXPECT_EQ(values, (std::vector<double>{1.5, static_cast<double>(root)}));
  }
}

TEST(Comm, NeighboursExchangeAndSend) {
  int const peer = all().rank() ^ 1;
  if (peer >= all().size()) return;
  std::vector<int> const mine(1000, all().rank());
  std::vector<int> theirs(1000, -1);
  all().exchange(std::as_bytes(std::span(mine)), std::as_writable_bytes(std::span(theirs)), peer,
                 1);
  EXPECT_EQ(theirs, std::vector<int>(1000, peer));
  if (all().rank() < peer) all().send(std::as_bytes(std::span(mine)), peer, 2);
  if (all().rank() > peer) all().receive(std::as_writable_bytes(std::span(theirs)), peer, 2);
}

TEST(Comm, LargestAndSmallest) {
  EXPECT_EQ(all().max(all().rank()), all().size() - 1);
  EXPECT_EQ(all().min(-all().rank()), 1 - all().size());
}

/// Leaf counts: fewer than ranks, aligned shares, ragged ones; odd words make unequal halves.
TEST(OrderedSum, HasTheBitsOfTheTreeOnEveryRank) {
  for (std::int64_t words : {1, 2, 13}) {
    OrderedSum<float> sum(all(), 64, words);
    for (std::int64_t leaves : {0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 31, 32, 33, 64}) {
      std::vector<float> const total = total_of(sum, leaves, words);
      for (std::int64_t word = 0; word < words; ++word)
        ASSERT_EQ(total[static_cast<std::size_t>(word)], tree_sum(0, leaves, word))
            << leaves << " leaves, word " << word;
    }
  }
}

TEST(OrderedSum, AddingPerRankFirstGivesOtherBits) {
  // what a library's reduction does: its bits depend on the number of ranks, so the test above can
  // fail
  int differences = 0;
  for (std::int64_t word = 0; word < 64; ++word) {
    float per_rank = 0;
    for (int rank = 0; rank < 3; ++rank) {
      float part = 0;
      Share const share = share_of(48, rank, 3);
      for (std::int64_t leaf = share.first; leaf < share.last; ++leaf)
        part += leaf_word(leaf, word);
      per_rank += part;
    }
    differences += per_rank != tree_sum(0, 48, word);
  }
  EXPECT_GT(differences, 0);
}

}  // namespace
}  // namespace crossjoule::core

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  auto const comm = crossjoule::core::Comm::world();
  int const failures = RUN_ALL_TESTS();
  return comm.sum(failures) == 0 ? 0 : 1;
}
