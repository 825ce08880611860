// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/h5file.hpp"
#include "runtime/fields/climatology.hpp"
#include "runtime/fields/field_statistics.hpp"

namespace crossjoule::runtime {

/// The record that `crossjoule statistics` leaves in its folder.
inline constexpr char statistics_file_name[] = "statistics.h5";

/// /climatology: an empty `values` (bin, channel, lat, lon) with its scales, to be filled bin by
/// bin with write_rows<float>("/climatology/values", ...).
void begin_climatology(core::H5File& file, FieldFiles const& files, StatisticsPlan const& plan);
/// /statistics: channel, mean, deviation, minimum, maximum and where they come from.
void write_statistics(core::H5File& file, FieldFiles const& files, StatisticsPlan const& plan,
                      FieldStatistics const& result);

}  // namespace crossjoule::runtime
