// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "meter/ledger.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>

namespace crossjoule::meter {

/// Share of an interval by phase; the shares add up to 1.
using PhaseShares = std::array<double, phase_count>;

/// Splits an interval between phases by what the ranks of a node did in it: the part of a phase
/// that all ranks agree on is its own (the least share of any rank), the rest is disputed. `ranks`
/// holds nanoseconds by phase of each rank; ranks without any time do not count.
PhaseShares agree(std::vector<std::array<std::int64_t, phase_count>> const& ranks);

/// A page of node-local memory on which every process of a job writes which phase it is in, so that
/// the one that reads the sensors knows; no message passes. A process that ends, killed or not, no
/// longer counts.
class PhaseBoard {
 public:
  static constexpr int most_ranks = 512;
  /// `file` in "/dev/shm". Where it cannot be made the board is empty and does nothing.
  PhaseBoard(std::filesystem::path file, std::int64_t now_ns);
  ~PhaseBoard();
  PhaseBoard(PhaseBoard const&) = delete;
  PhaseBoard& operator=(PhaseBoard const&) = delete;

  /// This process enters a phase.
  void enter(Phase phase, std::int64_t now_ns);
  /// Processes of the job on this node that are alive, this one included.
  int present() const;
  /// Processes that ever came, the ended ones included.
  int joined() const;
  /// Time by phase of each living process since the last call.
  std::vector<std::array<std::int64_t, phase_count>> take(std::int64_t now_ns);
  /// The reader removes the file with itself.
  void remove_with_me() { removes_ = true; }

 private:
  struct Slot;
  struct Page;
  std::filesystem::path file_;
  std::shared_ptr<Page> page_;  // null: no page
  Slot* mine_ = nullptr;
  bool removes_ = false;
  std::map<int, std::array<std::int64_t, phase_count>> seen_;  // [slot]
};

}  // namespace crossjoule::meter
