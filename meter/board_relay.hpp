// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "meter/clock.hpp"
#include "meter/sensor.hpp"

#include <filesystem>
#include <memory>
#include <vector>

namespace crossjoule::meter {

/// Where control groups show each rank its own accelerators alone, the node's reader cannot see
/// those of the others: the ranks that can read them write their figures on a page of node-local
/// memory, and the reader takes them for its own sensors. A board is told by one rank, by its
/// identity. No message passes.
class BoardRelay {
 public:
  /// How often a rank reads the boards it tells.
  static constexpr double period_second = 0.05;
  static constexpr int most_boards = 64;

  /// `file` in "/dev/shm". Where it cannot be made the page is empty and nothing is told.
  explicit BoardRelay(std::filesystem::path file);
  ~BoardRelay();
  BoardRelay(BoardRelay const&) = delete;
  BoardRelay& operator=(BoardRelay const&) = delete;

  // --- the reader ------------------------------------------------------------------------------
  /// Says whether boards are hidden from it, and which it reads itself.
  enum class Hidden { none, some };
  void ask(Hidden hidden, std::vector<std::string> const& own_ids);
  /// Ranks that have looked for boards since.
  int answers() const;
  /// Sensors of boards that ranks began to tell since the last call.
  std::vector<std::shared_ptr<Sensor>> take_new();
  /// The file goes with this object.
  void remove_with_me() { removes_ = true; }

  // --- the other ranks -------------------------------------------------------------------------
  /// Waits for the reader's question; true where it misses boards.
  bool is_asked(double patience_second) const;
  /// Tells of those boards that nobody tells of yet, and that the reader does not read.
  void offer(std::vector<std::shared_ptr<Sensor>> const& boards);
  bool tells() const { return !told_.empty(); }
  /// Reads them and writes their figures down; the first call is the answer to the question.
  void tell(Clock& clock);

 private:
  struct Slot;
  struct Page;
  class Told;
  std::filesystem::path file_;
  std::shared_ptr<Page> page_;  // null: no page
  bool removes_ = false, has_answered_ = false;
  std::vector<int> taken_;  // slots whose sensors were handed out
  std::vector<std::pair<Slot*, std::shared_ptr<Sensor>>> told_;
};

}  // namespace crossjoule::meter
