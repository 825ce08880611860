// SPDX-License-Identifier: BSD-3-Clause
// Sphere: values on the grid, in the order of people.
#include "core/error.hpp"
#include "sim/world/weather/sphere.hpp"

#include <cmath>
#include <numbers>

namespace crossjoule::sim::weather {

Field Sphere::sample(std::function<double(double, double)> const& function) const {
  Field field(field_size());
  for (std::size_t block = 0; block < blocks_.size(); ++block)
    for (int lane = 0; lane < lane_count; ++lane) {
      int const row = row_of(block, lane);
      double const latitude = row < 0 ? 0 : std::asin(nodes_.mu[static_cast<std::size_t>(row)]);
      for (int i = 0; i < lon(); ++i)
        field[block_begin(block) + static_cast<std::size_t>(i)][lane] =
            function(latitude, 2 * std::numbers::pi * i / lon());
    }
  return field;
}

std::vector<double> Sphere::rows(Field const& field) const {
  EXPECT(field.size() == field_size());
  auto const length = static_cast<std::size_t>(lon());
  std::vector<double> rows(static_cast<std::size_t>(lat_) * length);
  for (std::size_t block = 0; block < blocks_.size(); ++block)
    for (int lane = 0; lane < lane_count; ++lane) {
      int const row = row_of(block, lane);
      for (std::size_t i = 0; row >= 0 && i < length; ++i)
        rows[static_cast<std::size_t>(row) * length + i] = field[block_begin(block) + i][lane];
    }
  return rows;
}

Field Sphere::from_rows(std::span<double const> rows) const {
  auto const length = static_cast<std::size_t>(lon());
  EXPECT(rows.size() == static_cast<std::size_t>(lat_) * length);
  Field field(field_size(), Lanes{});
  for (std::size_t block = 0; block < blocks_.size(); ++block)
    for (int lane = 0; lane < lane_count; ++lane) {
      int const row = row_of(block, lane);
      for (std::size_t i = 0; row >= 0 && i < length; ++i)
        field[block_begin(block) + i][lane] = rows[static_cast<std::size_t>(row) * length + i];
    }
  return field;
}

double Sphere::mean(Field const& field) const {
  EXPECT(field.size() == field_size());
  double total = 0;
  for (std::size_t block = 0; block < blocks_.size(); ++block) {
    Lanes sum{};
    for (std::size_t i = 0; i < static_cast<std::size_t>(lon()); ++i)
      sum += field[block_begin(block) + i];
    sum *= blocks_[block].weight;
    for (int lane = 0; lane < lane_count; ++lane) total += sum[lane];
  }
  return total / lon();
}

}  // namespace crossjoule::sim::weather
