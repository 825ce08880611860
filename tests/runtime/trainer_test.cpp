// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/trainer.hpp"

#include "core/error.hpp"
#include "core/philox.hpp"
#include "models/build.hpp"
#include "tests/runtime/session.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <limits>

namespace crossjoule::runtime {
namespace {

/// Rows on a plane of two hidden factors: an autoencoder with two latent numbers can learn them.
template <class T>
MatrixRows<T> plane(std::int64_t rows, std::int64_t features) {
  Matrix<T> data{rows, features, std::vector<T>(static_cast<std::size_t>(rows * features))};
  for (std::int64_t r = 0; r < rows; ++r) {
    core::Random random(7, core::purpose("test/plane"), static_cast<std::uint64_t>(r));
    double const u = random.normal(), v = random.normal();
    for (std::int64_t f = 0; f < features; ++f)
      data.values[static_cast<std::size_t>(r * features + f)] =
          static_cast<T>(u * std::sin(f + 1.0) + v * std::cos(2.0 * f));
  }
  return MatrixRows<T>(std::move(data));
}

models::Graph small_network() { return models::autoencoder({6, {8, 2, 8}}); }

TrainOptions small_run() {
  TrainOptions options;
  options.epochs = 4;
  options.batch = 50;
  options.micro_batch = 7;  // neither divides the other nor the number of rows
  options.adam.learning_rate = 0.01;
  return options;
}

template <class T>
void run_epochs(Trainer<T>& trainer, Rows<T>& data, TrainState<T>& state, std::int64_t epochs) {
  while (state.epoch < epochs) {
    while (state.batches_done < trainer.batches_per_epoch(data)) trainer.step(data, state);
    trainer.finish_epoch(data, data, state);
  }
}

TEST(Trainer, LearnsAPlane) {
  auto const session = tests::session();
  auto data = plane<float>(213, 6);
  auto options = small_run();
  options.epochs = 60;
  Trainer<float> trainer(small_network(), options, core::Comm::serial());
  auto state = trainer.initial_state();
  double const before = trainer.mean_loss(data, state.parameters);
  run_epochs(trainer, data, state, options.epochs);
  EXPECT_LT(state.validation_loss.back(), 0.2 * before);
  EXPECT_EQ(state.step, 60 * 5);  // ceil(213 / 50) batches
  EXPECT_EQ(state.train_loss.size(), 60u);
}

/// Mean objective over the rows, relative to that of the untrained network.
double what_is_left(std::int64_t epochs) {
  auto data = plane<float>(400, 6);
  auto const graph = models::svdd({6, 4, {16, 8}, 0.25});
  auto options = small_run();
  options.epochs = epochs;
  Trainer<float> trainer(graph, options, core::Comm::serial());
  auto state = trainer.initial_state();
  double const before = trainer.mean_loss(data, state.parameters);
  run_epochs(trainer, data, state, epochs);
  return trainer.mean_loss(data, state.best_parameters) / before;
}

TEST(Trainer, SvddKeepsASpreadAfterFewEpochsAndCollapsesAfterMany) {
  auto const session = tests::session();
  EXPECT_GT(what_is_left(3), 1e-3);
  EXPECT_LT(what_is_left(300), 1e-4);  // the constant answer: what `train` warns about
}

TEST(Trainer, OneStepEqualsPlainAdamOnTheMeanGradient) {
  auto const session = tests::session();
  auto data = plane<double>(20, 6);
  auto options = small_run();
  options.batch = 20;
  options.schedule = "constant";
  Trainer<double> trainer(small_network(), options, core::Comm::serial());
  auto state = trainer.initial_state();
  auto const start = state.parameters;

  Plan<double> plan(small_network(), {kernels::Device::cpu, Purpose::training, 20});
  plan.set_parameters(start);
  std::vector<double> gradient(start.size());
  plan.loss_and_gradient(data.matrix().values, 20, gradient);  // one leaf, rows in file order
  trainer.step(data, state);
  for (std::size_t i = 0; i < start.size(); ++i) {
    double const g = gradient[i] / 20;
    double const want =
        start[i] -
        (g == 0 ? 0 : options.adam.learning_rate * g / (std::abs(g) + options.adam.epsilon));
    ASSERT_NEAR(state.parameters[i], want, 1e-9)
        << "word " << i;  // first step: m/sqrt(v) = sign(g)
  }
}

TEST(Trainer, ARunSplitAfterAnyStepHasTheBitsOfTheWholeOne) {
  auto const session = tests::session();
  auto data = plane<float>(213, 6);
  Trainer<float> whole(small_network(), small_run(), core::Comm::serial());
  auto a = whole.initial_state();
  run_epochs(whole, data, a, 4);

  for (int steps = 0; steps <= 5; ++steps) {  // 5: after the last batch, before the epoch is closed
    Trainer<float> first(small_network(), small_run(), core::Comm::serial());
    auto b = first.initial_state();
    run_epochs(first, data, b, 2);
    for (int i = 0; i < steps; ++i) first.step(data, b);
    Trainer<float> second(small_network(), small_run(), core::Comm::serial());
    run_epochs(second, data, b, 4);
    EXPECT_EQ(a.parameters, b.parameters) << steps;
    EXPECT_EQ(a.train_loss, b.train_loss) << steps;
    EXPECT_EQ(a.validation_loss, b.validation_loss) << steps;
  }
}

TEST(Trainer, AnotherSeedGivesOtherBits) {  // the comparison above can fail
  auto const session = tests::session();
  auto data = plane<float>(213, 6);
  auto options = small_run();
  Trainer<float> one(small_network(), options, core::Comm::serial());
  auto a = one.initial_state();
  options.seed = 2;
  Trainer<float> two(small_network(), options, core::Comm::serial());
  auto b = two.initial_state();
  EXPECT_NE(a.parameters, b.parameters);
}

TEST(Trainer, StopsAtTheFirstNonFiniteNumber) {
  auto const session = tests::session();
  auto data = plane<float>(60, 6);
  Trainer<float> trainer(small_network(), small_run(), core::Comm::serial());
  auto state = trainer.initial_state();
  state.parameters[3] = std::numeric_limits<float>::quiet_NaN();
  try {
    trainer.step(data, state);
    FAIL() << "a NaN weight passed";
  } catch (core::Error const& error) {
    EXPECT_EQ(error.code(), core::ExitCode::non_finite);
    EXPECT_NE(std::string(error.what()).find("step 1"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("the gradient of layer"), std::string::npos)
        << error.what();
  }
}

TEST(Trainer, ClipsTheMeanGradientToItsNorm) {
  std::vector<float> gradient(1003);
  double squares = 0;
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    gradient[i] = static_cast<float>(std::sin(0.3 * static_cast<double>(i)));
    squares += double{gradient[i]} * gradient[i];
  }
  double const norm = std::sqrt(squares) / 50;
  EXPECT_NEAR(clip_factor<float>(gradient, 1.0 / 50, norm / 4), 0.25, 1e-5);
  EXPECT_EQ(clip_factor<float>(gradient, 1.0 / 50, 2 * norm), 1);
}

/// A first step of Adam does not see the length of a gradient; the moments do.
TEST(Trainer, AClippedStepHasShorterMoments) {
  auto const session = tests::session();
  auto data = plane<float>(50, 6);
  auto options = small_run();
  Trainer<float> free(small_network(), options, core::Comm::serial());
  options.clip_norm = 1e-3;
  Trainer<float> clipped(small_network(), options, core::Comm::serial());
  auto a = free.initial_state(), b = clipped.initial_state();
  free.step(data, a);
  clipped.step(data, b);
  auto const length = [](std::vector<float> const& values) {
    double sum = 0;
    for (float value : values) sum += double{value} * value;
    return std::sqrt(sum);
  };
  EXPECT_NEAR(length(b.moment1), 1e-3 * (1 - options.adam.beta1), 1e-7);
  EXPECT_GT(length(a.moment1), 10 * length(b.moment1));
}

TEST(Trainer, StartsFromGivenWeightsWithTheOptimizerAtRest) {
  auto const session = tests::session();
  auto data = plane<float>(60, 6);
  Trainer<float> trainer(small_network(), small_run(), core::Comm::serial());
  auto first = trainer.initial_state();
  run_epochs(trainer, data, first, 1);
  auto const second = Trainer<float>::state_from(first.parameters);
  EXPECT_EQ(second.parameters, first.parameters);
  EXPECT_EQ(second.best_parameters, first.parameters);
  EXPECT_EQ(second.moment1, std::vector<float>(first.parameters.size(), 0));
  EXPECT_EQ(second.step, 0);
}

TEST(TrainOptions, MicroBatchAboveTheBatchIsRefused) {
  auto config = core::Config::from_text("batch = 8\nmicro_batch = 9\n", "t.toml");
  EXPECT_THROW(read_train_options(config), core::Error);
}

}  // namespace
}  // namespace crossjoule::runtime
