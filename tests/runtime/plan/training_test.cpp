// SPDX-License-Identifier: BSD-3-Clause
#include "core/error.hpp"
#include "models/build.hpp"
#include "tests/runtime/plan/support.hpp"

namespace crossjoule::runtime {
namespace {

/// Norm-wise error of gradients against the plain loops in fp64: largest seen 7e-7 and 3e-15.
template <class T>
constexpr double allowed = sizeof(T) == 4 ? 5e-6 : 1e-12;

template <class T>
class Training : public ::testing::Test {};
using Numbers = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Training, Numbers);

TYPED_TEST(Training, GradientIsEquivalentToReference) {
  using T = TypeParam;
  int trained = 0;
  for (std::uint64_t item = 0; item < 200; ++item) {
    testing::Case const c(item);
    if (!c.has_objective()) continue;
    ++trained;
    Plan<T> plan(c.graph, {.purpose = Purpose::training, .max_batch = c.batch + 3});
    plan.set_parameters(testing::flatten<T>(c.layout, c.data.parameters));
    std::vector<T> gradient(static_cast<std::size_t>(c.layout.words), T(NAN));
    double const loss = plan.loss_and_gradient(testing::as<T>(c.data.inputs[0]), c.batch, gradient);
    double want = 0;
    for (double const value : c.want(models::objective_node(c.graph))) want += value;
    EXPECT_NEAR(loss, want, allowed<T> * std::abs(want)) << item;
    EXPECT_LE(testing::distance<T>(gradient, c.want_gradient()), allowed<T>) << item;
  }
  EXPECT_GT(trained, 100);
}

/// Every value of every live node can be asked for.
TYPED_TEST(Training, ActivationsAreEquivalentToReference) {
  using T = TypeParam;
  for (std::uint64_t item = 0; item < 60; ++item) {
    testing::Case const c(item);
    if (!c.has_objective()) continue;
    Plan<T> plan(c.graph,
                 {.purpose = Purpose::training, .max_batch = c.batch, .keep = Keep::everything});
    plan.set_parameters(testing::flatten<T>(c.layout, c.data.parameters));
    std::vector<T> gradient(static_cast<std::size_t>(c.layout.words));
    auto const input = testing::as<T>(c.data.inputs[0]);
    plan.loss_and_gradient(input, c.batch, gradient);
    for (models::NodeId node = 0; node < static_cast<models::NodeId>(c.graph.nodes.size());
         ++node) {
      if (!models::live_nodes(c.graph)[node]) continue;
      std::vector<T> got(c.want(node).size());
      plan.activation(node, got);
      EXPECT_LE(testing::distance<T>(got, c.want(node)), 2e-6) << item << " node " << node;
    }
  }
}

TEST(TrainingGradients, MatchDifferences) {
  constexpr double step = 1e-5, allowed_difference = 1e-6;
  models::Graph diamond{"diamond", {}};
  auto const in = diamond.add("input", {}, models::Input{{{{"feature", 7}}}});
  auto const a = diamond.add("a", {in}, models::Linear{11, true});
  auto const bent = diamond.add("bent", {a}, models::Activation{models::ActivationKind::elu, 0.8});
  auto const b = diamond.add("b", {bent}, models::Linear{11, false});
  auto const sum = diamond.add("sum", {b, bent}, models::Add{});
  auto const c = diamond.add("c", {sum}, models::Linear{7, true});
  diamond.add("objective", {c, in}, models::MeanSquaredError{});

  testing::Case const data(diamond, 11, 5);
  Plan<double> plan(diamond, {.purpose = Purpose::training, .max_batch = 5});
  auto parameters = testing::flatten<double>(data.layout, data.data.parameters);
  std::vector<double> gradient(parameters.size()), ignored(parameters.size());
  auto const loss = [&](std::vector<double>& into) {
    plan.set_parameters(parameters);
    return plan.loss_and_gradient(data.data.inputs[0], 5, into);
  };
  loss(gradient);
  for (auto const& tensor : data.layout.tensors)
    for (std::int64_t n = 0; n < tensor.parameter.size(); n += 5) {
      double& number = parameters[static_cast<std::size_t>(tensor.offset + n)];
      double const kept = number;
      number = kept + step;
      double const above = loss(ignored);
      number = kept - step;
      double const below = loss(ignored);
      number = kept;
      double const want = gradient[static_cast<std::size_t>(tensor.offset + n)];
      EXPECT_NEAR((above - below) / (2 * step), want, allowed_difference * (1 + std::abs(want)))
          << tensor.parameter.name << " " << n;
    }
}

TEST(TrainingGradients, ComparisonNoticesASwappedWeight) {
  testing::Case const c(models::autoencoder(), 2, 9);
  Plan<double> plan(c.graph, {.purpose = Purpose::training, .max_batch = 9});
  auto parameters = testing::flatten<double>(c.layout, c.data.parameters);
  std::swap(parameters[0], parameters[1]);
  plan.set_parameters(parameters);
  std::vector<double> gradient(parameters.size());
  plan.loss_and_gradient(c.data.inputs[0], 9, gradient);
  EXPECT_GT(testing::distance<double>(gradient, c.want_gradient()), allowed<double>);
}

/// A smaller batch after a larger one leaves nothing behind, and padding is 0.
TEST(TrainingGradients, DoNotRememberTheLastBatch) {
  testing::Case const c(models::autoencoder(), 4, 40);
  Plan<float> plan(c.graph, {.purpose = Purpose::training, .max_batch = 40});
  plan.set_parameters(testing::flatten<float>(c.layout, c.data.parameters));
  auto const input = testing::as<float>(c.data.inputs[0]);
  std::vector<float> first(c.layout.words), other(c.layout.words), again(c.layout.words, NAN);
  auto const head = std::span(input).first(57 * 3);
  double const loss = plan.loss_and_gradient(head, 3, first);
  plan.loss_and_gradient(input, 40, other);
  EXPECT_EQ(plan.loss_and_gradient(head, 3, again), loss);
  EXPECT_EQ(again, first);
  for (auto const& tensor : c.layout.tensors)
    for (std::int64_t n = tensor.offset + tensor.parameter.size(); n % 16 != 0; ++n)
      EXPECT_EQ(again[n], 0);
}

TEST(TrainingErrors, ANetworkWithoutObjectiveIsRefused) {
  auto const graph = models::mlp({.inputs = 4, .layers = {3}, .activation = {}});
  EXPECT_THROW(Plan<float>(graph, {.purpose = Purpose::training}), core::Error);
  std::vector<float> input(57 * 9), gradient(16);
  Plan<float> plan(models::autoencoder(), {.purpose = Purpose::training, .max_batch = 8});
  EXPECT_THROW(plan.loss_and_gradient(input, 9, gradient), core::Error);
}

}  // namespace
}  // namespace crossjoule::runtime
