// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/checkpoint.hpp"

#include "core/error.hpp"
#include "core/testing/temporary_folder.hpp"
#include "models/build.hpp"
#include "models/text.hpp"

#include <gtest/gtest.h>
#include <fstream>

namespace crossjoule::runtime {
namespace {

namespace fs = std::filesystem;

models::Graph network() { return models::mlp({3, {4, 2}}); }

TrainState<float> state_at(std::int64_t step) {
  ParamLayout const layout(network());
  TrainState<float> state;
  state.parameters = initial_parameters<float>(layout, network(), static_cast<std::uint64_t>(step));
  state.best_parameters = state.moment1 = state.moment2 = state.parameters;
  state.step = step;
  state.epoch = 2;
  state.batches_done = 5;
  state.best_epoch = 1;
  state.loss_sum = 0.1 + 0.2;
  state.train_loss = {3.5, 1.0 / 3};
  state.validation_loss = {4.5, 2.0 / 3};
  return state;
}

Checkpoints<float> checkpoints(fs::path const& folder, std::string settings = "seed 1") {
  return {folder, {models::digest(network()), std::move(settings)}, ParamLayout(network())};
}

core::ExitCode code_of(auto&& action) {
  try {
    action();
  } catch (core::Error const& error) {
    return error.code();
  }
  return core::ExitCode::ok;
}

void flip_a_bit(fs::path const& path) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  auto const middle = static_cast<std::streamoff>(fs::file_size(path) / 2);
  file.seekg(middle);
  char byte = static_cast<char>(file.get());
  file.seekp(middle);
  file.put(static_cast<char>(byte ^ 4));
}

TEST(Checkpoints, GiveBackEveryBit) {
  core::testing::TemporaryFolder const folder;
  auto const saved = state_at(40);
  checkpoints(folder.path()).save(saved);
  auto const read = checkpoints(folder.path()).load_newest();
  EXPECT_EQ(read.parameters, saved.parameters);
  EXPECT_EQ(read.best_parameters, saved.best_parameters);
  EXPECT_EQ(read.moment1, saved.moment1);
  EXPECT_EQ(read.moment2, saved.moment2);
  EXPECT_EQ(read.train_loss, saved.train_loss);
  EXPECT_EQ(read.validation_loss, saved.validation_loss);
  EXPECT_EQ(read.loss_sum, saved.loss_sum);
  EXPECT_EQ(read.step, 40);
  EXPECT_EQ(read.epoch, 2);
  EXPECT_EQ(read.batches_done, 5);
  EXPECT_EQ(read.best_epoch, 1);
}

TEST(Checkpoints, BeforeTheFirstEpochThereAreNoLosses) {
  core::testing::TemporaryFolder const folder;
  auto state = state_at(1);
  state.train_loss.clear();
  state.validation_loss.clear();
  checkpoints(folder.path()).save(state);
  EXPECT_TRUE(checkpoints(folder.path()).load_newest().train_loss.empty());
}

TEST(Checkpoints, TheTwoNewestStay) {
  core::testing::TemporaryFolder const folder;
  for (std::int64_t step : {9, 10, 11, 100}) checkpoints(folder.path()).save(state_at(step));
  EXPECT_EQ(checkpoints(folder.path()).load_newest().step, 100);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 2);
}

TEST(Checkpoints, ADamagedOneIsSkippedForTheOneBefore) {
  core::testing::TemporaryFolder const folder;
  checkpoints(folder.path()).save(state_at(10));
  checkpoints(folder.path()).save(state_at(20));
  fs::resize_file(folder.path() / "ckpt-000000000020.h5", 3000);
  EXPECT_EQ(checkpoints(folder.path()).load_newest().step, 10);
}

TEST(Checkpoints, WithAllDamagedThereIsNoneToContinue) {
  core::testing::TemporaryFolder const folder;
  checkpoints(folder.path()).save(state_at(10));
  flip_a_bit(folder.path() / "ckpt-000000000010.h5");
  // a flip may hit an unused byte: then the state must be whole, else the file must be refused
  try {
    EXPECT_EQ(checkpoints(folder.path()).load_newest().parameters, state_at(10).parameters);
  } catch (core::Error const& error) {
    EXPECT_EQ(error.code(), core::ExitCode::bad_input);
  }
}

TEST(Checkpoints, ResumeNeverStartsAtStepZero) {
  core::testing::TemporaryFolder const folder;
  EXPECT_EQ(code_of([&] { checkpoints(folder.path() / "absent").load_newest(); }),
            core::ExitCode::bad_input);
  checkpoints(folder.path()).save(state_at(10));
  EXPECT_EQ(code_of([&] { checkpoints(folder.path(), "seed 2").load_newest(); }),
            core::ExitCode::bad_input);
  Checkpoints<float> const foreign(folder.path(), {"another digest", "seed 1"},
                                   ParamLayout(network()));
  EXPECT_EQ(code_of([&] { foreign.load_newest(); }), core::ExitCode::bad_input);
}

TEST(Checkpoints, AFreshStartDoesNotMixWithAnEarlierRun) {
  core::testing::TemporaryFolder const folder;
  auto const mine = checkpoints(folder.path());
  mine.start_anew(core::Overwrite::no);  // nothing there: fine
  mine.save(state_at(500));
  EXPECT_EQ(code_of([&] { mine.start_anew(core::Overwrite::no); }), core::ExitCode::bad_input);
  EXPECT_EQ(mine.load_newest().step, 500);
  mine.start_anew(core::Overwrite::yes);
  mine.save(state_at(10));
  EXPECT_EQ(mine.load_newest().step, 10);
}

TEST(Checkpoints, ANewerSchemaIsRefused) {
  core::testing::TemporaryFolder const folder;
  auto file = core::H5File::create(folder.path() / "ckpt-000000000010.h5");
  file.write("/progress/train_loss", std::vector<double>{1}, {"1", "test"});
  file.attribute("/progress", "schema", Checkpoints<float>::schema + 1);
  file.commit();
  EXPECT_EQ(code_of([&] { checkpoints(folder.path()).load_newest(); }), core::ExitCode::bad_input);
}

}  // namespace
}  // namespace crossjoule::runtime
