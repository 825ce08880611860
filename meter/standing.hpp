// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crossjoule::meter {

/// What an accelerator was to the job that is charged with its joules. ISO/IEC 21031 (SCI) counts
/// reserved hardware, used or not.
enum class Standing {
  none,              ///< no accelerator
  used,              ///< given to the job, and it worked
  idle_allocated,    ///< given to the job, and it stood idle
  idle_unallocated,  ///< not given to the job, idle
  others,            ///< not given to the job, busy with somebody else's work
  unknown,           ///< given to the job; no sensor tells whether it worked
};
std::string_view to_string(Standing standing);

/// What is known of one board.
struct BoardFacts {
  std::optional<bool> is_allocated;  ///< unset: no batch system tells; then all are the job's
  std::optional<bool> is_busy;       ///< unset: nothing tells
};
Standing standing_of(BoardFacts const& facts);

/// Which boards a batch system or a user gave to this job.
struct Allocation {
  bool is_known = false;
  std::vector<std::string> names;  ///< UUIDs as the environment has them, "GPU-…", maybe cut short
  std::vector<int> indices;        ///< in the order of the bus

  /// Is the board of sensor id "gpu-<uuid>" and place `index` among `boards` part of it? Where as
  /// many boards are visible as were given, all are: a control group hides the others and numbers
  /// these anew.
  std::optional<bool> holds(std::string_view id, int index, int boards) const;
};

/// Value of a variable, nothing where it is not set.
using Environment = std::function<std::optional<std::string>(char const*)>;
Environment process_environment();

/// From SLURM_STEP_GPUS, SLURM_JOB_GPUS (the node's numbers), else, where one process has the node
/// to itself, CUDA_VISIBLE_DEVICES, NVIDIA_VISIBLE_DEVICES, ROCR_VISIBLE_DEVICES: with several
/// ranks these tell of one rank's boards alone. An empty list, "none" and -1 give no board.
Allocation find_allocation(Environment const& variable);

}  // namespace crossjoule::meter
