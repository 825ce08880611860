// SPDX-License-Identifier: BSD-3-Clause
#include "models/afno.hpp"

#include "core/error.hpp"
#include "models/unroll.hpp"

#include <algorithm>
#include <cmath>

namespace crossjoule::models {
namespace {

constexpr core::Range<std::int64_t> size_range{1, std::int64_t{1} << 24};

/// The spectral filter without its inner skip: norm -> modes -> two complex layers -> grid.
NodeId add_filter(Graph& graph, AfnoOptions const& options, std::string const& block, NodeId norm) {
  std::int64_t const rows = options.rows / options.patch, columns = options.columns / options.patch;
  std::int64_t const width = options.embed / options.blocks;
  KeptModes const kept =
      kept_modes(rows, columns, options.hard_thresholding_fraction, options.kept_rows);
  NodeId node = graph.add(block + ".spectrum", {norm},
                          FourierTransform{.first_row = kept.first_row,
                                           .rows = kept.rows,
                                           .columns = kept.columns,
                                           .blocks = options.blocks});
  node = graph.add(block + ".mix1", {node}, ComplexLinear{width * options.hidden_factor},
                   {block + ".w1", block + ".b1"});
  node = graph.add(block + ".hidden", {node}, Activation{ActivationKind::relu, 1});
  node = graph.add(block + ".mix2", {node}, ComplexLinear{width}, {block + ".w2", block + ".b2"});
  node = graph.add(block + ".filtered", {node},
                   Activation{ActivationKind::soft_shrink, options.sparsity});
  return graph.add(
      block + ".inverse", {node},
      InverseFourierTransform{.first_row = kept.first_row, .rows = rows, .columns = columns});
}

NodeId add_block(Graph& graph, AfnoOptions const& options, std::string const& block,
                 NodeId residual) {
  NodeId const norm1 = graph.add(block + ".norm1", {residual}, LayerNorm{});
  NodeId const inverse = add_filter(graph, options, block, norm1);
  NodeId node = graph.add(block + ".filter_out", {inverse, norm1}, Add{});
  if (options.skip == AfnoOptions::Skip::twice)
    residual = node = graph.add(block + ".after_filter", {node, residual}, Add{});
  node = graph.add(block + ".norm2", {node}, LayerNorm{});
  auto const hidden =
      static_cast<std::int64_t>(static_cast<double>(options.embed) * options.mlp_ratio);
  node = graph.add(block + ".fc1", {node}, Linear{hidden});
  node = graph.add(block + ".gelu", {node}, Activation{ActivationKind::gelu, 1});
  node = graph.add(block + ".fc2", {node}, Linear{options.embed});
  return graph.add(block + ".out", {node, residual}, Add{});
}

void check(AfnoOptions const& options) {
  for (std::int64_t extent : {options.rows, options.columns})
    VALIDATE(options.patch >= 1 && extent >= 1 && extent % options.patch == 0,
             "patch = {} (must divide the grid of {} x {}) take another patch, or crop or pad the "
             "data",
             options.patch, options.rows, options.columns);
  VALIDATE(options.blocks >= 1 && options.embed >= 1 && options.embed % options.blocks == 0,
           "blocks = {} (must divide embed = {}) correct one of them", options.blocks,
           options.embed);
  VALIDATE(options.predicts == AfnoOptions::Predicts::state ||
               options.channels_in >= options.channels_out,
           "predict = \"change\" with {} channels in and {} out (what changes must be read) lower "
           "channels_out or predict the state",
           options.channels_in, options.channels_out);
  VALIDATE(options.steps == 1 || options.channels_in >= options.channels_out,
           "steps = {} with {} channels in and {} out (the output must be an input again) lower "
           "channels_out or train one step",
           options.steps, options.channels_in, options.channels_out);
  double const hidden = static_cast<double>(options.embed) * options.mlp_ratio;
  VALIDATE(std::isfinite(hidden) && hidden >= 1 && hidden < static_cast<double>(max_size),
           "mlp_ratio = {} (embed x mlp_ratio must be at least 1) raise it", options.mlp_ratio);
}

}  // namespace

KeptModes kept_modes(std::int64_t token_rows, std::int64_t token_columns, double fraction,
                     KeptRows rule) {
  std::int64_t const total = token_rows / 2 + 1;
  auto const kept = static_cast<std::int64_t>(static_cast<double>(total) * fraction);
  VALIDATE(kept >= 1,
           "hard_thresholding_fraction = {} keeps none of the {} modes of {} token rows (must keep "
           "one) raise it",
           fraction, total, token_rows);
  std::int64_t const columns = std::min(kept, token_columns / 2 + 1);
  if (rule == KeptRows::low) {
    std::int64_t const rows = std::min(2 * kept, token_rows);
    return {
        .first_row = rows < token_rows ? token_rows - kept : 0, .rows = rows, .columns = columns};
  }
  std::int64_t const first = std::max<std::int64_t>(0, total - kept);
  return {
      .first_row = first, .rows = std::min(token_rows, total + kept) - first, .columns = columns};
}

Graph afno(AfnoOptions const& options) {
  check(options);
  Graph graph{"afno", {}};
  NodeId const input = graph.add("input", {},
                                 Input{{{{"channel", options.channels_in},
                                         {"row", options.rows},
                                         {"column", options.columns}}}});
  NodeId node =
      graph.add("embed", {input}, PatchEmbed{.patch = options.patch, .out_features = options.embed},
                {"pos_embed", "patch.w", "patch.b"});
  for (std::int64_t block = 0; block < options.depth; ++block)
    node = add_block(graph, options, fmt::format("block{}", block), node);
  if (options.final_norm == AfnoOptions::FinalNorm::unused) graph.add("norm", {node}, LayerNorm{});
  node = graph.add("head", {node},
                   Linear{options.channels_out * options.patch * options.patch, false});
  if (options.predicts == AfnoOptions::Predicts::change) {
    NodeId const change = graph.add("change", {node}, PatchRestore{options.patch});
    NodeId const before = graph.add("before", {input}, TakeChannels{0, options.channels_out});
    graph.add("output", {change, before}, Add{});
  } else {
    graph.add("output", {node}, PatchRestore{options.patch});
  }
  return with_relative_error(graph, options.steps, options.loss);
}

AfnoOptions read_afno_options(core::Config& network) {
  AfnoOptions o;
  o.rows = network.take("rows", o.rows, "grid points in latitude", size_range);
  o.columns = network.take("columns", o.columns, "grid points in longitude", size_range);
  o.channels_in = network.take("channels_in", o.channels_in, "fields that come in", size_range);
  o.channels_out = network.take("channels_out", o.channels_out, "fields that come out", size_range);
  o.patch = network.take("patch", o.patch, "side of a patch, in grid points", size_range);
  o.embed = network.take("embed", o.embed, "features of a token", size_range);
  o.depth = network.take("depth", o.depth, "number of blocks", core::Range<std::int64_t>{1, 1000});
  o.blocks = network.take("blocks", o.blocks, "groups of features in the filter", size_range);
  o.mlp_ratio = network.take("mlp_ratio", o.mlp_ratio, "hidden width of the MLP over embed",
                             core::Range<double>{1e-6, 1e6});
  o.sparsity = network.take("sparsity", o.sparsity, "threshold of the soft shrink",
                            core::Range<double>{0, 1e30});
  o.hard_thresholding_fraction =
      network.take("hard_thresholding_fraction", o.hard_thresholding_fraction,
                   "share of the modes that is kept", core::Range<double>{1e-9, 1});
  o.kept_rows = network.take_choice("kept_rows", "upstream",
                                    "rows of the spectrum kept below 1: as the published code "
                                    "does (around the Nyquist row), or the low wave numbers",
                                    {"upstream", "low"}) == "low"
                    ? KeptRows::low
                    : KeptRows::upstream;
  o.hidden_factor = network.take("hidden_factor", o.hidden_factor,
                                 "width of the spectral layer over a block's", size_range);
  o.skip = network.take("double_skip", true, "a residual after the filter too?")
               ? AfnoOptions::Skip::twice
               : AfnoOptions::Skip::single;
  o.predicts = network.take_choice("predict", "state",
                                   "the next state as published, or the change that is added to "
                                   "the state read",
                                   {"state", "change"}) == "change"
                   ? AfnoOptions::Predicts::change
                   : AfnoOptions::Predicts::state;
  o.final_norm = network.take("final_norm", true, "the norm that exists and is not applied?")
                     ? AfnoOptions::FinalNorm::unused
                     : AfnoOptions::FinalNorm::absent;
  o.steps = network.take("steps", o.steps, "applications before the loss (fine-tuning: 2)",
                         core::Range<std::int64_t>{1, 100});
  if (network.take_choice("loss_weight", "none", "of the rows in the loss: none or latitude",
                          {"none", "latitude"}) == "latitude") {
    o.loss.weight = RowWeight::latitude;
    core::Range<double> const latitudes{-90, 90};
    o.loss.first_latitude_deg = network.take("first_latitude_deg", o.loss.first_latitude_deg,
                                             "latitude of the first row", latitudes);
    o.loss.last_latitude_deg = network.take("last_latitude_deg", o.loss.last_latitude_deg,
                                            "latitude of the last row", latitudes);
  }
  return o;
}

}  // namespace crossjoule::models
