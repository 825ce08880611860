// SPDX-License-Identifier: BSD-3-Clause
// A network and its tile map as stages.
#include "aimc/pipeline.hpp"
#include "models/cost.hpp"

#include <algorithm>
#include <map>

namespace crossjoule::aimc {
namespace {

/// Vectors along the last axis of a node's output; transforms and images too are handed on so.
std::int64_t vectors_of(models::Shape const& shape) {
  return std::max<std::int64_t>(1, shape.size() / shape.last());
}

/// What one product moves through the port of its busiest tile.
std::int64_t port_bytes(LayerMap const& layer, WordBytes words) {
  std::int64_t most = 0;
  for (auto const& tile : layer.tiles)
    most = std::max(
        most, tile.blocks * (tile.rows.count() * words.in + tile.columns.count() * words.out));
  return most;
}

struct Builder {
  models::Graph const& graph;
  TileMap const& tiles;
  StageTimes const& times;
  WordBytes words;
  std::vector<models::Shape> shapes = models::shapes(graph);
  std::vector<models::NodeId> owners = models::parameter_owners(graph, shapes);
  std::vector<Product> all_products = products(graph, shapes);
  std::vector<models::Cost> costs = models::costs(graph, shapes);
  /// Packed samples share a product; what is moved or done for each of them adds up.
  std::int64_t together = tiles.samples_per_product;

  Stage stage_of(models::NodeId id) const {
    auto const& node = graph.nodes[static_cast<std::size_t>(id)];
    Stage stage;
    stage.node = id;
    stage.name = node.name;
    stage.handling = handling(node.op);
    auto const& shape = shapes[static_cast<std::size_t>(id)];
    stage.vectors = vectors_of(shape);
    bool const is_source = stage.handling == Handling::source;
    auto const bytes = together * shape.size() * (is_source ? words.in : words.out);
    if (stage.handling == Handling::array) set_products(stage);
    stage.vector_bytes = bytes / stage.vectors;
    auto const per_vector = [&](std::int64_t moved, double seconds_per_byte) {
      return static_cast<double>(moved) * seconds_per_byte / static_cast<double>(stage.vectors);
    };
    if (is_source || id == models::output_node(graph))
      stage.host_seconds = per_vector(bytes, times.host_link_seconds_per_byte);
    if (stage.handling != Handling::stream && stage.handling != Handling::barrier) return stage;
    auto const flops = together * costs[static_cast<std::size_t>(id)].forward.flops();
    stage.shared_seconds = times.seconds_per_flop * static_cast<double>(flops);
    auto moved = bytes;
    for (auto input : node.inputs)
      moved += together * shapes[static_cast<std::size_t>(input)].size() * words.in;
    stage.link_seconds = per_vector(moved, times.link_seconds_per_byte);
    return stage;
  }

  void set_products(Stage& stage) const {
    auto const id = stage.node;
    auto const& layer = *tiles.layer_of(owners[static_cast<std::size_t>(id)]);
    auto const product = std::find_if(all_products.begin(), all_products.end(),
                                      [&](Product const& each) { return each.node == id; });
    auto const reads = layer.passes * layer.rounds;
    stage.vectors = product->vectors;
    stage.servers = layer.replicas;
    stage.tile_seconds = static_cast<double>(reads) * times.product;
    stage.dac_seconds = static_cast<double>(reads) * times.dac;
    auto const at_once = (static_cast<std::int64_t>(layer.tiles.size()) - 1) / layer.rounds + 1;
    if (tiles.tiles_per_adc == 0)
      stage.adc_seconds = static_cast<double>(reads) * times.adc;
    else
      stage.held_seconds =
          static_cast<double>(reads * std::min(tiles.tiles_per_adc, at_once)) * times.adc;
    stage.column_seconds = times.columns;
    stage.link_seconds = static_cast<double>(reads * together * port_bytes(layer, words)) *
                         times.link_seconds_per_byte;
  }

  /// What a column's unit does is done as the vectors pass: in the numbers of vectors they come in,
  /// where it neither gathers nor scatters.
  void follow_inputs(Stage& stage, std::vector<std::int64_t> const& vectors) const {
    auto const& node = graph.nodes[static_cast<std::size_t>(stage.node)];
    auto const size = shapes[static_cast<std::size_t>(stage.node)].size();
    if (stage.handling != Handling::column || node.inputs.empty()) return;
    auto const first = vectors[static_cast<std::size_t>(node.inputs.front())];
    for (auto input : node.inputs)
      if (vectors[static_cast<std::size_t>(input)] != first ||
          shapes[static_cast<std::size_t>(input)].size() != size)
        return;
    auto const bytes = stage.vectors * stage.vector_bytes;
    auto const host = static_cast<double>(stage.vectors) * stage.host_seconds;
    stage.vectors = first;
    stage.vector_bytes = bytes / first;
    stage.host_seconds = host / static_cast<double>(first);
  }

  std::int64_t round_of(models::NodeId id, std::vector<std::int64_t> const& rounds) const {
    auto const& node = graph.nodes[static_cast<std::size_t>(id)];
    if (handling(node.op) == Handling::array)
      return tiles.layer_of(owners[static_cast<std::size_t>(id)])->round;
    std::int64_t round = 0;
    for (auto input : node.inputs) round = std::max(round, rounds[static_cast<std::size_t>(input)]);
    return round;
  }
};

}  // namespace

WordBytes word_bytes(Chip const& chip) {
  auto bytes = [](std::int64_t bits) { return (bits + 7) / 8; };
  return {bytes(chip.input_bits), bytes(chip.output_bits)};
}

std::vector<Pipeline> pipelines(models::Graph const& graph, TileMap const& tiles,
                                StageTimes const& times, WordBytes words) {
  Builder const build{graph, tiles, times, words};
  std::vector<std::int64_t> rounds(graph.nodes.size(), 0);
  std::map<std::int64_t, Pipeline> by_round;
  std::vector<std::size_t> place(graph.nodes.size(), 0);
  std::vector<std::int64_t> vectors(graph.nodes.size(), 1);
  for (std::size_t id = 0; id < graph.nodes.size(); ++id) {
    auto const node = static_cast<models::NodeId>(id);
    rounds[id] = tiles.rounds == 1 ? 0 : build.round_of(node, rounds);
    auto& pipeline = by_round[rounds[id]];
    auto stage = build.stage_of(node);
    build.follow_inputs(stage, vectors);
    vectors[id] = stage.vectors;
    // what an earlier round left in the buffers is there from the start
    for (auto input : graph.nodes[id].inputs)
      if (rounds[static_cast<std::size_t>(input)] == rounds[id])
        stage.inputs.push_back(place[static_cast<std::size_t>(input)]);
    if (auto const owner = static_cast<std::size_t>(build.owners[id]);
        stage.handling == Handling::array && owner != id && rounds[owner] == rounds[id])
      stage.tiles_of = place[owner];
    place[id] = pipeline.stages.size();
    pipeline.stages.push_back(std::move(stage));
  }
  std::vector<Pipeline> all;
  for (auto& [round, pipeline] : by_round) {
    if (tiles.rounds > 1) {
      std::int64_t writings = 1;
      for (auto const& layer : tiles.layers)
        if (layer.round == round) writings = std::max(writings, layer.rounds);
      pipeline.program_seconds =
          static_cast<double>(writings * tiles.tile_rows) * times.write_seconds_per_row;
    }
    all.push_back(std::move(pipeline));
  }
  return all;
}

}  // namespace crossjoule::aimc
