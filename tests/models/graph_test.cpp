// SPDX-License-Identifier: BSD-3-Clause
#include "models/graph.hpp"

#include "core/error.hpp"
#include "core/testing/refusal.hpp"
#include "models/build.hpp"
#include "tests/models/random_graph.hpp"
#include "tests/models/reference_run.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <limits>

namespace crossjoule::models {
namespace {

using testing::random_data;
using testing::random_graph;
using testing::ReferenceRun;

Input vector_of(std::int64_t features) { return {{{{"feature", features}}}}; }

std::string refusal(Graph const& graph) {
  return core::testing::refusal([&] { shapes(graph); });
}

TEST(Shapes, OfAGridKeepTheOuterAxes) {
  Graph graph{"grid", {}};
  graph.add("x", {}, Input{{{{"row", 3}, {"column", 5}, {"feature", 7}}}});
  graph.add("y", {0}, Linear{2, true});
  EXPECT_EQ(shapes(graph)[1], (Shape{{{"row", 3}, {"column", 5}, {"feature", 2}}}));
  EXPECT_EQ(shapes(graph)[1].size(), 30);
  EXPECT_EQ(parameters(graph)[0].shape, (std::vector<std::int64_t>{2, 7}));
}

TEST(Shapes, OfAnObjectiveAreOneNumber) {
  Graph const graph = svdd();
  EXPECT_EQ(shapes(graph).back().size(), 1);
  EXPECT_EQ(objective_node(graph), static_cast<NodeId>(graph.nodes.size()) - 1);
  EXPECT_EQ(graph.nodes[output_node(graph)].name, "layer3");
  Graph const bare = mlp({.inputs = 3, .layers = {2}});
  EXPECT_EQ(objective_node(bare), -1);
  EXPECT_EQ(output_node(bare), 1);
}

TEST(Shapes, RefuseGraphsThatDoNotFit) {
  auto const with = [](Node node) {
    Graph graph{"g", {}};
    graph.add("x", {}, vector_of(4));
    graph.add("w", {0}, Linear{3, true});
    graph.nodes.push_back(std::move(node));
    return graph;
  };
  std::int64_t const huge = std::numeric_limits<std::int64_t>::max();
  double const nan = std::numeric_limits<double>::quiet_NaN();
  struct Case {
    Graph graph;
    std::string expected;
  };
  for (Case const& c : {
           Case{{"empty", {}}, "no nodes"},
           {with({"y", {}, Linear{2, true}}), "has 0 inputs"},
           {with({"y", {0, 1}, Linear{2, true}}), "has 2 inputs"},
           {with({"y", {2}, Linear{2, true}}), "only earlier nodes"},
           {with({"y", {-1}, Linear{2, true}}), "only earlier nodes"},
           {with({"y", {0}, Linear{0, true}}), "must be at least 1"},
           {with({"y", {0}, Linear{-1, true}}), "must be at least 1"},
           {with({"y", {0}, Linear{huge, true}}), "2^44"},
           {with({"y", {0, 1}, Add{}}), "must be the same"},
           {with({"y", {0}, Add{}}), "has 1 inputs"},
           {with({"y", {}, JoinChannels{}}), "joins one or more"},
           {with({"y", {0}, JoinChannels{}}), "must have the axes channel, row, column"},
           {with({"y", {0}, TakeChannels{}}), "must have the axes channel, row, column"},
           {with({"y", {0, 1}, MeanSquaredError{}}), "must be the same"},
           {with({"w", {0}, Linear{2, true}}), "used twice"},
           {with({"a b", {0}, Linear{2, true}}), "not usable"},
           {with({"", {0}, Linear{2, true}}), "not usable"},
           {with({"y", {0}, Activation{ActivationKind::elu, 0}}), "above 0"},
           {with({"y", {0}, Activation{ActivationKind::elu, nan}}), "finite"},
           {with({"y", {0}, Activation{ActivationKind::relu, 2}}), "relu has none"},
           {with({"y", {0}, SquaredDistance{nan}}), "finite"},
           {with({"y", {}, Input{}}), "0 axes"},
           {with({"y", {}, vector_of(-2)}), "must be at least 1"},
           {with({"y", {}, Input{{{{"a", 1 << 20}, {"b", 1 << 20}, {"c", 1 << 20}}}}}), "2^44"},
           {with({"y", {}, Input{{{{"a", 1}, {"a", 1}}}}}), "two axes"},
           {with({"y", {}, Input{{{{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}, {"e", 1}}}}}), "5 axes"},
       })
    EXPECT_NE(refusal(c.graph).find(c.expected), std::string::npos)
        << refusal(c.graph) << " / " << c.expected;

  Graph early = with({"y", {0}, SquaredDistance{0}});
  early.add("z", {0}, Linear{2, true});
  EXPECT_NE(refusal(early).find("must be the last node"), std::string::npos);
}

TEST(Shapes, AreThoseOfTheValuesOfRandomGraphs) {
  for (std::uint64_t item = 0; item < 100; ++item) {
    Graph const graph = random_graph(item);
    auto const data = random_data<double>(graph, 2, item);
    ReferenceRun<double> run(graph, 2, data.inputs, data.parameters);
    run.forward();
    auto const shape = shapes(graph);
    auto const live = live_nodes(graph);
    for (std::size_t id = 0; id < graph.nodes.size(); ++id)
      if (live[id] || std::holds_alternative<Input>(graph.nodes[id].op)) {
        EXPECT_EQ(run.value(static_cast<NodeId>(id)).size(),
                  static_cast<std::size_t>(2 * shape[id].size()));
      }
  }
}

/// Where gradients are said to arrive is where the reference brings them.
TEST(GradientContributions, AreThoseOfTheReference) {
  for (std::uint64_t item = 0; item < 300; ++item) {
    Graph const graph = random_graph(item);
    auto const data = random_data<double>(graph, 1, item);
    ReferenceRun<double> run(graph, 1, data.inputs, data.parameters);
    run.forward();
    run.backward();
    auto const contributions = gradient_contributions(graph);
    for (NodeId id = 0; id < static_cast<NodeId>(graph.nodes.size()); ++id)
      if (id != objective_node(graph)) {
        EXPECT_EQ(contributions[id] > 0, !run.node_gradient(id).empty())
            << "graph " << item << " node " << id;
      }
  }
}

/// x -> a -> relu -> b -> + a -> elu -> c: a is read twice and its gradient has two parts.
Graph diamond(Objective objective) {
  Graph graph{"diamond", {}};
  graph.add("x", {}, vector_of(5));
  graph.add("a", {0}, Linear{7, true});
  graph.add("a.relu", {1}, Activation{ActivationKind::elu, 0.7});
  graph.add("b", {2}, Linear{7, false});
  graph.add("sum", {3, 1}, Add{});
  graph.add("sum.elu", {4}, Activation{ActivationKind::elu, 1});
  graph.add("c", {5}, Linear{5, true});
  if (objective == Objective::squared_distance) graph.add("objective", {6}, SquaredDistance{0.3});
  if (objective == Objective::mean_squared_error)
    graph.add("objective", {6, 0}, MeanSquaredError{});
  return graph;
}

double total_objective(Graph const& graph, std::int64_t batch,
                       testing::RandomData<double> const& data) {
  ReferenceRun<double> run(graph, batch, data.inputs, data.parameters);
  run.forward();
  double total = 0;
  for (double value : run.value(objective_node(graph))) total += value;
  return total;
}

/// Largest relative difference (norm-wise per tensor) of gradients and central differences; the
/// gradient of the first tensor is scaled by `slip` first.
double worst_gradient_error(Graph const& graph, double slip) {
  constexpr std::int64_t batch = 3;
  constexpr double step = 1e-5;
  auto data = random_data<double>(graph, batch, 11);
  ReferenceRun<double> run(graph, batch, data.inputs, data.parameters);
  run.forward();
  run.backward();
  double worst = 0;
  for (std::size_t p = 0; p < data.parameters.size(); ++p) {
    double difference = 0, norm = 0;
    for (std::size_t n = 0; n < data.parameters[p].size(); ++n) {
      double const kept = data.parameters[p][n];
      data.parameters[p][n] = kept + step;
      double const above = total_objective(graph, batch, data);
      data.parameters[p][n] = kept - step;
      double const below = total_objective(graph, batch, data);
      data.parameters[p][n] = kept;
      double const want = (above - below) / (2 * step);
      double const got = run.gradient(p)[n] * (p == 0 ? slip : 1);
      difference += (got - want) * (got - want);
      norm += want * want;
    }
    worst = std::max(worst, std::sqrt(difference / norm));
  }
  return worst;
}

TEST(ResidualDiamond, GradientMatchesDifferences) {
  for (Objective objective : {Objective::squared_distance, Objective::mean_squared_error}) {
    EXPECT_LE(worst_gradient_error(diamond(objective), 1), 1e-6);
    EXPECT_GT(worst_gradient_error(diamond(objective), 1 + 1e-5), 1e-6) << "the check cannot fail";
  }
}

}  // namespace
}  // namespace crossjoule::models
