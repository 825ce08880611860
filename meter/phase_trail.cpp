// SPDX-License-Identifier: BSD-3-Clause
#include "meter/phase_trail.hpp"

#include <algorithm>

namespace crossjoule::meter {
namespace {

/// The first grain that merges anything; below it, spans are what the readings made them.
constexpr std::int64_t coarse_grain_ns = 10'000'000;

}  // namespace

void PhaseTrail::add(PhaseShares const& shares, std::int64_t begin_ns, std::int64_t end_ns) {
  if (end_ns <= begin_ns) return;
  if (pending_begin_ns_ == pending_end_ns_) pending_begin_ns_ = begin_ns;
  pending_end_ns_ = end_ns;
  for (std::size_t phase = 0; phase < phase_count; ++phase)
    pending_ns_[phase] += shares[phase] * static_cast<double>(end_ns - begin_ns);
  if (pending_end_ns_ - pending_begin_ns_ < grain_ns_) return;
  close(spans_);
  pending_ns_ = {};
  pending_begin_ns_ = pending_end_ns_;
  while (spans_.size() >= limit) coarsen();
}

/// Appends what is pending as one span, or makes the last one longer.
void PhaseTrail::close(std::vector<PhaseSpan>& spans) const {
  auto const largest = std::max_element(pending_ns_.begin(), pending_ns_.end());
  auto const phase = static_cast<Phase>(largest - pending_ns_.begin());
  if (!spans.empty() && spans.back().phase == phase)
    spans.back().end_ns = pending_end_ns_;
  else
    spans.push_back({pending_begin_ns_, pending_end_ns_, phase});
}

void PhaseTrail::coarsen() {
  PhaseTrail coarse;
  coarse.grain_ns_ = std::max(coarse_grain_ns, 2 * grain_ns_);
  for (auto const& span : spans_) {
    PhaseShares shares{};
    shares[static_cast<std::size_t>(span.phase)] = 1;
    coarse.add(shares, span.begin_ns, span.end_ns);
  }
  *this = coarse;
}

std::vector<PhaseSpan> PhaseTrail::spans() const {
  auto all = spans_;
  if (pending_end_ns_ > pending_begin_ns_) close(all);
  return all;
}

}  // namespace crossjoule::meter
