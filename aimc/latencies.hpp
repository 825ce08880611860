// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "aimc/pipeline.hpp"

#include <cstdint>
#include <vector>

namespace crossjoule::aimc {

/// Latencies of the pipelines of a network, one after another. `of` refers to `pipelines`, or to
/// those of another boundary whose schedule is the same.
struct Latencies {
  std::vector<Pipeline> pipelines;
  std::vector<BatchLatency> of;

  /// First input in to last output out, s, of so many turns: samples, or packed ones together.
  double operator()(std::int64_t turns) const;
  /// One turn that holds only `share` of the samples it has room for: products take their time all
  /// the same, what is moved or done for each sample alone falls.
  double in_part(double share) const;
};

/// Does nothing but tiles take time? The boundaries device and chip then have one schedule.
bool tiles_alone(std::vector<Pipeline> const& pipelines);

}  // namespace crossjoule::aimc
