// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/comm.hpp"
#include "core/h5file.hpp"
#include "runtime/fields/climatology.hpp"
#include "runtime/fields/field_source.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace crossjoule::runtime {

/// What costs nothing and must be beaten.
enum class Baseline {
  persistence,          ///< x(t)
  climatology,          ///< the mean of the target's bin
  anomaly_persistence,  ///< climatology + a(t), where a = x - climatology
  damped_anomaly,       ///< climatology + f a(t), f per lead and channel
};
inline constexpr int baseline_count = 4;
std::string_view to_string(Baseline baseline);

struct BaselineOptions {
  TimeRange train;  ///< where the factors are fitted
  TimeRange test;
  Within within = Within::states;        ///< of the test range
  std::vector<std::int64_t> leads = {};  ///< in file steps
};

/// Area-weighted scores of one method, lead and channel over all targets.
struct BaselineScore {
  Baseline baseline = Baseline::persistence;
  std::int64_t lead = 0, targets = 0;
  std::string channel, unit;
  double rmse = 0;             ///< root of the mean over targets and area
  double rmse_per_target = 0;  ///< mean of the targets' roots: FourCastNet's figure
  double acc = 0;     ///< mean over targets of the anomaly correlation; NaN for climatology
  double factor = 1;  ///< f of the damped anomaly; 1, or 0 for climatology, elsewhere
};

/// By lead, then channel, then method. Weights are latitude_weights() of the stored grid. f is the
/// least-squares factor of area-weighted anomalies over the pairs of the train range; leads without
/// such a pair have no damped anomaly. Samples are shared over the ranks, and added in their order:
/// the bits do not depend on the rank count. Collective.
std::vector<BaselineScore> compute_baselines(std::shared_ptr<FieldFiles const> const& files,
                                             Climatology const& climatology,
                                             BaselineOptions const& options,
                                             core::Comm const& comm);

/// /baselines: one row per score.
void write_baselines(core::H5File& file, std::vector<BaselineScore> const& scores);

}  // namespace crossjoule::runtime
