// SPDX-License-Identifier: BSD-3-Clause
// Networks on images and quantum states, run by plans, against the plain loops in fp64.
#include "models/build.hpp"
#include "models/cnn.hpp"
#include "models/rbm.hpp"
#include "models/text.hpp"
#include "tests/models/random_images.hpp"
#include "tests/runtime/plan/support.hpp"

namespace crossjoule::runtime {
namespace {

/// Norm-wise errors: the largest seen are 6e-7 and 1e-15 of outputs, 2e-6 and 4e-15 of gradients.
template <class T>
constexpr double allowed = sizeof(T) == 4 ? 2e-5 : 1e-13;

testing::Case random_case(std::uint64_t item) {
  return {crossjoule::testing::random_images(item), item, 1 + static_cast<std::int64_t>(item % 5)};
}

template <class T>
class Images : public ::testing::Test {};
using Numbers = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Images, Numbers);

template <class T>
double inference_error(testing::Case const& c, std::vector<T> const& parameters) {
  Plan<T> plan(c.graph, {.max_batch = 3});  // longer calls go in parts
  plan.set_parameters(parameters);
  std::vector<T> output(c.want(models::output_node(c.graph)).size());
  plan.infer(c.template rows<T>(), c.batch, output, {});
  return testing::distance<T>(output, c.want(models::output_node(c.graph)));
}

TYPED_TEST(Images, InferenceIsEquivalentToReference) {
  using T = TypeParam;
  for (std::uint64_t item = 0; item < 200; ++item) {
    testing::Case const c = random_case(item);
    EXPECT_LE(inference_error(c, testing::flatten<T>(c.layout, c.data.parameters)), allowed<T>)
        << models::to_text(c.graph);
  }
}

TYPED_TEST(Images, ComparisonNoticesASwappedWeight) {
  using T = TypeParam;
  testing::Case const c(models::vgg8({.rows = 8, .columns = 8, .channels = 1, .classes = 3}), 1, 1);
  auto parameters = testing::flatten<T>(c.layout, c.data.parameters);
  std::swap(parameters[0], parameters[1]);
  EXPECT_GT(inference_error(c, parameters), allowed<T>);
}

TYPED_TEST(Images, GradientIsEquivalentToReferenceWhateverIsKept) {
  using T = TypeParam;
  int trained = 0;
  for (std::uint64_t item = 0; item < 200; ++item) {
    testing::Case const c = random_case(item);
    if (!c.has_objective()) continue;
    ++trained;
    auto const step = c.template train<T>({.purpose = Purpose::training});
    EXPECT_NEAR(step.loss, c.want_loss(), allowed<T> * std::abs(c.want_loss()));
    EXPECT_LE(testing::distance<T>(step.gradient, c.want_gradient()), allowed<T>)
        << models::to_text(c.graph);
    for (Keep const keep : {Keep::segment_borders, Keep::everything})
      EXPECT_EQ(c.template train<T>({.purpose = Purpose::training, .keep = keep}), step)
          << models::to_text(c.graph);
    EXPECT_EQ(
        c.template train<T>({.purpose = Purpose::training, .access = ParameterAccess::in_place}),
        step)
        << models::to_text(c.graph);
  }
  EXPECT_GT(trained, 100);
}

/// The autoencoder variant runs in tiles of rows like any dense network, and trains.
TYPED_TEST(Images, AutoencoderVariantIsEquivalentToReference) {
  using T = TypeParam;
  auto const graph = models::autoencoder(
      {.batch_norm = true, .activation = {models::ActivationKind::leaky_relu, 0.3}});
  testing::Case const c(graph, 5, 33);
  EXPECT_LE(inference_error(c, testing::flatten<T>(c.layout, c.data.parameters)), allowed<T>);
  EXPECT_NE(Plan<T>(graph, {}).describe().find("whole network per tile"), std::string::npos);
  auto const step = c.template train<T>({.purpose = Purpose::training});
  EXPECT_LE(testing::distance<T>(step.gradient, c.want_gradient()), allowed<T>);
}

/// One sweep of the whole sector of 16 spins at once, in tiles.
TYPED_TEST(Images, RbmSweepIsEquivalentToReference) {
  using T = TypeParam;
  auto const graph = models::rbm({.hidden_per_visible = 2, .visible_bias = true});
  auto const states = models::sweep_states(16);
  std::vector<T> const input(states.begin(), states.end());
  std::int64_t const batch = models::sweep_size(16);
  auto data = crossjoule::testing::random_data<double>(graph, 1, 8);
  data.inputs[0].assign(states.begin(), states.end());
  crossjoule::testing::ReferenceRun<double> reference(graph, batch, data.inputs, data.parameters);
  reference.forward();
  Plan<T> plan(graph, {});
  plan.set_parameters(testing::flatten<T>(ParamLayout(graph), data.parameters));
  std::vector<T> output(static_cast<std::size_t>(batch));
  plan.infer(input, batch, output, {});
  EXPECT_LE(testing::distance<T>(output, reference.value(models::output_node(graph))), allowed<T>);
}

/// Residual networks with all their blocks, small: projections, strides, odd sizes. Weights are
/// scaled so that numbers stay near 1 through all layers.
TYPED_TEST(Images, SmallResNetIsEquivalentToReference) {
  using T = TypeParam;
  auto const graph = models::resnet18({.rows = 9, .columns = 5, .channels = 1, .classes = 2});
  auto data = crossjoule::testing::random_data<double>(graph, 1, 3);
  ParamLayout const layout(graph);
  for (std::size_t t = 0; t < data.parameters.size(); ++t) {
    auto const& shape = layout.tensors[t].parameter.shape;
    double const scale =
        shape.size() > 1 ? std::sqrt(6.0 * shape[0] / data.parameters[t].size()) : 1;
    for (double& number : data.parameters[t]) number *= scale;
  }
  crossjoule::testing::ReferenceRun<double> reference(graph, 1, data.inputs, data.parameters);
  reference.forward();
  Plan<T> plan(graph, {});
  plan.set_parameters(testing::flatten<T>(layout, data.parameters));
  std::vector<T> output(2);
  plan.infer(testing::as<T>(data.inputs[0]), 1, output, {});
  EXPECT_LE(testing::distance<T>(output, reference.value(models::output_node(graph))), allowed<T>);
}

}  // namespace
}  // namespace crossjoule::runtime
