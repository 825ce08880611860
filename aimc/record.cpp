// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/record.hpp"

#include "aimc/record_merits.hpp"
#include "core/points.hpp"

#include <limits>
#include <map>
#include <string>
#include <tuple>

namespace crossjoule::aimc {
namespace {

/// "one-phase (peak)" -> "one-phase": a group's name has no blanks.
std::string group_of(Estimate const& estimate) {
  return "/result/estimate/" + estimate.chip + "/" +
         estimate.mode.substr(0, estimate.mode.find(' '));
}

void write_map(core::Record& record, std::string const& group, Estimate const& estimate) {
  auto& file = record.file();
  record.quantity(group + "/product", estimate.product, "one product of one array");
  record.quantity(group + "/interval", estimate.interval,
                  "between samples, pipeline full, one copy");
  record.quantity(group + "/fill", estimate.fill,
                  "first output of the first sample, less an interval");
  record.quantity(group + "/product_energy", estimate.mvm_joules,
                  "one product of one whole array with its converters, unused cells included");
  if (estimate.chip_area.present())
    record.quantity(group + "/chip_area", estimate.chip_area, "one chip");
  file.attribute(group, "chip", estimate.chip);
  file.attribute(group, "mode", estimate.mode);
  file.attribute(group, "standing", to_string(estimate.standing));
  file.attribute(group, "precision", estimate.precision);
  file.attribute(group, "note", estimate.note);
  file.attribute(group, "calibrated_on", estimate.calibrated_on);
  file.attribute(group, "predicts_blind", estimate.predicts_blind);
  file.attribute(group, "tiles", estimate.tiles.tiles());
  file.attribute(group, "chips", estimate.tiles.chips(1));
  file.attribute(group, "weights", estimate.tiles.weights());
  file.attribute(group, "utilisation", estimate.tiles.utilisation());
  file.attribute(group, "distinct_weights", estimate.tiles.distinct_weights());
  file.attribute(group, "samples_per_product", estimate.tiles.samples_per_product);
  file.attribute(group, "samples_that_fit", estimate.tiles.samples_that_fit);
  file.attribute(group, "rounds", estimate.tiles.rounds);
  file.attribute(group, "design", estimate.design);
  file.attribute(group, "node_nm", estimate.node_nm);
  file.attribute(group, "bottleneck", estimate.bottleneck);
  file.attribute(group, "depth", estimate.tiles.depth);
  file.attribute(group, "rate_hz", estimate.rate_hz());
  file.attribute(group, "digital_outputs_per_sample", estimate.work.outputs);
  file.attribute(group, "link_bytes_per_sample", estimate.work.link_bytes);
  file.attribute(group, "host_bytes_per_sample", estimate.work.host_bytes);
  file.attribute(group, "macs_per_sample", estimate.macs);
  file.attribute(group, "samples_held", estimate.samples_held);
  file.attribute(group, "tiles_per_chip", estimate.tiles.tiles_per_chip);
  if (!estimate.at_rate) return;
  file.attribute(group, "latency_budget_s", estimate.latency_budget);
  file.attribute(group, "fixed_rate_hz", estimate.at_rate->rate_hz);
  file.attribute(group, "fixed_rate_replicas", estimate.at_rate->replicas);
  file.attribute(group, "fixed_rate_chips", estimate.at_rate->chips);
}

void write_layers(core::H5File& file, std::string const& group,
                  std::vector<LayerMap> const& layers) {
  std::vector<std::string> names;
  for (auto const& layer : layers) names.push_back(layer.name);
  file.write_strings(group + "/layers/name", names, "node of the product");
  auto column = [&](char const* name, char const* description, auto&& value) {
    std::vector<std::int64_t> values;
    for (auto const& layer : layers) values.push_back(value(layer));
    file.write(group + "/layers/" + name, values, {"1", description});
  };
  column("inputs", "rows of the whole product", [](LayerMap const& l) { return l.inputs; });
  column("outputs", "columns of the whole product", [](LayerMap const& l) { return l.outputs; });
  column("row_tiles", "tiles along the inputs", [](LayerMap const& l) { return l.row_tiles; });
  column("column_tiles", "tiles along the outputs",
         [](LayerMap const& l) { return l.column_tiles; });
  column("vectors", "products per sample", [](LayerMap const& l) { return l.vectors; });
  column("blocks", "equal blocks on the diagonal", [](LayerMap const& l) { return l.blocks; });
  column("blocks_per_tile", "of them on one tile",
         [](LayerMap const& l) { return l.blocks_per_tile; });
  column("replicas", "copies that share the vectors", [](LayerMap const& l) { return l.replicas; });
  column("round", "programming that holds it", [](LayerMap const& l) { return l.round; });
}

/// What each node of the graph takes of a sample, and what keeps the last output waiting.
void write_nodes(core::H5File& file, std::string const& group, Estimate const& estimate) {
  std::vector<std::string> names, steps, handled;
  for (auto const& node : estimate.nodes) {
    names.push_back(node.name);
    handled.emplace_back(to_string(node.handling));
  }
  file.write_strings(group + "/nodes/handling", handled,
                     "array; column: by the digital unit of a tile's column; stream, barrier: by "
                     "the chip's digital unit; source");
  file.write_strings(group + "/nodes/name", names, "node of the graph");
  auto column = [&](char const* name, char const* unit, char const* what, auto&& value) {
    std::vector<double> values;
    for (auto const& node : estimate.nodes) values.push_back(value(node));
    file.write(group + "/nodes/" + name, values, {unit, what});
  };
  using Node = NodeEstimate;
  column("busy_seconds", "s", "work of its busiest resource per sample",
         [](Node const& n) { return n.seconds; });
  column("device_joules", "J", "arrays with DAC and ADC, per sample",
         [](Node const& n) { return n.device_joules(); });
  for (std::size_t k = 0; k < part_count; ++k) {
    auto const name = "joules/" + std::string(to_string(static_cast<Part>(k)));
    column(name.c_str(), "J", "its share of the part, first batch, boundary system; NaN: no value",
           [k](Node const& n) { return n.parts[k]; });
  }
  column("link_bytes", "B", "into and out of its tiles, or the digital unit, per sample",
         [](Node const& n) { return static_cast<double>(n.link_bytes); });
  column("buffer_bytes", "B", "most of its output that waits at one time, a sample alone",
         [](Node const& n) { return static_cast<double>(n.buffer_bytes); });
  column("tiles", "1", "tiles it takes",
         [](Node const& n) { return static_cast<double>(n.tiles); });
  std::vector<double> seconds;
  for (auto const& step : estimate.critical_path) {
    steps.push_back(step.name + " (" + std::string(to_string(step.resource)) + ")");
    seconds.push_back(step.seconds);
  }
  file.write_strings(group + "/critical_path/name", steps,
                     "what the last output waits for, in order");
  file.write(group + "/critical_path/seconds", seconds, {"s", "time each step adds"});
}

/// When each resource works for one sample: lanes, and what happens on them. A schedule of more
/// events than a plot can show is cut at its end, which the attribute `events` tells.
void write_schedule(core::H5File& file, std::string const& group,
                    std::vector<Event> const& events) {
  constexpr std::size_t most = 20'000;
  auto const path = group + "/schedule";
  file.attribute(path, "events", static_cast<std::int64_t>(events.size()));
  std::map<std::tuple<std::size_t, Resource, std::int64_t>, std::int64_t> lanes;
  for (auto const& event : events) lanes.insert({{event.stage, event.resource, event.server}, 0});
  std::int64_t next = 0;
  for (auto& [key, lane] : lanes) lane = next++;
  std::vector<std::string> names(lanes.size()), resources(lanes.size());
  std::vector<std::int64_t> servers(lanes.size()), lane_of, vectors;
  std::vector<double> begins, ends;
  for (auto const& event : events) {
    auto const lane = lanes.at({event.stage, event.resource, event.server});
    auto const place = static_cast<std::size_t>(lane);
    if (names[place].empty()) names[place] = event.name;
    resources[place] = to_string(event.resource);
    servers[place] = event.server;
    if (lane_of.size() == most) continue;
    lane_of.push_back(lane);
    vectors.push_back(event.vectors);
    begins.push_back(event.begin);
    ends.push_back(event.end);
  }
  if (events.empty()) return;
  file.write_strings(path + "/lane_name", names, "node whose resource it is");
  file.write_strings(path + "/lane_resource", resources, "what works there");
  file.write(path + "/lane_copy", servers, {"1", "replica of the layer"});
  file.write(path + "/lane", lane_of, {"1", "lane of each event"});
  file.write(path + "/vectors", vectors, {"1", "vectors an event stands for"});
  file.write(path + "/begin", begins, {"s", "after the first input, one sample alone"});
  file.write(path + "/end", ends, {"s", "after the first input, one sample alone"});
}

void write_amortisation(core::Record& record, std::string const& group,
                        Amortisation const& amortisation) {
  auto const path = group + "/amortisation";
  if (amortisation.programming.present())
    record.quantity(path + "/programming", amortisation.programming, "writing all weights once");
  if (amortisation.writing.present())
    record.quantity(path + "/writing", amortisation.writing, "time of that, tiles side by side");
  record.file().attribute(path, "inferences", amortisation.inferences);
  record.file().attribute(path, "break_even_inferences", amortisation.break_even);
  record.file().attribute(path, "endurance_writes", amortisation.endurance);
}

void write_terms(core::H5File& file, std::string const& group, Terms const& terms) {
  for (auto const& law : term_laws()) {
    auto const& figure = terms[law.term];
    auto const path = group + "/terms/" + std::string(law.name);
    file.attribute(path, "kind", core::to_string(figure.kind));
    file.attribute(path, "unit", law.unit);
    file.attribute(path, "description", law.meaning);
    file.attribute(path, "boundary", core::to_string(law.boundary));
    if (!figure.present()) continue;
    file.attribute(path, "low", figure.low);
    file.attribute(path, "value", figure.value);
    file.attribute(path, "high", figure.high);
    file.attribute(path, "citation", figure.citation);
  }
}

/// Joules per sample of each part over the batches, NaN where a part has no value.
void write_parts(core::H5File& file, std::string const& group, Estimate const& estimate,
                 core::Boundary boundary) {
  auto const path = group + "/parts/" + std::string(core::to_string(boundary)) + "/";
  for (std::size_t k = 0; k < part_count; ++k) {
    std::vector<double> low, value, high;
    for (auto const& batch : estimate.batches) {
      auto const& part = batch.boundaries[static_cast<std::size_t>(boundary)].parts[k];
      auto number = [&](core::Joules joules) {
        return part.present() ? joules.value : std::numeric_limits<double>::quiet_NaN();
      };
      low.push_back(number(part.low));
      value.push_back(number(part.value));
      high.push_back(number(part.high));
    }
    auto const name = path + std::string(to_string(static_cast<Part>(k)));
    file.write(name + "_low", low, {"J", "joules per sample, lower end; NaN: no value"});
    file.write(name + "_value", value, {"J", "joules per sample; NaN: no value"});
    file.write(name + "_high", high, {"J", "joules per sample, upper end; NaN: no value"});
  }
}

}  // namespace

void write(core::Record& record, std::vector<Estimate> const& estimates) {
  std::vector<core::Point> all;
  for (auto const& estimate : estimates) {
    auto const group = group_of(estimate);
    write_map(record, group, estimate);
    write_layers(record.file(), group, estimate.tiles.layers);
    write_nodes(record.file(), group, estimate);
    write_schedule(record.file(), group, estimate.schedule);
    write_terms(record.file(), group, estimate.terms);
    write_amortisation(record, group, estimate.amortisation);
    std::vector<std::int64_t> batches;
    for (auto const& batch : estimate.batches) batches.push_back(batch.batch);
    record.file().write(group + "/parts/batch", batches, {"1", "samples per batch"});
    for (auto boundary : {core::Boundary::device, core::Boundary::chip, core::Boundary::system}) {
      write_parts(record.file(), group, estimate, boundary);
      write_merits(record.file(), group, estimate, boundary);
    }
    write_peak(record, group, estimate.peak);
    write_iso_node(record, group, estimate);
    auto const lines = points(estimate);
    all.insert(all.end(), lines.begin(), lines.end());
  }
  core::write_points(record.file(), all);
}

}  // namespace crossjoule::aimc
