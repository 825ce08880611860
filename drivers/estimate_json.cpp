// SPDX-License-Identifier: BSD-3-Clause
// The keys of `crossjoule estimate --json`.
#include "drivers/estimate_print.hpp"

namespace crossjoule::drivers {
namespace {

using aimc::Estimate;

Json merits_json(aimc::Merits const& merits) {
  return Json::object()
      .set("power", to_json(merits.power))
      .set("throughput", to_json(merits.throughput))
      .set("efficiency", to_json(merits.efficiency))
      .set("density", to_json(merits.density))
      .set("energy_per_mac", to_json(merits.energy_per_mac))
      .set("energy_delay", to_json(merits.energy_delay));
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

Json batch_json(Estimate const& each, std::size_t k) {
  auto lines = Json::array();
  for (auto const& line : each.batches[k].boundaries)
    lines.push(boundary_json(line).set("merits", merits_json(each.merits(k, line.boundary))));
  return Json::object().set("batch", each.batches[k].batch).set("boundaries", lines);
}

Json iso_json(Estimate const& each) {
  auto const& iso = *each.iso_node;
  auto batches = Json::array();
  for (std::size_t k = 0; k < iso.batches.size(); ++k) {
    auto lines = Json::array();
    for (std::size_t b = 0; b < iso.batches[k].size(); ++b) {
      auto const& line = iso.batches[k][b];
      lines.push(Json::object()
                     .set("boundary", core::to_string(static_cast<core::Boundary>(b)))
                     .set("joules_arrays_unscaled", to_json(line.unscaled))
                     .set("joules_arrays_scaled", to_json(line.scaled))
                     .set("merits", merits_json(line.merits)));
    }
    batches.push(Json::object().set("batch", each.batches[k].batch).set("boundaries", lines));
  }
  return Json::object()
      .set("node_nm", iso.node_nm)
      .set("from_node_nm", each.node_nm)
      .set("digital_energy_ratio", iso.energy_ratio)
      .set("digital_area_ratio", iso.area_ratio)
      .set("area_arrays_unscaled", to_json(iso.area_unscaled))
      .set("area_arrays_scaled", to_json(iso.area_scaled))
      .set("batches", batches);
}

Json peak_json(aimc::Peak const& peak) {
  return Json::object()
      .set("throughput", to_json(peak.throughput))
      .set("efficiency", to_json(peak.efficiency))
      .set("density", to_json(peak.density));
}

Json rate_json(Estimate const& each) {
  auto const& rate = *each.at_rate;
  auto power = Json::object();
  for (auto const& line : rate.boundaries)
    power.set(core::to_string(line.boundary), to_json(rate.power(line.boundary)));
  return Json::object()
      .set("rate_hz", rate.rate_hz)
      .set("replicas", rate.replicas)
      .set("tiles", rate.tiles)
      .set("chips", rate.chips)
      .set("latency_budget_s", each.latency_budget)
      .set("within_budget", within_budget(each))
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

Json node_parts_json(aimc::NodeEstimate const& node) {
  auto parts = Json::object();
  for (std::size_t k = 0; k < aimc::part_count; ++k)
    parts.set(aimc::to_string(static_cast<aimc::Part>(k)), node.parts[k]);
  return parts;
}

Json nodes_json(Estimate const& each) {
  auto nodes = Json::array();
  for (auto const& node : each.nodes)
    nodes.push(Json::object()
                   .set("name", node.name)
                   .set("handling", aimc::to_string(node.handling))
                   .set("tiles", node.tiles)
                   .set("vectors", node.vectors)
                   .set("seconds", node.seconds)
                   .set("link_bytes", node.link_bytes)
                   .set("buffer_bytes", node.buffer_bytes)
                   .set("device_joules", node.device_joules())
                   .set("parts", node_parts_json(node)));
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
  for (std::size_t k = 0; k < each.batches.size(); ++k) batches.push(batch_json(each, k));
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
                  .set("calibrated_on", each.calibrated_on)
                  .set("predicts_blind", each.predicts_blind)
                  .set("tiles", each.tiles.tiles())
                  .set("chips", each.tiles.chips(1))
                  .set("weights", each.tiles.weights())
                  .set("utilisation", each.tiles.utilisation())
                  .set("distinct_weights", each.tiles.distinct_weights())
                  .set("samples_per_product", each.tiles.samples_per_product)
                  .set("samples_that_fit", each.tiles.samples_that_fit)
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
                  .set("area", to_json(each.area()))
                  .set("peak", peak_json(each.peak))
                  .set("samples_held", each.samples_held)
                  .set("link_bytes", each.work.link_bytes)
                  .set("host_bytes", each.work.host_bytes)
                  .set("digital_flops", each.work.flops)
                  .set("batches", batches);
  if (each.at_rate) json.set("at_rate", rate_json(each));
  if (each.iso_node) json.set("iso_node", iso_json(each));
  return json;
}

}  // namespace

Json estimate_json(core::NetworkIdentity const& network, models::Cost const& cost,
                   std::vector<Estimate> const& estimates) {
  auto list = Json::array();
  for (auto const& each : estimates) list.push(one_json(each));
  return Json::object()
      .set("verb", "estimate")
      .set("network", to_json(network))
      .set("kind", "modelled")
      .set("stationary_weights", cost.stationary_weights)
      .set("ops", static_cast<std::int64_t>(cost.forward.flops()))
      .set("analog_share_of_ops", analog_share(cost))
      .set("amdahl_limit", amdahl_limit(cost))
      .set("estimates", list);
}

}  // namespace crossjoule::drivers
