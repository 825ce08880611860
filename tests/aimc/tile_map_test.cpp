// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/tile_map.hpp"

#include "chips.hpp"
#include "models/build.hpp"
#include "models/cost.hpp"

#include <gtest/gtest.h>
#include <random>
#include <set>

namespace crossjoule::aimc {
namespace {

models::Graph svdd(std::int64_t latent) {
  models::SvddOptions options;
  options.latent = latent;
  return models::svdd(options);
}

TEST(TileMap, SvddTakesSixTilesOf256) {
  auto const chip = preset("hermes-64");
  for (std::int64_t latent : {5, 13, 233}) {
    auto const tiles = map(svdd(latent), chip);
    EXPECT_EQ(tiles.tiles(), 6) << latent;
    EXPECT_EQ(tiles.depth, 4);
    EXPECT_EQ(tiles.chips(1), 1);
  }
  EXPECT_NEAR(map(svdd(5), chip).utilisation(), 0.5173, 0.00005);
  EXPECT_NEAR(map(svdd(233), chip).utilisation(), 0.5915, 0.00005);
}

TEST(TileMap, LayersAreCutAsWorkedOutByHand) {
  auto const tiles = map(svdd(13), preset("hermes-64"));
  ASSERT_EQ(tiles.layers.size(), 4u);
  std::int64_t const wanted[4][4] = {
      {76, 512, 1, 2}, {512, 256, 2, 1}, {256, 128, 1, 1}, {128, 13, 1, 1}};
  for (std::size_t k = 0; k < 4; ++k) {
    EXPECT_EQ(tiles.layers[k].inputs, wanted[k][0]);
    EXPECT_EQ(tiles.layers[k].outputs, wanted[k][1]);
    EXPECT_EQ(tiles.layers[k].row_tiles, wanted[k][2]);
    EXPECT_EQ(tiles.layers[k].column_tiles, wanted[k][3]);
    EXPECT_EQ(tiles.layers[k].vectors, 1);
  }
}

TEST(TileMap, SvddTakesFourTilesOf512) {
  auto const chip = chip_from_text(made_up_chip(), "made-up.toml");
  EXPECT_EQ(map(svdd(13), chip).tiles(), 4);
  EXPECT_NEAR(map(svdd(5), chip).utilisation(), 0.1940, 0.00005);
  EXPECT_NEAR(map(svdd(233), chip).utilisation(), 0.2218, 0.00005);
  EXPECT_EQ(map(svdd(13), chip).chips(1), 2) << "3 tiles per chip";
  EXPECT_EQ(map(svdd(13), chip).chips(3), 4);
}

/// Of each layer every weight stands on exactly one tile, and all of them are those of the cost.
TEST(TileMap, EveryWeightIsPlacedOnceInRandomNetworks) {
  std::mt19937 random(7);
  auto pick = [&](int most) {
    return std::uniform_int_distribution<std::int64_t>(1, most)(random);
  };
  auto chip = chip_from_text(made_up_chip(), "made-up.toml");
  for (int round = 0; round < 50; ++round) {
    chip.tile_rows = pick(40);
    chip.tile_columns = pick(40);
    models::MlpOptions options;
    options.inputs = pick(90);
    options.layers = {pick(90), pick(90), pick(90)};
    auto const graph = models::mlp(options);
    auto const tiles = map(graph, chip);
    EXPECT_EQ(tiles.weights(), models::cost(graph).stationary_weights);
    EXPECT_LE(tiles.utilisation(), 1.0);
    for (auto const& layer : tiles.layers) {
      EXPECT_EQ(static_cast<std::int64_t>(layer.tiles.size()),
                layer.row_tiles * layer.column_tiles);
      std::set<std::pair<std::int64_t, std::int64_t>> seen;
      for (auto const& tile : layer.tiles) {
        EXPECT_LE(tile.rows.count(), chip.tile_rows);
        EXPECT_LE(tile.columns.count(), chip.tile_columns);
        for (auto r = tile.rows.first; r < tile.rows.last; ++r)
          for (auto c = tile.columns.first; c < tile.columns.last; ++c)
            EXPECT_TRUE(seen.emplace(r, c).second) << "placed twice";
      }
      EXPECT_EQ(static_cast<std::int64_t>(seen.size()), layer.weights());
    }
  }
}

TEST(TileMap, ParallelBranchesDoNotLengthenThePipeline) {
  models::Graph graph{"diamond", {}};
  auto const in = graph.add("in", {}, models::Input{{{{"feature", 8}}}});
  auto const left = graph.add("left", {in}, models::Linear{8, true});
  auto const longer = graph.add("longer", {left}, models::Linear{8, true});
  auto const right = graph.add("right", {in}, models::Linear{8, true});
  auto const sum = graph.add("sum", {longer, right}, models::Add{});
  graph.add("last", {sum}, models::Linear{3, true});
  auto const tiles = map(graph, preset("hermes-core"));
  EXPECT_EQ(tiles.layers.size(), 4u);
  EXPECT_EQ(tiles.depth, 3);
}

TEST(TileMap, OuterAxesAreVectorsPerSample) {
  models::Graph graph{"tokens", {}};
  auto const in = graph.add("in", {}, models::Input{{{{"token", 5}, {"feature", 8}}}});
  graph.add("layer", {in}, models::Linear{4, true});
  auto const tiles = map(graph, preset("hermes-core"));
  EXPECT_EQ(tiles.layers.front().vectors, 5);
  EXPECT_EQ(tiles.vectors_per_sample(), 5);
  EXPECT_EQ(tiles.layers.front().inputs, 8);
}

TEST(TileMap, ANetworkWithoutProductIsRefused) {
  models::Graph graph{"bare", {}};
  auto const in = graph.add("in", {}, models::Input{{{{"feature", 8}}}});
  graph.add("activation", {in}, models::Activation{});
  EXPECT_NE(refusal([&] { map(graph, preset("hermes-core")); }).find("no product"),
            std::string::npos);
}

}  // namespace
}  // namespace crossjoule::aimc
