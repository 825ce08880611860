// SPDX-License-Identifier: BSD-3-Clause
#include "core/error.hpp"
#include "models/build.hpp"
#include "tests/runtime/plan/support.hpp"

#include <algorithm>

namespace crossjoule::runtime {
namespace {

auto* const running = ::testing::AddGlobalTestEnvironment(new testing::Running);

/// Norm-wise error of outputs: the largest seen are 4e-7 and 6e-16.
template <class T>
constexpr double allowed = sizeof(T) == 4 ? 2e-6 : 1e-13;

template <class T>
struct Answers {
  std::vector<T> output, objective;
  bool operator==(Answers const&) const = default;
};

/// Run rows [first, last) of a case's input.
template <class T>
Answers<T> infer(Plan<T>& plan, testing::Case const& c, std::int64_t first, std::int64_t last) {
  auto const input = testing::as<T>(c.data.inputs[0]);
  auto const row = static_cast<std::int64_t>(input.size()) / c.batch;
  auto const out = static_cast<std::int64_t>(c.want(models::output_node(c.graph)).size()) / c.batch;
  Answers<T> answers{std::vector<T>((last - first) * out),
                     std::vector<T>(c.has_objective() ? last - first : 0)};
  plan.infer(std::span(input).subspan(first * row, (last - first) * row), last - first,
             answers.output, answers.objective);
  return answers;
}

template <class T>
class Inference : public ::testing::Test {};
using Numbers = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Inference, Numbers);

TYPED_TEST(Inference, IsEquivalentToReference) {
  using T = TypeParam;
  EXPECT_NE(running, nullptr);
  for (std::uint64_t item = 0; item < 200; ++item) {
    testing::Case const c(item);
    Plan<T> plan(c.graph, {});
    plan.set_parameters(testing::flatten<T>(c.layout, c.data.parameters));
    auto const answers = infer(plan, c, 0, c.batch);
    EXPECT_LE(testing::distance<T>(answers.output, c.want(models::output_node(c.graph))),
              allowed<T>)
        << item;
    if (c.has_objective()) {
      EXPECT_LE(testing::distance<T>(answers.objective, c.want(models::objective_node(c.graph))),
                2 * allowed<T>)
          << item;
    }
  }
}

TYPED_TEST(Inference, ComparisonNoticesASwappedWeight) {
  using T = TypeParam;
  testing::Case const c(models::svdd(), 1, 5);
  Plan<T> plan(c.graph, {});
  auto parameters = testing::flatten<T>(c.layout, c.data.parameters);
  std::swap(parameters[0], parameters[1]);
  plan.set_parameters(parameters);
  EXPECT_GT(
      testing::distance<T>(infer(plan, c, 0, c.batch).output, c.want(models::output_node(c.graph))),
      allowed<T>);
}

/// However a batch is cut, every sample keeps its bits: batch 1, a few, several tiles.
TYPED_TEST(Inference, BitsOfASampleDoNotDependOnTheBatch) {
  using T = TypeParam;
  for (models::Graph const& graph : {models::svdd(), models::autoencoder()}) {
    testing::Case const c(graph, 3, 301);
    Plan<T> plan(graph, {});
    plan.set_parameters(testing::flatten<T>(c.layout, c.data.parameters));
    auto const whole = infer(plan, c, 0, c.batch);
    core::Random random(5, core::purpose("tests/batch_split"), 0);
    Answers<T> joined;
    for (std::int64_t first = 0; first < c.batch;) {
      constexpr std::int64_t counts[] = {1, 2, 3, 4, 5, 6, 7, 13, 64, 130};
      auto const last = std::min(c.batch, first + counts[random.below(std::size(counts))]);
      auto const part = infer(plan, c, first, last);
      joined.output.insert(joined.output.end(), part.output.begin(), part.output.end());
      joined.objective.insert(joined.objective.end(), part.objective.begin(), part.objective.end());
      first = last;
    }
    EXPECT_TRUE(joined == whole) << graph.name;
  }
}

/// The two ways a CPU runs a network agree to the bit.
TYPED_TEST(Inference, TilesAndStepsCarryTheSameBits) {
  using T = TypeParam;
  for (std::uint64_t item = 0; item < 60; ++item) {
    testing::Case const c(item);
    if (!c.has_objective()) continue;
    Plan<T> plan(c.graph,
                 {.purpose = Purpose::training, .max_batch = c.batch, .keep = Keep::everything});
    auto const parameters = testing::flatten<T>(c.layout, c.data.parameters);
    plan.set_parameters(parameters);
    auto const answers = infer(plan, c, 0, c.batch);
    std::vector<T> gradient(parameters.size()), output(answers.output.size()), objective(c.batch);
    auto const input = testing::as<T>(c.data.inputs[0]);
    plan.loss_and_gradient(input, c.batch, gradient);
    plan.activation(models::output_node(c.graph), output);
    plan.activation(models::objective_node(c.graph), objective);
    EXPECT_EQ(output, answers.output) << item;
    EXPECT_EQ(objective, answers.objective) << item;
    // parameters in place: no tiles, activations fused as training does
    Plan<T> steps(
        c.graph,
        {.purpose = Purpose::training, .max_batch = c.batch, .access = ParameterAccess::in_place});
    steps.set_parameters(parameters);
    EXPECT_EQ(infer(steps, c, 0, c.batch), answers) << item;
  }
}

TEST(InferenceErrors, SizesThatDoNotFitAreRefused) {
  auto const graph = models::autoencoder();
  Plan<float> plan(graph, {});
  std::vector<float> input(57 * 3), output(57 * 2);
  EXPECT_THROW(plan.infer(input, 3, output, {}), core::Error);
  EXPECT_THROW(plan.infer(input, 2, {}, {}), core::Error);
  EXPECT_THROW(plan.set_parameters(input), core::Error);
  EXPECT_THROW(plan.loss_and_gradient(input, 3, output), core::Error);  // an inference plan
  EXPECT_NO_THROW(plan.infer({}, 0, {}, {}));
}

TEST(InferenceErrors, ADeviceThatIsNotHereIsRefused) {
  for (kernels::Backend const& backend : kernels::backends())
    if (backend.device == kernels::Device::cuda && !backend.usable) {
      EXPECT_THROW(Plan<float>(models::autoencoder(), {.device = kernels::Device::cuda}),
                   core::Error);
    }
}

TEST(InferencePlan, SaysWhatItDoes) {
  std::string const text = Plan<float>(models::svdd(), {}).describe();
  EXPECT_NE(text.find("layer0+elu: linear 76 -> 512"), std::string::npos) << text;
  EXPECT_NE(text.find("tile"), std::string::npos);
  EXPECT_GT(Plan<float>(models::svdd(), {}).workspace_bytes(), 4 * 204416);
}

}  // namespace
}  // namespace crossjoule::runtime
