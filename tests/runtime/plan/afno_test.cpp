// SPDX-License-Identifier: BSD-3-Clause
// AFNO and other networks on grids by plans, against the plain loops in fp64.
#include "models/afno.hpp"
#include "core/error.hpp"
#include "tests/models/random_afno.hpp"
#include "tests/runtime/plan/support.hpp"

#include <algorithm>

namespace crossjoule::runtime {
namespace {

using crossjoule::testing::random_afno;

constexpr std::uint64_t networks = 60;

/// Norm-wise errors against the plain loops in fp64: 2.3e-5 was seen in fp32, where a norm over
/// one to three features makes much of the difference of two near numbers.
template <class T>
constexpr double allowed = sizeof(T) == 4 ? 1e-4 : 1e-12;

std::int64_t batch_of(std::uint64_t item) { return 1 + static_cast<std::int64_t>(item % 3); }

/// Smallest distance of a number from the kink of the activation that takes it, over its size: in
/// fp32 a number may fall on the other side, and its gradient with it.
double distance_to_kink(testing::Case const& c) {
  double smallest = 1;
  for (models::Node const& node : c.graph.nodes) {
    auto const* activation = std::get_if<models::Activation>(&node.op);
    if (!activation || activation->kind == models::ActivationKind::gelu) continue;
    double const kink =
        activation->kind == models::ActivationKind::soft_shrink ? activation->alpha : 0;
    double largest = 1;
    for (double const x : c.want(node.inputs[0])) largest = std::max(largest, std::abs(x));
    for (double const x : c.want(node.inputs[0]))
      smallest = std::min(smallest, std::abs(std::abs(x) - kink) / largest);
  }
  return smallest;
}

template <class T>
class AfnoPlan : public ::testing::Test {};
using Numbers = ::testing::Types<float, double>;
TYPED_TEST_SUITE(AfnoPlan, Numbers);

TYPED_TEST(AfnoPlan, InferenceIsEquivalentToReference) {
  using T = TypeParam;
  for (std::uint64_t item = 0; item < networks; ++item) {
    testing::Case const c(random_afno(item), item, batch_of(item));
    auto const want = c.want(models::output_node(c.graph));
    auto const want_objective = c.want(models::objective_node(c.graph));
    std::vector<T> output(want.size()), objective(want_objective.size());
    for (std::int64_t const max_batch : {1, 2, 5}) {  // all at once, and in parts
      Plan<T> plan(c.graph, {.max_batch = max_batch});
      plan.set_parameters(testing::flatten<T>(c.layout, c.data.parameters));
      plan.infer(c.rows<T>(), c.batch, output, objective);
      EXPECT_LE(testing::distance<T>(output, want), allowed<T>) << item;
      EXPECT_LE(testing::distance<T>(objective, want_objective), allowed<T>) << item;
      std::fill(output.begin(), output.end(), T(NAN));
      plan.infer(c.rows<T>(), c.batch, output, {});
      EXPECT_LE(testing::distance<T>(output, want), allowed<T>) << item;
    }
  }
}

TYPED_TEST(AfnoPlan, GradientIsEquivalentToReference) {
  using T = TypeParam;
  int compared = 0;
  for (std::uint64_t item = 0; item < networks; ++item) {
    testing::Case const c(random_afno(item), item, batch_of(item));
    if (sizeof(T) == 4 && distance_to_kink(c) < 1e-5) continue;
    ++compared;
    auto const got = c.train<T>({.max_batch = c.batch + 1});
    EXPECT_NEAR(got.loss, c.want_loss(), allowed<T> * c.want_loss()) << item;
    EXPECT_LE(testing::distance<T>(got.gradient, c.want_gradient()), allowed<T>) << item;
  }
  EXPECT_GT(compared, 20);
}

/// What is kept, where parameters are read and how much is computed again changes no bit.
TYPED_TEST(AfnoPlan, GradientHasTheSameBitsWhateverIsKept) {
  using T = TypeParam;
  for (std::uint64_t item = 0; item < networks; ++item) {
    testing::Case const c(random_afno(item), item, batch_of(item));
    auto const want = c.train<T>({});
    EXPECT_EQ(want, c.train<T>({.keep = Keep::segment_borders})) << item;
    EXPECT_EQ(want, c.train<T>({.keep = Keep::everything})) << item;
    EXPECT_EQ(want, c.train<T>({.access = ParameterAccess::in_place})) << item;
    if (item < 4) {  // so many rows that weights are packed when they are used
      EXPECT_EQ(want, c.train<T>({.max_batch = 4097, .access = ParameterAccess::in_place})) << item;
    }
  }
}

TYPED_TEST(AfnoPlan, BitsOfASampleDoNotDependOnTheBatch) {
  using T = TypeParam;
  for (std::uint64_t item = 0; item < 10; ++item) {
    testing::Case const c(random_afno(item), item, 5);
    auto const size = c.want(models::output_node(c.graph)).size();
    auto const row = models::sample_size(c.graph);
    auto const rows = c.rows<T>();
    std::vector<T> whole(size), one(size / 5);
    Plan<T> all(c.graph, {.max_batch = 5}), single(c.graph, {.max_batch = 1});
    for (auto* plan : {&all, &single})
      plan->set_parameters(testing::flatten<T>(c.layout, c.data.parameters));
    all.infer(rows, 5, whole, {});
    for (std::int64_t sample = 0; sample < 5; ++sample) {
      single.infer(std::span(rows).subspan(sample * row, row), 1, one, {});
      EXPECT_TRUE(std::equal(one.begin(), one.end(), whole.begin() + sample * one.size())) << item;
    }
  }
}

TEST(AfnoGradients, OfABatchAreTheSumOverItsSamples) {
  for (std::uint64_t item = 0; item < 10; ++item) {
    testing::Case const c(random_afno(item), item, 3);
    auto const whole = c.train<double>({});
    auto const rows = c.rows<double>();
    auto const row = models::sample_size(c.graph);
    Plan<double> plan(c.graph, {.purpose = Purpose::training});
    plan.set_parameters(testing::flatten<double>(c.layout, c.data.parameters));
    std::vector<double> sum(whole.gradient.size()), one(sum.size());
    double loss = 0;
    for (std::int64_t sample = 0; sample < 3; ++sample) {
      loss += plan.loss_and_gradient(std::span(rows).subspan(sample * row, row), 1, one);
      for (std::size_t n = 0; n < sum.size(); ++n) sum[n] += one[n];
    }
    EXPECT_NEAR(loss, whole.loss, 1e-12 * loss);
    EXPECT_LE(testing::distance<double>(sum, whole.gradient), 1e-11) << item;
  }
}

TEST(AfnoGradients, EveryValueAndNodeGradientIsEquivalentToReference) {
  for (std::uint64_t item = 0; item < 30; ++item) {
    testing::Case const c(random_afno(item), item, batch_of(item));
    Plan<double> plan(
        c.graph, {.purpose = Purpose::training, .max_batch = c.batch, .keep = Keep::everything});
    plan.set_parameters(testing::flatten<double>(c.layout, c.data.parameters));
    std::vector<double> ignored(static_cast<std::size_t>(c.layout.words));
    auto const rows = c.rows<double>();
    plan.loss_and_gradient(rows, c.batch, ignored);
    auto const live = models::live_nodes(c.graph);
    for (models::NodeId node = 0; node < static_cast<models::NodeId>(c.graph.nodes.size());
         ++node) {
      std::vector<double> got(c.want(node).size());
      if (!live[node]) {
        EXPECT_THROW(plan.activation(node, got), core::Error);
        EXPECT_THROW(plan.gradient(node, got), core::Error);
        continue;
      }
      plan.activation(node, got);
      EXPECT_LE(testing::distance<double>(got, c.want(node)), 1e-12) << item << " " << node;
      auto const& want = c.reference.node_gradient(node);
      if (want.empty() || node == models::objective_node(c.graph)) continue;
      plan.gradient(node, got);
      EXPECT_LE(testing::distance<double>(got, want), 1e-11) << item << " " << node;
    }
  }
}

/// d objective / d input and d parameters by central differences, which know no rule of ours.
TEST(AfnoGradients, MatchDifferences) {
  constexpr double step = 1e-6, allowed_difference = 2e-6;
  for (std::uint64_t item : {3, 8, 14}) {
    testing::Case const c(random_afno(item), item, 2);
    if (distance_to_kink(c) < 1e-4) continue;
    Plan<double> plan(c.graph,
                      {.purpose = Purpose::training, .max_batch = 2, .keep = Keep::everything});
    auto parameters = testing::flatten<double>(c.layout, c.data.parameters);
    auto rows = c.rows<double>();
    std::vector<double> gradient(parameters.size()), ignored(parameters.size());
    auto const loss = [&](std::vector<double>& into) {
      plan.set_parameters(parameters);
      return plan.loss_and_gradient(rows, 2, into);
    };
    loss(gradient);
    auto const size = c.data.inputs[0].size();
    std::vector<double> by_input(size);
    plan.gradient(models::input_nodes(c.graph)[0], by_input);
    auto const meet = [&](double& number, double want) {
      double const kept = number;
      number = kept + step;
      double const above = loss(ignored);
      number = kept - step;
      double const below = loss(ignored);
      number = kept;
      EXPECT_NEAR((above - below) / (2 * step), want, allowed_difference * (1 + std::abs(want)))
          << item;
    };
    for (auto const& tensor : c.layout.tensors)
      for (std::int64_t n = 0; n < tensor.parameter.size(); n += 7)
        meet(parameters[static_cast<std::size_t>(tensor.offset + n)],
             gradient[static_cast<std::size_t>(tensor.offset + n)]);
    auto const row = rows.size() / 2;
    for (std::size_t n = 0; n < size; n += 5)  // a sample is an input, then its targets
      meet(rows[n / (size / 2) * row + n % (size / 2)], by_input[n]);
  }
}

TEST(AfnoGradients, ComparisonNoticesASwappedWeight) {
  testing::Case c(random_afno(1), 1, 2);
  std::swap(c.data.parameters[1][0], c.data.parameters[1][1]);
  EXPECT_GT(testing::distance<double>(c.train<double>({}).gradient, c.want_gradient()), 1e-9);
}

/// Two steps in one graph are the network applied to its own output (and what is known of the
/// second step, where it reads more than it makes), with one set of parameters.
class TwoSteps : public ::testing::TestWithParam<std::int64_t> {};
INSTANTIATE_TEST_SUITE_P(ChannelsIn, TwoSteps, ::testing::Values(2, 3, 5));

TEST_P(TwoSteps, EqualTheNetworkAppliedTwice) {
  models::AfnoOptions options{.rows = 10,
                              .columns = 6,
                              .channels_in = GetParam(),
                              .channels_out = 2,
                              .patch = 2,
                              .embed = 6,
                              .depth = 2,
                              .blocks = 3};
  models::Graph const once = models::afno(options);
  options.steps = 2;
  models::Graph const twice = models::afno(options);
  testing::Case const c(twice, 7, 2);
  std::size_t const size = 2 * 10 * 6, known = (GetParam() - 2) * 10 * 6, input_size = size + known;
  bool const joins = known > 0;
  auto const parameters = testing::flatten<double>(c.layout, c.data.parameters);

  PlanOptions const training{
      .purpose = Purpose::training, .max_batch = 1, .keep = Keep::everything};
  Plan<double> first(once, training), second(once, training), both(twice, training);
  for (auto* plan : {&first, &second, &both}) plan->set_parameters(parameters);
  models::NodeId const input = 0, output = models::output_node(once);
  std::vector<double> by_both(parameters.size()), by_first(parameters.size()),
      by_second(parameters.size()), state(size), slope(input_size), whole_slope(size);
  for (std::size_t sample = 0; sample < 2; ++sample) {
    auto const of = [&](std::size_t k) {
      auto const& all = c.data.inputs[k];
      std::size_t const one = all.size() / 2;
      return std::vector(all.begin() + sample * one, all.begin() + (sample + 1) * one);
    };
    auto const join = [](std::vector<double> a, std::vector<double> const& b) {
      a.insert(a.end(), b.begin(), b.end());
      return a;
    };
    auto const more = joins ? of(1) : std::vector<double>{};
    auto const target1 = of(joins ? 2 : 1), target2 = of(joins ? 3 : 2);
    auto const pair1 = join(of(0), target1);
    auto const whole = join(join(join(of(0), more), target1), target2);
    double const loss1 = first.loss_and_gradient(pair1, 1, by_first);
    first.activation(output, state);
    auto const pair2 = join(join(state, more), target2);
    double const loss2 = second.loss_and_gradient(pair2, 1, by_second);
    second.gradient(input, slope);
    double const loss = both.loss_and_gradient(whole, 1, by_both);
    EXPECT_NEAR(loss, loss1 + loss2, 1e-13 * loss);
    // d(loss1 + loss2) = d loss1 + d loss2 + (d loss2 / d state) d state: the last by differences
    // along the direction of the parameters' gradient itself
    double const step = 1e-7;
    auto const moved = [&](double by) {
      auto shifted = parameters;
      for (std::size_t n = 0; n < shifted.size(); ++n) shifted[n] += by * by_both[n];
      Plan<double> plan(twice, {});
      plan.set_parameters(shifted);
      std::vector<double> objective(1);
      plan.infer(whole, 1, {}, objective);
      return objective[0];
    };
    double norm = 0;
    for (double const g : by_both) norm += g * g;
    double const scale = step / std::sqrt(norm);
    EXPECT_NEAR((moved(scale) - moved(-scale)) / (2 * step), std::sqrt(norm),
                1e-5 * std::sqrt(norm));
    // and exactly: the gradient by the first output is that of both losses together
    both.gradient(output, whole_slope);
    first.gradient(output, state);
    for (std::size_t n = 0; n < size; ++n) state[n] += slope[n];
    EXPECT_LE(testing::distance<double>(whole_slope, state), 1e-12);
  }
}

TEST(AfnoErrors, PlansThatKeepLittleSaySo) {
  testing::Case const c(random_afno(2), 2, 1);
  std::vector<double> into(c.want(0).size());
  Plan<double> plan(c.graph, {.purpose = Purpose::training});
  EXPECT_THROW(plan.activation(0, into), core::Error);
  EXPECT_THROW(plan.gradient(0, into), core::Error);
  Plan<double> inspected(c.graph, {.purpose = Purpose::training, .keep = Keep::everything});
  auto const target = models::input_nodes(c.graph).back();
  std::vector<double> other(c.want(target).size());
  EXPECT_THROW(inspected.gradient(target, other), core::Error);  // a target is a constant
  EXPECT_THROW(inspected.activation(99999, other), core::Error);
  EXPECT_THROW(Plan<double>(c.graph, {.access = ParameterAccess::in_place}), core::Error);
}

}  // namespace
}  // namespace crossjoule::runtime
