// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/weather/year_file.hpp"

#include <chrono>
#include <cmath>
#include <numbers>

namespace crossjoule::sim::weather {

std::vector<double> latitudes_deg(Sphere const& sphere) {
  std::vector<double> degrees;
  for (double const mu : sphere.nodes().mu)
    degrees.push_back(std::asin(mu) * 180 / std::numbers::pi);
  return degrees;
}

std::vector<double> longitudes_deg(Sphere const& sphere) {
  std::vector<double> degrees;
  for (int i = 0; i < sphere.lon(); ++i) degrees.push_back(360.0 * i / sphere.lon());
  return degrees;
}

double year_begin_s(int year) {
  using namespace std::chrono;
  auto const days = sys_days(std::chrono::year(year) / January / 1).time_since_epoch();
  return static_cast<double>(duration_cast<seconds>(days).count());
}

void write_grid(core::H5File& file, std::vector<double> const& lat_deg,
                std::vector<double> const& lon_deg) {
  file.write("lat", lat_deg, {"degrees_north", "latitude, north to south"});
  file.write("lon", lon_deg, {"degrees_east", "longitude, west to east"});
  file.attribute("lat", "units", "degrees_north");
  file.attribute("lon", "units", "degrees_east");
}

core::H5File begin_fields_file(std::filesystem::path const& path, core::Overwrite overwrite,
                               Axes const& axes, std::string const& description) {
  auto file = core::H5File::create(path, overwrite);
  file.write("timestamp", axes.timestamp_s, {"s", "since 1970-01-01T00:00:00Z"});
  file.attribute("timestamp", "units", "seconds since 1970-01-01T00:00:00Z");
  std::vector<std::string> names, units, long_names;
  for (Channel const& channel : axes.channels) {
    names.push_back(channel.name);
    units.push_back(channel.unit);
    long_names.push_back(channel.long_name);
  }
  file.write_strings("channel", names, "second axis of fields");
  file.attribute("channel", "units", units);
  file.attribute("channel", "long_name", long_names);
  write_grid(file, axes.lat_deg, axes.lon_deg);
  auto const lat = static_cast<std::int64_t>(axes.lat_deg.size());
  auto const lon = static_cast<std::int64_t>(axes.lon_deg.size());
  file.create_rows<float>("fields",
                          {static_cast<std::int64_t>(axes.timestamp_s.size()),
                           static_cast<std::int64_t>(names.size()), lat, lon},
                          {"see units of channel", description}, {1, 1, lat, lon});
  file.attach_scales("fields", {"timestamp", "channel", "lat", "lon"});
  return file;
}

}  // namespace crossjoule::sim::weather
