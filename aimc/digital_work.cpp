// SPDX-License-Identifier: BSD-3-Clause
// What a network asks of links, columns, the digital unit and the host, node by node.
#include "aimc/estimate.hpp"
#include "models/cost.hpp"

namespace crossjoule::aimc {
namespace {

void add_products(NodeWork& work, Product const& product, LayerMap const& layer, WordBytes words) {
  auto const products = product.vectors * layer.passes;
  for (auto const& tile : layer.tiles) {
    auto const columns = tile.blocks * tile.columns.count();
    work.outputs += columns * products;
    work.link_bytes +=
        products * (tile.blocks * tile.rows.count() * words.in + columns * words.out);
  }
  work.tile_products = products * static_cast<std::int64_t>(layer.tiles.size());
}

}  // namespace

DigitalWork digital_work(models::Graph const& graph, TileMap const& tiles, Chip const& chip) {
  auto const words = word_bytes(chip);
  auto const shapes = models::shapes(graph);
  auto const costs = models::costs(graph, shapes);
  DigitalWork work;
  work.nodes.resize(graph.nodes.size());
  for (auto const& product : products(graph, shapes))
    add_products(work.nodes[static_cast<std::size_t>(product.node)], product,
                 *tiles.layer_of(product.owner), words);
  for (std::size_t id = 0; id < graph.nodes.size(); ++id) {
    auto const& node = graph.nodes[id];
    auto& own = work.nodes[id];
    auto input_size = [&] {
      std::int64_t total = 0;
      for (auto input : node.inputs) total += shapes[static_cast<std::size_t>(input)].size();
      return total;
    };
    auto const handled = handling(node.op);
    if (handled == Handling::source) own.host_bytes = shapes[id].size() * words.in;
    if (handled == Handling::stream || handled == Handling::barrier) {
      work.operations.push_back(node.name);
      own.flops = costs[id].forward.flops();
      own.link_bytes = shapes[id].size() * words.out + input_size() * words.in;
    }
    bool const passes_by = std::holds_alternative<models::Activation>(node.op) ||
                           std::holds_alternative<models::BatchNorm>(node.op) ||
                           std::holds_alternative<models::Flatten>(node.op) ||
                           std::holds_alternative<models::JoinChannels>(node.op) ||
                           std::holds_alternative<models::TakeChannels>(node.op) ||
                           std::holds_alternative<models::PatchRestore>(node.op);
    if (handled == Handling::column && !passes_by) own.outputs = input_size();
  }
  auto const last = static_cast<std::size_t>(models::output_node(graph));
  work.nodes[last].host_bytes += shapes[last].size() * words.out;
  for (auto const& node : work.nodes) {
    work.outputs += node.outputs;
    work.link_bytes += node.link_bytes;
    work.host_bytes += node.host_bytes;
    work.flops += node.flops;
  }
  return work;
}

}  // namespace crossjoule::aimc
