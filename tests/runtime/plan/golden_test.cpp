// SPDX-License-Identifier: BSD-3-Clause
#include "core/h5file.hpp"
#include "models/build.hpp"
#include "tests/runtime/plan/support.hpp"

#include <filesystem>

namespace crossjoule::runtime {
namespace {

/// Tolerances of the reference files' own README, norm-wise per dataset.
template <class T>
constexpr double allowed_value = sizeof(T) == 4 ? 2e-6 : 1e-11;
template <class T>
constexpr double allowed_gradient = sizeof(T) == 4 ? 5e-6 : 1e-11;

template <class T>
class Golden : public ::testing::Test {
 protected:
  /// Norm-wise errors of a file: the worst of outputs, loss and activations, the worst gradient.
  struct Errors {
    double value = 0, gradient = 0;
  };

  static Errors errors(std::string const& name, models::Graph const& graph, double slip) {
    core::H5File const file =
        core::H5File::open(std::filesystem::path(CROSSJOULE_SHARED_DIR) / "data/golden" / name);
    ParamLayout const layout(graph);
    std::vector<std::vector<double>> tensors, gradients;
    for (auto const& tensor : layout.tensors) {
      tensors.push_back(file.read<double>("parameters/" + tensor.parameter.name));
      gradients.push_back(file.read<double>("gradients/" + tensor.parameter.name));
    }
    for (double& weight : tensors[0]) weight *= 1 + slip;
    std::int64_t const batch = file.shape("input")[0];
    auto const input = testing::as<T>(file.read<double>("input"));
    Plan<T> plan(graph,
                 {.purpose = Purpose::training, .max_batch = batch, .keep = Keep::everything});
    plan.set_parameters(testing::flatten<T>(layout, tensors));
    std::vector<T> gradient(static_cast<std::size_t>(layout.words));
    double const loss = plan.loss_and_gradient(input, batch, gradient);

    Errors worst;
    auto const meet = [&](std::vector<T> const& got, std::vector<double> const& want) {
      worst.value = std::max(worst.value, testing::distance<T>(got, want));
    };
    meet({static_cast<T>(loss / static_cast<double>(batch))}, file.read<double>("loss"));
    auto const output = file.read<double>("output");
    std::vector<T> got(output.size());
    plan.infer(input, batch, got, {});
    meet(got, output);
    for (models::NodeId node = 0; node < static_cast<models::NodeId>(graph.nodes.size()); ++node) {
      std::string const dataset = "activations/" + graph.nodes[node].name.substr(0, 6);
      if (!graph.nodes[node].name.ends_with(".activation")) continue;
      auto const want = file.read<double>(dataset);
      got.resize(want.size());
      plan.activation(node, got);
      meet(got, want);
    }
    for (std::size_t t = 0; t < gradients.size(); ++t) {
      for (double& value : gradients[t])
        value *= static_cast<double>(batch);  // files hold the mean's
      worst.gradient = std::max(
          worst.gradient, testing::distance<T>(std::span(gradient).subspan(layout.tensors[t].offset,
                                                                           gradients[t].size()),
                                               gradients[t]));
    }
    return worst;
  }

  static void compare(std::string const& name, models::Graph const& graph) {
    if (!std::filesystem::exists(std::filesystem::path(CROSSJOULE_SHARED_DIR) / "data/golden" /
                                 name))
      GTEST_SKIP() << name << " is not beside this repository";
    Errors const sound = errors(name, graph, 0);
    EXPECT_LE(sound.value, allowed_value<T>);
    EXPECT_LE(sound.gradient, allowed_gradient<T>);
    Errors const slipped = errors(name, graph, 0.05);  // the twin: the first layer off by 5 %
    EXPECT_GT(slipped.value, allowed_value<T>);
    EXPECT_GT(slipped.gradient, allowed_gradient<T>);
  }
};
using Numbers = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Golden, Numbers);

TYPED_TEST(Golden, Svdd) { this->compare("svdd-z13.h5", models::svdd()); }
TYPED_TEST(Golden, Autoencoder) { this->compare("ae-57.h5", models::autoencoder()); }

}  // namespace
}  // namespace crossjoule::runtime
