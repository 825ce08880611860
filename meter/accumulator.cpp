// SPDX-License-Identifier: BSD-3-Clause
#include "meter/accumulator.hpp"

#include <algorithm>
#include <limits>
#include <type_traits>
#include <utility>

namespace crossjoule::meter {

Flow& Flow::operator+=(Flow const& other) {
  counts += other.counts;
  joule_low += other.joule_low, joule += other.joule, joule_high += other.joule_high;
  idle_low += other.idle_low, idle += other.idle, idle_high += other.idle_high;
  covered_ns += other.covered_ns;
  reads += other.reads, failed += other.failed, stale += other.stale;
  wraps += other.wraps, resets += other.resets, gaps += other.gaps;
  unseen_joule += other.unseen_joule, sampling_square += other.sampling_square;
  stolen_second += other.stolen_second;
  frozen_ns += other.frozen_ns, split_square += other.split_square;
  return *this;
}

Flow operator-(Flow later, Flow const& earlier) {
  later.counts -= earlier.counts;
  later.joule_low -= earlier.joule_low, later.joule -= earlier.joule,
      later.joule_high -= earlier.joule_high;
  later.idle_low -= earlier.idle_low, later.idle -= earlier.idle,
      later.idle_high -= earlier.idle_high;
  later.covered_ns -= earlier.covered_ns;
  later.reads -= earlier.reads, later.failed -= earlier.failed, later.stale -= earlier.stale;
  later.wraps -= earlier.wraps, later.resets -= earlier.resets, later.gaps -= earlier.gaps;
  later.unseen_joule -= earlier.unseen_joule, later.sampling_square -= earlier.sampling_square;
  later.stolen_second -= earlier.stolen_second;
  later.frozen_ns -= earlier.frozen_ns, later.split_square -= earlier.split_square;
  return later;
}

Flow Flow::take(double share) {
  Flow part;
  auto const move = [share](auto& from, auto& to) {
    using T = std::remove_reference_t<decltype(from)>;
    to = static_cast<T>(static_cast<double>(from) * share);
    from -= to;
  };
  move(counts, part.counts);
  move(joule_low, part.joule_low), move(joule, part.joule), move(joule_high, part.joule_high);
  move(idle_low, part.idle_low), move(idle, part.idle), move(idle_high, part.idle_high);
  move(covered_ns, part.covered_ns), move(unseen_joule, part.unseen_joule);
  move(sampling_square, part.sampling_square), move(stolen_second, part.stolen_second);
  move(frozen_ns, part.frozen_ns);
  part.reads = reads > failed ? 1 : 0;  // it was read
  return part;
}

double safe_poll_second(CounterShape const& shape) {
  if (shape.modulus == 0) return std::numeric_limits<double>::infinity();
  return 0.5 * static_cast<double>(shape.modulus) * shape.quantum_joule / shape.max_watt;
}

void Accumulator::add(std::int64_t time_ns, std::optional<std::uint64_t> raw) {
  ++flow_.reads;
  bool const in_range = raw && (shape_.modulus == 0 || *raw < shape_.modulus);
  if (!in_range) {
    ++flow_.failed;
    bridging_ = true;
    return;
  }
  if (has_base_) step(time_ns, *raw);
  has_base_ = true, bridging_ = false;
  last_ = *raw, last_ns_ = time_ns;
}

void Accumulator::restart(std::int64_t time_ns) {
  if (!has_base_) return;
  ++flow_.resets;
  flow_.unseen_joule += shape_.max_watt * static_cast<double>(time_ns - last_ns_) * 1e-9;
  has_base_ = false;
}

void Accumulator::step(std::int64_t time_ns, std::uint64_t raw) {
  double const seconds = static_cast<double>(time_ns - last_ns_) * 1e-9;
  if (raw != last_ && came_back(time_ns, raw)) return;
  bool const fell = raw < last_;
  // unsigned arithmetic: with a wrap the true step is modulus - last + raw
  std::uint64_t const counts = raw - last_ + (fell ? shape_.modulus : 0);
  // the counter is renewed in steps: one holds all since it last moved, and another may be near
  std::int64_t const moved_ns = still_since_ns_ != 0 ? still_since_ns_ : last_ns_;
  double const since_move = static_cast<double>(time_ns - moved_ns) * 1e-9;
  double const limit = 1.5 * shape_.max_watt * (since_move + 2 * shape_.update_second);
  bool const lost =
      (fell && shape_.modulus == 0) || static_cast<double>(counts) * shape_.quantum_joule > limit;
  if (lost) {
    ++flow_.resets;
    flow_.unseen_joule += shape_.max_watt * seconds;
    if (fell) before_fall_ = Fall{last_, last_ns_};
    still_since_ns_ = 0, still_covered_ns_ = 0, is_frozen_ = false;
    return;
  }
  flow_.counts += counts;
  flow_.wraps += fell;
  flow_.stale += counts == 0;
  std::int64_t const covered_before = flow_.covered_ns;
  if (seconds > safe_poll_second(shape_)) {
    ++flow_.gaps;
    flow_.unseen_joule += std::max(
        0.0, shape_.max_watt * seconds - static_cast<double>(counts) * shape_.quantum_joule);
  } else if (!bridging_) {
    flow_.covered_ns += time_ns - last_ns_;
  }
  watch_still(time_ns, flow_.covered_ns - covered_before, counts);
}

/// The first move after a fall: if it leads to where the counter would be by now, the fall was a
/// glitch (a 0 in place of a failed read), and what it shows since then is the energy.
bool Accumulator::came_back(std::int64_t time_ns, std::uint64_t raw) {
  auto const fall = std::exchange(before_fall_, std::nullopt);
  if (!fall || raw < fall->counter) return false;
  double const seconds = static_cast<double>(time_ns - fall->time_ns) * 1e-9;
  double const limit = 1.5 * shape_.max_watt * (seconds + 2 * shape_.update_second);
  if (static_cast<double>(raw - fall->counter) * shape_.quantum_joule > limit) return false;
  flow_.counts += raw - fall->counter;
  still_since_ns_ = 0, still_covered_ns_ = 0, is_frozen_ = false;
  return true;
}

/// Time in which a counter stands still for too long is not covered, from its beginning on.
void Accumulator::watch_still(std::int64_t time_ns, std::int64_t covered_ns, std::uint64_t counts) {
  if (counts != 0) {
    still_since_ns_ = 0, still_covered_ns_ = 0, is_frozen_ = false;
    return;
  }
  if (still_since_ns_ == 0) still_since_ns_ = last_ns_;
  still_covered_ns_ += covered_ns;
  double const still = static_cast<double>(time_ns - still_since_ns_) * 1e-9;
  if (still <= std::max(frozen_second, frozen_updates * shape_.update_second)) return;
  std::int64_t const lost = is_frozen_ ? time_ns - last_ns_ : time_ns - still_since_ns_;
  flow_.frozen_ns += lost;
  flow_.unseen_joule += shape_.max_watt * static_cast<double>(lost) * 1e-9;
  flow_.covered_ns -= still_covered_ns_;
  still_covered_ns_ = 0, is_frozen_ = true;
}

}  // namespace crossjoule::meter
