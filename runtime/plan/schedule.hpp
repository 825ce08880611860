// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/plan/program.hpp"

#include <cstdint>
#include <vector>

namespace crossjoule::runtime {

/// One entry of a schedule: a task of a step.
struct Action {
  Task task = Task::forward;
  std::size_t step = 0;
  std::int64_t place = -1;  ///< forward: where the result goes, in numbers
  std::int64_t spare = -1;  ///< inputs: room for one more gradient, where the step needs it
};

/// The order in which the steps of a program run, the way back and what is computed again included,
/// and where each value and each gradient lies in one arena meanwhile.
struct Schedule {
  std::vector<Action> actions;          ///< first all steps forward, then the way back
  std::size_t forward_count = 0;        ///< actions of the way forward
  std::vector<std::int64_t> gradients;  ///< place of each node's gradient by id; -1: none
  std::int64_t size = 0;                ///< numbers of the arena
};

/// `sizes`: numbers of each node's value (and gradient), by id. Values that only some backward
/// tasks read live as long as `keep` says; recomputed ones get a place whenever they are made.
Schedule make_schedule(Program const& program, Purpose purpose, Keep keep,
                       std::vector<std::int64_t> const& sizes);

/// The bare order of a training schedule, without places.
std::vector<Action> training_actions(Program const& program, Keep keep,
                                     std::vector<std::int64_t> const& sizes);

/// Last steps of the segments that Keep::segment_borders runs again one by one, in rising order:
/// after each but the last, later steps read exactly one value of earlier ones (inputs apart). What
/// is kept at borders and the largest segment together are made small.
std::vector<std::size_t> segment_ends(Program const& program,
                                      std::vector<std::int64_t> const& sizes);

}  // namespace crossjoule::runtime
