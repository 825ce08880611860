// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/philox.hpp"
#include "models/afno.hpp"

#include <algorithm>
#include <cstdint>
#include <variant>

namespace crossjoule::testing {

/// Options of a small random AFNO: odd, prime and one-token heights and widths, taller than wide
/// and wider than tall, both rules of kept rows, every skip, one or two steps, weighted loss or
/// not. The same `item` gives the same ones.
inline models::AfnoOptions random_afno_options(std::uint64_t item) {
  core::Random random(31415, core::purpose("tests/random_afno"), item);
  auto const upto = [&](std::uint64_t most) {
    return 1 + static_cast<std::int64_t>(random.below(most));
  };
  models::AfnoOptions o;
  o.patch = upto(3);
  o.rows = o.patch * upto(7);
  o.columns = o.patch * upto(7);
  o.channels_in = upto(3);
  o.channels_out = upto(3);
  o.blocks = upto(3);
  o.embed = o.blocks * upto(3);
  o.depth = upto(2);
  o.mlp_ratio = random.below(2) ? 2 : 1;
  o.sparsity = random.uniform(0, 0.2);
  o.hidden_factor = upto(2);
  auto const total = o.rows / o.patch / 2 + 1;  // a fraction that keeps at least one mode
  o.hard_thresholding_fraction =
      random.below(2) ? 1 : random.uniform(1.001 / static_cast<double>(total), 1.002);
  o.hard_thresholding_fraction = std::min(1.0, o.hard_thresholding_fraction);
  o.kept_rows = random.below(2) ? models::KeptRows::upstream : models::KeptRows::low;
  o.skip = random.below(2) ? models::AfnoOptions::Skip::single : models::AfnoOptions::Skip::twice;
  o.final_norm = random.below(2) ? models::AfnoOptions::FinalNorm::absent
                                 : models::AfnoOptions::FinalNorm::unused;
  if (random.below(3) == 0) {
    o.channels_out = std::min(o.channels_out, o.channels_in);  // fewer: the rest is joined
    o.steps = 2;
  }
  if (random.below(2)) {
    o.loss.weight = models::RowWeight::latitude;
    o.loss.last_latitude_deg = random.uniform(-90, 80);
  }
  if (o.channels_in >= o.channels_out && random.below(2))
    o.predicts = models::AfnoOptions::Predicts::change;
  return o;
}

/// Its graph; one in four has no position table.
inline models::Graph random_afno(std::uint64_t item) {
  models::Graph graph = models::afno(random_afno_options(item));
  if (item % 4 != 3) return graph;
  for (models::Node& node : graph.nodes)
    if (auto* const embed = std::get_if<models::PatchEmbed>(&node.op)) {
      embed->position = false;
      node.parameter_names.erase(node.parameter_names.begin());
    }
  return graph;
}

}  // namespace crossjoule::testing
