// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/fields/grid.hpp"

#include "support.hpp"

#include <gtest/gtest.h>
#include <numbers>
#include <numeric>

namespace crossjoule::runtime {
namespace {

using testing::refused;

Grid global(std::int64_t rows, std::int64_t columns) {
  Grid grid{rows, columns, {}, {}};
  for (std::int64_t r = 0; r < rows; ++r)
    grid.lat_degrees.push_back(90 - 180.0 * static_cast<double>(r) / static_cast<double>(rows - 1));
  for (std::int64_t k = 0; k < columns; ++k)
    grid.lon_degrees.push_back(360.0 * static_cast<double>(k) / static_cast<double>(columns));
  return grid;
}

TEST(Grid, DropsThe721stRow) {
  auto const fit = fit_grid(global(721, 1440), 8, PoleRow::automatic, Fit::exact);
  EXPECT_EQ(fit.kept_rows, 720);
  EXPECT_EQ(fit.rows(), 720);
  EXPECT_EQ(fit.kept_columns, 1440);
  EXPECT_EQ(kept_grid(global(721, 1440), fit).lat_degrees.back(), -89.75);
  // an even number of rows, or one without both poles, keeps all
  EXPECT_EQ(fit_grid(global(720, 1440), 8, PoleRow::automatic, Fit::exact).kept_rows, 720);
  Grid uk{33, 49, std::vector<double>(33, 50.0), {}};
  EXPECT_EQ(fit_grid(uk, 1, PoleRow::automatic, Fit::exact).kept_rows, 33);
  EXPECT_EQ(fit_grid(uk, 1, PoleRow::drop, Fit::exact).kept_rows, 32);
  EXPECT_EQ(fit_grid(global(721, 1440), 1, PoleRow::keep, Fit::exact).kept_rows, 721);
}

TEST(Grid, AssumesGlobalCoordinatesForTheShapeOfFourCastNet) {
  Grid grid{721, 1440, {}, {}};
  assume_global(grid);
  EXPECT_EQ(grid.lat_degrees, global(721, 1440).lat_degrees);
  EXPECT_EQ(grid.lon_degrees[1439], 359.75);
  Grid other{64, 128, {}, {}};
  assume_global(other);
  EXPECT_TRUE(other.lat_degrees.empty());
  for (double weight : latitude_weights(other)) EXPECT_EQ(weight, 1);
}

TEST(Grid, RefusesAPatchThatDoesNotDivide) {
  auto const grid = global(61, 120);
  EXPECT_EQ(refused(core::ExitCode::bad_input, {"60 x 120", "patch of 7", "crop", "pad"},
                    [&] { fit_grid(grid, 7, PoleRow::automatic, Fit::exact); }),
            "");
  EXPECT_EQ(refused(core::ExitCode::bad_input, {"61 x 120", "patch of 2"},
                    [&] { fit_grid(grid, 2, PoleRow::keep, Fit::exact); }),
            "");
  EXPECT_EQ(refused(core::ExitCode::bad_input, {"nothing", "200"},
                    [&] { fit_grid(grid, 200, PoleRow::keep, Fit::crop); }),
            "");
  EXPECT_EQ(refused(core::ExitCode::bad_input, {"patch of 0"},
                    [&] { fit_grid(grid, 0, PoleRow::keep, Fit::crop); }),
            "");
}

TEST(Grid, CropsAtTheBottomAndRight) {
  Grid const uk{33, 49, std::vector<double>(33, 50.0), std::vector<double>(49, 0.0)};
  auto const fit = fit_grid(uk, 8, PoleRow::automatic, Fit::crop);
  EXPECT_EQ(fit.rows(), 32);
  EXPECT_EQ(fit.columns(), 48);
  EXPECT_FALSE(fit.pads());
  EXPECT_EQ(kept_grid(uk, fit).lat_degrees.size(), 32U);
  EXPECT_EQ(kept_grid(uk, fit).lon_degrees.size(), 48U);
}

/// What pad() promises, point by point.
float padded(std::vector<float> const& kept, GridFit const& fit, std::int64_t row,
             std::int64_t column) {
  row -= fit.pad_top;
  column -= fit.pad_left;
  while (column < 0) column += fit.kept_columns;
  while (column >= fit.kept_columns) column -= fit.kept_columns;
  if (row < 0) row = 0;
  if (row >= fit.kept_rows) row = fit.kept_rows - 1;
  return kept[static_cast<std::size_t>(row * fit.kept_columns + column)];
}

TEST(Grid, PadsPeriodicallyInLongitudeAndByEdgeRowsInLatitude) {
  for (auto const& [rows, columns, patch] :
       {std::tuple<std::int64_t, std::int64_t, std::int64_t>{5, 7, 4},
        {3, 2, 8},
        {1, 1, 3},
        {6, 6, 5},
        {4, 8, 4}}) {
    Grid const grid{rows, columns, {}, {}};
    auto const fit = fit_grid(grid, patch, PoleRow::automatic, Fit::pad);
    EXPECT_EQ(fit.rows() % patch, 0);
    EXPECT_EQ(fit.columns() % patch, 0);
    EXPECT_LT(fit.rows(), rows + patch);
    EXPECT_LE(std::abs(fit.pad_top - fit.pad_bottom), 1);
    EXPECT_LE(std::abs(fit.pad_left - fit.pad_right), 1);
    std::vector<float> kept(static_cast<std::size_t>(rows * columns));
    std::iota(kept.begin(), kept.end(), 1.0F);
    for (core::Share const part :
         {core::Share{0, fit.rows()}, core::Share{fit.rows() - 1, fit.rows()},
          core::Share{fit.rows() / 2, fit.rows()}}) {
      auto const source = fit.kept_rows_of(part);
      std::span<float const> const stored =
          std::span<float const>(kept).subspan(static_cast<std::size_t>(source.first * columns),
                                               static_cast<std::size_t>(source.count() * columns));
      std::vector<float> found(static_cast<std::size_t>(part.count() * fit.columns()));
      fit.pad(stored, part, found);
      for (std::int64_t r = part.first; r < part.last; ++r)
        for (std::int64_t k = 0; k < fit.columns(); ++k)
          EXPECT_EQ(found[static_cast<std::size_t>((r - part.first) * fit.columns() + k)],
                    padded(kept, fit, r, k));
    }
    std::vector<float> whole(static_cast<std::size_t>(fit.rows() * fit.columns()));
    fit.pad(kept, {0, fit.rows()}, whole);
    std::vector<float> back(kept.size());
    fit.unpad(whole, back);
    EXPECT_EQ(back, kept);
  }
}

TEST(Grid, WeightsAreCosinesWithMeanOne) {
  auto const grid = global(73, 144);
  auto const weights = latitude_weights(grid);
  double sum = 0;
  for (double weight : weights) sum += weight;
  EXPECT_NEAR(sum / 73, 1, 1e-14);
  EXPECT_NEAR(weights[36] / weights[12], 2, 1e-14);  // cos 0 against cos 60
  EXPECT_NEAR(weights[0], 0, 1e-15);
  // the area mean of sin^2(lat) is 1/3
  double area = 0;
  for (std::size_t r = 0; r < 73; ++r)
    area += weights[r] * std::pow(std::sin(grid.lat_degrees[r] * std::numbers::pi / 180), 2) / 73;
  EXPECT_NEAR(area, 1.0 / 3, 1e-3);

  auto const fit = fit_grid(grid, 16, PoleRow::keep, Fit::pad);
  auto const fitted = fitted_weights(kept_grid(grid, fit), fit);
  EXPECT_EQ(fitted.size(), 80U);
  EXPECT_NEAR(std::accumulate(fitted.begin(), fitted.end(), 0.0) / 80, 1, 1e-14);
  EXPECT_EQ(fitted.front(), 0);
  EXPECT_EQ(fitted.back(), 0);
}

}  // namespace
}  // namespace crossjoule::runtime
