// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/estimate.hpp"

#include <algorithm>
#include <type_traits>

namespace crossjoule::aimc {
namespace {

using core::Boundary, core::Joules, core::Kind, core::Quantity, core::Seconds, core::Watts;

constexpr std::array<Boundary, 3> all_boundaries = {Boundary::device, Boundary::chip,
                                                    Boundary::system};

constexpr std::int64_t bytes_of(std::int64_t bits) { return (bits + 7) / 8; }

/// What the model makes of its inputs is modelled, also where an input is an assumption: the parts
/// keep their own kind and `assumed` names the terms.
template <class U>
Quantity<U> modelled(Quantity<U> figure) {
  if (figure.present()) figure.kind = Kind::modelled;
  return figure;
}

/// Power for a time; both are non-negative and independent.
Quantity<Joules> energy(Quantity<Watts> power, Quantity<Seconds> time) {
  if (!power.present() || !time.present()) return {};
  return {power.low * time.low, power.value * time.value, power.high * time.high,
          core::worst(power.kind, time.kind)};
}

/// Power of the whole host times the share that this network answers for.
Quantity<Watts> host_power(Terms const& terms) {
  auto const& watts = terms[Term::host_idle_watts];
  auto const& share = terms[Term::host_share];
  if (!watts.present() || !share.present()) return {};
  return {{watts.low * share.low},
          {watts.value * share.value},
          {watts.high * share.high},
          core::worst(watts.kind, share.kind)};
}

/// Everything the boundaries of one estimate share.
struct Accountant {
  Estimate const& base;
  Schedule analog, with_digital;

  explicit Accountant(Estimate const& estimate)
      : base(estimate), analog(estimate.schedule), with_digital(estimate.schedule) {
    analog.digital = {};
  }

  Quantity<Seconds> latency(Boundary boundary, std::int64_t batch) const {
    if (boundary == Boundary::device) return modelled(analog.latency(batch));
    auto time = with_digital.latency(batch);
    auto const link = base.terms[Term::host_link_seconds].as<Seconds>();
    if (boundary == Boundary::system && link.present()) time = time + link;
    return modelled(time);
  }

  /// One boundary, static power of `copies` copies being charged for `charged` per sample.
  BoundaryEstimate account(Boundary boundary, Quantity<Seconds> charged, double copies) const {
    BoundaryEstimate result;
    result.boundary = boundary;
    result.missing = base.terms.missing(boundary);
    result.assumed = base.terms.assumed(boundary);
    auto put = [&](Part part, Quantity<Joules> joules) {
      result.parts[static_cast<std::size_t>(part)] = joules;
    };
    double products = 0;
    for (auto const& layer : base.tiles.layers)
      products += static_cast<double>(layer.tiles.size()) * static_cast<double>(layer.vectors);
    put(Part::mvm, products * base.mvm_joules);
    if (boundary == Boundary::device) return result;

    auto const& terms = base.terms;
    auto const tiles = static_cast<double>(base.tiles.tiles()) * copies;
    put(Part::digital, static_cast<double>(base.work.outputs) *
                           terms[Term::digital_joules_per_output].as<Joules>());
    put(Part::links,
        static_cast<double>(base.work.link_bytes) * terms[Term::link_joules_per_byte].as<Joules>());
    put(Part::static_power,
        energy(tiles * terms[Term::static_watts_per_tile].as<Watts>(), charged));
    if (boundary == Boundary::chip) return result;

    put(Part::host_link, static_cast<double>(base.work.host_bytes) *
                             terms[Term::host_link_joules_per_byte].as<Joules>());
    put(Part::host_idle, energy(host_power(terms), charged));
    return result;
  }

  BatchEstimate batch(std::int64_t samples) const {
    BatchEstimate result{samples, {}};
    for (std::size_t k = 0; k < all_boundaries.size(); ++k) {
      auto const time = latency(all_boundaries[k], samples);
      auto const per_sample = time / static_cast<double>(samples);
      auto& line = result.boundaries[k] = account(all_boundaries[k], per_sample, 1);
      line.latency = time;
      line.seconds_per_sample = per_sample;
    }
    return result;
  }

  RateEstimate at_rate(double rate_hz) const {
    RateEstimate result;
    result.rate_hz = rate_hz;
    result.replicas = with_digital.replicas(rate_hz);
    result.tiles = base.tiles.tiles() * result.replicas;
    result.chips = base.tiles.chips(result.replicas);
    auto const spacing = Quantity<Seconds>::exactly({1 / rate_hz}, Kind::modelled);
    for (std::size_t k = 0; k < all_boundaries.size(); ++k) {
      auto& line = result.boundaries[k] =
          account(all_boundaries[k], spacing, static_cast<double>(result.replicas));
      line.latency = latency(all_boundaries[k], 1);
      line.seconds_per_sample = spacing;
    }
    return result;
  }
};

}  // namespace

std::string_view to_string(Part part) {
  constexpr std::array<std::string_view, part_count> names = {"mvm",    "digital",   "links",
                                                              "static", "host_link", "host_idle"};
  return names[static_cast<std::size_t>(part)];
}

DigitalWork digital_work(models::Graph const& graph, TileMap const& tiles, Chip const& chip) {
  DigitalWork work;
  for (auto const& layer : tiles.layers)
    for (auto const& tile : layer.tiles) {
      work.outputs += tile.columns.count() * layer.vectors;
      work.link_bytes += layer.vectors * (tile.rows.count() * bytes_of(chip.input_bits) +
                                          tile.columns.count() * bytes_of(chip.output_bits));
    }
  auto const shapes = models::shapes(graph);
  for (std::size_t id = 0; id < graph.nodes.size(); ++id) {
    auto const& node = graph.nodes[id];
    if (std::holds_alternative<models::Input>(node.op))
      work.host_bytes += shapes[id].size() * bytes_of(chip.input_bits);
    else if (!std::holds_alternative<models::Linear>(node.op) &&
             !std::holds_alternative<models::Activation>(node.op))
      for (auto input : node.inputs) work.outputs += shapes[static_cast<std::size_t>(input)].size();
  }
  work.host_bytes += shapes[static_cast<std::size_t>(models::output_node(graph))].size() *
                     bytes_of(chip.output_bits);
  return work;
}

Quantity<Joules> BoundaryEstimate::joules_per_sample() const {
  auto total = parts.front();
  for (std::size_t k = 1; k < part_count; ++k)
    if (parts[k].present()) total = total + parts[k];
  return modelled(total);
}

Quantity<Joules> BoundaryEstimate::idle_joules_per_sample() const {
  auto total = Quantity<Joules>::exactly({0}, Kind::modelled);
  if (boundary >= Boundary::chip) total = total + part(Part::static_power);
  if (boundary >= Boundary::system) total = total + part(Part::host_idle);
  return modelled(total);
}

Quantity<Watts> RateEstimate::power(Boundary boundary) const {
  auto const joules = boundaries[static_cast<std::size_t>(boundary)].joules_per_sample();
  return {{joules.low.value * rate_hz},
          {joules.value.value * rate_hz},
          {joules.high.value * rate_hz},
          joules.kind};
}

Estimate estimate(models::Graph const& graph, Chip const& chip, ReadMode const& mode,
                  Terms const& assumed, Workload const& workload) {
  Estimate result;
  result.chip = chip.name;
  result.mode = mode.label();
  result.precision = chip.precision();
  result.note = mode.note;
  result.standing = mode.standing;
  result.tiles = map(graph, chip);
  result.terms = merged(chip.terms, assumed);
  result.mvm_joules = mvm_energy(chip, mode);
  result.chip_area = area(mode);
  result.work = digital_work(graph, result.tiles, chip);
  result.schedule = {result.tiles.depth, result.tiles.vectors_per_sample(), mvm_time(chip, mode),
                     result.terms[Term::digital_seconds_per_layer].as<Seconds>()};
  Accountant const accountant(result);
  for (auto batch : workload.batches) result.batches.push_back(accountant.batch(batch));
  if (workload.rate_hz > 0) result.at_rate = accountant.at_rate(workload.rate_hz);
  return result;
}

}  // namespace crossjoule::aimc
