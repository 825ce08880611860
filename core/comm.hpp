// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace crossjoule::core {

/// A half-open range of indices.
struct Share {
  std::int64_t first = 0, last = 0;
  std::int64_t count() const { return last - first; }
};

/// The contiguous part of `total` items that belongs to `rank` of `size`: sizes differ by at
/// most 1.
constexpr Share share_of(std::int64_t total, int rank, int size) {
  return {total * rank / size, total * (rank + 1) / size};
}

/// The ranks of one job. Every MPI call is checked, counts are 64 bit (long messages go in pieces).
/// Without a launcher there is one rank and MPI is never started.
class Comm {
 public:
  /// One rank, no MPI.
  static Comm serial();
  /// All ranks of the job when a launcher started us (OMPI_, PMI_, PMIX_ or SLURM_ variables and a
  /// build with MPI), else serial(). Starts MPI on the first call, ends it when the process exits.
  static Comm world();

  int rank() const { return rank_; }
  int size() const { return size_; }
  bool is_root() const { return rank_ == 0; }
  Share share(std::int64_t total) const { return share_of(total, rank_, size_); }
  /// The ranks on this rank's own node (shared memory).
  Comm node() const;

  void barrier() const;
  void broadcast(std::span<std::byte> bytes, int root = 0) const;
  void send(std::span<std::byte const> bytes, int to, int tag) const;
  void receive(std::span<std::byte> bytes, int from, int tag) const;
  /// Send to and receive from `peer` at once (equal sizes).
  void exchange(std::span<std::byte const> mine, std::span<std::byte> theirs, int peer,
                int tag) const;
  /// All ranks' bytes in rank order, on every rank; lengths may differ.
  std::vector<std::vector<std::byte>> all_gather(std::span<std::byte const> mine) const;

  std::int64_t sum(std::int64_t value) const;
  double max(double value) const;
  double min(double value) const;

  /// End the whole job with this exit code: an exception on one rank must not leave others waiting.
  [[noreturn]] void abort(int exit_code) const;

  template <class T>
  void broadcast(std::vector<T>& values, int root = 0) const;
  /// All ranks' values one after the other in rank order, on every rank.
  template <class T>
  std::vector<T> all_gather(std::vector<T> const& mine) const;

  struct Handle;  ///< what MPI looks like from here (core/detail/comm_handle.hpp)
  static Comm from(std::shared_ptr<Handle> handle);

 private:
  Comm(std::shared_ptr<Handle> handle, int rank, int size);
  std::shared_ptr<Handle> handle_;  ///< null for a serial Comm
  int rank_ = 0, size_ = 1;
};

template <class T>
void Comm::broadcast(std::vector<T>& values, int root) const {
  static_assert(std::is_trivially_copyable_v<T>);
  std::int64_t length = static_cast<std::int64_t>(values.size());
  broadcast(std::as_writable_bytes(std::span(&length, 1)), root);
  values.resize(static_cast<std::size_t>(length));
  broadcast(std::as_writable_bytes(std::span(values)), root);
}

template <class T>
std::vector<T> Comm::all_gather(std::vector<T> const& mine) const {
  static_assert(std::is_trivially_copyable_v<T>);
  std::vector<T> all;
  for (auto const& part : all_gather(std::as_bytes(std::span(mine)))) {
    auto const* first = reinterpret_cast<T const*>(part.data());
    all.insert(all.end(), first, first + part.size() / sizeof(T));
  }
  return all;
}

}  // namespace crossjoule::core
