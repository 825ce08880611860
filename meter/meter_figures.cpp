// SPDX-License-Identifier: BSD-3-Clause
#include "core/clock.hpp"
#include "meter/detail/meter_state.hpp"

#include <algorithm>
#include <limits>

namespace crossjoule::meter {

using core::Quantity;

namespace {

/// A board that takes more than this times its idle power works.
constexpr double busy_over_idle = 1.25;

}  // namespace

std::vector<Window> Meter::State::since(std::vector<Mark> const& begin) const {
  std::vector<Window> taken;
  for (std::size_t k = 0; k < begin.size(); ++k)
    taken.push_back(between(begin[k], latest[k], node.channels[k]->device().info));
  return taken;
}

double Meter::State::mean_watt(std::size_t k) const {
  auto const& info = node.channels[k]->device().info;
  Window const all = between(start[k], latest[k], info);
  double const seconds = static_cast<double>(all.duration_ns) * 1e-9;
  double const joule = info.source == Source::counter
                           ? static_cast<double>(all.flow.counts) * info.quantum_joule
                           : all.flow.joule;
  return seconds > 0 ? joule / seconds : 0;
}

/// Whose figure counts for channel k: its own, or its spare's where it froze.
std::size_t Meter::State::speaker(std::size_t k, std::vector<Window> const& taken) const {
  if (spare_of[k] < 0) return k;
  auto const spare = static_cast<std::size_t>(spare_of[k]);
  auto const is_dead = [&](std::size_t one) {
    return taken[one].flow.frozen_ns > 0 || taken[one].flow.reads == taken[one].flow.failed ||
           stood_still(node.channels[one]->device().info, taken[one]);
  };
  return is_dead(k) && !is_dead(spare) ? spare : k;
}

Quantity<core::Joules> Meter::State::idle_part(std::size_t k, Weighed const& weighed,
                                               std::int64_t duration_ns) const {
  if (weighed.idle.present() || k >= idle_baseline.size() || !idle_baseline[k].present())
    return weighed.idle;
  core::Seconds const duration = core::seconds_between(0, duration_ns);
  auto const& watt = idle_baseline[k];
  return {watt.low * duration, watt.value * duration, watt.high * duration, watt.kind};
}

namespace {

/// Adds up devices into one boundary; absent as long as nothing was added.
struct Sum {
  Quantity<core::Joules> energy, idle;
  bool any = false;
  void add(Quantity<core::Joules> const& more, Quantity<core::Joules> const& more_idle) {
    energy = any ? energy + more : more;
    idle = any ? idle + more_idle : more_idle;
    any = true;
  }
};

}  // namespace

Energy Meter::State::weigh_all(std::vector<Window> const& taken, std::int64_t duration_ns) const {
  Energy energy;
  energy.duration = core::seconds_between(0, duration_ns);
  energy.missing_terms = node.missing_system, energy.assumed_terms = node.assumed_system;
  energy.missing_chip_terms = node.missing_chip, energy.assumed_chip_terms = node.assumed_chip;
  energy.source = node.headline;
  energy.is_reader = is_reader();
  Sum chip, system;
  double largest = -1, coverage = 1;
  for (std::size_t k = 0; k < taken.size(); ++k) {
    auto const& device = node.channels[k]->device();
    std::size_t const who = speaker(k, taken);
    Weighed const weighed = weigh(node.channels[who]->device(), taken[who], mean_watt(who));
    auto const idle = idle_part(k, weighed, taken[k].duration_ns);
    bool const is_counted = device.use == Use::counted;
    if (node.in_chip[k]) chip.add(weighed.energy, idle);
    if (is_counted) system.add(weighed.energy, idle);
    if (!is_counted && !node.in_chip[k]) continue;
    coverage = std::min(coverage, weighed.coverage);
    if (weighed.is_edge_limited) energy.edges = Edges::limited;
    if (!weighed.energy.present()) {
      auto& terms = is_counted ? energy.missing_terms : energy.missing_chip_terms;
      terms += (terms.empty() ? "" : "; ") + device.info.id +
               (stood_still(device.info, taken[k]) ? " (frozen)" : " (no good reading)");
    }
    if (is_counted && weighed.largest_joule > largest)
      largest = weighed.largest_joule, energy.largest_error_term = weighed.largest_term;
  }
  energy.chip = chip.energy, energy.idle_chip = chip.idle;
  energy.system = system.energy, energy.idle_system = system.idle;
  energy.coverage = system.any || chip.any ? coverage : 0;
  return energy;
}

/// Joules of a phase or region; one that was never entered took exactly nothing.
Quantity<core::Joules> Meter::State::weigh_entered(std::size_t k, Window const& window) const {
  auto const& device = node.channels[k]->device();
  if (window.flow.reads == 0) return Quantity<core::Joules>::exactly({0}, device.kind);
  return weigh(device, window, mean_watt(k)).energy;
}

/// Did the board work? Its own word, else its power against the idle baseline where there is one,
/// else the run's.
Standing Meter::State::standing(std::size_t k, double second) const {
  if (!node.is_board[k]) return Standing::none;
  BoardFacts facts{node.is_allocated[k], {}};
  bool const is_hidden = node.channels[k]->device().info.backend == "model";
  bool const has_baseline =
      k < idle_baseline.size() && idle_baseline[k].present() && second > 0 && !is_hidden;
  if (auto const share = node.channels[k]->busiest())
    facts.is_busy = *share > 0;
  else if (has_baseline)
    facts.is_busy = mean_watt(k) > busy_over_idle * idle_baseline[k].value.value;
  else if (node.is_named[k])
    facts.is_busy = true;  // a process of the run says that it computes there
  return standing_of(facts);
}

Ledger Meter::State::ledger() const {
  Ledger ledger;
  for (std::size_t phase = 0; phase < phase_count; ++phase)
    ledger.seconds[phase] = {phase_second[phase]};
  auto const all = since(start);
  auto const entries = book->entries();
  for (auto const& entry : entries)
    ledger.regions.push_back(
        {entry.name, entry.phase, entry.count, core::seconds_between(0, entry.exclusive_ns), {}});
  for (std::size_t k = 0; k < start.size(); ++k) {
    auto const& device = node.channels[k]->device();
    std::size_t const who = speaker(k, all);
    auto const weighed = weigh(node.channels[who]->device(), all[who], mean_watt(who));
    ledger.devices.push_back(device);
    ledger.total.push_back(weighed.energy), ledger.largest_term.push_back(weighed.largest_term);
    ledger.flows.push_back(all[k].flow);
    ledger.standing.push_back(standing(k, static_cast<double>(all[k].duration_ns) * 1e-9));
    if (who != k)
      ledger.events.push_back(device.info.id + " froze, " + node.channels[who]->device().info.id +
                              " took over");
    for (std::size_t phase = 0; phase < phase_count; ++phase)
      ledger.joules[phase].push_back(weigh_entered(who, windows[phase][who]));
    for (std::size_t row = 0; row < entries.size(); ++row) {
      bool const is_entered = row < region_windows.size() && who < region_windows[row].size();
      ledger.regions[row].joules.push_back(
          weigh_entered(who, is_entered ? region_windows[row][who] : Window{}));
    }
  }
  return ledger;
}

/// Mean power of an idle stretch; a second one gives the mean of both, and the drift between them.
void Meter::State::take_baseline(std::vector<Window> const& taken) {
  auto const first = std::move(idle_baseline);
  idle_baseline.clear(), idle_drift.clear();
  for (std::size_t k = 0; k < taken.size(); ++k) {
    auto const joules = weigh(node.channels[k]->device(), taken[k], mean_watt(k)).energy;
    core::Seconds const seconds = core::seconds_between(0, taken[k].duration_ns);
    Quantity<core::Watts> watts;
    if (joules.present() && seconds.value > 0)
      watts = {joules.low / seconds, joules.value / seconds, joules.high / seconds, joules.kind};
    double drift = std::numeric_limits<double>::quiet_NaN();
    if (k < first.size() && first[k].present() && watts.present()) {
      drift = watts.value / first[k].value - 1;
      watts = {{std::min(watts.low, first[k].low)},
               0.5 * (watts.value + first[k].value),
               {std::max(watts.high, first[k].high)},
               worst(watts.kind, first[k].kind)};
    }
    idle_baseline.push_back(watts), idle_drift.push_back(drift);
  }
}

}  // namespace crossjoule::meter
