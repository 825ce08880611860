// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "meter/ledger.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace crossjoule::meter {

/// Who was open when: a stack of named regions and the time each was innermost. Opening and closing
/// cost a clock reading and a lock, so that regions may be far shorter than a sensor's update; the
/// meter hands the joules of an interval out by these times. Memory is bounded by the number of
/// names, not of regions. Thread-safe; all threads share one stack.
class RegionBook {
 public:
  /// Beyond so many names all further ones are the region "(other)".
  static constexpr int most_names = 4096;
  /// Beyond so deep a nesting a region is counted, but its time is its parent's.
  static constexpr std::size_t most_deep = 1024;

  struct Entry {
    std::string name;
    Phase phase = Phase::unattributed;
    std::int64_t count = 0;         ///< times it was opened
    std::int64_t exclusive_ns = 0;  ///< innermost
  };

  explicit RegionBook(std::int64_t now_ns);
  /// The number of a name, the same for the same name and phase.
  int id(std::string_view name, Phase phase);
  /// Opens a region; returns a ticket that close() takes.
  std::int64_t open(int id, std::int64_t now_ns);
  /// Closes one, wherever it stands in the stack; an unknown ticket does nothing.
  void close(std::int64_t ticket, std::int64_t now_ns);
  /// Closes the innermost; false where none is open (a pop too many is no reason to stop).
  bool pop(std::int64_t now_ns);
  /// Nanoseconds by region id since the last call, in order of first sight.
  std::vector<std::pair<int, std::int64_t>> take(std::int64_t now_ns);
  Phase innermost() const;
  std::vector<Entry> entries() const;

 private:
  void charge(std::int64_t now_ns);
  struct Open {
    std::int64_t ticket;
    int id;
  };
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;  // 0: outside of all regions
  std::map<std::pair<std::string, Phase>, int, std::less<>> ids_;
  std::vector<Open> stack_;
  std::vector<std::int64_t> pending_ns_;  // [id]
  std::vector<int> touched_;              // ids with pending time
  std::int64_t since_ns_, next_ticket_ = 1;
};

}  // namespace crossjoule::meter
