// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/comm.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace crossjoule::runtime {

/// Rows (latitude) and columns (longitude) of a field, row-major.
struct Grid {
  std::int64_t rows = 0, columns = 0;
  std::vector<double> lat_degrees, lon_degrees;  ///< each empty where the files do not tell

  std::int64_t points() const { return rows * columns; }
};

/// Coordinates for a grid without any whose rows are half as many as its columns, plus one (721 x
/// 1440): 90 to -90 degrees north and 0 to just below 360 degrees east, as in FourCastNet's files.
/// Other grids stay without.
void assume_global(Grid& grid);

/// L(row) = cos(lat) / mean over rows of cos(lat): the weight of a row's points in an area mean; 1
/// everywhere where the latitudes are not known.
std::vector<double> latitude_weights(Grid const& grid);

/// Is the last row of an odd number of rows, from pole to pole, left out? FourCastNet does (the
/// 721st), so that the patch can divide the rest.
enum class PoleRow { automatic, keep, drop };
/// What happens where the patch does not divide the grid: an error; the last rows and columns
/// (bottom and right) are cut; the grid is extended, half on each side.
enum class Fit { exact, crop, pad };

/// How the stored grid becomes the network's: the first `kept_rows` x `kept_columns` points, with
/// pads around them. Longitudes go on periodically in the pads; latitudes repeat the edge row.
struct GridFit {
  std::int64_t stored_rows = 0, stored_columns = 0;
  std::int64_t kept_rows = 0, kept_columns = 0;
  std::int64_t pad_top = 0, pad_bottom = 0, pad_left = 0, pad_right = 0;

  std::int64_t rows() const { return pad_top + kept_rows + pad_bottom; }
  std::int64_t columns() const { return pad_left + kept_columns + pad_right; }
  bool pads() const { return rows() != kept_rows || columns() != kept_columns; }
  bool operator==(GridFit const&) const = default;

  /// The kept rows that the fitted rows [first, last) are made of.
  core::Share kept_rows_of(core::Share fitted) const;
  /// Fitted rows of one plane from the kept rows kept_rows_of(fitted).
  void pad(std::span<float const> kept, core::Share fitted, std::span<float> into) const;
  /// The kept points (kept_rows x kept_columns) of a whole fitted plane: what undoes pad().
  void unpad(std::span<float const> fitted, std::span<float> into) const;
  /// "61 x 120 stored, 60 x 120 kept" and pads where there are any.
  std::string describe() const;
};

/// Error (bad_input) where the patch does not divide the grid and `fit` is exact, or where nothing
/// would be left.
GridFit fit_grid(Grid const& stored, std::int64_t patch, PoleRow pole_row, Fit fit);
/// Coordinates of the kept points.
Grid kept_grid(Grid const& stored, GridFit const& fit);
/// Weights of the fitted rows with mean 1: those of the kept rows, 0 in the pads.
std::vector<double> fitted_weights(Grid const& kept, GridFit const& fit);

}  // namespace crossjoule::runtime
