// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/plan/schedule.hpp"

#include "models/afno.hpp"
#include "models/build.hpp"
#include "runtime/plan/plan.hpp"
#include "tests/models/random_afno.hpp"
#include "tests/models/random_graph.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <map>

namespace crossjoule::runtime {
namespace {

constexpr Keep all_keeps[] = {Keep::all_but_cheap, Keep::segment_borders, Keep::everything};

std::vector<std::int64_t> sizes_of(Program const& program) {
  std::vector<std::int64_t> sizes;
  for (Value const& value : program.values) sizes.push_back(value.size());
  return sizes;
}

/// Plays a schedule with marks instead of numbers: who wrote last where. Returns how often a task
/// read a value that was not there or had been overwritten.
int lost_values(Program const& program, Schedule const& schedule,
                std::vector<std::int64_t> const& sizes) {
  std::vector<int> memory(static_cast<std::size_t>(schedule.size), -1);
  std::vector<std::int64_t> place(program.values.size(), -1);
  int lost = 0;
  for (Action const& action : schedule.actions) {
    Step const& step = program.steps[action.step];
    for (models::NodeId const id : program.reads(step, action.task)) {
      if (std::holds_alternative<models::Input>(program.graph.nodes[id].op)) continue;
      auto const at = memory.begin() + place[id];
      lost +=
          place[id] < 0 || !std::all_of(at, at + sizes[id], [&](int mark) { return mark == id; });
    }
    auto const write = [&](std::int64_t at, models::NodeId id, int mark) {
      if (at >= 0) std::fill_n(memory.begin() + at, sizes[id], mark);
    };
    if (action.task == Task::forward) {
      place[step.result] = action.place;
      write(action.place, step.result, step.result);
    } else if (action.task == Task::inputs) {
      write(action.spare, step.result, -2);
      for (std::size_t i = 0; i < step.inputs.size(); ++i)
        if (step.input_gradients[i].is_wanted)
          write(schedule.gradients[step.inputs[i]], step.inputs[i], -2);
    }
  }
  return lost;
}

TEST(Schedule, NothingIsReadAfterItIsGone) {
  for (std::uint64_t item = 0; item < 300; ++item) {
    models::Graph const graph = item % 3 == 0 ? crossjoule::testing::random_afno(item)
                                              : crossjoule::testing::random_graph(item);
    bool const trains = models::objective_node(graph) >= 0;
    for (Keep const keep : all_keeps) {
      Program const program(graph);
      auto const sizes = sizes_of(program);
      auto const purpose = trains ? Purpose::training : Purpose::inference;
      Schedule schedule = make_schedule(program, purpose, keep, sizes);
      EXPECT_EQ(lost_values(program, schedule, sizes), 0) << item;
      EXPECT_EQ(schedule.forward_count, program.steps.size());
    }
  }
}

TEST(Schedule, CheckNoticesAPlaceThatIsTakenTwice) {
  Program const program(models::autoencoder());
  auto const sizes = sizes_of(program);
  Schedule schedule = make_schedule(program, Purpose::training, Keep::all_but_cheap, sizes);
  schedule.actions[2].place = schedule.actions[0].place;
  EXPECT_GT(lost_values(program, schedule, sizes), 0);
}

int forward_actions(Program const& program, Keep keep) {
  auto const actions = training_actions(program, keep, sizes_of(program));
  return static_cast<int>(std::count_if(actions.begin(), actions.end(), [](Action const& action) {
    return action.task == Task::forward;
  }));
}

/// Per block two norms and a GELU are made twice; with borders the rest but the last product too.
TEST(Schedule, ComputesAgainWhatItSays) {
  models::AfnoOptions options;
  options.depth = 3;
  Program const program(models::afno(options));
  int const steps = static_cast<int>(program.steps.size());
  EXPECT_EQ(forward_actions(program, Keep::everything), steps);
  EXPECT_EQ(forward_actions(program, Keep::all_but_cheap), steps + 3 * 2);  // norm2 and GELU
  auto const ends = segment_ends(program, sizes_of(program));
  EXPECT_EQ(ends.size(), 4U);  // a block each, from one narrow place to the next
  EXPECT_EQ(ends.back(), program.steps.size() - 1);
  EXPECT_GT(forward_actions(program, Keep::segment_borders), steps + 3 * 6);
  EXPECT_LT(forward_actions(program, Keep::segment_borders), 2 * steps);
}

/// The published standard size: a training step's values and gradients of activations.
TEST(Schedule, KeepsTheStandardNetworkSmall) {
  Program const program(models::afno());
  auto const sizes = sizes_of(program);
  double const unit = 4.0 * 90 * 180 * 768;  // bytes of one residual stream in fp32
  auto const units = [&](Keep keep) {
    return 4.0 * static_cast<double>(make_schedule(program, Purpose::training, keep, sizes).size) /
           unit;
  };
  // residuals, spectra, hidden layers of 12 blocks: 12 x 7.5 and a few for the one in work
  EXPECT_LT(units(Keep::all_but_cheap), 101);
  EXPECT_LT(units(Keep::segment_borders), 32);
  EXPECT_LT(4.0 *
                static_cast<double>(
                    make_schedule(program, Purpose::inference, Keep::all_but_cheap, sizes).size) /
                unit,
            9);
}

}  // namespace
}  // namespace crossjoule::runtime
