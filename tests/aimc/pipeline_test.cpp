// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/pipeline.hpp"

#include "chips.hpp"
#include "closed_form.hpp"
#include "models/afno.hpp"
#include "models/build.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <map>
#include <random>

namespace crossjoule::aimc {
namespace {

constexpr double rounding = 1e-12;

models::Graph chain(int layers, std::int64_t tokens) {
  models::Graph graph{"chain", {}};
  auto last = graph.add("in", {}, models::Input{{{{"token", tokens}, {"feature", 8}}}});
  for (int layer = 0; layer < layers; ++layer)
    last = graph.add("layer" + std::to_string(layer), {last}, models::Linear{8, true});
  return graph;
}

Pipeline one(models::Graph const& graph, StageTimes const& times, MapOptions const& options = {}) {
  auto all = pipelines(graph, map(graph, preset("hermes-64"), options), times);
  EXPECT_EQ(all.size(), 1u);
  return all.front();
}

TEST(Pipeline, LatencyIsTheClosedForm) {
  std::mt19937 random(3);
  auto pick = [&](int most) { return std::uniform_int_distribution<int>(1, most)(random); };
  for (int round = 0; round < 60; ++round) {
    auto const layers = pick(7), vectors = pick(5), batch = pick(300);
    double const t = pick(100), d = round % 3 == 0 ? 0 : pick(100);
    auto const pipeline = one(chain(layers, vectors), {t, d});
    auto const wanted = closed_form_latency(layers, std::int64_t{batch} * vectors, t, d);
    EXPECT_NEAR(BatchLatency(pipeline, batch)(batch) / wanted, 1, rounding);
    EXPECT_NEAR(simulate(pipeline, std::min(batch, 20)).latency(),
                closed_form_latency(layers, std::int64_t{std::min(batch, 20)} * vectors, t, d),
                1e-9 * wanted);
    EXPECT_DOUBLE_EQ(interval(pipeline), vectors * std::max(t, d));
  }
}

TEST(Pipeline, TheCheckNoticesASlip) {
  auto const pipeline = one(chain(3, 4), {10, 2});
  EXPECT_GT(std::abs(BatchLatency(pipeline, 5)(5) / closed_form_latency(3, 19, 10, 2) - 1), 1e-3);
}

/// Extrapolation from a few samples is what simulating all of them gives.
TEST(Pipeline, ExtrapolationIsTheFullSimulation) {
  models::Graph graph{"diamond", {}};
  auto const in = graph.add("in", {}, models::Input{{{{"token", 3}, {"feature", 8}}}});
  auto const left = graph.add("left", {in}, models::Linear{8, true});
  auto const norm = graph.add("norm", {left}, models::LayerNorm{});
  auto const right = graph.add("right", {in}, models::Linear{8, true});
  auto const sum = graph.add("sum", {norm, right}, models::Add{});
  graph.add("last", {sum}, models::Linear{3, true});
  for (double per_flop : {0.0, 0.01, 0.2, 3.0}) {
    auto const pipeline = one(graph, {7, 2, per_flop});
    for (std::int64_t batch : {1, 2, 3, 17, 60})
      EXPECT_NEAR(BatchLatency(pipeline, batch)(batch) / simulate(pipeline, batch).latency(), 1,
                  1e-9)
          << per_flop << " " << batch;
  }
}

/// A large batch that is asked for too must not delay a small one: AFNO's transforms share a unit.
TEST(Pipeline, ASmallBatchIsAsFastAsWhenItIsAlone) {
  models::AfnoOptions options;
  options.rows = 64;
  options.columns = 128;
  options.depth = 3;
  options.embed = 64;
  auto const pipeline = one(models::afno(options), {1e-7, 1e-8, 1e-12});
  BatchLatency const latency(pipeline, 100'000);
  double before = 0;
  for (std::int64_t batch : {1, 2, 3, 7, 20}) {
    EXPECT_NEAR(latency(batch) / simulate(pipeline, batch).latency(), 1, 1e-9) << batch;
    EXPECT_GT(latency(batch), before);
    before = latency(batch);
  }
  EXPECT_NEAR(latency(100) / simulate(pipeline, 100).latency(), 1, 0.02);
}

TEST(Pipeline, DoublingReplicasHalvesTheIntervalUntilAnotherResourceBinds) {
  models::Graph graph{"two", {}};
  auto const in = graph.add("in", {}, models::Input{{{{"token", 64}, {"feature", 8}}}});
  auto const busy = graph.add("busy", {in}, models::Linear{8, true});
  graph.add("norm", {busy}, models::LayerNorm{});
  auto pipeline = one(graph, {1, 0, 1e-3});
  auto const shared = pipeline.stages[2].shared_seconds;
  ASSERT_GT(shared, 1.0);
  double before = interval(pipeline);
  EXPECT_DOUBLE_EQ(before, 64);
  for (std::int64_t replicas = 2; replicas <= 64; replicas *= 2) {
    pipeline.stages[1].servers = replicas;
    auto const now = interval(pipeline);
    EXPECT_DOUBLE_EQ(now, std::max(before / 2, shared));
    before = now;
  }
  EXPECT_EQ(bottleneck(pipeline), "digital unit (shared)");
}

TEST(Pipeline, ABarrierWaitsForAllOfItsInput) {
  models::AfnoOptions options;
  auto const graph = models::afno(options);
  auto const chip = preset("hermes-64");
  auto const tiles = map(graph, chip);
  auto const t = 1e-6;
  auto const all = pipelines(graph, tiles, {t, 0});
  ASSERT_EQ(all.size(), 1u);
  // embed, then 12 (4140 + 16200) intervals, and the fill of the pipelined layers; the head follows
  // the last layers vector by vector
  auto const intervals = simulate(all.front(), 1).latency() / t;
  EXPECT_GE(intervals, 260280);
  EXPECT_LE(intervals, 260280 + 40);
  EXPECT_DOUBLE_EQ(interval(all.front()), 16200 * t);
}

/// Two applications of the network use the same tiles, one after another: half the throughput, and
/// no tile serves both at a time.
TEST(Pipeline, SharedWeightsShareTheirTiles) {
  models::AfnoOptions options;
  options.rows = 64;
  options.columns = 128;
  options.depth = 1;
  options.embed = 64;
  auto const once = one(models::afno(options), {1e-6, 1e-7});
  options.steps = 2;
  auto const twice = one(models::afno(options), {1e-6, 1e-7});
  EXPECT_NEAR(interval(twice) / interval(once), 2, 1e-12);
  EXPECT_EQ(bottleneck(twice), bottleneck(once));
  auto const batch = 12;
  EXPECT_GE(simulate(twice, batch).latency(), batch * interval(twice));
  EXPECT_NEAR(BatchLatency(twice, 1000)(1000) / (1000 * interval(twice)), 1, 0.01);
  auto const run = simulate(twice, 3, Keep::vectors);
  std::map<std::size_t, std::vector<std::pair<double, double>>> busy;
  for (auto const& event : run.events)
    if (event.resource == Resource::tiles) busy[event.stage].push_back({event.begin, event.end});
  for (auto& [stage, times] : busy) {
    EXPECT_FALSE(twice.stages[stage].tiles_of.has_value());
    std::sort(times.begin(), times.end());
    for (std::size_t k = 1; k < times.size(); ++k)
      EXPECT_GE(times[k].first, times[k - 1].second * (1 - rounding)) << twice.stages[stage].name;
  }
}

TEST(Pipeline, TheTraceHoldsEveryProductOnceAndNoServerDoesTwoThingsAtOnce) {
  auto const graph = chain(4, 6);
  auto pipeline = one(graph, {5, 3});
  pipeline.stages[2].servers = 3;
  auto const run = simulate(pipeline, 7, Keep::vectors);
  std::map<std::pair<std::size_t, std::int64_t>, double> free_at;
  std::int64_t products = 0;
  double last = 0;
  for (auto const& event : run.events) {
    EXPECT_LE(event.begin, event.end);
    last = std::max(last, event.end);
    if (event.resource != Resource::tiles) continue;
    products += event.vectors;
    auto& free = free_at[{event.stage, event.server}];
    EXPECT_GE(event.begin, free) << event.name;
    free = event.end;
  }
  EXPECT_EQ(products, 4 * 6 * 7);
  EXPECT_DOUBLE_EQ(last, run.latency());
  auto const text = chrome_trace(run.events, "chain");
  std::size_t found = 0;
  for (auto at = text.find("\"ph\": \"X\""); at != std::string::npos;
       at = text.find("\"ph\": \"X\"", at + 1))
    ++found;
  EXPECT_EQ(found, run.events.size());
}

TEST(Pipeline, TheCriticalPathAddsUpToTheLatency) {
  for (double d : {0.0, 2.0, 9.0}) {
    auto const pipeline = one(chain(5, 7), {5, d});
    double sum = 0;
    for (auto const& step : critical_path(pipeline)) sum += step.seconds;
    EXPECT_NEAR(sum, simulate(pipeline, 1).latency(), 1e-9);
  }
}

TEST(Pipeline, WeightsThatTakeTurnsAreWrittenBeforeEveryRound) {
  auto const chip = chip_from_text(made_up_chip(), "made-up.toml");
  models::MlpOptions options;
  options.inputs = 512;
  options.layers = {1024, 512, 512};
  auto const graph = models::mlp(options);
  MapOptions mapping;
  mapping.chips = 1;
  mapping.overflow = Overflow::reprogram;
  auto const tiles = map(graph, chip, mapping);
  EXPECT_EQ(tiles.rounds, 2) << "2, then 2 + 1 tiles on a chip of 3";
  EXPECT_LE(tiles.tiles(), 3);
  StageTimes times{1e-6, 0};
  times.write_seconds_per_row = 1e-5;
  double programming = 0;
  for (auto const& pipeline : pipelines(graph, tiles, times))
    programming += pipeline.program_seconds;
  EXPECT_DOUBLE_EQ(programming, 2 * 512 * 1e-5);
  mapping.overflow = Overflow::refuse;
  EXPECT_NE(refusal([&] { map(graph, chip, mapping); }).find("raise mapping.chips to 2"),
            std::string::npos);
}

}  // namespace
}  // namespace crossjoule::aimc
