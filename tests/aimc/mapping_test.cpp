// SPDX-License-Identifier: BSD-3-Clause
// Blocks, complex numbers, packing, replicas, weights that take turns.
#include "aimc/estimate.hpp"
#include "aimc/outcome.hpp"

#include "chips.hpp"
#include "models/afno.hpp"
#include "models/build.hpp"
#include "models/cost.hpp"

#include <gtest/gtest.h>
#include <random>

namespace crossjoule::aimc {
namespace {

TEST(Mapping, StandardAfnoTakes1086Tiles) {
  auto const graph = models::afno();
  auto const chip = preset("hermes-64");
  auto const tiles = map(graph, chip);
  EXPECT_EQ(tiles.tiles(), 1086);
  EXPECT_EQ(tiles.chips(1), 17);
  EXPECT_EQ(tiles.distinct_weights(), models::cost(graph).stationary_weights);
  EXPECT_EQ(tiles.weights() - tiles.distinct_weights(), 3538944) << "a complex weight stands twice";
  EXPECT_DOUBLE_EQ(tiles.tile_products(), 15277680);
}

TEST(Mapping, TwoPassesStoreComplexWeightsOnceAndReadTwice) {
  auto const graph = models::afno();
  auto const chip = preset("hermes-64");
  MapOptions options;
  options.complex = ComplexForm::two_passes;
  auto const tiles = map(graph, chip, options);
  EXPECT_EQ(tiles.weights(), models::cost(graph).stationary_weights);
  EXPECT_EQ(tiles.distinct_weights(), tiles.weights());
  for (auto const& layer : tiles.layers)
    if (layer.blocks > 1) {
      EXPECT_EQ(layer.passes, 2);
      EXPECT_EQ(layer.inputs, 96);
      EXPECT_EQ(layer.outputs, 192);
    }
}

TEST(Mapping, BlocksShareATileWhereTheyFitItsDiagonal) {
  Product product{0, "blocks", 30, 40, 7, 5};
  auto chip = preset("hermes-core");
  struct Line {
    std::int64_t rows, columns, per_tile, tiles;
  };
  for (auto const& line : {Line{30, 40, 1, 5}, Line{60, 80, 2, 3}, Line{256, 80, 2, 3},
                           Line{150, 200, 5, 1}, Line{29, 40, 1, 10}, Line{15, 20, 1, 20}}) {
    chip.tile_rows = line.rows;
    chip.tile_columns = line.columns;
    auto const tiles = place({product}, chip);
    EXPECT_EQ(tiles.layers[0].blocks_per_tile, line.per_tile) << line.rows;
    EXPECT_EQ(tiles.tiles(), line.tiles) << line.rows;
    std::int64_t weights = 0;
    for (auto const& tile : tiles.layers[0].tiles) weights += tile.weights();
    EXPECT_EQ(weights, 5 * 30 * 40) << "every weight once";
    EXPECT_LE(tiles.utilisation(), 1.0);
  }
}

/// Configurations of a neural quantum state per product of a 256 x 256 tile.
TEST(Mapping, PackingPutsCopiesDownTheDiagonal) {
  std::int64_t const wanted[][2] = {{1, 16}, {2, 8}, {4, 4}, {6, 2}, {8, 2}, {10, 1}};
  auto const chip = preset("hermes-64");
  MapOptions options;
  options.packing = Packing::packed;
  for (auto const& [a, copies] : wanted) {
    auto const tiles = place({{0, "rbm", 16, 16 * a, 1}}, chip, options);
    EXPECT_EQ(tiles.samples_per_product, copies) << a;
    EXPECT_NEAR(tiles.utilisation(), 256.0 * a * copies / 65536, 1e-12);
    EXPECT_DOUBLE_EQ(tiles.tile_products(), 1.0 / copies);
  }
}

/// The shortest interval by trying all: no other division of the budget does better.
TEST(Mapping, ReplicasAreTheBestTheBudgetBuys) {
  std::mt19937 random(5);
  auto pick = [&](int most) {
    return std::uniform_int_distribution<std::int64_t>(1, most)(random);
  };
  auto chip = preset("hermes-core");
  for (int round = 0; round < 60; ++round) {
    std::vector<Product> list;
    for (int k = 0; k < 3; ++k) list.push_back({0, "p", 256 * pick(2), 256, pick(12)});
    MapOptions options;
    options.chips = 6 + pick(20);
    options.replication = Replication::search;
    auto const tiles = place(list, chip, options);
    EXPECT_LE(tiles.tiles(), options.chips);
    std::int64_t best = 1000;
    auto size = [&](int k) { return list[static_cast<std::size_t>(k)].inputs / 256; };
    auto turns = [&](int k, std::int64_t n) {
      return (list[static_cast<std::size_t>(k)].vectors + n - 1) / n;
    };
    for (std::int64_t a = 1; a <= 12; ++a)
      for (std::int64_t b = 1; b <= 12; ++b)
        for (std::int64_t c = 1; c <= 12; ++c)
          if (a * size(0) + b * size(1) + c * size(2) <= options.chips)
            best = std::min(best, std::max({turns(0, a), turns(1, b), turns(2, c)}));
    EXPECT_EQ(tiles.vectors_per_sample(), best);
  }
}

/// A chip without a digital unit names what it cannot hold; one beside it is the alternative.
TEST(Mapping, WhatNoArrayHoldsNeedsADigitalUnit) {
  auto const afno = models::afno();
  auto const chip = preset("ibm-34");
  auto const& mode = chip.mode("");
  auto refused = [&](models::Graph const& graph, Terms const& terms, Unheld unheld) {
    Workload workload;
    workload.map.unheld = unheld;
    return refusal([&] { Case(graph, chip, mode, terms, workload); });
  };
  EXPECT_NE(refused(afno, {}, Unheld::chip_decides).find("operation block0.norm1 of afno and 48"),
            std::string::npos);
  EXPECT_EQ(refused(models::svdd(), {}, Unheld::refuse), "") << "columns activate";
  EXPECT_EQ(refused(afno, {}, Unheld::digital_unit), "");
  Terms terms;
  Figure figure{1, 1, 1, "", "assumed", "a test", "", core::Kind::assumed};
  terms[Term::digital_flops_per_second] = figure;
  EXPECT_NE(refused(afno, terms, Unheld::chip_decides), "") << "half a unit is none";
  terms[Term::digital_joules_per_flop] = figure;
  EXPECT_EQ(refused(afno, terms, Unheld::chip_decides), "");
  EXPECT_NE(refused(afno, terms, Unheld::refuse), "");
}

TEST(Mapping, ReplicasWithoutABudgetAreRefused) {
  MapOptions options;
  options.replication = Replication::search;
  EXPECT_NE(refusal([&] { map(models::svdd(), preset("hermes-64"), options); }).find("budget"),
            std::string::npos);
}

TEST(Mapping, WeightsThatTakeTurnsCostTheirWriting) {
  auto const chip = preset("hermes-core");
  Workload workload;
  workload.batches = {1, 10, 1000};
  workload.map.chips = 2;
  workload.map.overflow = Overflow::reprogram;
  auto const graph = models::svdd();
  auto const turns = estimate(graph, chip, chip.mode(""), {}, workload);
  EXPECT_GE(turns.tiles.rounds, 3);
  EXPECT_LE(turns.tiles.tiles(), 2);
  auto const once = estimate(graph, chip, chip.mode(""), {}, {{1}, 0});
  auto const written = 204416 * 4e-9;  // weights times the file's joules per weight
  for (std::size_t k = 0; k < 3; ++k) {
    auto const& line = turns.batches[k].boundaries[1];
    EXPECT_NEAR(
        line.part(Part::programming).value.value * static_cast<double>(turns.batches[k].batch),
        written, 0.05 * written);
    EXPECT_GT(line.latency.value.value, 256 * 2e-5 * 3 * 0.99);
  }
  EXPECT_LT(once.batches[0].boundaries[1].part(Part::programming).value.value, 1e-9 * written * 2);
}

}  // namespace
}  // namespace crossjoule::aimc
