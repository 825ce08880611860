// SPDX-License-Identifier: BSD-3-Clause
#include "models/text.hpp"

#include "core/error.hpp"
#include "core/testing/refusal.hpp"
#include "models/build.hpp"
#include "tests/models/random_graph.hpp"

#include <gtest/gtest.h>
#include <limits>
#include <set>

namespace crossjoule::models {
namespace {

using testing::random_graph;

std::string refusal(std::string const& text) {
  return core::testing::refusal([&] { from_text(text); });
}

TEST(Text, RandomGraphsReadBackTheSame) {
  for (std::uint64_t item = 0; item < 1000; ++item) {
    Graph const graph = random_graph(item);
    Graph const back = from_text(to_text(graph));
    ASSERT_EQ(back, graph) << to_text(graph);
    ASSERT_EQ(digest(back), digest(graph));
  }
}

TEST(Text, NumbersReadBackToTheSameBits) {
  for (double value : {0.1, -0.0, 1e-300, 5e-324, 0.1 + 0.2, std::numeric_limits<double>::max()}) {
    Graph const graph = svdd({.inputs = 2, .latent = 1, .hidden = {}, .centre = value});
    auto const back = std::get<SquaredDistance>(from_text(to_text(graph)).nodes.back().op);
    EXPECT_EQ(std::signbit(back.centre), std::signbit(value));
    EXPECT_EQ(back.centre, value);
  }
}

TEST(Text, LooksAsDocumented) {
  EXPECT_EQ(to_text(svdd({.inputs = 76, .latent = 13, .hidden = {512}, .centre = 0.25})),
            "graph svdd\n"
            "input = input() shape=feature:76\n"
            "layer0 = linear(input) out_features=512 bias=true\n"
            "layer0.activation = elu(layer0) alpha=1\n"
            "layer1 = linear(layer0.activation) out_features=13 bias=true\n"
            "objective = squared_distance(layer1) centre=0.25\n");
}

TEST(Text, AllowsCommentsBlanksAndWindowsLines) {
  Graph const graph = from_text(
      "# a diamond\r\n\r\ngraph d\r\n  x = input( ) shape=feature:3 \r\n"
      "a = linear( x )  bias=false out_features=3\r\nsum=add(a,x)\r\n");
  EXPECT_EQ(graph.nodes.size(), 3u);
  EXPECT_EQ(graph.nodes[2].inputs, (std::vector<NodeId>{1, 0}));
}

TEST(Text, RefusalsNameTheLineAndTheTrouble) {
  struct Case {
    std::string text, expected;
  };
  std::string const head = "graph g\nx = input() shape=feature:4\n";
  for (Case const& c : {
           Case{"", "starts with 'graph NAME'"},
           {"x = input() shape=feature:4\n", "line 1"},
           {head + "y = linaer(x) out_features=2 bias=true\n", "line 3: operation 'linaer'"},
           {head + "y = linear(x) out_features=2\n", "line 3: 'bias' is not set"},
           {head + "y = linear(x) out_features=2 bias=yes\n", "line 3: bias = 'yes'"},
           {head + "y = linear(x) out_features=2.5 bias=true\n", "out_features = '2.5'"},
           {head + "y = linear(x) out_features=99999999999999999999 bias=true\n", "line 3"},
           {head + "y = linear(x) out_features=0 bias=true\n", "must be at least 1"},
           {head + "y = linear(x) out_features=-3 bias=true\n", "must be at least 1"},
           {head + "y = linear(x) out_features=2 bias=true rank=3\n",
            "line 3: 'rank' is not known"},
           {head + "y = linear(x) out_features=2 out_features=3 bias=true\n", "set twice"},
           {head + "y = relu(z)\n", "line 3: 'y' reads 'z'"},
           {head + "y = relu(y)\n", "line 3: 'y' reads 'y'"},
           {head + "x = relu(x)\n", "defined twice"},
           {head + "y = relu(x, x)\n", "has 2 inputs"},
           {head + "y = elu(x) alpha=nan\n", "finite"},
           {head + "y = elu(x) alpha=-1\n", "above 0"},
           {head + "y = relu x\n", "line 3: 'y = relu x' is no node"},
           {head + "y = relu(x) wide\n", "'wide' is no setting"},
           {"graph g\nx = input() shape=feature:0\n", "must be at least 1"},
           {"graph g\nx = input() shape=feature\n", "shape"},
           {"graph g h\nx = input() shape=feature:2\n", "graph name"},
       }) {
    EXPECT_NE(refusal(c.text).find(c.expected), std::string::npos)
        << "text:\n"
        << c.text << "message: " << refusal(c.text) << "\nexpected: " << c.expected;
  }
}

/// No damaged text may do anything but parse or be refused with an Error.
TEST(Text, SurvivesDamage) {
  std::string const whole = to_text(svdd());
  core::Random random(7, core::purpose("tests/text_damage"), 0);
  for (int round = 0; round < 3000; ++round) {
    std::string text = whole.substr(0, random.below(whole.size() + 1));
    for (std::uint64_t k = random.below(4); k > 0 && !text.empty(); --k)
      text[random.below(text.size())] = static_cast<char>(random.below(256));
    try {
      to_text(from_text(text));
    } catch (core::Error const&) {}
  }
}

TEST(Digest, IgnoresNamesOnly) {
  Graph renamed = svdd();
  renamed.name = "other";
  for (Node& node : renamed.nodes) node.name = "x." + node.name;
  EXPECT_EQ(digest(renamed), digest(svdd()));
}

TEST(Digest, SeesEveryHyperParameter) {
  std::set<std::string> seen{digest(svdd())};
  std::size_t count = 1;
  auto const differs = [&](Graph const& graph) {
    seen.insert(digest(graph));
    EXPECT_EQ(seen.size(), ++count) << to_text(graph);
  };
  differs(svdd({.latent = 14}));
  differs(svdd({.centre = 0.5}));
  differs(svdd({.inputs = 57}));
  differs(svdd({.hidden = {512, 256}}));
  differs(autoencoder());
  Graph no_bias = svdd();
  std::get<Linear>(no_bias.nodes[1].op).bias = false;
  differs(no_bias);
  Graph relu = svdd();
  relu.nodes[2].op = Activation{ActivationKind::relu, 1};
  differs(relu);
  Graph alpha = svdd();
  alpha.nodes[2].op = Activation{ActivationKind::elu, 0.5};
  differs(alpha);
  Graph rewired = mlp({.inputs = 3, .layers = {3, 3, 3}});
  differs(rewired);
  rewired.nodes[3].inputs = {1};
  differs(rewired);
}

TEST(Digest, OfRandomGraphsDiffersWhereTheTextDoes) {
  std::set<std::string> texts, digests;
  for (std::uint64_t item = 0; item < 500; ++item) {
    texts.insert(to_text(random_graph(item)));
    digests.insert(digest(random_graph(item)));
  }
  EXPECT_EQ(texts.size(), digests.size());
}

}  // namespace
}  // namespace crossjoule::models
