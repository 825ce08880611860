// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/h5file.hpp"
#include "runtime/fields/grid.hpp"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace crossjoule::runtime {

/// The axes of a file of forecasts.
struct ForecastAxes {
  std::vector<std::int64_t> starts_s = {};  ///< initial times, seconds since 1970-01-01T00:00:00Z
  bool has_times = true;                    ///< false: starts_s are numbers of steps
  std::vector<double> leads_h;
  std::int64_t members = 1;
  std::vector<std::string> channels, units;
  Grid grid;  ///< without coordinates: rows and columns are numbered
};

/// Forecasts as an HDF5 file that xarray opens as a dataset (h5netcdf or netcdf4 engine; CF
/// conventions): one variable per channel over (time, member, lead_time, lat, lon), each axis a
/// dimension scale, units on all, and the coordinate valid_time(time, lead_time). One member: no
/// axis `member`. Channels whose names are those of an axis get a "_" behind them; characters that
/// HDF5 names cannot hold become "_".
class ForecastFile {
 public:
  ForecastFile(std::filesystem::path const& path, ForecastAxes const& axes,
               core::Overwrite overwrite);

  /// The forecasts of the next initial time, (channel, member, lead, row, column), in the units of
  /// the channels.
  void add(std::span<float const> values);
  /// Attribute of the whole file.
  void attribute(std::string const& name, std::string const& value);
  /// Error (internal) where initial times are missing.
  void commit();

 private:
  void write_axes();
  void create_variables();
  ForecastAxes axes_;
  core::H5File file_;
  std::vector<std::string> variables_;
};

}  // namespace crossjoule::runtime
