// SPDX-License-Identifier: BSD-3-Clause
#include "models/build.hpp"

#include "core/error.hpp"
#include "core/testing/refusal.hpp"
#include "models/cost.hpp"
#include "models/text.hpp"

#include <gtest/gtest.h>
#include <fstream>

namespace crossjoule::models {
namespace {

/// Build from the text of a study and refuse what nobody took, as every verb does.
Graph build_study(std::string const& toml) {
  core::Config config = core::Config::from_text(toml, "study.toml");
  Graph graph = build(config.section("network"));
  config.refuse_leftovers();
  return graph;
}

std::string refusal(std::string const& toml) {
  return core::testing::refusal([&] { build_study(toml); });
}

TEST(Build, DefaultsAreThePublishedNetworks) {
  EXPECT_EQ(build_study(""), svdd());
  EXPECT_EQ(build_study("[network]\nkind = 'autoencoder'"), autoencoder());
  EXPECT_EQ(build_study("[network]\nkind = 'mlp'"), mlp({}));
}

TEST(Build, EveryKeyReachesTheGraph) {
  EXPECT_EQ(
      build_study(
          "[network]\nkind = 'svdd'\ninputs = 57\nhidden = [3, 1]\nlatent = 7\ncentre = -2.5"),
      svdd({.inputs = 57, .latent = 7, .hidden = {3, 1}, .centre = -2.5}));
  EXPECT_EQ(build_study("[network]\nkind = 'autoencoder'\ninputs = 11\nhidden = [5]"),
            autoencoder({.inputs = 11, .hidden = {5}}));
  EXPECT_EQ(
      build_study(
          "[network]\nkind = 'mlp'\ninputs = 4\nlayers = [3, 4]\nactivation = 'elu'\nalpha = 0.5\n"
          "objective = 'mean_squared_error'"),
      mlp({.inputs = 4,
           .layers = {3, 4},
           .activation = {ActivationKind::elu, 0.5},
           .objective = Objective::mean_squared_error}));
  EXPECT_EQ(
      build_study(
          "[network]\nkind = 'mlp'\nlayers = [2]\nobjective = 'squared_distance'\ncentre = 1.5"),
      mlp({.layers = {2}, .objective = Objective::squared_distance, .centre = 1.5}));
}

TEST(Build, ReadsTheTextForm) {
  std::string const text = to_text(svdd({.latent = 5}));
  EXPECT_EQ(build_study("[network]\nkind = 'text'\ntext = '''\n" + text + "'''"),
            svdd({.latent = 5}));
  std::string const path = ::testing::TempDir() + "crossjoule_build_test.txt";
  std::ofstream(path) << text;
  EXPECT_EQ(build_study("[network]\nkind = 'text'\nfile = '" + path + "'"), svdd({.latent = 5}));
}

TEST(Build, NamesOfNodesAndParameters) {
  Graph const graph = svdd();
  EXPECT_EQ(graph.nodes[2].name, "layer0.activation");
  EXPECT_EQ(parameters(graph).front().name, "layer0.w");
  EXPECT_EQ(parameters(graph).back().name, "layer3.b");
  EXPECT_EQ(graph.nodes[objective_node(graph)].name, "objective");
}

TEST(Build, WithoutHiddenLayersIsOneProduct) {
  EXPECT_EQ(cost(svdd({.inputs = 3, .latent = 2, .hidden = {}})).parameters, 8);
}

TEST(Build, RefusalsNameThePlace) {
  struct Case {
    std::string toml;
    std::vector<std::string> expected;
  };
  for (Case const& c : {
           Case{"[network]\nkind = 'cnn'",
                {"cnn", "svdd", "autoencoder", "mlp", "text", "study.toml:2"}},
           {"[network]\nlatent = -3", {"latent", "-3", "study.toml:2"}},
           {"[network]\n\nlatent = 0", {"latent", "study.toml:3"}},
           {"[network]\nlatent = 99999999999", {"latent", "study.toml:2"}},
           {"[network]\nlatent = 99999999999999999999999", {"study.toml"}},
           {"[network]\nhidden = [16777216, 16777216]", {"2^44", "study.toml:2"}},
           {"[network]\ninputs = 16777216\nlatent = 16777216\nhidden = []", {"2^44", "study.toml"}},
           {"[network]\nhidden = [512, -1]", {"hidden", "study.toml:2"}},
           {"[network]\nhidden = 512", {"hidden", "study.toml:2"}},
           {"[network]\nhidden = ['a']", {"hidden", "study.toml:2"}},
           {"[network]\ncentre = nan", {"centre", "study.toml:2"}},
           {"[network]\ncentre = inf", {"centre", "study.toml:2"}},
           {"[network]\nlatnet = 3", {"latnet", "latent", "study.toml:2"}},
           {"[network]\nkind = 'autoencoder'\nlatent = 3", {"latent", "study.toml:3"}},
           {"[network]\nkind = 'mlp'\nlayers = []", {"layers is empty", "study.toml:3"}},
           {"[network]\nkind = 'mlp'\nlayers = [3]\nobjective = 'mean_squared_error'",
            {"16", "study.toml:3"}},
           {"[network]\nkind = 'mlp'\nobjective = 'loss'",
            {"loss", "squared_distance", "study.toml:3"}},
           {"[network]\nkind = 'mlp'\nactivation = 'elu'\nalpha = 0.0", {"alpha", "study.toml:4"}},
           {"[network]\nkind = 'text'", {"exactly one", "study.toml:2"}},
           {"[network]\nkind = 'text'\nfile = '/no/such/file'", {"/no/such/file", "study.toml:3"}},
           {"[network]\nkind = 'text'\ntext = 'graph g'", {"no nodes", "study.toml:3"}},
       })
    for (std::string const& part : c.expected)
      EXPECT_NE(refusal(c.toml).find(part), std::string::npos)
          << c.toml << "\nmessage: " << refusal(c.toml) << "\nlacks: " << part;
}

TEST(Build, DefaultsAreDocumented) {
  core::Config config = core::Config::from_text("", "defaults");
  build(config.section("network"));
  std::string const dump = config.dump_default();
  for (char const* key : {"kind", "inputs", "hidden", "latent", "centre"})
    EXPECT_NE(dump.find(key), std::string::npos) << dump;
  EXPECT_EQ(build_study(dump), svdd()) << dump;
}

}  // namespace
}  // namespace crossjoule::models
