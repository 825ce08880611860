// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "meter/phase_board.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace crossjoule::meter {

/// A stretch of steady time and the phase that took most of it.
struct PhaseSpan {
  std::int64_t begin_ns = 0, end_ns = 0;
  Phase phase = Phase::unattributed;
  bool operator==(PhaseSpan const&) const = default;
};

/// When a node was in which phase: spans that follow one another without a gap. They are for
/// drawing and looking; joules and seconds of phases come from the ledger. Beyond `limit` spans the
/// grain doubles and phases shorter than it merge into what surrounds them, so that a long job has
/// bounded memory.
class PhaseTrail {
 public:
  static constexpr std::size_t limit = 1 << 13;
  /// The next stretch of time by the shares of phases in it. One that ends before it begins does
  /// nothing.
  void add(PhaseShares const& shares, std::int64_t begin_ns, std::int64_t end_ns);
  /// All so far, the unfinished grain included.
  std::vector<PhaseSpan> spans() const;

 private:
  void close(std::vector<PhaseSpan>& spans) const;
  void coarsen();
  std::vector<PhaseSpan> spans_;
  std::int64_t grain_ns_ = 1;
  PhaseShares pending_ns_{};  // since the last span, by phase
  std::int64_t pending_begin_ns_ = 0, pending_end_ns_ = 0;
};

}  // namespace crossjoule::meter
