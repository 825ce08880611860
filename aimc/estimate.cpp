// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/estimate.hpp"

#include "aimc/iso_node.hpp"
#include "aimc/node_estimate.hpp"
#include "aimc/outcome.hpp"
#include "models/cost.hpp"

#include <algorithm>
#include <cmath>

namespace crossjoule::aimc {
namespace {

using core::Boundary, core::Joules, core::Kind, core::Quantity, core::Seconds, core::Watts;

/// What the model makes of its inputs is modelled, also where an input is an assumption: the parts
/// keep their own kind and `assumed` names the terms.
template <class U>
Quantity<U> modelled(Quantity<U> figure) {
  if (figure.present()) figure.kind = Kind::modelled;
  return figure;
}

/// The ends and the middle of everything: cost rises with every figure at its dear end, so that the
/// outcomes at the ends bound the one in between.
struct Ends {
  Outcome low, value, high;

  template <class U, class Of>
  Quantity<U> quantity(Kind kind, Of&& of) const {
    auto const middle = of(value);
    if (std::isnan(middle)) return {};
    // replicas are bought in whole numbers, so that an end may cross the value by rounding
    return {{std::min(of(low), middle)}, {middle}, {std::max(of(high), middle)}, kind};
  }
};

BoundaryEstimate line_of(Case const& at, Ends const& ends, Boundary boundary, auto&& numbers_of) {
  auto const b = static_cast<std::size_t>(boundary);
  BoundaryEstimate line;
  line.boundary = boundary;
  line.missing = at.missing(boundary);
  line.assumed = at.terms().assumed(boundary);
  line.latency = ends.quantity<Seconds>(Kind::modelled,
                                        [&](Outcome const& o) { return numbers_of(o)[b].latency; });
  line.seconds_per_sample = ends.quantity<Seconds>(
      Kind::modelled, [&](Outcome const& o) { return numbers_of(o)[b].seconds_per_sample; });
  for (std::size_t k = 0; k < part_count; ++k)
    line.parts[k] = ends.quantity<Joules>(
        at.kind(static_cast<Part>(k)), [&](Outcome const& o) { return numbers_of(o)[b].parts[k]; });
  return line;
}

Boundaries lines_of(Case const& at, Ends const& ends, auto&& numbers_of) {
  return {line_of(at, ends, Boundary::device, numbers_of),
          line_of(at, ends, Boundary::chip, numbers_of),
          line_of(at, ends, Boundary::system, numbers_of)};
}

RateEstimate rate_of(Case const& at, Ends const& ends) {
  RateEstimate rate;
  rate.rate_hz = at.workload().rate_hz;
  rate.replicas = static_cast<std::int64_t>(ends.value.replicas);
  rate.tiles = at.tiles().tiles() * rate.replicas;
  rate.chips = at.tiles().chips(rate.replicas);
  rate.boundaries = lines_of(
      at, ends, [](Outcome const& o) -> auto const& { return o.at_rate; });
  return rate;
}

/// All cells of the chips of one copy at work all the time.
Peak peak_of(Chip const& chip, ReadMode const& mode, Estimate const& estimate) {
  constexpr double tera = 1e12;
  auto const ops = core::Quantity<TeraOps>::exactly({ops_per_mvm(chip) / tera}, Kind::modelled);
  auto const tiles = static_cast<double>(chip.tiles * estimate.tiles.chips(1));
  Peak peak;
  peak.throughput = quotient<TeraOps>(ops, mvm_pace(chip, mode), tiles);
  peak.efficiency = quotient<TeraOpsPerWatt>(ops, estimate.mvm_joules);
  peak.density = quotient<TeraOpsPerSquareMillimetre>(peak.throughput, estimate.area());
  return peak;
}

Amortisation amortisation_of(Case const& at, Ends const& ends) {
  Amortisation result;
  result.inferences = at.workload().inferences;
  result.programming = ends.quantity<Joules>(at.kind(Part::programming),
                                             [](Outcome const& o) { return o.programming_joules; });
  result.writing = ends.quantity<Seconds>(at.terms()[Term::write_seconds_per_row].kind,
                                          [](Outcome const& o) { return o.writing_seconds; });
  auto const& endurance = at.terms()[Term::endurance_writes];
  if (endurance.present()) result.endurance = endurance.value;
  auto const& chip = ends.value.batches.front()[static_cast<std::size_t>(Boundary::chip)];
  auto const writing = chip.parts[static_cast<std::size_t>(Part::programming)];
  auto const rest = chip.joules() - (std::isnan(writing) ? 0 : writing);
  if (result.programming.present()) result.break_even = result.programming.value.value / rest;
  return result;
}

}  // namespace

std::string_view to_string(Part part) {
  constexpr std::array<std::string_view, part_count> names = {
      "mvm",    "array",       "dac",         "adc",       "digital",  "links",
      "static", "programming", "calibration", "host_link", "host_idle"};
  return names[static_cast<std::size_t>(part)];
}

Boundary boundary_of(Part part) {
  if (part <= Part::adc) return Boundary::device;
  return part <= Part::calibration ? Boundary::chip : Boundary::system;
}

Quantity<Joules> BoundaryEstimate::joules_per_sample() const {
  Quantity<Joules> total = Quantity<Joules>::exactly({0}, Kind::modelled);
  for (auto const& part : parts)
    if (part.present()) total = total + part;
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

Merits Estimate::merits(std::size_t batch, Boundary boundary) const {
  auto const& line = batches[batch].boundaries[static_cast<std::size_t>(boundary)];
  return aimc::merits(macs, static_cast<double>(batches[batch].batch), line.latency,
                      line.joules_per_sample(), area());
}

Quantity<core::SquareMillimetres> Estimate::area() const {
  return static_cast<double>(tiles.chips(1)) * chip_area;
}

Estimate estimate(models::Graph const& graph, Chip const& chip, ReadMode const& mode,
                  Terms const& assumed, Workload const& workload) {
  Case const at(graph, chip, mode, assumed, workload);
  Ends const ends{at.at({Pick::At::low}), at.at({}), at.at({Pick::At::high})};
  Estimate result;
  result.chip = chip.name;
  result.mode = mode.label();
  result.precision = chip.precision();
  result.note = mode.note;
  result.calibrated_on = mode.calibrated_on;
  result.predicts_blind = mode.predicts_blind;
  result.design = chip.design.text();
  result.standing = mode.standing;
  result.node_nm = chip.node_nm;
  result.tiles = at.tiles();
  result.terms = at.terms();
  result.work = at.work();
  result.product = mvm_time(chip, mode);
  result.mvm_joules = mvm_energy(chip, mode);
  result.chip_area = area(chip, mode);
  result.interval =
      ends.quantity<Seconds>(Kind::modelled, [](Outcome const& o) { return o.interval; });
  result.fill = ends.quantity<Seconds>(Kind::modelled, [](Outcome const& o) { return o.fill; });
  auto const pipelines = at.pipelines_at({}, Boundary::chip);
  result.bottleneck = bottleneck(pipelines.front());
  auto const whole = at.pipelines_at({}, Boundary::system);
  result.schedule = schedule(whole, Keep::runs);
  for (auto const& pipeline : whole) {
    if (pipeline.program_seconds > 0)
      result.critical_path.push_back({"write", Resource::program, pipeline.program_seconds});
    for (auto& step : critical_path(pipeline)) result.critical_path.push_back(std::move(step));
  }
  result.nodes = node_estimates(at, pipelines, ends.value);
  for (std::size_t k = 0; k < workload.batches.size(); ++k)
    result.batches.push_back(
        {workload.batches[k],
         lines_of(
             at, ends, [k](Outcome const& o) -> auto const& { return o.batches[k]; })});
  if (workload.rate_hz > 0) result.at_rate = rate_of(at, ends);
  result.amortisation = amortisation_of(at, ends);
  result.macs = static_cast<double>(models::cost(graph).forward.product_macs);
  result.latency_budget = workload.latency_budget;
  result.samples_held = at.samples_held();
  result.peak = peak_of(chip, mode, result);
  if (workload.iso_node_nm > 0) result.iso_node = at_node(result, chip, mode, workload.iso_node_nm);
  return result;
}

}  // namespace crossjoule::aimc
