// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/estimate.hpp"
#include "chips.hpp"
#include "models/afno.hpp"
#include "models/build.hpp"

#include <gtest/gtest.h>
#include <cmath>

namespace crossjoule::aimc {
namespace {

constexpr double rounding = 1e-9;

Figure assumed(double value) {
  return {value / 2, value, value * 2, "", "assumed", "a test", "", core::Kind::assumed};
}

Terms terms() {
  Terms all;
  all[Term::digital_joules_per_output] = assumed(1e-12);
  all[Term::digital_joules_per_flop] = assumed(1e-12);
  all[Term::digital_flops_per_second] = assumed(1e12);
  all[Term::link_joules_per_byte] = assumed(1e-13);
  all[Term::host_link_joules_per_byte] = assumed(1e-11);
  all[Term::host_idle_watts] = assumed(300);
  all[Term::host_share] = assumed(1);
  return all;
}

models::Graph small_afno() {
  models::AfnoOptions options;
  options.rows = 64;
  options.columns = 128;
  options.depth = 2;
  options.embed = 64;
  return models::afno(options);
}

void expect_nodes_add_up(models::Graph const& graph, std::string const& name) {
  auto const chip = preset(name);
  auto const result = estimate(graph, chip, chip.mode(""), terms(), {{1, 50}, 0});
  ASSERT_EQ(result.nodes.size(), graph.nodes.size());
  auto const& system = result.batches.front().boundaries[2];
  for (std::size_t k = 0; k < part_count; ++k) {
    if (!system.parts[k].present() || static_cast<Part>(k) == Part::host_idle) continue;
    double sum = 0;
    for (auto const& node : result.nodes) sum += node.parts[k];
    auto const whole = system.parts[k].value.value;
    EXPECT_NEAR(sum, whole, rounding * whole) << name << " " << to_string(static_cast<Part>(k));
  }
  std::int64_t bytes = 0;
  for (auto const& node : result.nodes) bytes += node.link_bytes;
  EXPECT_EQ(bytes, result.work.link_bytes);
}

TEST(NodeEstimate, NodesAddUpToEveryPartOfEveryChip) {
  for (auto const& each : presets()) {
    expect_nodes_add_up(models::svdd(), each.name);
    expect_nodes_add_up(small_afno(), each.name);
  }
}

/// Bytes into and out of SVDD's tiles on hermes-core: 1 byte a row, 2 a column.
TEST(NodeEstimate, LinkJoulesAreBytesTimesTheTerm) {
  auto const chip = preset("hermes-core");
  auto const result = estimate(models::svdd(), chip, chip.mode(""), terms(), {});
  std::vector<double> links;
  for (auto const& node : result.nodes)
    if (node.handling == Handling::array)
      links.push_back(node.parts[static_cast<std::size_t>(Part::links)]);
  std::vector<std::int64_t> const bytes = {152 + 1024, 512 + 1024, 256 + 256, 128 + 26};
  ASSERT_EQ(links.size(), bytes.size());
  for (std::size_t k = 0; k < links.size(); ++k)
    EXPECT_NEAR(links[k] / (static_cast<double>(bytes[k]) * 1e-13), 1, rounding) << k;
}

TEST(NodeEstimate, WhatHasNoFigureStaysOpen) {
  auto const chip = preset("hermes-64");
  auto const result = estimate(models::svdd(), chip, chip.mode(""), {}, {});
  for (auto const& node : result.nodes) {
    EXPECT_TRUE(std::isnan(node.parts[static_cast<std::size_t>(Part::links)])) << node.name;
    EXPECT_TRUE(std::isnan(node.parts[static_cast<std::size_t>(Part::host_idle)])) << node.name;
  }
}

}  // namespace
}  // namespace crossjoule::aimc
