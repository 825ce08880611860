// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/estimate_print.hpp"

#include "core/table.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <set>

namespace crossjoule::drivers {
namespace {

using aimc::Estimate;
using core::with_interval;

std::size_t largest_batch(Estimate const& each) {
  auto const at = std::max_element(each.batches.begin(), each.batches.end(),
                                   [](auto const& a, auto const& b) { return a.batch < b.batch; });
  return static_cast<std::size_t>(at - each.batches.begin());
}

/// How much of the allowed latency a single sample takes at the fixed rate.
std::string budget_text(Estimate const& each) {
  if (!(each.latency_budget > 0)) return "-";
  auto const latency = each.at_rate->boundaries.back().latency.value.value;
  return fmt::format("{:.3g} %{}", 100 * latency / each.latency_budget,
                     within_budget(each) ? "" : ": TOO SLOW");
}

struct OpsTag;
struct OpsPerWattTag;
struct OpsPerSquareMillimetreTag;
using Ops = core::Unit<OpsTag>;
using OpsPerWatt = core::Unit<OpsPerWattTag>;
using OpsPerSquareMillimetre = core::Unit<OpsPerSquareMillimetreTag>;
constexpr std::string_view unit_symbol(Ops) { return "op/s"; }
constexpr std::string_view unit_symbol(OpsPerWatt) { return "op/s/W"; }
constexpr std::string_view unit_symbol(OpsPerSquareMillimetre) { return "op/s/mm2"; }

/// From tera to the unit itself, so that the prefix is that of the figure ("785 Gop/s").
template <class To, class Tera>
std::string in_ops(core::Quantity<Tera> const& figure) {
  return with_interval(core::Quantity<To>{{1e12 * figure.low.value},
                                          {1e12 * figure.value.value},
                                          {1e12 * figure.high.value},
                                          figure.kind});
}

std::string percent(double share) { return fmt::format("{:.2f} %", 100 * share); }

std::string map_table(std::vector<Estimate> const& estimates) {
  core::Table table({"chip", "mode", "tiles", "chips", "cells used", "product", "energy/product",
                     "interval", "samples/s", "sets the interval"});
  for (auto const& each : estimates)
    table.row({each.chip, each.mode, fmt::format("{}", each.tiles.tiles()),
               fmt::format("{}", each.tiles.chips(1)), percent(each.tiles.utilisation()),
               with_interval(each.product), with_interval(each.mvm_joules),
               core::si(each.interval.value.value, "s"), core::si(each.rate_hz(), "Hz"),
               each.bottleneck});
  return table.text();
}

/// What the latency of a single sample is made of, and who pays for the programming.
std::string path_table(std::vector<Estimate> const& estimates) {
  constexpr std::size_t most = 6;
  core::Table table(
      {"chip", "mode", "critical path of one sample", "programming", "pays after", "endurance"});
  for (auto const& each : estimates) {
    std::string path;
    for (std::size_t k = 0; k < each.critical_path.size() && k < most; ++k)
      path += (k == 0 ? "" : " > ") + each.critical_path[k].name;
    if (each.critical_path.size() > most)
      path += fmt::format(" > ... ({} steps)", each.critical_path.size());
    auto const& paid = each.amortisation;
    table.row({each.chip, each.mode, path, with_interval(paid.programming),
               paid.break_even > 0 ? fmt::format("{:.3g} inferences", paid.break_even) : "-",
               paid.endurance > 0 ? fmt::format("{:.0e} writes", paid.endurance) : "-"});
  }
  return table.text();
}

/// Operations that no array and no column's unit does.
std::string digital_operations(Estimate const& first) {
  constexpr std::size_t most = 8;
  auto const& names = first.work.operations;
  std::string text;
  for (std::size_t k = 0; k < std::min(names.size(), most); ++k)
    text += (k == 0 ? "" : ", ") + names[k];
  if (names.size() > most) text += fmt::format(", ... ({} in all)", names.size());
  if (text.empty()) return "nothing but activations and sums, done as outputs leave the columns\n";
  return text + fmt::format(": {} flops a sample on a digital unit\n", first.work.flops);
}

std::string layer_table(Estimate const& first) {
  core::Table table({"layer", "weights", "tiles (rows x columns)", "copies", "products/sample"});
  for (auto const& layer : first.tiles.layers)
    table.row({layer.name, fmt::format("{} x {}", layer.inputs, layer.outputs),
               fmt::format("{} x {}", layer.row_tiles, layer.column_tiles),
               fmt::format("{}", layer.replicas), fmt::format("{}", layer.vectors)});
  return table.text();
}

/// A value, with "+" where a part of it has no figure yet.
template <class U>
std::string partial(core::Quantity<U> const& figure, std::string const& missing) {
  return with_interval(figure) + (missing.empty() ? "" : " +");
}

void energy_row(core::Table& table, Estimate const& each, std::string const& how,
                aimc::Boundaries const& lines) {
  std::vector<std::string> row = {each.chip, each.mode, how,
                                  partial(lines[2].latency, lines[2].missing),
                                  core::si(1 / lines[2].seconds_per_sample.value.value, "Hz")};
  for (auto const& line : lines) row.push_back(partial(line.joules_per_sample(), line.missing));
  table.row(row);
}

std::string energy_table(std::vector<Estimate> const& estimates) {
  core::Table table({"chip", "mode", "batch", "latency, system", "samples/s",
                     "energy/sample, device", "chip", "system"});
  for (auto const& each : estimates)
    for (auto const& batch : each.batches)
      energy_row(table, each, fmt::format("{}", batch.batch), batch.boundaries);
  return table.text();
}

/// Where the joules of a sample of the largest batch go, boundary system.
std::string parts_table(std::vector<Estimate> const& estimates) {
  std::vector<std::string> headings = {"chip", "mode"};
  for (std::size_t k = 0; k < aimc::part_count; ++k)
    headings.emplace_back(aimc::to_string(static_cast<aimc::Part>(k)));
  core::Table table(headings);
  for (auto const& each : estimates) {
    std::vector<std::string> row = {each.chip, each.mode};
    for (auto const& part : each.batches[largest_batch(each)].boundaries.back().parts)
      row.push_back(part.present() ? core::si(part.value.value, "J") : "-");
    table.row(row);
  }
  return "\nJoules per sample by part at the largest batch (mvm: arrays with DAC and ADC)\n" +
         table.text();
}

std::string merits_table(std::vector<Estimate> const& estimates) {
  core::Table table({"chip", "mode", "boundary", "power", "throughput", "efficiency", "of peak",
                     "per area", "energy/MAC", "energy x delay"});
  for (auto const& each : estimates)
    for (auto boundary : {core::Boundary::device, core::Boundary::chip, core::Boundary::system}) {
      auto const k = largest_batch(each);
      auto const merits = each.merits(k, boundary);
      auto const& line = each.batches[k].boundaries[static_cast<std::size_t>(boundary)];
      table.row({each.chip, each.mode, std::string(core::to_string(boundary)),
                 partial(merits.power, line.missing), in_ops<Ops>(merits.throughput),
                 in_ops<OpsPerWatt>(merits.efficiency),
                 percent(merits.efficiency.value / each.peak.efficiency.value),
                 in_ops<OpsPerSquareMillimetre>(merits.density),
                 partial(merits.energy_per_mac, line.missing), with_interval(merits.energy_delay)});
    }
  return "\nWhat the largest batch reaches; ops are two per MAC of the network\n" + table.text();
}

std::string iso_table(std::vector<Estimate> const& estimates) {
  core::Table table({"chip", "mode", "node", "brought to", "chip: J/sample as published",
                     "arrays unscaled", "arrays scaled", "efficiency", "per area"});
  for (auto const& each : estimates) {
    if (!each.iso_node) continue;
    auto const k = largest_batch(each);
    auto const& line = each.iso_node->batches[k][1];
    auto const& published = each.batches[k].boundaries[1];
    table.row({each.chip, each.mode, fmt::format("{} nm", each.node_nm),
               fmt::format("{} nm", each.iso_node->node_nm),
               partial(published.joules_per_sample(), published.missing),
               with_interval(line.unscaled), with_interval(line.scaled),
               in_ops<OpsPerWatt>(line.merits.efficiency),
               in_ops<OpsPerSquareMillimetre>(line.merits.density)});
  }
  if (table.rows() == 0) return "";
  return "\nDigital units and links at one process node (C V^2 law), arrays and converters left or "
         "scaled too; the largest batch, boundary chip\n" +
         table.text();
}

/// Lowest and highest over the chips, where there are several.
std::string range_over_chips(std::vector<Estimate> const& estimates) {
  if (estimates.size() < 2) return "";
  double fast = 1e300, slow = 0, cheap = 1e300, dear = 0;
  for (auto const& each : estimates) {
    auto const& system = each.batches.front().boundaries.back();
    fast = std::min(fast, system.latency.low.value);
    slow = std::max(slow, system.latency.high.value);
    cheap = std::min(cheap, system.joules_per_sample().low.value);
    dear = std::max(dear, system.joules_per_sample().high.value);
  }
  return fmt::format(
      "\nRange over the {} lines above at their first batch, system: {} to {}, {} to "
      "{} a sample\n",
      estimates.size(), core::si(fast, "s"), core::si(slow, "s"), core::si(cheap, "J"),
      core::si(dear, "J"));
}

std::string rate_table(std::vector<Estimate> const& estimates) {
  core::Table table({"chip", "mode", "rate", "copies", "tiles", "chips", "interval",
                     "latency, system", "of its budget", "power, device", "chip", "system"});
  for (auto const& each : estimates) {
    if (!each.at_rate) continue;
    auto const& rate = *each.at_rate;
    std::vector<std::string> row = {each.chip,
                                    each.mode,
                                    core::si(rate.rate_hz, "Hz"),
                                    fmt::format("{}", rate.replicas),
                                    fmt::format("{}", rate.tiles),
                                    fmt::format("{}", rate.chips),
                                    core::si(1 / rate.rate_hz, "s"),
                                    with_interval(rate.boundaries.back().latency),
                                    budget_text(each)};
    for (auto const& line : rate.boundaries)
      row.push_back(partial(rate.power(line.boundary), line.missing));
    table.row(row);
  }
  return table.rows() == 0 ? ""
                           : "\nAt a fixed rate, every copy powered all the time\n" + table.text();
}

std::string remarks(std::vector<Estimate> const& estimates) {
  std::set<std::string> lines;
  for (auto const& each : estimates) {
    auto const& system = each.batches.front().boundaries.back();
    if (!system.missing.empty())
      lines.insert(fmt::format("+ partial, terms without a value (give them in [assumed]): {}",
                               system.missing));
    if (!system.assumed.empty()) lines.insert(fmt::format("assumed terms: {}", system.assumed));
    if (each.standing == aimc::Standing::peak)
      lines.insert(fmt::format("{} {}: {}", each.chip, each.mode, each.note));
  }
  std::string text = "\n";
  for (auto const& line : lines) text += line + "\n";
  return text +
         "device: arrays with DAC and ADC. chip: + digital units, links, static power. system: + "
         "host.\n";
}

}  // namespace

double analog_share(models::Cost const& cost) {
  return 2.0 * static_cast<double>(cost.forward.product_macs) /
         static_cast<double>(cost.forward.flops());
}

double amdahl_limit(models::Cost const& cost) { return 1 / (1 - analog_share(cost)); }

bool within_budget(Estimate const& each) {
  return !(each.latency_budget > 0) ||
         each.at_rate->boundaries.back().latency.value.value <= each.latency_budget;
}

std::string estimate_text(core::NetworkIdentity const& network, models::Cost const& cost,
                          std::vector<Estimate> const& estimates) {
  auto text = fmt::format(
      "ESTIMATE: EVERY FIGURE BELOW IS MODELLED FROM PUBLISHED CHIP FIGURES, NONE IS MEASURED\n"
      "network {} ({}), {} MACs, {} weights of products\n"
      "{} ops, of which {} are products: the digital rest limits any speed-up to {:.4g} (Amdahl); "
      "{} "
      "B on links and {} B to and from the host per sample\n\n",
      network.name, network.digest, network.macs, cost.stationary_weights, cost.forward.flops(),
      percent(analog_share(cost)), amdahl_limit(cost), estimates.front().work.link_bytes,
      estimates.front().work.host_bytes);
  text += map_table(estimates);
  for (auto const& each : estimates) text += packing_text(each) + overflow_text(each);
  text += fmt::format("\nLayers on {}\n", estimates.front().chip) + layer_table(estimates.front());
  text += "stays digital: " + digital_operations(estimates.front());
  text += "\nLatency and programming\n" + path_table(estimates);
  text += "\nBatches one after another on one copy\n" + energy_table(estimates);
  text += parts_table(estimates) + merits_table(estimates) + iso_table(estimates);
  return text + rate_table(estimates) + range_over_chips(estimates) + remarks(estimates);
}

}  // namespace crossjoule::drivers
