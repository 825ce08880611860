// SPDX-License-Identifier: BSD-3-Clause
#include "meter/detail/meter_state.hpp"

#include <algorithm>

namespace crossjoule::meter {
namespace {

/// Hands `window` out by shares that add up to 1; the parts add up to it exactly.
template <class Give>
void hand_out(Window window, SensorInfo const& info,
              std::vector<std::pair<std::size_t, double>> const& shares, Give&& give) {
  double left = 1;
  double const joule = info.source == Source::counter
                           ? static_cast<double>(window.flow.counts) * info.quantum_joule
                           : window.flow.joule;
  for (std::size_t n = 0; n < shares.size(); ++n) {
    auto const [who, share] = shares[n];
    if (n + 1 == shares.size()) {  // the rest: nothing is lost to rounding, faults are kept
      double const unsure = joule * share * (1 - share);
      window.flow.split_square += unsure * unsure / 3;
      give(who, window);
      return;
    }
    Window part = window;
    double const of_rest = left > 0 ? std::clamp(share / left, 0.0, 1.0) : 0;
    part.flow = window.flow.take(of_rest);
    part.duration_ns = static_cast<std::int64_t>(static_cast<double>(window.duration_ns) * of_rest);
    window.duration_ns -= part.duration_ns;
    double const unsure = joule * share * (1 - share);
    part.flow.split_square = unsure * unsure / 3;
    left -= share;
    give(who, part);
  }
}

}  // namespace

void Meter::State::read_all(bool keep) {
  for (auto const& channel : node.channels) {
    channel->read(*clock);
    if (keep) channel->keep();
  }
  last_read_ns = clock->now_ns(), reads_anything = !node.channels.empty();
}

/// By phase: this process's own regions where it is alone, else what all ranks of the node say.
PhaseShares Meter::State::phase_shares(std::vector<std::pair<int, std::int64_t>> const& regions,
                                       std::int64_t now_ns) {
  auto const ranks = board->take(now_ns);
  if (ranks.size() > 1) return agree(ranks);
  PhaseShares shares{};
  double all = 0;
  auto const entries = book->entries();
  for (auto const& [id, ns] : regions) {
    shares[static_cast<std::size_t>(entries[static_cast<std::size_t>(id)].phase)] +=
        static_cast<double>(ns);
    all += static_cast<double>(ns);
  }
  for (double& share : shares) share = all > 0 ? share / all : 0;
  if (all <= 0) shares[static_cast<std::size_t>(book->innermost())] = 1;
  return shares;
}

/// Reads all devices and gives what they took since the last time to the regions and phases that
/// were open meanwhile.
void Meter::State::settle(bool keep) {
  if (relay && relay->tells()) relay->tell(*clock);
  adopt_boards();
  read_all(keep);
  std::int64_t const now_ns = clock->now_ns();
  auto regions = book->take(now_ns);
  if (regions.empty()) regions.emplace_back(0, 1);
  auto const phases = phase_shares(regions, now_ns);
  trail.add(phases, latest_ns, now_ns);
  std::vector<std::pair<std::size_t, double>> by_region, by_phase;
  double all = 0;
  for (auto const& [id, ns] : regions) all += static_cast<double>(ns);
  for (auto const& [id, ns] : regions) {
    by_region.emplace_back(static_cast<std::size_t>(id), static_cast<double>(ns) / all);
    if (region_windows.size() <= by_region.back().first)
      region_windows.resize(by_region.back().first + 1);
    region_windows[by_region.back().first].resize(latest.size());  // it grows with the devices
  }
  for (std::size_t phase = 0; phase < phase_count; ++phase) {
    if (phases[phase] > 0) by_phase.emplace_back(phase, phases[phase]);
    phase_second[phase] += phases[phase] * static_cast<double>(now_ns - latest_ns) * 1e-9;
  }
  for (std::size_t k = 0; k < latest.size(); ++k) {
    Mark const now = node.channels[k]->mark();
    auto const& info = node.channels[k]->device().info;
    Window const window = between(latest[k], now, info);
    hand_out(window, info, by_region,
             [&](auto who, Window const& part) { region_windows[who][k] += part; });
    hand_out(window, info, by_phase,
             [&](auto who, Window const& part) { windows[who][k] += part; });
    latest[k] = now;
  }
  latest_ns = now_ns;
}

}  // namespace crossjoule::meter
