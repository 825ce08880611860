// SPDX-License-Identifier: BSD-3-Clause
// Operations on images: shapes, text form, digest, cost against a counting scalar, gradients of
// whole networks.
#include "core/error.hpp"
#include "core/testing/refusal.hpp"
#include "models/cost.hpp"
#include "models/text.hpp"
#include "tests/models/counting.hpp"
#include "tests/models/random_graph.hpp"
#include "tests/models/random_images.hpp"
#include "tests/models/reference_run.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <limits>
#include <set>

namespace crossjoule::models {
namespace {

using testing::Counting;
using testing::random_data;
using testing::random_images;
using testing::ReferenceRun;
using testing::Tally;
using testing::tally;

constexpr std::uint64_t random_networks = 400;

/// Products, pointwise operations and joined gradients of one sample, as executed.
TEST(Images, CostIsWhatTheReferenceExecutes) {
  std::int64_t back = 0;
  for (std::uint64_t item = 0; item < random_networks; ++item) {
    Graph const graph = random_images(item);
    auto const data = random_data<Counting>(graph, 1, item);
    ReferenceRun<Counting> run(graph, 1, data.inputs, data.parameters);
    Cost const want = cost(graph);
    tally = {};
    run.forward();
    Tally const forward = std::exchange(tally, {});
    run.backward();
    Tally const backward = std::exchange(tally, {});
    ASSERT_EQ(want.forward.product_macs, forward.macs) << to_text(graph);
    ASSERT_EQ(want.forward.pointwise_flops, forward.flops) << to_text(graph);
    ASSERT_EQ(want.backward.product_macs, backward.macs) << to_text(graph);
    ASSERT_EQ(want.backward.pointwise_flops, backward.flops) << to_text(graph);
    back += backward.macs;
  }
  EXPECT_GT(back, 50000) << "hardly anything was trained";
}

TEST(Images, ParametersAreTheSumOfTheTensors) {
  for (std::uint64_t item = 0; item < random_networks; ++item) {
    Graph const graph = random_images(item);
    std::int64_t total = 0, weights = 0;
    std::vector<bool> const live = live_nodes(graph);
    for (Parameter const& parameter : parameters(graph)) {
      total += parameter.size();
      if (parameter.shape.size() > 1 && live[parameter.node]) weights += parameter.size();
    }
    ASSERT_EQ(cost(graph).parameters, total) << to_text(graph);
    ASSERT_EQ(cost(graph).stationary_weights, weights) << to_text(graph);
  }
}

TEST(Images, TextReadsBackTheSame) {
  for (std::uint64_t item = 0; item < random_networks; ++item) {
    Graph const graph = random_images(item);
    ASSERT_EQ(from_text(to_text(graph)), graph) << to_text(graph);
    ASSERT_EQ(digest(from_text(to_text(graph))), digest(graph));
  }
}

/// A graph of an image of 5 x 7 pixels with two features and what `line` says about it.
std::string text_of(std::string const& line) {
  return "graph g\nx = input() shape=row:5,column:7,feature:2\n" + line + "\n";
}
Shape shape_of(std::string const& line) { return shapes(from_text(text_of(line))).back(); }

TEST(Images, ShapesByHand) {
  auto const image = [](std::int64_t rows, std::int64_t columns, std::int64_t features) {
    return Shape{{{"row", rows}, {"column", columns}, {"feature", features}}};
  };
  EXPECT_EQ(shape_of("y = conv2d(x) out_features=3 kernel=3 bias=true"), image(3, 5, 3));
  EXPECT_EQ(shape_of("y = conv2d(x) out_features=3 kernel=3 padding=1 bias=true"), image(5, 7, 3));
  EXPECT_EQ(shape_of("y = conv2d(x) out_features=1 kernel=5x1 stride=2 bias=false"),
            image(1, 4, 1));
  EXPECT_EQ(shape_of("y = conv2d(x) out_features=1 kernel=1 padding=2x0 bias=false"),
            image(9, 7, 1));
  EXPECT_EQ(shape_of("y = max_pool(x) kernel=3 stride=2 padding=1"), image(3, 4, 2));
  EXPECT_EQ(shape_of("y = average_pool(x) kernel=2x3"), image(4, 5, 2));
  EXPECT_EQ(shape_of("y = global_average_pool(x)"), (Shape{{{"feature", 2}}}));
  EXPECT_EQ(shape_of("y = flatten(x)"), (Shape{{{"feature", 70}}}));
  EXPECT_EQ(shape_of("y = log_cosh_sum(x)"), image(5, 7, 1));
  EXPECT_EQ(shape_of("y = batch_norm(x)"), image(5, 7, 2));
}

TEST(Images, RefusalsNameTheTrouble) {
  struct Case {
    std::string line, expected;
  };
  for (Case const& c : {
           Case{"y = conv2d(x) out_features=3 kernel=6x1 bias=true", "kernel of 6 rows"},
           {"y = conv2d(x) out_features=3 kernel=0 bias=true", "kernel of 0"},
           {"y = conv2d(x) out_features=3 kernel=3 stride=0 bias=true", "stride of 0"},
           {"y = conv2d(x) out_features=3 kernel=3 padding=-1 bias=true", "padding of -1"},
           {"y = conv2d(x) out_features=0 kernel=3 bias=true", "must be at least 1"},
           {"y = conv2d(x) out_features=3 kernel=3x bias=true", "kernel = ''"},
           {"y = conv2d(x) out_features=3 kernel=3x3x3 bias=true", "kernel = '3x3'"},
           {"y = conv2d(x) out_features=3 kernel=3", "'bias' is not set"},
           {"y = conv2d(x) out_features=3 bias=true", "'kernel' is not set"},
           {"y = conv2d(x, x) out_features=3 kernel=3 bias=true", "has 2 inputs"},
           {"y = conv2d(x) out_features=3 kernel=1 padding=9223372036854775807 bias=true",
            "padding of 9223372036854775807"},
           {"y = conv2d(x) out_features=3 kernel=1 padding=17592186044416 bias=true", "2^44"},
           {"y = conv2d(x) out_features=17592186044416 kernel=1 bias=true", "2^44"},
           {"y = max_pool(x) kernel=2 padding=2", "must be less than the kernel"},
           {"y = average_pool(x) kernel=2x1 padding=0x1", "must be less than the kernel"},
           {"y = max_pool(x) kernel=8", "kernel of 8"},
           {"f = flatten(x)\ny = max_pool(f) kernel=1", "row, column, feature"},
           {"f = flatten(x)\ny = conv2d(f) out_features=1 kernel=1 bias=true",
            "row, column, feature"},
           {"f = flatten(x)\ny = global_average_pool(f)", "row, column, feature"},
           {"y = leaky_relu(x) alpha=0", "above 0"},
           {"y = batch_norm(x) epsilon=1e-5", "'epsilon' is not known"},
       }) {
    auto const message = core::testing::refusal([&] { from_text(text_of(c.line)); });
    EXPECT_NE(message.find(c.expected), std::string::npos) << c.line << "\n" << message;
  }
}

TEST(Images, DigestSeesEveryHyperParameter) {
  std::set<std::string> seen;
  std::size_t count = 0;
  for (std::string const line : {
           "y = conv2d(x) out_features=3 kernel=3x3 stride=1x1 padding=1x1 bias=true",
           "y = conv2d(x) out_features=4 kernel=3x3 stride=1x1 padding=1x1 bias=true",
           "y = conv2d(x) out_features=3 kernel=2x3 stride=1x1 padding=1x1 bias=true",
           "y = conv2d(x) out_features=3 kernel=3x2 stride=1x1 padding=1x1 bias=true",
           "y = conv2d(x) out_features=3 kernel=3x3 stride=2x1 padding=1x1 bias=true",
           "y = conv2d(x) out_features=3 kernel=3x3 stride=1x2 padding=1x1 bias=true",
           "y = conv2d(x) out_features=3 kernel=3x3 stride=1x1 padding=0x1 bias=true",
           "y = conv2d(x) out_features=3 kernel=3x3 stride=1x1 padding=1x0 bias=true",
           "y = conv2d(x) out_features=3 kernel=3x3 stride=1x1 padding=1x1 bias=false",
           "y = max_pool(x) kernel=2x2 stride=1x1 padding=0x0",
           "y = average_pool(x) kernel=2x2 stride=1x1 padding=0x0",
           "y = max_pool(x) kernel=2x2 stride=2x2 padding=0x0",
           "y = global_average_pool(x)",
           "y = flatten(x)",
           "y = batch_norm(x)",
           "y = log_cosh_sum(x)",
           "y = leaky_relu(x) alpha=0.3",
           "y = leaky_relu(x) alpha=0.2",
       }) {
    seen.insert(digest(from_text(text_of(line))));
    EXPECT_EQ(seen.size(), ++count) << line;
  }
}

/// The text as printed: what records keep and users may write.
TEST(Images, TextIsPrintedInFull) {
  EXPECT_EQ(to_text(from_text(text_of("y = conv2d(x) out_features=3 kernel=3 bias=true"))),
            text_of("y = conv2d(x) out_features=3 kernel=3x3 stride=1x1 padding=0x0 bias=true"));
  EXPECT_EQ(to_text(from_text(text_of("y = max_pool(x) kernel=3 stride=2x1 padding=1"))),
            text_of("y = max_pool(x) kernel=3x3 stride=2x1 padding=1x1"));
}

double loss(ReferenceRun<double>& run, Graph const& graph) {
  run.forward();
  double total = 0;
  for (double const value : run.value(objective_node(graph))) total += value;
  return total;
}

/// Gradients of all parameters of whole networks; max pools and slopes bend nowhere near random
/// numbers.
TEST(Images, GradientsMatchDifferences) {
  constexpr double step = 1e-6, allowed = 1e-6;
  int checked = 0;
  for (std::uint64_t item = 0; item < 120; ++item) {
    Graph const graph = random_images(item);
    if (objective_node(graph) < 0 || parameters(graph).empty()) continue;
    std::int64_t const batch = 2;
    auto data = random_data<double>(graph, batch, item);
    ReferenceRun<double> run(graph, batch, data.inputs, data.parameters);
    loss(run, graph);
    run.backward();
    double difference = 0, norm = 0;
    for (std::size_t t = 0; t < data.parameters.size(); ++t)
      for (std::size_t n = 0; n < data.parameters[t].size(); n += 3) {
        auto const moved = [&](double by) {
          auto parameters = data.parameters;
          parameters[t][n] += by;
          ReferenceRun<double> other(graph, batch, data.inputs, parameters);
          return loss(other, graph);
        };
        double const want = (moved(step) - moved(-step)) / (2 * step);
        double const got = run.gradient(t).empty() ? 0 : run.gradient(t)[n];
        difference += std::pow(got - want, 2);
        norm += want * want;
      }
    // a network with loss 1e3 leaves 1e-7 of rounding in a difference
    EXPECT_LE(std::sqrt(difference), allowed * std::max(1.0, std::sqrt(norm))) << to_text(graph);
    ++checked;
  }
  EXPECT_GT(checked, 50);
}

}  // namespace
}  // namespace crossjoule::models
