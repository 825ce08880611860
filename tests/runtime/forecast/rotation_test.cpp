// SPDX-License-Identifier: BSD-3-Clause
// Solid-body rotation (Williamson et al. 1992, case 1): the field moves east by a known angle, so a
// network that forecasts must learn an exact shift in longitude.
#include "core/philox.hpp"
#include "models/afno.hpp"
#include "runtime/forecast/rollout.hpp"
#include "runtime/trainer.hpp"
#include "tests/runtime/session.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <numbers>

namespace crossjoule::runtime {
namespace {

constexpr std::int64_t rows = 4, columns = 8;
constexpr double turn = 2 * std::numbers::pi / columns;  // one grid point per step

models::AfnoOptions small() {
  return {.rows = rows,
          .columns = columns,
          .channels_in = 1,
          .channels_out = 1,
          .patch = 2,
          .embed = 32,
          .depth = 1,
          .blocks = 2};
}

/// The same body at random places on its way, each followed by itself after `steps` turns.
Matrix<float> rotations(std::int64_t count, std::int64_t steps, std::uint64_t seed) {
  Matrix<float> data{count, (1 + steps) * rows * columns, {}};
  for (std::int64_t i = 0; i < count; ++i) {
    core::Random random(seed, core::purpose("test/rotation"), static_cast<std::uint64_t>(i));
    double const place = random.uniform(0, 2 * std::numbers::pi);
    for (std::int64_t step = 0; step <= steps; ++step)
      for (std::int64_t row = 0; row < rows; ++row)
        for (std::int64_t column = 0; column < columns; ++column) {
          double const lon = turn * static_cast<double>(column - step);
          double const across =
              std::sin(std::numbers::pi * (static_cast<double>(row) + 0.5) / rows);
          data.values.push_back(static_cast<float>(across * std::cos(lon - place)));
        }
  }
  return data;
}

/// Largest relative error of forecasts of `steps` steps.
double worst_error(std::vector<float> const& parameters, std::int64_t steps) {
  Rollout<float> rollout(models::afno(small()), std::span<float const>(parameters),
                         kernels::Device::cpu, 1);
  auto const truth = rotations(32, steps, 99);
  double worst = 0;
  constexpr std::int64_t size = rows * columns;
  for (std::int64_t i = 0; i < truth.rows; ++i) {
    auto const row = truth.row_span(i, 1);
    std::vector<float> state(row.begin(), row.begin() + size);
    for (std::int64_t step = 0; step < steps; ++step) rollout.advance(state, {}, 1);
    double error = 0, norm = 0;
    for (std::size_t p = 0; p < size; ++p) {
      double const want = row[static_cast<std::size_t>(steps * size) + p];
      error += (state[p] - want) * (state[p] - want);
      norm += want * want;
    }
    worst = std::max(worst, std::sqrt(error / norm));
  }
  return worst;
}

TrainOptions options(std::int64_t epochs, double learning_rate) {
  TrainOptions o;
  o.epochs = epochs;
  o.batch = 16;
  o.micro_batch = 16;
  o.adam.learning_rate = learning_rate;
  return o;
}

void train(Trainer<float>& trainer, Rows<float>& data, TrainState<float>& state,
           std::int64_t epochs) {
  while (state.epoch < epochs) {
    while (state.batches_done < trainer.batches_per_epoch(data)) trainer.step(data, state);
    trainer.finish_epoch(data, data, state);
  }
}

TEST(SolidBodyRotation, IsLearnedAndRolledOut) {
  auto const session = tests::session();
  constexpr std::int64_t epochs = 250;
  MatrixRows<float> data(rotations(512, 1, 1));
  Trainer<float> trainer(models::afno(small()), options(epochs, 4e-3), core::Comm::serial());
  auto state = trainer.initial_state();
  EXPECT_GT(worst_error(state.parameters, 1), 0.5);  // an untrained network knows nothing
  train(trainer, data, state, epochs);
  EXPECT_LT(worst_error(state.parameters, 1), 1e-3);
  EXPECT_LT(worst_error(state.parameters, 8), 5e-3);  // once round the globe

  // fine-tuning over two steps goes on from these weights and keeps them good
  auto two = small();
  two.steps = 2;
  MatrixRows<float> pairs(rotations(128, 2, 2));
  Trainer<float> tuner(models::afno(two), options(5, 1e-5), core::Comm::serial());
  auto tuned = Trainer<float>::state_from(state.parameters);
  train(tuner, pairs, tuned, 5);
  EXPECT_LT(worst_error(tuned.parameters, 2), 3e-3);
}

}  // namespace
}  // namespace crossjoule::runtime
