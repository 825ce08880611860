// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "aimc/tile_map.hpp"
#include "core/quantity.hpp"

#include <cstdint>

namespace crossjoule::aimc {

/// The pipeline of one copy: every layer is a stage of arrays followed by a stage of digital units,
/// and all stages step together.
struct Schedule {
  std::int64_t depth = 1;                 ///< layers L on the longest path
  std::int64_t vectors_per_sample = 1;    ///< products a stage does for one sample
  core::Quantity<core::Seconds> product;  ///< one product of one array, t
  core::Quantity<core::Seconds> digital;  ///< digital units of one layer, d; absent: not counted

  /// Between one product and the next when the pipeline is full: max(t, d).
  core::Quantity<core::Seconds> step() const;
  /// Between one sample and the next when the pipeline is full.
  core::Quantity<core::Seconds> sample_interval() const;
  /// First input in to last output out of `batch` samples that find the pipeline empty: V vectors
  /// take L (t + d) + (V - 1) max(t, d), which is (V + L - 1) t where d is not counted.
  core::Quantity<core::Seconds> latency(std::int64_t batch) const;
  /// Samples per second of one copy, pipeline full.
  double rate_hz() const;
  /// Copies that keep up with `samples_per_second`: ceil(interval x rate).
  std::int64_t replicas(double samples_per_second) const;
};

}  // namespace crossjoule::aimc
