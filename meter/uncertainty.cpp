// SPDX-License-Identifier: BSD-3-Clause
#include "meter/uncertainty.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <vector>

namespace crossjoule::meter {
namespace {

constexpr double coverage_factor = 2;
constexpr double updates_for_sharp_edges = 5;
/// Spread of the power within an update, as a share of its mean, where the device looks at a part
/// of the update alone; an assumption.
constexpr double spread_within_update = 0.3;

struct Term {
  std::string name;
  double joule;
};

Weighed weigh_model(Device const& device, Window const& window) {
  Flow const& flow = window.flow;
  Weighed result;
  result.energy = {{flow.joule_low}, {flow.joule}, {flow.joule_high}, device.kind};
  result.idle = {{flow.idle_low}, {flow.idle}, {flow.idle_high}, device.kind};
  result.largest_joule = 0.5 * (flow.joule_high - flow.joule_low);
  result.largest_term = device.info.device == DeviceClass::dram  ? "watts per GB of DRAM"
                        : device.info.device == DeviceClass::gpu ? "idle power of hidden boards"
                                                                 : "load model of the CPU";
  return result;
}

Weighed weigh_sensor(Device const& device, Window const& window, double mean_watt) {
  Flow const& flow = window.flow;
  SensorInfo const& info = device.info;
  bool const is_counter = info.source == Source::counter;
  double const joule =
      is_counter ? static_cast<double>(flow.counts) * info.quantum_joule : flow.joule;
  double const seconds = static_cast<double>(window.duration_ns) * 1e-9;
  double const watt = std::max(seconds > 0 ? joule / seconds : 0, mean_watt);
  std::vector<Term> const terms = {
      {fmt::format("gain of {} (+-{:g} %)", info.id, 100 * info.gain), info.gain * joule},
      {"quantum of " + info.id,
       is_counter ? coverage_factor * info.quantum_joule * std::sqrt(2.0 / 12) : 0},
      {"update period of " + info.id + " at the edges",
       coverage_factor * watt * std::sqrt(window.edge_square / 12)},
      {"sampling of " + info.id, coverage_factor * std::sqrt(flow.sampling_square)},
      {"duty cycle of " + info.id, coverage_factor * (1 - info.duty) * spread_within_update * watt *
                                       std::sqrt(std::max(0.0, seconds) * info.update_second)},
      {"regions shorter than the reads of " + info.id,
       coverage_factor * std::sqrt(flow.split_square)}};
  double square = 0;
  for (auto const& term : terms) square += term.joule * term.joule;
  double const half = std::sqrt(square);
  // where an edge's own read failed, up to twice the mean power may belong elsewhere
  double const before = 2 * watt * window.late_begin_second,
               after = 2 * watt * window.late_end_second;
  double const unseen = flow.unseen_joule + after;
  Weighed result;
  result.energy = {
      {std::max(0.0, joule - half - before)}, {joule}, {joule + half + unseen}, device.kind};
  auto const largest = std::max_element(
      terms.begin(), terms.end(), [](auto const& a, auto const& b) { return a.joule < b.joule; });
  result.largest_term = largest->name, result.largest_joule = largest->joule;
  if (unseen + before > largest->joule) {
    result.largest_term = "failed reads, resets and gaps of " + info.id;
    result.largest_joule = unseen + before;
  }
  result.is_edge_limited =
      static_cast<double>(window.shortest_ns) * 1e-9 < updates_for_sharp_edges * info.update_second;
  return result;
}

}  // namespace

bool stood_still(SensorInfo const& info, Window const& window) {
  double const seconds = static_cast<double>(window.duration_ns) * 1e-9;
  return info.source == Source::counter && window.flow.counts == 0 &&
         seconds > std::max(frozen_second, frozen_updates * info.update_second);
}

Weighed weigh(Device const& device, Window const& window, double mean_watt) {
  // not one good read, or a frozen counter: absent, not 0
  if (window.flow.reads == window.flow.failed || stood_still(device.info, window)) return {};
  bool const is_computed =
      device.kind == core::Kind::modelled || device.kind == core::Kind::assumed;
  Weighed result =
      is_computed ? weigh_model(device, window) : weigh_sensor(device, window, mean_watt);
  double const share = window.duration_ns > 0 ? static_cast<double>(window.flow.covered_ns) /
                                                    static_cast<double>(window.duration_ns)
                                              : 1;
  result.coverage = std::clamp(share, 0.0, 1.0);
  return result;
}

}  // namespace crossjoule::meter
