// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/plan/program.hpp"

#include "core/error.hpp"
#include "models/build.hpp"
#include "tests/models/random_graph.hpp"

#include <gtest/gtest.h>

namespace crossjoule::runtime {
namespace {

TEST(Program, FusesEveryLayerOfAChainWithItsActivation) {
  Program const program(models::svdd());
  ASSERT_EQ(program.steps.size(), 5U);  // four layers and the objective
  for (int layer = 0; layer < 3; ++layer) {
    EXPECT_EQ(program.steps[layer].epilogue.kind, kernels::Epilogue::elu);
    // the derivative rides on the next layer's product
    EXPECT_TRUE(program.steps[layer].gradient_is_ready);
  }
  EXPECT_FALSE(program.steps[0].input_gradients[0].is_wanted);  // nobody asks for d loss / d input
}

TEST(Program, DoesNotFuseWhatTwoNodesRead) {
  models::Graph graph{"shared", {}};
  auto const in = graph.add("input", {}, models::Input{{{{"feature", 4}}}});
  auto const linear = graph.add("linear", {in}, models::Linear{4, true});
  auto const bent = graph.add("bent", {linear}, models::Activation{});
  auto const sum = graph.add("sum", {linear, bent}, models::Add{});
  graph.add("objective", {sum}, models::SquaredDistance{0});
  Program const program(graph);
  EXPECT_EQ(program.steps.size(), 4U);
  EXPECT_TRUE(program.values[linear].is_stored);
  EXPECT_EQ(program.step_of(linear).epilogue.kind, kernels::Epilogue::none);
}

TEST(Program, DoesNotFuseTheAnswer) {
  models::Graph graph{"answer", {}};
  auto const in = graph.add("input", {}, models::Input{{{{"feature", 4}}}});
  auto const linear = graph.add("linear", {in}, models::Linear{4, true});
  graph.add("bent", {linear}, models::Activation{});
  graph.add("objective", {linear}, models::SquaredDistance{0});
  EXPECT_TRUE(Program(graph).values[linear].is_stored);
}

TEST(Program, FusesGeluForInferenceAlone) {
  models::Graph graph{"mlp", {}};
  auto const in = graph.add("input", {}, models::Input{{{{"feature", 4}}}});
  auto const first = graph.add("first", {in}, models::Linear{4, true});
  auto const bent = graph.add("bent", {first}, models::Activation{models::ActivationKind::gelu, 1});
  auto const second = graph.add("second", {bent}, models::Linear{3, true});
  graph.add("objective", {second}, models::SquaredDistance{0});
  EXPECT_EQ(Program(graph, Fusing::all).steps.size(), 3U);
  Program const training(graph);
  ASSERT_EQ(training.steps.size(), 4U);
  // the derivative rides on the second product and is computed from the pre-activation
  InputGradient const& flow = training.step_of(second).input_gradients[0];
  EXPECT_EQ(flow.epilogue.kind, kernels::Epilogue::gelu_gradient);
  EXPECT_EQ(flow.operand, first);
  EXPECT_TRUE(training.step_of(bent).gradient_is_ready);
}

TEST(Program, LeavesDeadNodesOutAndTakesSeveralInputs) {
  models::Graph graph{"dead", {}};
  models::Shape const shape{{{"feature", 4}}};
  auto const a = graph.add("a", {}, models::Input{shape});
  auto const linear = graph.add("linear", {a}, models::Linear{4, true});
  auto const dead = graph.add("dead", {linear}, models::LayerNorm{});
  auto const b = graph.add("b", {}, models::Input{shape});
  graph.add("objective", {linear, b}, models::MeanSquaredError{});
  Program const program(graph);
  EXPECT_EQ(program.steps.size(), 2U);
  EXPECT_FALSE(program.values[dead].is_live);
  EXPECT_EQ(program.inputs, (std::vector<models::NodeId>{a, b}));
  EXPECT_FALSE(program.is_row_wise());
  EXPECT_NO_THROW(program.require_trainable());
}

/// Backward writes a gradient before it adds to it, and every gradient that is read was written.
TEST(Program, GradientsAreWrittenBeforeTheyAreRead) {
  for (std::uint64_t item = 0; item < 300; ++item) {
    Program const program(
        crossjoule::testing::random_graph(item, crossjoule::testing::Inputs::one));
    if (program.objective < 0) continue;
    std::vector<bool> written(program.values.size(), false);
    for (auto step = program.steps.rbegin(); step != program.steps.rend(); ++step) {
      if (!step->has_gradient) continue;
      EXPECT_TRUE(step->result == program.objective || written[step->result]) << item;
      for (std::size_t i = 0; i < step->inputs.size(); ++i) {
        if (!step->input_gradients[i].is_wanted) continue;
        EXPECT_EQ(step->input_gradients[i].adds, written[step->inputs[i]]) << item;
        written[step->inputs[i]] = true;
      }
    }
  }
}

TEST(ParamLayout, PlacesTensorsOnCacheLines) {
  ParamLayout const layout(models::autoencoder());
  std::int64_t end = 0;
  for (auto const& tensor : layout.tensors) {
    EXPECT_EQ(tensor.offset % 16, 0);
    EXPECT_GE(tensor.offset, end);
    EXPECT_LT(tensor.offset, end + 16);
    end = tensor.offset + tensor.parameter.size();
    EXPECT_EQ(&layout.find(tensor.parameter.name), &tensor);
  }
  EXPECT_GE(layout.words, end);
  EXPECT_EQ(layout.words % 16, 0);
  EXPECT_THROW(layout.find("layer9.w"), core::Error);
}

}  // namespace
}  // namespace crossjoule::runtime
