// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/comm.hpp"
#include "runtime/fields/climatology.hpp"
#include "runtime/fields/field_files.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace crossjoule::runtime {

/// What a pass over the fields will read and how it sorts the steps.
struct StatisticsPlan {
  struct Bin {
    std::int64_t key;                 ///< bin_key()
    std::vector<std::int64_t> steps;  ///< in rising order
  };
  Cycle cycle = Cycle::none;
  std::vector<Bin> bins;  ///< by rising key
  std::int64_t steps = 0, first_step = 0, last_step = 0;
};

/// The cycle that suits a series. Over two years or more: day-and-hour for steps that divide a day,
/// month for steps longer than a day, else day-of-year. Over two days or more: hour-of-day for
/// steps that divide a day. Else none.
Cycle suitable_cycle(FieldFiles const& files, std::vector<core::Share> const& runs);
/// Error (bad_input) where the range is empty or the cycle needs times that the files lack.
StatisticsPlan plan_statistics(FieldFiles const& files, TimeRange const& range, Cycle cycle);

/// Of every channel over all steps and points (unweighted), in its own unit.
struct FieldStatistics {
  std::vector<double> mean, deviation, minimum, maximum;  ///< deviation over n
  std::vector<float> time_mean;                           ///< (channel, lat, lon), on rank 0 alone
};

struct StatisticsHooks {
  /// On rank 0, by rising bin: its mean (channel, lat, lon).
  std::function<void(StatisticsPlan::Bin const&, std::span<float const>)> on_bin = {};
  /// On rank 0: so many more steps are done.
  std::function<void(std::int64_t)> on_steps = {};
};

/// Bytes that rank 0, which needs most, allocates in compute_statistics().
std::int64_t statistics_bytes(FieldFiles const& files);

/// One pass: every step is read once, by one rank. Sums are taken in double about the first value
/// of each channel, over blocks of 64 steps of a bin; the blocks are added in one order on rank 0,
/// so the bits depend on neither the rank count nor on how the steps are shared. Collective; errors
/// as of FieldFiles::read.
FieldStatistics compute_statistics(FieldFiles const& files, StatisticsPlan const& plan,
                                   core::Comm const& comm, StatisticsHooks const& hooks = {});

}  // namespace crossjoule::runtime
