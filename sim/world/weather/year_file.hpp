// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/h5file.hpp"
#include "sim/world/weather/channels.hpp"

#include <filesystem>

namespace crossjoule::sim::weather {

/// The axes of `fields` (time, channel, lat, lon).
struct Axes {
  std::vector<double> timestamp_s;  ///< since 1970-01-01T00:00:00Z
  std::vector<Channel> channels;
  std::vector<double> lat_deg, lon_deg;
};

/// North to south, and eastward from 0.
std::vector<double> latitudes_deg(Sphere const& sphere);
std::vector<double> longitudes_deg(Sphere const& sphere);
/// Seconds from 1970-01-01 to the first of January of a year, UTC.
double year_begin_s(int year);

/// Begin a file in the FourCastNet layout: the scales timestamp, channel, lat, lon and an empty
/// `fields` in chunks of one time and channel, to be filled time by time with write_rows<float>.
core::H5File begin_fields_file(std::filesystem::path const& path, core::Overwrite overwrite,
                               Axes const& axes, std::string const& description);
/// Write `lat` and `lon` and mark them as the scales of the datasets to come.
void write_grid(core::H5File& file, std::vector<double> const& lat_deg,
                std::vector<double> const& lon_deg);

}  // namespace crossjoule::sim::weather
