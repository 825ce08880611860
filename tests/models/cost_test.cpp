// SPDX-License-Identifier: BSD-3-Clause
#include "models/cost.hpp"

#include "models/build.hpp"
#include "tests/models/counting.hpp"
#include "tests/models/random_graph.hpp"
#include "tests/models/reference_run.hpp"

#include <gtest/gtest.h>

namespace crossjoule::models {
namespace {

using testing::Counting;
using testing::random_data;
using testing::random_graph;
using testing::ReferenceRun;
using testing::tally;
using testing::Tally;

constexpr std::uint64_t random_graphs = 1000;

/// What the reference kernels execute for one sample of a random graph.
struct Executed {
  Tally forward, backward;
};
Executed execute(Graph const& graph, std::int64_t batch, std::uint64_t item) {
  auto const data = random_data<Counting>(graph, batch, item);
  ReferenceRun<Counting> run(graph, batch, data.inputs, data.parameters);
  Executed executed;
  tally = {};
  run.forward();
  executed.forward = std::exchange(tally, {});
  run.backward();
  executed.backward = std::exchange(tally, {});
  return executed;
}

TEST(Cost, EqualsWhatTheReferenceExecutesOnRandomGraphs) {
  std::int64_t macs = 0, joined = 0;
  for (std::uint64_t item = 0; item < random_graphs; ++item) {
    Graph const graph = random_graph(item);
    Cost const want = cost(graph);
    Executed const executed = execute(graph, 1, item);
    ASSERT_EQ(want.forward.product_macs, executed.forward.macs) << "graph " << item;
    ASSERT_EQ(want.forward.pointwise_flops, executed.forward.flops) << "graph " << item;
    ASSERT_EQ(want.backward.product_macs, executed.backward.macs) << "graph " << item;
    ASSERT_EQ(want.backward.pointwise_flops, executed.backward.flops) << "graph " << item;
    macs += executed.backward.macs;
    for (int readers : gradient_contributions(graph)) joined += readers > 1 ? 1 : 0;
  }
  EXPECT_GT(macs, 10000) << "the random graphs hardly train anything";
  EXPECT_GT(joined, 50) << "the random graphs hold too few residual diamonds";
}

TEST(Cost, OfABatchIsTheBatchTimesTheSample) {
  for (std::uint64_t item = 0; item < 50; ++item) {
    Graph const graph = random_graph(item);
    Executed const executed = execute(graph, 3, item);
    EXPECT_EQ(3 * cost(graph).forward.product_macs, executed.forward.macs);
    EXPECT_EQ(3 * cost(graph).backward.pointwise_flops, executed.backward.flops);
  }
}

TEST(Cost, CountingNoticesOneOperationMore) {
  Graph const graph = svdd({.inputs = 5, .latent = 2, .hidden = {3}, .centre = 0.5});
  Executed const executed = execute(graph, 1, 0);
  Graph larger = svdd({.inputs = 5, .latent = 3, .hidden = {3}, .centre = 0.5});
  EXPECT_NE(cost(larger).forward.product_macs, executed.forward.macs);
  EXPECT_NE(cost(larger).backward.pointwise_flops, executed.backward.flops);
}

TEST(Cost, ParametersAreTheSumOfTheTensors) {
  for (std::uint64_t item = 0; item < random_graphs; ++item) {
    Graph const graph = random_graph(item);
    std::int64_t total = 0, weights = 0;
    std::vector<bool> const live = live_nodes(graph);
    for (Parameter const& parameter : parameters(graph)) {
      total += parameter.size();
      if (parameter.shape.size() == 2 && live[parameter.node]) weights += parameter.size();
    }
    ASSERT_EQ(cost(graph).parameters, total);
    ASSERT_EQ(cost(graph).stationary_weights, weights);
  }
}

TEST(Cost, OfNodesAddsUpToTheWhole) {
  for (std::uint64_t item = 0; item < 100; ++item) {
    Graph const graph = random_graph(item);
    auto const shape = shapes(graph);
    Cost const whole = cost(graph);
    Work forward, backward;
    for (NodeId id = 0; id < static_cast<NodeId>(graph.nodes.size()); ++id) {
      forward += cost(graph, shape, id).forward;
      backward += cost(graph, shape, id).backward;
    }
    EXPECT_EQ(forward.flops(), whole.forward.flops());
    EXPECT_EQ(forward.bytes_in, whole.forward.bytes_in);
    EXPECT_EQ(backward.flops(), whole.backward.flops());
    EXPECT_EQ(backward.bytes_out, whole.backward.bytes_out);
  }
}

/// Parameters and MACs of the encoder for every published latent width.
TEST(Cost, OfSvddIsThePublishedTable) {
  struct Row {
    std::int64_t latent, macs, parameters;
  };
  for (Row const& row :
       {Row{5, 203392, 204293}, Row{8, 203776, 204680}, Row{13, 204416, 205325},
        Row{21, 205440, 206357}, Row{34, 207104, 208034}, Row{55, 209792, 210743},
        Row{89, 214144, 215129}, Row{144, 221184, 222224}, Row{233, 232576, 233705}}) {
    SvddOptions options;
    options.latent = row.latent;
    Cost const got = cost(svdd(options));
    EXPECT_EQ(got.forward.product_macs, row.macs) << "z = " << row.latent;
    EXPECT_EQ(got.parameters, row.parameters) << "z = " << row.latent;
    EXPECT_EQ(got.stationary_weights, row.macs) << "z = " << row.latent;
    // every product is needed twice on the way back, but the first layer's input has no gradient
    EXPECT_EQ(got.backward.product_macs, 2 * row.macs - 76 * 512) << "z = " << row.latent;
  }
}

TEST(Cost, OfAutoencodersIsThePublishedNumber) {
  EXPECT_EQ(cost(autoencoder()).forward.product_macs, 4768);
  EXPECT_EQ(cost(autoencoder({.inputs = 57, .hidden = {16, 3, 16}})).forward.product_macs, 1920);
}

TEST(Cost, BytesOfASmallNetworkByHand) {
  // 5 -> 3 -> elu -> 2 -> distance: reads 5+3+3+2 numbers, writes 3+3+2+1
  Cost const got = cost(svdd({.inputs = 5, .latent = 2, .hidden = {3}, .centre = 0}));
  EXPECT_EQ(got.forward.bytes_in, 4 * 13);
  EXPECT_EQ(got.forward.bytes_out, 4 * 9);
  // back: distance 2 -> 2; layer1 3+2 -> 3; elu 3+3 -> 3; layer0 5+3 -> nothing
  EXPECT_EQ(got.backward.bytes_in, 4 * (2 + 5 + 6 + 8));
  EXPECT_EQ(got.backward.bytes_out, 4 * (2 + 3 + 3));
}

TEST(Cost, WithoutObjectiveNothingFlowsBack) {
  Cost const got = cost(mlp({.inputs = 4, .layers = {3, 2}}));
  EXPECT_EQ(got.backward.flops(), 0);
  EXPECT_GT(got.forward.flops(), 0);
}

TEST(Identity, NamesParametersAndMacs) {
  auto const network = identity(svdd());
  EXPECT_EQ(network.name, "svdd");
  EXPECT_EQ(network.params, 205325);
  EXPECT_EQ(network.macs, 204416);
  EXPECT_EQ(network.digest.size(), 32u);
}

}  // namespace
}  // namespace crossjoule::models
