// SPDX-License-Identifier: BSD-3-Clause
#include "meter/phase_board.hpp"

#include "meter/shared_page.hpp"

#include <unistd.h>
#include <algorithm>
#include <atomic>

namespace crossjoule::meter {

/// One process. `turn` is odd while its owner changes the times.
struct PhaseBoard::Slot {
  std::atomic<std::int32_t> process, phase;
  std::atomic<std::uint32_t> turn;
  std::atomic<std::int64_t> since_ns;
  std::array<std::atomic<std::int64_t>, phase_count> ns;
};

/// Fresh pages of memory hold zeros, which is an empty board.
struct PhaseBoard::Page {
  std::array<Slot, most_ranks> slots;
  std::atomic<std::int32_t> joined;
};

PhaseShares agree(std::vector<std::array<std::int64_t, phase_count>> const& ranks) {
  PhaseShares shares{};
  bool any = false;
  for (auto const& rank : ranks) {
    double all = 0;
    for (auto const ns : rank) all += static_cast<double>(ns);
    if (all <= 0) continue;
    for (std::size_t phase = 0; phase < phase_count; ++phase) {
      double const share = static_cast<double>(rank[phase]) / all;
      shares[phase] = any ? std::min(shares[phase], share) : share;
    }
    any = true;
  }
  double agreed = 0;
  for (double const share : shares) agreed += share;
  auto const rest = static_cast<std::size_t>(any ? Phase::disputed : Phase::unattributed);
  shares[rest] += std::max(0.0, 1 - agreed);
  return shares;
}

PhaseBoard::PhaseBoard(std::filesystem::path file, std::int64_t now_ns)
    : file_(std::move(file)),
      page_(std::static_pointer_cast<Page>(map_shared_page(file_, sizeof(Page)))) {
  if (!page_) return;
  for (auto& slot : page_->slots) {
    std::int32_t owner = slot.process.load();
    bool const is_free = !is_alive(owner);
    if (!is_free || !slot.process.compare_exchange_strong(owner, ::getpid())) continue;
    mine_ = &slot;
    page_->joined.fetch_add(1);
    for (auto& ns : slot.ns) ns = 0;
    slot.turn = 0, slot.since_ns = now_ns;
    slot.phase = static_cast<std::int32_t>(Phase::unattributed);
    return;
  }
}

PhaseBoard::~PhaseBoard() {
  if (mine_) mine_->process = 0;
  if (removes_) ::unlink(file_.c_str());
}

void PhaseBoard::enter(Phase phase, std::int64_t now_ns) {
  if (!mine_ || mine_->phase.load() == static_cast<std::int32_t>(phase)) return;
  mine_->turn.fetch_add(1);
  auto& ns = mine_->ns[static_cast<std::size_t>(mine_->phase.load())];
  ns.store(ns.load() + std::max<std::int64_t>(0, now_ns - mine_->since_ns.load()));
  mine_->phase = static_cast<std::int32_t>(phase), mine_->since_ns = now_ns;
  mine_->turn.fetch_add(1);
}

int PhaseBoard::present() const {
  if (!page_) return 1;
  return static_cast<int>(
      std::count_if(page_->slots.begin(), page_->slots.end(), [](auto const& slot) {
        std::int32_t const owner = slot.process.load();
        return is_alive(owner);
      }));
}

int PhaseBoard::joined() const { return page_ ? page_->joined.load() : 1; }

std::vector<std::array<std::int64_t, phase_count>> PhaseBoard::take(std::int64_t now_ns) {
  std::vector<std::array<std::int64_t, phase_count>> ranks;
  if (!page_) return ranks;
  for (int k = 0; k < most_ranks; ++k) {
    Slot const& slot = page_->slots[static_cast<std::size_t>(k)];
    std::int32_t const owner = slot.process.load();
    if (!is_alive(owner)) {
      seen_.erase(k);
      continue;
    }
    std::array<std::int64_t, phase_count> now{};
    for (int attempt = 0; attempt < 100; ++attempt) {  // a writer that was stopped holds nobody up
      std::uint32_t const turn = slot.turn.load();
      for (std::size_t p = 0; p < phase_count; ++p) now[p] = slot.ns[p].load();
      auto const phase = static_cast<std::size_t>(slot.phase.load()) % phase_count;
      now[phase] += std::max<std::int64_t>(0, now_ns - slot.since_ns.load());
      if (turn % 2 == 0 && slot.turn.load() == turn) break;
    }
    auto const [before, is_new] = seen_.try_emplace(k, now);
    auto& passed = ranks.emplace_back();
    for (std::size_t p = 0; p < phase_count; ++p)
      passed[p] = is_new ? 0 : std::max<std::int64_t>(0, now[p] - before->second[p]);
    before->second = now;
  }
  return ranks;
}

}  // namespace crossjoule::meter
