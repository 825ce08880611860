// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "meter/account.hpp"
#include "meter/board_relay.hpp"
#include "meter/composition.hpp"
#include "meter/meter.hpp"
#include "meter/phase_board.hpp"
#include "meter/phase_trail.hpp"
#include "meter/reader_lock.hpp"
#include "meter/region_book.hpp"
#include "meter/sampler.hpp"
#include "meter/uncertainty.hpp"

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace crossjoule::meter {

/// What a meter and its open regions share. The methods of the meter lock; these do not.
struct Meter::State {
  std::shared_ptr<Clock> clock;
  std::shared_ptr<Tree const> tree;
  std::unique_ptr<ReaderLock> lock;
  std::unique_ptr<PhaseBoard> board;
  std::unique_ptr<RegionBook> book;
  PhaseTrail trail;
  std::unique_ptr<BoardRelay> relay;
  MeterOptions options;
  Probe probe;
  Composition node;
  std::vector<int> spare_of;  // [channel], -1: none
  std::atomic<std::int64_t> last_read_ns = 0;
  std::atomic<bool> reads_anything = false;

  mutable std::mutex mutex;  // guards everything below and the channels
  std::vector<Mark> start, latest;
  std::array<std::vector<Window>, phase_count> windows;
  std::vector<std::vector<Window>> region_windows;  // [region][channel]
  std::array<double, phase_count> phase_second{};
  std::int64_t start_ns = 0, latest_ns = 0;
  std::vector<core::Quantity<core::Watts>> idle_baseline;
  std::vector<double> idle_drift;
  std::unique_ptr<Sampler> sampler;  // its thread locks the mutex: stopped first

  ~State() { sampler.reset(); }
  bool is_reader() const { return lock->is_held(); }

  // --- meter_start.cpp: what the node is made of -------------------------------------------------
  void start_up(MeterOptions const& options, MeterParts const& parts);
  void find_spares();
  void tell_of_boards(MeterParts const& parts);
  void look_for_boards(MeterParts const& parts);
  void adopt_boards();
  std::string library() const;
  // --- meter_settle.cpp: readings become joules of regions and phases ----------------------------
  void read_all(bool keep);
  void settle(bool keep = false);
  PhaseShares phase_shares(std::vector<std::pair<int, std::int64_t>> const& regions,
                           std::int64_t now_ns);
  // --- meter_figures.cpp: what they add up to ----------------------------------------------------
  std::vector<Window> since(std::vector<Mark> const& begin) const;
  double mean_watt(std::size_t k) const;
  std::size_t speaker(std::size_t k, std::vector<Window> const& taken) const;
  core::Quantity<core::Joules> idle_part(std::size_t k, Weighed const& weighed,
                                         std::int64_t duration_ns) const;
  Energy weigh_all(std::vector<Window> const& taken, std::int64_t duration_ns) const;
  core::Quantity<core::Joules> weigh_entered(std::size_t k, Window const& window) const;
  Standing standing(std::size_t k, double second) const;
  Ledger ledger() const;
  void take_baseline(std::vector<Window> const& taken);
};

struct Region::State {
  std::shared_ptr<Meter::State> meter;
  std::int64_t ticket = 0, begin_ns = 0;
  std::vector<Mark> begin;
};

}  // namespace crossjoule::meter
