// SPDX-License-Identifier: BSD-3-Clause
// Networks that are built in, against published counts and closed forms.
#include "core/error.hpp"
#include "core/testing/refusal.hpp"
#include "models/build.hpp"
#include "models/cnn.hpp"
#include "models/cost.hpp"
#include "models/rbm.hpp"
#include "models/text.hpp"
#include "tests/models/random_graph.hpp"
#include "tests/models/reference_run.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <set>

namespace crossjoule::models {
namespace {

Graph build_study(std::string const& toml) {
  core::Config config = core::Config::from_text(toml, "study.toml");
  Graph graph = build(config.section("network"));
  config.refuse_leftovers();
  return graph;
}

Shape shape_at(Graph const& graph, std::string const& name) {
  for (NodeId id = 0; id < static_cast<NodeId>(graph.nodes.size()); ++id)
    if (graph.nodes[id].name == name) return shapes(graph)[id];
  ADD_FAILURE() << "no node " << name;
  return {};
}

Shape image(std::int64_t rows, std::int64_t columns, std::int64_t features) {
  return {{{"row", rows}, {"column", columns}, {"feature", features}}};
}

/// 11.69 M parameters and 1.81 GMAC, 25.56 M and 4.09 GMAC, as published.
TEST(ResNet, HasThePublishedSize) {
  Cost const small = cost(resnet18()), large = cost(resnet50());
  EXPECT_EQ(small.parameters, 11689512);
  EXPECT_EQ(small.forward.product_macs, 1814073344);
  EXPECT_EQ(large.parameters, 25557032);
  EXPECT_EQ(large.forward.product_macs, 4089184256);
  // batch norms (4,800 and 26,560 features) and the bias of the classifier are no products
  EXPECT_EQ(small.stationary_weights, 11689512 - 2 * 4800 - 1000);
  EXPECT_EQ(large.stationary_weights, 25557032 - 2 * 26560 - 1000);
}

TEST(ResNet, StagesHaveThePublishedShapes) {
  Graph const graph = resnet50();
  EXPECT_EQ(shape_at(graph, "conv1"), image(112, 112, 64));
  EXPECT_EQ(shape_at(graph, "maxpool"), image(56, 56, 64));
  EXPECT_EQ(shape_at(graph, "layer1.2.relu"), image(56, 56, 256));
  EXPECT_EQ(shape_at(graph, "layer2.3.relu"), image(28, 28, 512));
  EXPECT_EQ(shape_at(graph, "layer3.5.relu"), image(14, 14, 1024));
  EXPECT_EQ(shape_at(graph, "layer4.2.relu"), image(7, 7, 2048));
  EXPECT_EQ(shapes(graph).back(), (Shape{{{"feature", 1000}}}));
  EXPECT_EQ(shape_at(resnet18(), "layer4.1.relu"), image(7, 7, 512));
}

TEST(ResNet, ParametersAreNamedAndShapedAsInTheStateDict) {
  std::set<std::string> names;
  for (Parameter const& parameter : parameters(resnet18())) {
    names.insert(parameter.name);
    if (parameter.name == "conv1.w") {
      EXPECT_EQ(parameter.shape, (std::vector<std::int64_t>{64, 3, 7, 7}));
    }
  }
  EXPECT_EQ(names.size(), 62u);  // 20 convolutions, 20 norms of two tensors, fc of two
  for (char const* name : {"layer2.0.downsample.0.w", "layer2.0.downsample.1.b", "layer4.1.bn2.w"})
    EXPECT_EQ(names.count(name), 1u) << name;
}

/// Layers and operations of the manual's table: 1.2318e9 operations an image.
TEST(Vgg8, IsTheBenchmarkedNetwork) {
  Graph const graph = vgg8();
  Cost const got = cost(graph);
  EXPECT_EQ(got.forward.product_macs, 615917568);
  EXPECT_EQ(got.parameters, 12973440);
  EXPECT_EQ(got.stationary_weights, got.parameters);
  EXPECT_EQ(shape_at(graph, "conv2"), image(32, 32, 128));
  EXPECT_EQ(shape_at(graph, "conv4"), image(16, 16, 256));
  EXPECT_EQ(shape_at(graph, "conv6"), image(8, 8, 512));
  EXPECT_EQ(shape_at(graph, "flatten"), (Shape{{{"feature", 8192}}}));
}

TEST(Networks, BuildByKind) {
  EXPECT_EQ(build_study("[network]\nkind = 'vgg8'"), vgg8());
  EXPECT_EQ(build_study("[network]\nkind = 'resnet18'\nclasses = 10\nrows = 32\ncolumns = 48\n"
                        "channels = 1"),
            resnet18({.rows = 32, .columns = 48, .channels = 1, .classes = 10}));
  EXPECT_EQ(build_study("[network]\nkind = 'resnet50'"), resnet50());
  EXPECT_EQ(
      build_study("[network]\nkind = 'rbm'\nvisible = 4\nhidden_per_visible = 2\n"
                  "visible_bias = true\nhidden_bias = false"),
      rbm({.visible = 4, .hidden_per_visible = 2, .visible_bias = true, .hidden_bias = false}));
  EXPECT_EQ(build_study("[network]\nkind = 'autoencoder'\nbatch_norm = true\n"
                        "activation = 'leaky_relu'"),
            autoencoder({.batch_norm = true, .activation = {ActivationKind::leaky_relu, 0.3}}));
}

TEST(Networks, TextReadsBackTheSameAndDigestsDiffer) {
  std::set<std::string> digests;
  std::size_t count = 0;
  for (Graph const& graph : {vgg8(), resnet18(), resnet50(), rbm(), rbm({.hidden_per_visible = 1}),
                             autoencoder(), autoencoder({.batch_norm = true}),
                             autoencoder({.activation = {ActivationKind::leaky_relu, 0.3}})}) {
    EXPECT_EQ(from_text(to_text(graph)), graph) << graph.name;
    digests.insert(digest(graph));
    EXPECT_EQ(digests.size(), ++count) << graph.name;
  }
}

TEST(Networks, RefusalsNameThePlace) {
  auto const refusal = [](std::string const& toml) {
    return core::testing::refusal([&] { build_study(toml); });
  };
  EXPECT_NE(refusal("[network]\nkind = 'rbm'\nvisible = 0").find("study.toml:3"),
            std::string::npos);
  EXPECT_NE(refusal("[network]\nkind = 'resnet18'\ninputs = 3").find("inputs"), std::string::npos);
  EXPECT_NE(refusal("[network]\nkind = 'vgg8'\nrows = 4").find("pool3"), std::string::npos);
  EXPECT_NE(refusal("[network]\nkind = 'vgg8'\nrows = 4").find("study.toml:3"), std::string::npos);
}

/// The published variant: a norm of the inputs and after each hidden layer, the same products.
TEST(AutoencoderVariant, HasNormsAndTheSameProducts) {
  Graph const graph =
      autoencoder({.batch_norm = true, .activation = {ActivationKind::leaky_relu, 0.3}});
  std::int64_t const normed = 57 + 32 + 16 + 3 + 16 + 32;
  EXPECT_EQ(cost(graph).forward.product_macs, 4768);
  EXPECT_EQ(cost(graph).parameters, cost(autoencoder()).parameters + 2 * normed);
  EXPECT_EQ(graph.nodes[1].name, "input_norm");
  EXPECT_EQ(shape_at(graph, "layer2.norm"), (Shape{{{"feature", 3}}}));
}

TEST(Rbm, CountsAreThoseOfTheStudy) {
  for (std::int64_t const a : {1, 2, 4, 6, 8, 10}) {
    Cost const got = cost(rbm({.hidden_per_visible = a}));
    EXPECT_EQ(got.forward.product_macs, 256 * a);
    EXPECT_EQ(got.stationary_weights, 256 * a);
    EXPECT_EQ(got.parameters, 256 * a + 16 * a);
  }
  EXPECT_EQ(sweep_size(16) * cost(rbm()).forward.product_macs, 32947200);  // 32.947 MMAC a sweep
}

TEST(Rbm, SweepIsTheSectorWithoutMagnetisation) {
  EXPECT_EQ(sweep_size(16), 12870);
  EXPECT_EQ(sweep_size(2), 2);
  EXPECT_EQ(sweep_size(60), 118264581564861424);
  auto const states = sweep_states(16);
  ASSERT_EQ(states.size(), 12870u * 16);
  std::set<std::vector<float>> distinct;
  for (std::size_t row = 0; row < 12870; ++row) {
    std::vector<float> const state(states.begin() + row * 16, states.begin() + (row + 1) * 16);
    float sum = 0;
    for (float const spin : state) {
      EXPECT_EQ(std::abs(spin), 1);
      sum += spin;
    }
    ASSERT_EQ(sum, 0);
    distinct.insert(state);
  }
  EXPECT_EQ(distinct.size(), 12870u);
  EXPECT_THROW(sweep_size(15), core::Error);
  EXPECT_THROW(sweep_size(62), core::Error);
  EXPECT_THROW(sweep_states(26), core::Error);
}

/// log psi against the product of cosh over the hidden units, for every state of four spins.
TEST(Rbm, OutputIsTheLogarithmOfTheAmplitude) {
  Graph const graph = rbm({.visible = 4, .hidden_per_visible = 3, .visible_bias = true});
  auto const states = sweep_states(4);
  auto data = testing::random_data<double>(graph, 6, 3);
  data.inputs[0].assign(states.begin(), states.end());
  testing::ReferenceRun<double> run(graph, 6, data.inputs, data.parameters);
  run.forward();
  auto const& w = data.parameters[0];
  auto const& b = data.parameters[1];
  auto const& a = data.parameters[2];
  for (std::size_t row = 0; row < 6; ++row) {
    double psi = 1;
    for (std::size_t j = 0; j < 12; ++j) {
      double theta = b[j];
      for (std::size_t i = 0; i < 4; ++i) theta += w[j * 4 + i] * states[row * 4 + i];
      psi *= 2 * std::cosh(theta);
    }
    for (std::size_t i = 0; i < 4; ++i) psi *= std::exp(a[i] * states[row * 4 + i]);
    EXPECT_NEAR(run.value(output_node(graph))[row], std::log(psi), 1e-12);
  }
}

}  // namespace
}  // namespace crossjoule::models
