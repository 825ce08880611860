// SPDX-License-Identifier: BSD-3-Clause
#include "core/ordered_sum.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <bit>

namespace crossjoule::core {
namespace {

constexpr int tag = 7301;  // of this file's messages

template <class T>
void add(T* __restrict total, T const* __restrict part, std::int64_t words) {
  for (std::int64_t i = 0; i < words; ++i) total[i] += part[i];
}

bool is_power_of_two(std::int64_t n) {
  return n > 0 && std::has_single_bit(static_cast<std::uint64_t>(n));
}

/// The sizes of the complete aligned sub-trees that tile a share, in rising order of leaves.
std::vector<std::int64_t> aligned_sizes(Share share) {
  std::vector<std::int64_t> sizes;
  for (std::int64_t first = share.first; first < share.last; first += sizes.back()) {
    std::int64_t const room =
        static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(share.last - first)));
    std::int64_t const alignment = first == 0 ? room : first & -first;
    sizes.push_back(std::min(room, alignment));
  }
  return sizes;
}

}  // namespace

template <class T>
OrderedSum<T>::OrderedSum(Comm const& comm, std::int64_t leaves, std::int64_t words)
    : comm_(comm), words_(words) {
  VALIDATE_AS(ExitCode::internal, leaves >= 0 && words >= 0, "ordered sum of {} leaves of {} words",
              leaves, words);
  begin(leaves);
}

template <class T>
int OrderedSum<T>::vectors(std::int64_t leaves, int ranks, int rank) {
  // sub-trees on the stack: neighbours of one size join where the left one is aligned
  std::vector<Share> stack;
  std::size_t most = 1;
  auto const push = [&](Share tree) {
    stack.push_back(tree);
    most = std::max(most, stack.size());
    while (stack.size() >= 2) {
      Share& left = stack[stack.size() - 2];
      if (left.count() != stack.back().count() || left.first % (2 * left.count()) != 0) return;
      left.last = stack.back().last;
      stack.pop_back();
    }
  };
  // within a sub-tree of n leaves the stack is deepest before its last leaf
  auto const grow = [&](Share share) {
    for (std::int64_t const count : aligned_sizes(share)) {
      auto const depth = stack.size() + std::bit_width(static_cast<std::uint64_t>(count));
      most = std::max(most, depth);
      push({share.first, share.first + count});
      share.first += count;
    }
  };
  grow(share_of(leaves, rank, ranks));
  if (ranks == 1) return static_cast<int>(most);
  std::int64_t const each = leaves / ranks;
  if (is_power_of_two(ranks) && each * ranks == leaves && is_power_of_two(each))
    return static_cast<int>(std::max<std::size_t>(most, 2));  // one for what comes in
  for (int other = 1; rank == 0 && other < ranks; ++other) {
    Share share = share_of(leaves, other, ranks);
    for (std::int64_t const count : aligned_sizes(share)) {
      push({share.first, share.first + count});
      share.first += count;
    }
  }
  return static_cast<int>(most);
}

template <class T>
void OrderedSum<T>::begin(std::int64_t leaves) {
  leaves_ = leaves;
  mine_ = comm_.share(leaves);
  next_ = mine_.first;
  leaf_open_ = false;
  free_all();
}

template <class T>
void OrderedSum<T>::free_all() {
  stack_.clear();
  free_slots_.clear();
  for (int slot = static_cast<int>(storage_.size()); slot-- > 0;) free_slots_.push_back(slot);
}

template <class T>
int OrderedSum<T>::take_slot() {
  if (free_slots_.empty()) {
    storage_.emplace_back(static_cast<std::size_t>(words_));
    return static_cast<int>(storage_.size()) - 1;
  }
  int const slot = free_slots_.back();
  free_slots_.pop_back();
  return slot;
}

template <class T>
std::span<T> OrderedSum<T>::next_leaf() {
  EXPECT(next_ < mine_.last);
  if (!leaf_open_) {
    stack_.push_back({next_, 1, take_slot()});
    leaf_open_ = true;
  }
  return at(stack_.back().slot);
}

template <class T>
void OrderedSum<T>::add_leaf() {
  EXPECT(leaf_open_);
  leaf_open_ = false;
  ++next_;
  merge_aligned();
}

template <class T>
void OrderedSum<T>::merge_last_two() {
  Node const right = stack_.back();
  stack_.pop_back();
  Node& left = stack_.back();
  add(at(left.slot).data(), at(right.slot).data(), words_);
  left.count += right.count;
  free_slots_.push_back(right.slot);
}

/// Two neighbours of equal size are one sub-tree where the left one starts at a multiple of both.
template <class T>
void OrderedSum<T>::merge_aligned() {
  while (stack_.size() >= 2) {
    Node const& right = stack_.back();
    Node const& left = stack_[stack_.size() - 2];
    if (left.count != right.count || left.first % (2 * left.count) != 0) return;
    merge_last_two();
  }
}

template <class T>
std::span<T const> OrderedSum<T>::finish() {
  VALIDATE_AS(ExitCode::internal, next_ == mine_.last && !leaf_open_,
              "ordered sum finished after leaf {} of {}", next_, mine_.last);
  if (leaves_ == 0) {
    stack_.push_back({0, 0, take_slot()});
    std::fill_n(at(stack_.back().slot).begin(), words_, T(0));
  } else if (comm_.size() > 1) {
    std::int64_t const each = leaves_ / comm_.size();
    if (is_power_of_two(comm_.size()) && each * comm_.size() == leaves_ && is_power_of_two(each))
      combine_by_halves();
    else
      combine_at_root();
  } else {
    while (stack_.size() > 1) merge_last_two();
  }
  return at(stack_.front().slot);
}

/// Every rank holds one sub-tree of the same size: each level of the tree joins rank r with
/// r ^ distance. A level halves the words a rank is in charge of, then the halves are passed back,
/// so every word is sent twice however many ranks there are.
template <class T>
void OrderedSum<T>::combine_by_halves() {
  std::span<T> const sum = at(stack_.front().slot);
  int const inbox = take_slot();
  std::vector<Share> in_charge = {{0, words_}};
  for (int distance = 1; distance < comm_.size(); distance *= 2) {
    Share const whole = in_charge.back();
    std::int64_t const middle = whole.first + whole.count() / 2;
    Share low = {whole.first, middle}, high = {middle, whole.last};
    if (comm_.rank() & distance) std::swap(low, high);  // low: kept, high: given away
    trade(sum, high, at(inbox), low, comm_.rank() ^ distance);
    add(sum.data() + low.first, at(inbox).data() + low.first, low.count());
    in_charge.push_back(low);
  }
  for (int distance = comm_.size() / 2; distance > 0; distance /= 2) {
    Share const done = in_charge.back();
    in_charge.pop_back();
    Share const whole = in_charge.back();
    Share const other =
        done.first == whole.first ? Share{done.last, whole.last} : Share{whole.first, done.first};
    trade(sum, done, sum, other, comm_.rank() ^ distance);
  }
  free_slots_.push_back(inbox);
}

/// Send one part of `from` to the peer and receive another part into `to`; the lower rank speaks
/// first where the lengths differ by one word.
template <class T>
void OrderedSum<T>::trade(std::span<T const> from, Share send, std::span<T> to, Share receive,
                          int peer) {
  auto const outgoing =
      from.subspan(static_cast<std::size_t>(send.first), static_cast<std::size_t>(send.count()));
  auto const incoming = to.subspan(static_cast<std::size_t>(receive.first),
                                   static_cast<std::size_t>(receive.count()));
  if (send.count() == receive.count()) {
    comm_.exchange(std::as_bytes(outgoing), std::as_writable_bytes(incoming), peer, tag);
  } else if (comm_.rank() < peer) {
    comm_.send(std::as_bytes(outgoing), peer, tag);
    comm_.receive(std::as_writable_bytes(incoming), peer, tag);
  } else {
    comm_.receive(std::as_writable_bytes(incoming), peer, tag);
    comm_.send(std::as_bytes(outgoing), peer, tag);
  }
}

/// Any shares: ranks send their aligned sub-trees in leaf order to rank 0, which goes on as if it
/// had added those leaves itself, joins the rest from the right and sends the total to all.
template <class T>
void OrderedSum<T>::combine_at_root() {
  if (comm_.is_root()) {
    for (int rank = 1; rank < comm_.size(); ++rank) {
      Share const share = share_of(leaves_, rank, comm_.size());
      std::int64_t first = share.first;
      for (std::int64_t const count : aligned_sizes(share)) {
        stack_.push_back({first, count, take_slot()});
        comm_.receive(std::as_writable_bytes(std::span(at(stack_.back().slot))), rank, tag);
        first += count;
        merge_aligned();
      }
    }
    while (stack_.size() > 1) merge_last_two();
  } else {
    for (Node const& node : stack_) comm_.send(std::as_bytes(std::span(at(node.slot))), 0, tag);
    free_all();
    stack_.push_back({0, leaves_, take_slot()});
  }
  comm_.broadcast(std::as_writable_bytes(std::span(at(stack_.front().slot))));
}

template class OrderedSum<float>;
template class OrderedSum<double>;

}  // namespace crossjoule::core
