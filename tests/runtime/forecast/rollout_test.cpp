// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/forecast/rollout.hpp"

#include "core/error.hpp"
#include "models/build.hpp"
#include "runtime/params.hpp"
#include "tests/runtime/session.hpp"

#include <gtest/gtest.h>
#include <cmath>

namespace crossjoule::runtime {
namespace {

template <class T>
std::vector<T> waves(std::size_t count) {
  std::vector<T> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<T>(std::sin(0.7 * i + 0.1));
  return values;
}

models::Graph network(std::int64_t in, std::int64_t out) {
  return models::mlp({.inputs = in, .layers = {13, out}});
}

template <class T>
class RolloutOf : public ::testing::Test {};
using Numbers = ::testing::Types<float, double>;
TYPED_TEST_SUITE(RolloutOf, Numbers);

TYPED_TEST(RolloutOf, EqualsRepeatedSingleStepsToTheBit) {
  using T = TypeParam;
  auto const session = tests::session();
  auto const graph = network(6, 6);
  auto const parameters = initial_parameters<T>(ParamLayout(graph), graph, 1);
  Rollout<T> rollout(graph, parameters, kernels::Device::cpu, 5);
  auto states = waves<T>(5 * 6);
  auto single = states;
  for (int step = 0; step < 4; ++step) rollout.advance(states, {}, 5);
  Plan<T> plan(graph, {});
  plan.set_parameters(parameters);
  for (std::size_t row = 0; row < 5; ++row)
    for (int step = 0; step < 4; ++step) {
      auto const state = std::span(single).subspan(row * 6, 6);
      std::vector<T> const input(state.begin(), state.end());
      plan.infer(input, 1, state, {});
    }
  EXPECT_EQ(states, single);
}

TYPED_TEST(RolloutOf, ForcingIsGivenAnewAtEveryStep) {
  using T = TypeParam;
  auto const session = tests::session();
  auto const graph = network(6, 4);
  auto const parameters = initial_parameters<T>(ParamLayout(graph), graph, 1);
  Rollout<T> rollout(graph, parameters, kernels::Device::cpu, 3);
  EXPECT_EQ(rollout.state_size(), 4);
  EXPECT_EQ(rollout.forcing_size(), 2);
  auto states = waves<T>(2 * 4), want = states;
  std::vector<T> const first{1, 2, 3, 4}, second{-1, 0, 5, 6};
  rollout.advance(states, first, 2);
  rollout.advance(states, second, 2);
  Plan<T> plan(graph, {});
  plan.set_parameters(parameters);
  for (std::size_t row = 0; row < 2; ++row)
    for (auto const* forcing : {&first, &second}) {
      auto const state = std::span(want).subspan(row * 4, 4);
      std::vector<T> input(state.begin(), state.end());
      input.insert(input.end(), forcing->begin() + static_cast<std::ptrdiff_t>(2 * row),
                   forcing->begin() + static_cast<std::ptrdiff_t>(2 * row + 2));
      plan.infer(input, 1, state, {});
    }
  EXPECT_EQ(states, want);
}

TEST(Rollout, RefusesANetworkThatMakesMoreThanItReads) {
  auto const session = tests::session();
  auto const graph = network(4, 6);
  auto const parameters = initial_parameters<float>(ParamLayout(graph), graph, 1);
  EXPECT_THROW(Rollout<float>(graph, parameters, kernels::Device::cpu, 1), core::Error);
}

}  // namespace
}  // namespace crossjoule::runtime
