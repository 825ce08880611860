// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace crossjoule::meter {

/// What experiment-impact-tracker (Henderson et al., JMLR 21(248), 2020) makes of its data.json,
/// digit for digit: E = PUE sum over samples of P_i dt_i with dt_0 = t_0 - start, dt_i = t_i -
/// t_(i-1) and one more interval from the last sample to the end with its power repeated; carbon is
/// the sum of the products with the intensity then known, filled forward, then backward, then by
/// the region's mean.
struct ImpactOptions {
  std::optional<std::int64_t> start_ns, end_ns;  ///< of the run; unset: first and last sample
  std::int64_t zone_offset_s = -7 * 3600;        ///< of stamps without a zone: US Pacific
  double pue = 1.58;
  double region_intensity = 301;  ///< g/kWh where no sample has one
};

struct ImpactRun {
  double kwh_cpu = 0, kwh_gpu = 0;  ///< attributed to the run, without PUE
  double kwh_total = 0;             ///< with PUE
  double hours = 0;
  double kg_co2 = 0;
  double mean_intensity = 0;  ///< g/kWh, plain mean over the samples
  double cpu_hours = 0, gpu_hours = 0;
  std::int64_t samples = 0, unreadable = 0, without_cpu = 0, without_gpu = 0, out_of_order = 0;
};

/// Reads JSON lines. Lines that are none, or have no time, are dropped and counted; a sample
/// without a power adds nothing and is counted. Error (bad_input) where no sample is left.
ImpactRun read_impact_tracker(std::string_view text, ImpactOptions const& options);

}  // namespace crossjoule::meter
