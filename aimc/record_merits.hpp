// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "aimc/estimate.hpp"
#include "core/record.hpp"

#include <string>

namespace crossjoule::aimc {

/// GROUP/merits/BOUNDARY/NAME_{low,value,high}: power, throughput, efficiency, density,
/// energy_per_mac and energy_delay over the batches; NaN where a figure is absent.
void write_merits(core::H5File& file, std::string const& group, Estimate const& estimate,
                  core::Boundary boundary);
/// GROUP/peak: throughput, efficiency, density.
void write_peak(core::Record& record, std::string const& group, Peak const& peak);
/// GROUP/iso_node where the estimate has such a column: ratios, areas, and by boundary the joules
/// with arrays unscaled and scaled, throughput, efficiency and density over the batches.
void write_iso_node(core::Record& record, std::string const& group, Estimate const& estimate);

}  // namespace crossjoule::aimc
