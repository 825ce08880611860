// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/fields/statistics_file.hpp"

#include "runtime/fields/calendar.hpp"

#include <fmt/format.h>

namespace crossjoule::runtime {
namespace {

/// Row or column numbers where the files tell no coordinates.
std::vector<double> or_indices(std::vector<double> const& coordinates, std::int64_t extent) {
  if (!coordinates.empty()) return coordinates;
  std::vector<double> indices;
  for (std::int64_t i = 0; i < extent; ++i) indices.push_back(static_cast<double>(i));
  return indices;
}

void write_axis(core::H5File& file, std::string const& name, std::vector<double> const& values,
                char const* unit, char const* description) {
  file.write(name, values, {unit, description});
  file.attribute(name, "units", unit);
}

}  // namespace

void begin_climatology(core::H5File& file, FieldFiles const& files, StatisticsPlan const& plan) {
  std::vector<std::int64_t> keys, counts;
  std::vector<std::string> labels;
  for (auto const& bin : plan.bins) {
    keys.push_back(bin.key);
    counts.push_back(static_cast<std::int64_t>(bin.steps.size()));
    labels.push_back(bin_text(plan.cycle, bin.key));
  }
  Grid const& grid = files.grid();
  auto const bins = static_cast<std::int64_t>(keys.size());
  auto const channels = static_cast<std::int64_t>(files.channels().size());
  bool const lat = !grid.lat_degrees.empty(), lon = !grid.lon_degrees.empty();
  file.write("/climatology/bin", keys, {"1", "month * 10^7 + day * 10^5 + second of day"});
  file.write("/climatology/count", counts, {"1", "steps that were averaged in each bin"});
  file.write_strings("/climatology/label", labels, "the bin in words");
  file.attach_scales("/climatology/count", {"/climatology/bin"});
  file.attach_scales("/climatology/label", {"/climatology/bin"});
  file.write_strings("/climatology/channel", files.channels(), "second axis of values");
  file.attribute("/climatology/channel", "units", files.units());
  write_axis(file, "/climatology/lat", or_indices(grid.lat_degrees, grid.rows),
             lat ? "degrees_north" : "1", lat ? "latitude" : "row");
  write_axis(file, "/climatology/lon", or_indices(grid.lon_degrees, grid.columns),
             lon ? "degrees_east" : "1", lon ? "longitude" : "column");
  file.attribute("/climatology", "cycle", to_string(plan.cycle));
  file.create_rows<float>("/climatology/values", {bins, channels, grid.rows, grid.columns},
                          {"see units of channel", "mean of each bin, channel and grid point"},
                          {1, 1, grid.rows, grid.columns});
  file.attach_scales("/climatology/values", {"/climatology/bin", "/climatology/channel",
                                             "/climatology/lat", "/climatology/lon"});
}

void write_statistics(core::H5File& file, FieldFiles const& files, StatisticsPlan const& plan,
                      FieldStatistics const& result) {
  file.write_strings("/statistics/channel", files.channels(), "name of each channel");
  file.attribute("/statistics/channel", "units", files.units());
  file.write("/statistics/mean", result.mean,
             {"see units of channel", "mean over all steps and points, unweighted"});
  file.write("/statistics/deviation", result.deviation,
             {"see units of channel", "standard deviation (over n) of the same numbers"});
  file.write("/statistics/minimum", result.minimum, {"see units of channel", "smallest value"});
  file.write("/statistics/maximum", result.maximum, {"see units of channel", "largest value"});
  for (char const* name : {"mean", "deviation", "minimum", "maximum"})
    file.attach_scales(fmt::format("/statistics/{}", name), {"/statistics/channel"});
  file.attribute("/statistics", "steps", plan.steps);
  file.attribute("/statistics", "points", files.grid().points());
  file.attribute("/statistics", "first", files.time_text(plan.first_step));
  file.attribute("/statistics", "last", files.time_text(plan.last_step));
  file.attribute("/statistics", "source", files.describe());
}

}  // namespace crossjoule::runtime
