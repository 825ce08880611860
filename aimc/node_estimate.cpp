// SPDX-License-Identifier: BSD-3-Clause
// A sample's joules by node of the graph: every part is divided among the nodes in proportion to
// what causes it, so that the nodes add up to the part.
#include "aimc/node_estimate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace crossjoule::aimc {
namespace {

constexpr double absent = std::numeric_limits<double>::quiet_NaN();

constexpr std::size_t index(Part part) { return static_cast<std::size_t>(part); }

/// What a node has of the causes.
struct Causes {
  double products = 0, outputs = 0, flops = 0, link_bytes = 0, host_bytes = 0, tiles = 0,
         weights = 0;

  Causes& operator+=(Causes const& other) {
    products += other.products;
    outputs += other.outputs;
    flops += other.flops;
    link_bytes += other.link_bytes;
    host_bytes += other.host_bytes;
    tiles += other.tiles;
    weights += other.weights;
    return *this;
  }
};

Causes causes_of(Case const& at, models::NodeId id) {
  auto const& work = at.work().nodes[static_cast<std::size_t>(id)];
  Causes causes;
  causes.products = static_cast<double>(work.tile_products);
  causes.outputs = static_cast<double>(work.outputs);
  causes.flops = static_cast<double>(work.flops);
  causes.link_bytes = static_cast<double>(work.link_bytes);
  causes.host_bytes = static_cast<double>(work.host_bytes);
  if (auto const* layer = at.tiles().layer_of(id)) {
    causes.tiles = static_cast<double>(layer->tiles.size()) * static_cast<double>(layer->replicas);
    causes.weights = static_cast<double>(layer->weights()) * static_cast<double>(layer->replicas);
  }
  return causes;
}

double share(double of, double total) { return total > 0 ? of / total : 0; }

std::array<double, part_count> parts_of(Case const& at, std::array<double, part_count> const& whole,
                                        Causes const& node, Causes const& all) {
  auto const products = share(node.products, all.products);
  std::array<double, part_count> parts;
  parts.fill(absent);
  for (auto part : {Part::mvm, Part::array, Part::dac, Part::adc})
    parts[index(part)] = whole[index(part)] * products;
  auto const& per_flop = at.terms()[Term::digital_joules_per_flop];
  auto const heavy = all.flops > 0 && per_flop.present() ? per_flop.value : 0.0;
  auto const columns =
      covers(at.mode(), Component::digital) ? products : share(node.outputs, all.outputs);
  parts[index(Part::digital)] =
      (whole[index(Part::digital)] - all.flops * heavy) * columns + node.flops * heavy;
  parts[index(Part::links)] =
      whole[index(Part::links)] *
      (covers(at.mode(), Component::links) ? products : share(node.link_bytes, all.link_bytes));
  for (auto part : {Part::static_power, Part::calibration})
    parts[index(part)] = whole[index(part)] * share(node.tiles, all.tiles);
  parts[index(Part::programming)] =
      whole[index(Part::programming)] * share(node.weights, all.weights);
  parts[index(Part::host_link)] =
      whole[index(Part::host_link)] * share(node.host_bytes, all.host_bytes);
  return parts;
}

/// What a stage's busiest resource does for a sample (for all that take a turn together).
double busy_seconds(Stage const& stage) {
  auto const vectors = static_cast<double>(stage.vectors);
  auto const turns = std::ceil(vectors / static_cast<double>(stage.servers));
  return std::max({turns * stage.tile_seconds, turns * stage.held_seconds,
                   turns * stage.column_seconds, turns * stage.link_seconds, stage.shared_seconds});
}

}  // namespace

std::vector<NodeEstimate> node_estimates(Case const& at, std::vector<Pipeline> const& pipelines,
                                         Outcome const& outcome) {
  auto const& whole = outcome.batches.front()[static_cast<std::size_t>(core::Boundary::system)];
  Causes all;
  for (std::size_t id = 0; id < at.graph().nodes.size(); ++id)
    all += causes_of(at, static_cast<models::NodeId>(id));
  std::vector<NodeEstimate> nodes;
  for (auto const& pipeline : pipelines) {
    auto const waiting = buffer_bytes(pipeline);
    for (std::size_t s = 0; s < pipeline.stages.size(); ++s) {
      auto const& stage = pipeline.stages[s];
      auto const causes = causes_of(at, stage.node);
      NodeEstimate node;
      node.name = stage.name;
      node.handling = stage.handling;
      node.tiles = static_cast<std::int64_t>(causes.tiles);
      node.vectors = stage.vectors;
      node.link_bytes = at.work().nodes[static_cast<std::size_t>(stage.node)].link_bytes;
      node.buffer_bytes = waiting[s];
      node.seconds = busy_seconds(stage) / static_cast<double>(at.tiles().samples_per_product);
      node.parts = parts_of(at, whole.parts, causes, all);
      nodes.push_back(std::move(node));
    }
  }
  return nodes;
}

double NodeEstimate::device_joules() const {
  double total = 0;
  for (auto part : {Part::mvm, Part::array, Part::dac, Part::adc})
    if (!std::isnan(parts[index(part)])) total += parts[index(part)];
  return total;
}

}  // namespace crossjoule::aimc
