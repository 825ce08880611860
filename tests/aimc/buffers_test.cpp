// SPDX-License-Identifier: BSD-3-Clause
// Links, buffers and the host link as resources of the schedule.
#include "aimc/estimate.hpp"
#include "aimc/outcome.hpp"
#include "chips.hpp"
#include "models/build.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <map>
#include <random>

namespace crossjoule::aimc {
namespace {

constexpr double rounding = 1e-9;

Stage source(std::int64_t vectors, double host = 0) {
  Stage stage;
  stage.name = "in";
  stage.handling = Handling::source;
  stage.vectors = vectors;
  stage.host_seconds = host;
  stage.vector_bytes = 4;
  return stage;
}

Stage array(std::vector<std::size_t> inputs, std::int64_t vectors, double link, double tile,
            double column, std::int64_t servers = 1) {
  Stage stage;
  stage.name = "layer";
  stage.handling = Handling::array;
  stage.inputs = std::move(inputs);
  stage.vectors = vectors;
  stage.servers = servers;
  stage.link_seconds = link;
  stage.tile_seconds = tile;
  stage.column_seconds = column;
  stage.vector_bytes = 10;
  return stage;
}

/// Vector by vector, stage by stage, sample by sample: the definition of the schedule without a
/// shared unit.
double plain_latency(Pipeline const& pipeline, std::int64_t samples) {
  struct Free {
    std::vector<double> link, tile, converter, column;
  };
  std::vector<Free> free;
  for (auto const& stage : pipeline.stages) {
    std::vector<double> const idle(static_cast<std::size_t>(stage.servers), 0.0);
    free.push_back({idle, idle, idle, idle});
  }
  double host = 0, last = 0;
  for (std::int64_t n = 0; n < samples; ++n) {
    std::vector<std::vector<double>> out;
    for (std::size_t s = 0; s < pipeline.stages.size(); ++s) {
      auto const& stage = pipeline.stages[s];
      out.emplace_back();
      for (std::int64_t k = 0; k < stage.vectors; ++k) {
        if (stage.handling == Handling::source) {
          out[s].push_back(host += stage.host_seconds);
          continue;
        }
        double time = 0;
        for (auto input : stage.inputs) {
          auto const there = static_cast<std::int64_t>(out[input].size());
          auto const need = ((k + 1) * there + stage.vectors - 1) / stage.vectors;
          time = std::max(time, out[input][static_cast<std::size_t>(need - 1)]);
        }
        auto const r = static_cast<std::size_t>(k % stage.servers);
        time = free[s].link[r] = std::max(time, free[s].link[r]) + stage.link_seconds;
        time = free[s].tile[r] = std::max(time, free[s].tile[r]) + stage.tile_seconds;
        time = free[s].converter[r] = std::max(time, free[s].converter[r]) + stage.held_seconds;
        time = free[s].column[r] = std::max(time, free[s].column[r]) + stage.column_seconds;
        out[s].push_back(time);
      }
      last = std::max(last, out[s].back());
    }
  }
  return last;
}

TEST(Schedule, IsThatOfTheDefinitionOnRandomNetworks) {
  std::mt19937 random(17);
  auto pick = [&](int most) { return std::uniform_int_distribution<int>(0, most)(random); };
  for (int round = 0; round < 120; ++round) {
    Pipeline pipeline;
    pipeline.stages.push_back(source(1 + pick(11), pick(2)));
    auto const layers = 1 + pick(6);
    for (int layer = 0; layer < layers; ++layer) {
      std::vector<std::size_t> inputs = {static_cast<std::size_t>(layer)};
      if (layer > 0 && pick(1) == 0) inputs.push_back(static_cast<std::size_t>(pick(layer - 1)));
      pipeline.stages.push_back(
          array(inputs, 1 + pick(17), pick(3), pick(5), pick(4), 1 + (pick(2) == 0 ? pick(4) : 0)));
      if (round % 2 == 1) pipeline.stages.back().held_seconds = pick(6);
    }
    auto const samples = 1 + pick(6);
    EXPECT_NEAR(simulate(pipeline, samples).latency(), plain_latency(pipeline, samples),
                rounding * (1 + plain_latency(pipeline, samples)))
        << "round " << round;
  }
}

TEST(Schedule, ASlowPortSetsTheIntervalAndIsNamed) {
  Pipeline pipeline{{source(10), array({0}, 10, 7, 2, 1), array({1}, 10, 1, 5, 1)}};
  EXPECT_DOUBLE_EQ(interval(pipeline), 70);
  EXPECT_EQ(bottleneck(pipeline), "layer (links)");
  EXPECT_DOUBLE_EQ(simulate(pipeline, 1).latency(), 70 + 2 + 1 + 1 + 5 + 1);
}

/// Inputs queue on one link, outputs on another: V h each, and the last vector's way between.
TEST(Schedule, TheHostLinkQueuesEachWay) {
  auto last = array({0}, 6, 0, 2, 0);
  last.host_seconds = 5;
  Pipeline const pipeline{{source(6, 3), last}};
  EXPECT_DOUBLE_EQ(simulate(pipeline, 1).latency(), 3 + 2 + 6 * 5);
  EXPECT_DOUBLE_EQ(simulate(pipeline, 4).latency(), 3 + 2 + 4 * 6 * 5);
  EXPECT_DOUBLE_EQ(interval(pipeline), 30);
  EXPECT_EQ(bottleneck(pipeline), "output (host_link)");
}

TEST(Buffers, RoomForOneSampleMakesThemFollowOneByOne) {
  Pipeline pipeline{{source(4), array({0}, 4, 0, 5, 1), array({1}, 4, 0, 3, 0)}};
  auto const alone = simulate(pipeline, 1).latency();
  pipeline.samples_held = 1;
  EXPECT_DOUBLE_EQ(simulate(pipeline, 9).latency(), 9 * alone);
  EXPECT_DOUBLE_EQ(interval(pipeline), alone);
  EXPECT_EQ(bottleneck(pipeline), "activations (buffers)");
  EXPECT_DOUBLE_EQ(BatchLatency(pipeline, 1000)(1000), 1000 * alone);
}

/// More room never takes longer, and enough of it is as good as no limit.
TEST(Buffers, MoreRoomIsNeverSlower) {
  Pipeline pipeline{{source(3)}};
  for (std::size_t s = 0; s < 6; ++s) pipeline.stages.push_back(array({s}, 3, 0, 4, 2));
  auto const free = simulate(pipeline, 40).latency();
  double before = 1e300;
  for (std::int64_t held = 1; held <= 12; ++held) {
    pipeline.samples_held = held;
    auto const now = simulate(pipeline, 40).latency();
    EXPECT_LE(now, before);
    EXPECT_GE(now, free);
    EXPECT_NEAR(BatchLatency(pipeline, 40)(40) / now, 1, rounding) << held;
    before = now;
  }
  EXPECT_DOUBLE_EQ(before, free);
}

/// A barrier keeps all of its input; a stage that is fed slower than it works keeps nothing.
TEST(Buffers, BytesAreThoseThatWait) {
  Pipeline pipeline{{source(8), array({0}, 8, 0, 5, 0), array({1}, 8, 0, 2, 0)}};
  auto barrier = array({2}, 8, 0, 0, 0);
  barrier.handling = Handling::barrier;
  barrier.shared_seconds = 1;
  pipeline.stages.push_back(barrier);
  pipeline.stages.push_back(array({3}, 8, 0, 1, 0));
  auto const bytes = buffer_bytes(pipeline);
  EXPECT_EQ(bytes[0], 7 * 4) << "all come at once; the first is taken at once";
  EXPECT_LE(bytes[1], 10) << "the next layer is faster";
  EXPECT_EQ(bytes[2], 8 * 10) << "a transform holds its whole input";
  EXPECT_EQ(bytes[3], 7 * 10) << "it gives all at once";
  EXPECT_EQ(bytes[4], 0) << "outputs have left";
}

Figure assumed(double value) {
  return {value, value, value, "", "assumed", "a test", "", core::Kind::assumed};
}

TEST(Buffers, AChipWithTooLittleRoomIsRefusedWithTheBytes) {
  auto const graph = models::svdd();
  auto const chip = preset("hermes-64");
  Terms terms;
  terms[Term::buffer_bytes_per_tile] = assumed(1);
  models::MlpOptions options;
  EXPECT_EQ(refusal([&] { estimate(graph, chip, chip.mode(""), terms, {}); }), "")
      << "single vectors never wait";
  auto tokens = models::Graph{"tokens", {}};
  auto const in = tokens.add("in", {}, models::Input{{{{"token", 64}, {"feature", 8}}}});
  tokens.add("layer", {in}, models::Linear{8, true});
  EXPECT_NE(refusal([&] {
              estimate(tokens, chip, chip.mode(""), terms, {});
            }).find("keeps 504 bytes waiting"),
            std::string::npos);
}

/// Bytes of the busiest tile of every layer over the port's rate, by hand for SVDD on hermes-core.
TEST(Links, APortAddsItsTimeToEveryLayer) {
  Terms terms;
  terms[Term::link_bytes_per_second] = assumed(1e9);
  auto const chip = preset("hermes-core");
  auto const graph = models::svdd();
  auto const with = estimate(graph, chip, chip.mode(""), terms, {});
  auto const without = estimate(graph, chip, chip.mode(""), {}, {});
  auto latency = [](Estimate const& each, std::size_t boundary) {
    return each.batches[0].boundaries[boundary].latency.value.value;
  };
  EXPECT_EQ(latency(with, 0), latency(without, 0)) << "the device has no links";
  // rows at 1 byte, columns at 2: 76 + 512, 256 + 512, 256 + 256, 128 + 26
  EXPECT_NEAR(latency(with, 1) - latency(without, 1), (588 + 768 + 512 + 154) * 1e-9, 1e-18);
  terms = {};
  terms[Term::host_link_bytes_per_second] = assumed(1e8);
  auto const host = estimate(graph, chip, chip.mode(""), terms, {});
  EXPECT_EQ(latency(host, 1), latency(without, 1)) << "the chip has no host";
  EXPECT_NEAR(latency(host, 2) - latency(without, 2), (76 + 2 * 13) * 1e-8, 1e-18);
}

/// However many replicas: two things at one time never stand on one lane of a viewer.
TEST(Trace, EveryReplicaHasALaneOfItsOwn) {
  Pipeline const pipeline{{source(600), array({0}, 600, 1, 5, 2, 300)}};
  auto const text = chrome_trace(simulate(pipeline, 1, Keep::vectors).events, "many");
  std::size_t lanes = 0;
  for (auto at = text.find("thread_name"); at != std::string::npos;
       at = text.find("thread_name", at + 1))
    ++lanes;
  EXPECT_EQ(lanes, 3 * 300u);
}

TEST(Trace, RunsStandForTheVectorsOfAll) {
  Pipeline const pipeline{{source(50), array({0}, 50, 1, 5, 2), array({1}, 25, 0, 3, 1)}};
  auto count = [](Simulation const& run) {
    std::map<std::pair<std::size_t, Resource>, std::int64_t> vectors;
    for (auto const& event : run.events) vectors[{event.stage, event.resource}] += event.vectors;
    return vectors;
  };
  auto const runs = simulate(pipeline, 3, Keep::runs),
             vectors = simulate(pipeline, 3, Keep::vectors);
  EXPECT_EQ(count(runs), count(vectors));
  EXPECT_LT(runs.events.size(), vectors.events.size() / 5);
  EXPECT_EQ(runs.latency(), vectors.latency());
}

}  // namespace
}  // namespace crossjoule::aimc
