// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/aligned_vector.hpp"
#include "core/comm.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace crossjoule::core {

/// Sum of `leaves` vectors of `words` numbers in one canonical binary tree over the leaf index, so
/// that the bits of the result do not depend on how many ranks share the leaves.
///
/// The tree of n leaves splits at the largest power of two below n. A rank owns the contiguous
/// leaves `mine()`, adds them in rising order, and finish() combines the ranks' aligned sub-trees.
/// Memory: at most log2(leaves) + 2 vectors, allocated once and reused by the next sum.
template <class T>
class OrderedSum {
 public:
  OrderedSum(Comm const& comm, std::int64_t leaves, std::int64_t words);
  /// How many vectors a rank holds for sums of so many leaves.
  static int vectors(std::int64_t leaves, int ranks, int rank);
  /// How many this one holds by now.
  int vectors() const { return static_cast<int>(storage_.size()); }

  /// Leaves this rank has to add.
  Share mine() const { return mine_; }
  /// Start a new sum; `leaves` may differ from the last one.
  void begin(std::int64_t leaves);
  /// Where to write the next leaf of this rank (its old content is arbitrary).
  std::span<T> next_leaf();
  /// The leaf in next_leaf() is complete.
  void add_leaf();
  /// Collective: the total on every rank, valid until begin().
  std::span<T const> finish();

 private:
  struct Node {
    std::int64_t first, count;
    int slot;  ///< which vector of storage_ holds it
  };
  void free_all();
  int take_slot();
  AlignedVector<T>& at(int slot) { return storage_[static_cast<std::size_t>(slot)]; }
  void merge_last_two();
  void merge_aligned();
  void combine_by_halves();
  void combine_at_root();
  void trade(std::span<T const> from, Share send, std::span<T> to, Share receive, int peer);
  Comm comm_;
  std::int64_t leaves_ = 0, words_ = 0, next_ = 0;
  Share mine_;
  std::vector<Node> stack_;
  std::vector<AlignedVector<T>> storage_;
  std::vector<int> free_slots_;
  bool leaf_open_ = false;
};

extern template class OrderedSum<float>;
extern template class OrderedSum<double>;

}  // namespace crossjoule::core
