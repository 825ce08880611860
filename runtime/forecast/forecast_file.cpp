// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/forecast/forecast_file.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>

namespace crossjoule::runtime {
namespace {

constexpr char const* epoch = "seconds since 1970-01-01T00:00:00Z";

std::vector<double> numbered(std::int64_t count) {
  std::vector<double> values(static_cast<std::size_t>(count));
  std::iota(values.begin(), values.end(), 0.0);
  return values;
}

/// A name that is one HDF5 link and no axis, and that none of `taken` has.
std::string variable_name(std::string name, std::vector<std::string> const& taken) {
  for (char& letter : name)
    if (!std::isalnum(static_cast<unsigned char>(letter)) && letter != '-' && letter != '.')
      letter = '_';
  if (name.empty() || name == "." || name == "..") name = "field";
  auto const is_taken = [&] {
    for (char const* axis : {"time", "lead_time", "member", "lat", "lon", "valid_time"})
      if (name == axis) return true;
    return std::ranges::find(taken, name) != taken.end();
  };
  while (is_taken()) name += '_';
  return name;
}

}  // namespace

ForecastFile::ForecastFile(std::filesystem::path const& path, ForecastAxes const& axes,
                           core::Overwrite overwrite)
    : axes_(axes), file_(core::H5File::create(path, overwrite)) {
  EXPECT(axes_.channels.size() == axes_.units.size() && axes_.members >= 1);
  write_axes();
  create_variables();
  file_.attribute("/", "Conventions", "CF-1.8");
}

void ForecastFile::write_axes() {
  auto const axis = [&](std::string const& name, auto const& values, std::string const& units,
                        std::string const& standard_name, std::string const& description) {
    file_.write(name, values, {units, description});
    file_.attribute(name, "units", units);
    file_.attribute(name, "long_name", description);
    if (!standard_name.empty()) file_.attribute(name, "standard_name", standard_name);
  };
  auto const& grid = axes_.grid;
  axis("time", axes_.starts_s, axes_.has_times ? epoch : "1",
       axes_.has_times ? "forecast_reference_time" : "",
       axes_.has_times ? "initial time of the forecast" : "step at which the forecast starts");
  axis("lead_time", axes_.leads_h, "hours", "forecast_period", "time since the initial time");
  if (axes_.members > 1)
    axis("member", numbered(axes_.members), "1", "realization",
         "member of the ensemble; 0 starts from the analysis itself");
  bool const located = !grid.lat_degrees.empty() && !grid.lon_degrees.empty();
  axis("lat", located ? grid.lat_degrees : numbered(grid.rows), located ? "degrees_north" : "1",
       located ? "latitude" : "", located ? "latitude" : "row of the grid");
  axis("lon", located ? grid.lon_degrees : numbered(grid.columns), located ? "degrees_east" : "1",
       located ? "longitude" : "", located ? "longitude" : "column of the grid");
  if (!axes_.has_times) return;
  std::vector<double> valid;
  for (std::int64_t start : axes_.starts_s)
    for (double lead : axes_.leads_h) valid.push_back(static_cast<double>(start) + 3600 * lead);
  file_.write<double>("valid_time", valid,
                      {static_cast<std::int64_t>(axes_.starts_s.size()),
                       static_cast<std::int64_t>(axes_.leads_h.size())},
                      {epoch, "the time a forecast is for"});
  file_.attribute("valid_time", "units", epoch);
  file_.attribute("valid_time", "standard_name", "time");
  file_.attach_scales("valid_time", {"time", "lead_time"});
}

void ForecastFile::create_variables() {
  auto const& grid = axes_.grid;
  std::vector<std::int64_t> shape{static_cast<std::int64_t>(axes_.starts_s.size()), axes_.members,
                                  static_cast<std::int64_t>(axes_.leads_h.size()), grid.rows,
                                  grid.columns};
  std::vector<std::string> scales{"time", "member", "lead_time", "lat", "lon"};
  if (axes_.members == 1) {
    shape.erase(shape.begin() + 1);
    scales.erase(scales.begin() + 1);
  }
  std::vector<std::int64_t> chunk(shape.size(), 1);  // one field: what a map or a series reads
  chunk[chunk.size() - 2] = grid.rows;
  chunk[chunk.size() - 1] = grid.columns;
  for (std::size_t c = 0; c < axes_.channels.size(); ++c) {
    std::string const name = variable_name(axes_.channels[c], variables_);
    std::string const unit = axes_.units[c].empty() ? "1" : axes_.units[c];
    file_.create_rows<float>(name, shape, {unit, "forecast of " + axes_.channels[c]}, chunk);
    file_.attribute(name, "units", unit);
    file_.attribute(name, "long_name", axes_.channels[c]);
    if (axes_.has_times) file_.attribute(name, "coordinates", "valid_time");
    file_.attach_scales(name, scales);
    variables_.push_back(name);
  }
}

void ForecastFile::add(std::span<float const> values) {
  EXPECT(values.size() % variables_.size() == 0);
  std::size_t const size = values.size() / variables_.size();
  for (std::size_t c = 0; c < variables_.size(); ++c)
    file_.write_rows<float>(variables_[c], values.subspan(c * size, size));
}

void ForecastFile::attribute(std::string const& name, std::string const& value) {
  file_.attribute("/", name, value);
}

void ForecastFile::commit() { file_.commit(); }

}  // namespace crossjoule::runtime
