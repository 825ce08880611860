// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/estimate_print.hpp"

#include "core/table.hpp"

#include <fmt/format.h>
#include <set>

namespace crossjoule::drivers {
namespace {

using aimc::Estimate;
using core::with_interval;

std::string percent(double share) { return fmt::format("{:.2f} %", 100 * share); }

/// Ops that arrays can take, of all ops: the rest bounds what any analog speed-up can bring.
double analog_share(models::Cost const& cost) {
  return 2.0 * static_cast<double>(cost.forward.product_macs) /
         static_cast<double>(cost.forward.flops());
}

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

std::string layer_table(Estimate const& first) {
  core::Table table({"layer", "weights", "tiles (rows x columns)", "products/sample"});
  for (auto const& layer : first.tiles.layers)
    table.row({layer.name, fmt::format("{} x {}", layer.inputs, layer.outputs),
               fmt::format("{} x {}", layer.row_tiles, layer.column_tiles),
               fmt::format("{}", layer.vectors)});
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
                                  partial(lines[2].latency, lines[2].missing)};
  for (auto const& line : lines) row.push_back(partial(line.joules_per_sample(), line.missing));
  table.row(row);
}

std::string energy_table(std::vector<Estimate> const& estimates) {
  core::Table table(
      {"chip", "mode", "batch", "latency, system", "energy/sample, device", "chip", "system"});
  for (auto const& each : estimates)
    for (auto const& batch : each.batches)
      energy_row(table, each, fmt::format("{}", batch.batch), batch.boundaries);
  return table.text();
}

std::string rate_table(std::vector<Estimate> const& estimates) {
  core::Table table(
      {"chip", "mode", "rate", "copies", "tiles", "chips", "power, device", "chip", "system"});
  for (auto const& each : estimates) {
    if (!each.at_rate) continue;
    auto const& rate = *each.at_rate;
    std::vector<std::string> row = {each.chip,
                                    each.mode,
                                    core::si(rate.rate_hz, "Hz"),
                                    fmt::format("{}", rate.replicas),
                                    fmt::format("{}", rate.tiles),
                                    fmt::format("{}", rate.chips)};
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

Json boundary_json(aimc::BoundaryEstimate const& line) {
  auto parts = Json::object();
  for (std::size_t k = 0; k < aimc::part_count; ++k)
    parts.set(aimc::to_string(static_cast<aimc::Part>(k)), to_json(line.parts[k]));
  return Json::object()
      .set("boundary", core::to_string(line.boundary))
      .set("latency", to_json(line.latency))
      .set("seconds_per_sample", to_json(line.seconds_per_sample))
      .set("joules_per_sample", to_json(line.joules_per_sample()))
      .set("idle_joules_per_sample", to_json(line.idle_joules_per_sample()))
      .set("parts", parts)
      .set("missing_terms", line.missing)
      .set("assumed_terms", line.assumed);
}

Json boundaries_json(aimc::Boundaries const& lines) {
  auto all = Json::array();
  for (auto const& line : lines) all.push(boundary_json(line));
  return all;
}

Json rate_json(aimc::RateEstimate const& rate) {
  auto power = Json::object();
  for (auto const& line : rate.boundaries)
    power.set(core::to_string(line.boundary), to_json(rate.power(line.boundary)));
  return Json::object()
      .set("rate_hz", rate.rate_hz)
      .set("replicas", rate.replicas)
      .set("tiles", rate.tiles)
      .set("chips", rate.chips)
      .set("power", power)
      .set("boundaries", boundaries_json(rate.boundaries));
}

Json path_json(Estimate const& each) {
  auto path = Json::array();
  for (auto const& step : each.critical_path)
    path.push(Json::object()
                  .set("name", step.name)
                  .set("resource", aimc::to_string(step.resource))
                  .set("seconds", step.seconds));
  return path;
}

Json nodes_json(Estimate const& each) {
  auto nodes = Json::array();
  for (auto const& node : each.nodes)
    nodes.push(Json::object()
                   .set("name", node.name)
                   .set("tiles", node.tiles)
                   .set("vectors", node.vectors)
                   .set("seconds", node.seconds)
                   .set("device_joules", node.device_joules)
                   .set("digital_joules", node.digital_joules));
  return nodes;
}

Json amortisation_json(aimc::Amortisation const& paid) {
  return Json::object()
      .set("inferences", paid.inferences)
      .set("programming", to_json(paid.programming))
      .set("writing", to_json(paid.writing))
      .set("break_even_inferences", paid.break_even)
      .set("endurance_writes", paid.endurance);
}

Json one_json(Estimate const& each) {
  auto batches = Json::array();
  for (auto const& batch : each.batches)
    batches.push(Json::object()
                     .set("batch", batch.batch)
                     .set("boundaries", boundaries_json(batch.boundaries)));
  auto layers = Json::array();
  for (auto const& layer : each.tiles.layers)
    layers.push(Json::object()
                    .set("name", layer.name)
                    .set("inputs", layer.inputs)
                    .set("outputs", layer.outputs)
                    .set("row_tiles", layer.row_tiles)
                    .set("column_tiles", layer.column_tiles)
                    .set("vectors", layer.vectors)
                    .set("blocks", layer.blocks)
                    .set("blocks_per_tile", layer.blocks_per_tile)
                    .set("replicas", layer.replicas)
                    .set("round", layer.round));
  auto json = Json::object()
                  .set("chip", each.chip)
                  .set("mode", each.mode)
                  .set("standing", aimc::to_string(each.standing))
                  .set("precision", each.precision)
                  .set("note", each.note)
                  .set("tiles", each.tiles.tiles())
                  .set("chips", each.tiles.chips(1))
                  .set("weights", each.tiles.weights())
                  .set("utilisation", each.tiles.utilisation())
                  .set("distinct_weights", each.tiles.distinct_weights())
                  .set("samples_per_product", each.tiles.samples_per_product)
                  .set("rounds", each.tiles.rounds)
                  .set("design", each.design)
                  .set("depth", each.tiles.depth)
                  .set("bottleneck", each.bottleneck)
                  .set("critical_path", path_json(each))
                  .set("nodes", nodes_json(each))
                  .set("amortisation", amortisation_json(each.amortisation))
                  .set("fill", to_json(each.fill))
                  .set("layers", layers)
                  .set("product", to_json(each.product))
                  .set("product_energy", to_json(each.mvm_joules))
                  .set("interval", to_json(each.interval))
                  .set("rate_hz", each.rate_hz())
                  .set("chip_area", to_json(each.chip_area))
                  .set("batches", batches);
  if (each.at_rate) json.set("at_rate", rate_json(*each.at_rate));
  return json;
}

}  // namespace

std::string estimate_text(core::NetworkIdentity const& network, models::Cost const& cost,
                          std::vector<Estimate> const& estimates) {
  auto text = fmt::format(
      "ESTIMATE: EVERY FIGURE BELOW IS MODELLED FROM PUBLISHED CHIP FIGURES, NONE IS MEASURED\n"
      "network {} ({}), {} MACs, {} weights of products, {} of all ops are products\n\n",
      network.name, network.digest, network.macs, cost.stationary_weights,
      percent(analog_share(cost)));
  text += map_table(estimates);
  text += fmt::format("\nLayers on {}\n", estimates.front().chip) + layer_table(estimates.front());
  text += "\nLatency and programming\n" + path_table(estimates);
  text += "\nBatches one after another on one copy\n" + energy_table(estimates);
  return text + rate_table(estimates) + remarks(estimates);
}

Json estimate_json(core::NetworkIdentity const& network, models::Cost const& cost,
                   std::vector<Estimate> const& estimates) {
  auto list = Json::array();
  for (auto const& each : estimates) list.push(one_json(each));
  return Json::object()
      .set("verb", "estimate")
      .set("network", to_json(network))
      .set("kind", "modelled")
      .set("stationary_weights", cost.stationary_weights)
      .set("analog_share_of_ops", analog_share(cost))
      .set("estimates", list);
}

}  // namespace crossjoule::drivers
