// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/fields/grid.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace crossjoule::runtime {
namespace {

bool has_both_poles(Grid const& grid) {
  constexpr double tolerance_degrees = 1e-3;
  if (grid.lat_degrees.empty()) return false;
  auto const is_pole = [](double lat) { return std::abs(std::abs(lat) - 90) < tolerance_degrees; };
  return is_pole(grid.lat_degrees.front()) && is_pole(grid.lat_degrees.back()) &&
         grid.lat_degrees.front() * grid.lat_degrees.back() < 0;
}

std::int64_t missing_to(std::int64_t extent, std::int64_t patch) {
  return (patch - extent % patch) % patch;
}

}  // namespace

void assume_global(Grid& grid) {
  if (!grid.lat_degrees.empty() || !grid.lon_degrees.empty()) return;
  if (grid.rows < 2 || 2 * (grid.rows - 1) != grid.columns) return;
  double const step = 360.0 / static_cast<double>(grid.columns);
  for (std::int64_t row = 0; row < grid.rows; ++row)
    grid.lat_degrees.push_back(90 - step * static_cast<double>(row));
  for (std::int64_t column = 0; column < grid.columns; ++column)
    grid.lon_degrees.push_back(step * static_cast<double>(column));
}

std::vector<double> latitude_weights(Grid const& grid) {
  auto const rows = static_cast<std::size_t>(grid.rows);
  std::vector<double> weights(rows, 1.0);
  if (grid.lat_degrees.empty()) return weights;
  for (std::size_t row = 0; row < rows; ++row)
    weights[row] = std::max(0.0, std::cos(grid.lat_degrees[row] * std::numbers::pi / 180));
  double const mean =
      std::accumulate(weights.begin(), weights.end(), 0.0) / static_cast<double>(rows);
  VALIDATE(mean > 0, "all rows lie on a pole (their area is zero) check the latitudes");
  for (double& weight : weights) weight /= mean;
  return weights;
}

core::Share GridFit::kept_rows_of(core::Share fitted) const {
  auto const kept = [this](std::int64_t row) {
    return std::clamp<std::int64_t>(row - pad_top, 0, kept_rows - 1);
  };
  if (fitted.count() <= 0) return {0, 0};
  return {kept(fitted.first), kept(fitted.last - 1) + 1};
}

void GridFit::pad(std::span<float const> kept, core::Share fitted, std::span<float> into) const {
  auto const source = kept_rows_of(fitted);
  EXPECT(static_cast<std::int64_t>(kept.size()) == source.count() * kept_columns);
  EXPECT(static_cast<std::int64_t>(into.size()) == fitted.count() * columns());
  for (std::int64_t row = fitted.first; row < fitted.last; ++row) {
    auto const from = kept_rows_of({row, row + 1}).first - source.first;
    float const* const stored = kept.data() + from * kept_columns;
    float* const line = into.data() + (row - fitted.first) * columns();
    for (std::int64_t column = 0; column < columns(); ++column) {
      auto const around = (column - pad_left) % kept_columns;
      line[column] = stored[around < 0 ? around + kept_columns : around];
    }
  }
}

void GridFit::unpad(std::span<float const> fitted, std::span<float> into) const {
  EXPECT(static_cast<std::int64_t>(fitted.size()) == rows() * columns());
  EXPECT(static_cast<std::int64_t>(into.size()) == kept_rows * kept_columns);
  for (std::int64_t row = 0; row < kept_rows; ++row)
    std::copy_n(fitted.data() + (row + pad_top) * columns() + pad_left, kept_columns,
                into.data() + row * kept_columns);
}

std::string GridFit::describe() const {
  std::string text = fmt::format("{} x {} stored", stored_rows, stored_columns);
  if (kept_rows != stored_rows || kept_columns != stored_columns)
    text += fmt::format(", {} x {} kept", kept_rows, kept_columns);
  if (pads())
    text += fmt::format(", padded to {} x {} ({} above, {} below, {} left, {} right)", rows(),
                        columns(), pad_top, pad_bottom, pad_left, pad_right);
  return text;
}

GridFit fit_grid(Grid const& stored, std::int64_t patch, PoleRow pole_row, Fit fit) {
  VALIDATE(patch >= 1, "a patch of {} points (must be 1 or more) choose another patch", patch);
  bool const drops = pole_row == PoleRow::drop || (pole_row == PoleRow::automatic &&
                                                   stored.rows % 2 == 1 && has_both_poles(stored));
  GridFit result{stored.rows, stored.columns, stored.rows - (drops ? 1 : 0), stored.columns};
  bool const divides = result.kept_rows % patch == 0 && result.kept_columns % patch == 0;
  VALIDATE(divides || fit != Fit::exact,
           "a grid of {} x {} points{} (the patch of {} does not divide it) choose another patch, "
           "or set data.crop = true or data.pad = true",
           result.kept_rows, result.kept_columns, drops ? " without its last row, a pole" : "",
           patch);
  if (fit == Fit::crop) {
    result.kept_rows -= result.kept_rows % patch;
    result.kept_columns -= result.kept_columns % patch;
  }
  VALIDATE(result.kept_rows > 0 && result.kept_columns > 0,
           "a grid of {} x {} points (nothing of it is left for a patch of {}) choose a smaller "
           "patch",
           stored.rows, stored.columns, patch);
  if (fit == Fit::pad) {
    auto const rows = missing_to(result.kept_rows, patch);
    auto const columns = missing_to(result.kept_columns, patch);
    result.pad_top = rows / 2;
    result.pad_bottom = rows - rows / 2;
    result.pad_left = columns / 2;
    result.pad_right = columns - columns / 2;
  }
  return result;
}

Grid kept_grid(Grid const& stored, GridFit const& fit) {
  Grid kept{fit.kept_rows, fit.kept_columns, stored.lat_degrees, stored.lon_degrees};
  if (!kept.lat_degrees.empty()) kept.lat_degrees.resize(static_cast<std::size_t>(fit.kept_rows));
  if (!kept.lon_degrees.empty())
    kept.lon_degrees.resize(static_cast<std::size_t>(fit.kept_columns));
  return kept;
}

std::vector<double> fitted_weights(Grid const& kept, GridFit const& fit) {
  auto const inner = latitude_weights(kept);
  std::vector<double> weights(static_cast<std::size_t>(fit.rows()), 0.0);
  double const scale = static_cast<double>(fit.rows()) / static_cast<double>(fit.kept_rows);
  for (std::size_t row = 0; row < inner.size(); ++row)
    weights[row + static_cast<std::size_t>(fit.pad_top)] = inner[row] * scale;
  return weights;
}

}  // namespace crossjoule::runtime
