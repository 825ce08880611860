// SPDX-License-Identifier: BSD-3-Clause
// Several steps of networks that read earlier states too: the history shifts from step to step.
#include "core/error.hpp"
#include "models/afno.hpp"
#include "models/unroll.hpp"
#include "tests/runtime/plan/support.hpp"

#include <algorithm>

namespace crossjoule::runtime {
namespace {

/// States read, known fields, known planes.
struct Reads {
  std::int64_t states, fields, planes;
};

constexpr std::int64_t made = 2, rows = 4, columns = 6, steps = 3;

models::Graph one_step(Reads const& reads, models::AfnoOptions::Predicts predicts) {
  return models::without_objective(
      models::afno({.rows = rows,
                    .columns = columns,
                    .channels_in = reads.states * made + reads.fields + reads.planes,
                    .channels_out = made,
                    .patch = 2,
                    .embed = 6,
                    .depth = 1,
                    .blocks = 3,
                    .predicts = predicts}));
}

models::Graph unrolled(models::Graph const& once, Reads const& reads) {
  return models::with_relative_error(once, steps, {}, {reads.states, made + reads.fields});
}

class HistoryOf : public ::testing::TestWithParam<Reads> {};
INSTANTIATE_TEST_SUITE_P(Reads, HistoryOf,
                         ::testing::Values(Reads{1, 1, 1}, Reads{2, 0, 0}, Reads{2, 1, 2},
                                           Reads{3, 0, 2}, Reads{3, 1, 0}, Reads{4, 2, 1}));

using Predicts = models::AfnoOptions::Predicts;
using Planes = std::vector<double>;

/// Loss of the steps one after the other: after each, the newest state takes the place of the one
/// before, and that of the one before it.
double loss_of_single_steps(models::Graph const& once, Planes const& parameters, Reads const& reads,
                            std::vector<Planes> const& inputs) {
  auto const graph = models::with_relative_error(once, 1, {});
  Plan<double> plan(graph, {.max_batch = 1});
  plan.set_parameters(parameters);
  std::size_t const plane = rows * columns, state = made * plane;
  auto const part = [&](Planes const& of, std::int64_t first, std::int64_t count) {
    auto const begin = of.begin() + first * static_cast<std::int64_t>(plane);
    return Planes(begin, begin + count * static_cast<std::int64_t>(plane));
  };
  Planes const& start = inputs[0];
  std::vector<Planes> states{part(start, 0, made)};  // from new to old
  for (std::int64_t k = 0; k + 1 < reads.states; ++k)
    states.push_back(part(start, made + reads.fields + k * made, made));
  Planes fields = part(start, made, reads.fields);
  Planes planes = part(start, reads.states * made + reads.fields, reads.planes);
  bool const knows = reads.fields + reads.planes > 0;
  double loss = 0;
  for (std::int64_t step = 0; step < steps; ++step) {
    if (step > 0 && knows) {
      fields = part(inputs[static_cast<std::size_t>(step)], 0, reads.fields);
      planes = part(inputs[static_cast<std::size_t>(step)], reads.fields, reads.planes);
    }
    Planes row = states[0];
    row.insert(row.end(), fields.begin(), fields.end());
    for (std::size_t k = 1; k < states.size(); ++k)
      row.insert(row.end(), states[k].begin(), states[k].end());
    row.insert(row.end(), planes.begin(), planes.end());
    auto const target = static_cast<std::size_t>((knows ? steps : 1) + step);
    row.insert(row.end(), inputs[target].begin(), inputs[target].end());
    Planes next(state), objective(1);
    plan.infer(row, 1, next, objective);
    loss += objective[0];
    states.insert(states.begin(), next);
    states.pop_back();
  }
  return loss;
}

TEST_P(HistoryOf, ShiftsFromStepToStep) {
  for (auto const predicts : {Predicts::state, Predicts::change}) {
    auto const once = one_step(GetParam(), predicts);
    testing::Case const c(unrolled(once, GetParam()), 5, 1);
    auto const parameters = testing::flatten<double>(c.layout, c.data.parameters);
    double const want = loss_of_single_steps(once, parameters, GetParam(), c.data.inputs);
    EXPECT_NEAR(c.train<double>({}).loss, want, 1e-13 * want);
  }
}

/// The twin: with the history read where it is not, nothing agrees.
TEST(History, ComparisonNoticesAWrongPlace) {
  Reads const reads{3, 1, 2};
  auto const once = one_step(reads, Predicts::state);
  testing::Case const c(
      models::with_relative_error(once, steps, {}, {reads.states, made + reads.fields + 1}), 5, 1);
  auto const parameters = testing::flatten<double>(c.layout, c.data.parameters);
  double const want = loss_of_single_steps(once, parameters, reads, c.data.inputs);
  EXPECT_GT(std::abs(c.train<double>({}).loss - want), 1e-6 * want);
}

/// The gradient runs through all steps and all states, on every path of a plan.
TEST_P(HistoryOf, GradientIsEquivalentToReferenceWhateverIsKept) {
  for (auto const predicts : {Predicts::state, Predicts::change}) {
    testing::Case const c(unrolled(one_step(GetParam(), predicts), GetParam()), 11, 3);
    auto const got = c.train<double>({.max_batch = 2});
    EXPECT_NEAR(got.loss, c.want_loss(), 1e-12 * c.want_loss());
    EXPECT_LE(testing::distance<double>(got.gradient, c.want_gradient()), 1e-11);
    for (auto const keep : {Keep::segment_borders, Keep::everything})
      EXPECT_EQ(got, c.train<double>({.max_batch = 2, .keep = keep}));
  }
}

/// The reference itself: along the gradient the loss rises by the gradient's length.
TEST_P(HistoryOf, GradientMatchesDifferences) {
  testing::Case const c(unrolled(one_step(GetParam(), Predicts::change), GetParam()), 13, 1);
  auto const parameters = testing::flatten<double>(c.layout, c.data.parameters);
  auto const gradient = c.train<double>({}).gradient;
  double norm = 0;
  for (double const g : gradient) norm += g * g;
  norm = std::sqrt(norm);
  auto const moved = [&](double by) {
    auto shifted = parameters;
    for (std::size_t n = 0; n < shifted.size(); ++n) shifted[n] += by * gradient[n] / norm;
    Plan<double> plan(c.graph, {});
    plan.set_parameters(shifted);
    Planes objective(1);
    plan.infer(c.rows<double>(), 1, {}, objective);
    return objective[0];
  };
  double const step = 1e-6;
  EXPECT_NEAR((moved(step) - moved(-step)) / (2 * step), norm, 1e-5 * norm);
}

TEST(History, WithoutRoomIsRefused) {
  auto const once = one_step({2, 1, 0}, Predicts::state);
  EXPECT_NO_THROW(models::with_relative_error(once, 2, {}, {2, 3}));
  EXPECT_THROW(models::with_relative_error(once, 2, {}, {3, 3}), core::Error);
  EXPECT_THROW(models::with_relative_error(once, 2, {}, {2, 1}), core::Error);
  EXPECT_THROW(models::with_relative_error(once, 2, {}, {2, 4}), core::Error);
}

}  // namespace
}  // namespace crossjoule::runtime
