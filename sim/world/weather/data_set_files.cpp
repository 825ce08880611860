// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/weather/data_set_files.hpp"

#include "core/error.hpp"
#include "core/npy.hpp"
#include "core/text_file.hpp"

#include <fmt/ranges.h>
#include <algorithm>
#include <cmath>

namespace crossjoule::sim::weather {

Sums::Sums(std::size_t channels, std::span<double> words)
    : channels_(channels),
      points_(words.size() / channels - 2),
      words_(words),
      squares_(channels, 0) {
  std::ranges::fill(words_, 0.0);
}

void Sums::add(std::span<float const> fields) {
  EXPECT(fields.size() == channels_ * points_);
  double const points = static_cast<double>(points_);
  for (std::size_t c = 0; c < channels_; ++c) {
    double sum = 0, squares = 0;
    for (std::size_t i = c * points_; i < (c + 1) * points_; ++i) {
      double const value = fields[i];
      words_[i] += value;
      sum += value;
      squares += value * value;
    }
    words_[channels_ * points_ + c] += sum / points;
    squares_[c] += squares / points;
  }
}

void Sums::finish(std::int64_t samples) {
  double* const means = words_.data() + channels_ * points_;
  double* const variances = means + channels_;
  for (std::size_t c = 0; c < channels_; ++c) {
    means[c] /= static_cast<double>(samples);
    variances[c] = squares_[c] / static_cast<double>(samples) - means[c] * means[c];
  }
}

Statistics Sums::statistics(std::span<double const> sums, std::size_t channels, int years,
                            std::int64_t samples) {
  std::size_t const points = sums.size() / channels - 2;
  double const *const means = sums.data() + channels * points, *const variances = means + channels;
  Statistics result;
  for (std::size_t c = 0; c < channels; ++c) {
    result.means.push_back(means[c] / years);
    result.deviations.push_back(std::sqrt(std::max(0.0, variances[c] / years)));
  }
  double const times = static_cast<double>(samples) * years;
  for (double const sum : sums.first(channels * points))
    result.time_means.push_back(static_cast<float>(sum / times));
  return result;
}

void describe(core::H5File& file, DataSetRequest const& request, int year) {
  ClimateOptions const& climate = request.climate;
  file.attribute("/", "world", "crossjoule shallow-water planet, version 1");
  file.attribute("/", "seed", static_cast<std::int64_t>(request.seed));
  file.attribute("/", "year", std::int64_t{year});
  file.attribute("/", "truncation", std::int64_t{request.truncation});
  std::pair<char const*, double> const numbers[] = {
      {"time_step_s", request.time_step_s},
      {"output_h", request.output_h},
      {"spin_up_days", request.spin_up_days},
      {"mean_depth_m", climate.mean_depth_m},
      {"day_h", climate.day_h},
      {"year_days", climate.year_days},
      {"tilt_rad", climate.tilt_rad},
      {"tide_m_per_day", climate.tide_m_per_day},
      {"jet_m_per_s", climate.jet_m_per_s},
      {"jet_latitude_deg", climate.jet_latitude_deg},
      {"jet_width_deg", climate.jet_width_deg},
      {"season", climate.season},
      {"relaxation_days", climate.relaxation_days},
      {"friction_days", climate.friction_days},
      {"divergence_damping_h", climate.divergence_damping_h},
      {"hyperdiffusion_h", climate.hyperdiffusion_h},
      {"eddy_m_per_s", climate.eddy_m_per_s}};
  for (auto const& [name, value] : numbers) file.attribute("/", name, value);
  std::string mountains;
  for (Mountain const& mountain : climate.mountains)
    mountains += fmt::format("{}{} {} {} {}", mountains.empty() ? "" : "; ", mountain.latitude_deg,
                             mountain.longitude_deg, mountain.height_m, mountain.width_deg);
  file.attribute("/", "mountains", "latitude longitude height_m width_deg: " + mountains);
}

void write_orography(std::filesystem::path const& path, Sphere& sphere, Spectrum const& mountains) {
  auto file = core::H5File::create(path);
  write_grid(file, latitudes_deg(sphere), longitudes_deg(sphere));
  std::vector<double> const rows = sphere.rows(sphere.field_of(mountains));
  file.write<float>("orog", std::vector<float>(rows.begin(), rows.end()),
                    {sphere.lat(), sphere.lon()}, {"m", "height of the ground"});
  file.attribute("orog", "units", "m");
  file.attach_scales("orog", {"lat", "lon"});
  file.commit();
}

void write_statistics(std::filesystem::path const& folder, Statistics const& statistics, int lat,
                      int lon) {
  auto const channels = static_cast<std::int64_t>(statistics.means.size());
  auto const rounded = [](std::vector<double> const& values) {
    return std::vector<float>(values.begin(), values.end());
  };
  core::write_npy<float>(folder / "global_means.npy", rounded(statistics.means),
                         {1, channels, 1, 1});
  core::write_npy<float>(folder / "global_stds.npy", rounded(statistics.deviations),
                         {1, channels, 1, 1});
  core::write_npy<float>(folder / "time_means.npy", statistics.time_means, {1, channels, lat, lon});
}

void write_data_json(std::filesystem::path const& path, DataSetRequest const& request,
                     Axes const& axes) {
  std::vector<std::string> names;
  for (Channel const& channel : axes.channels) names.push_back(channel.name);
  core::write_text_file(
      path, fmt::format(R"({{
  "dataset_name": "crossjoule shallow-water planet",
  "h5_path": "fields",
  "dims": ["time", "channel", "lat", "lon"],
  "dhours": {},
  "coords": {{
    "grid_type": "legendre-gauss",
    "channel": ["{}"],
    "lat": [{}],
    "lon": [{}]
  }}
}}
)",
                        request.output_h, fmt::join(names, "\", \""), fmt::join(axes.lat_deg, ", "),
                        fmt::join(axes.lon_deg, ", ")));
}

bool is_data_set_file(std::string const& name) {
  for (char const* known : {"data.json", "static/orography.h5", "stats/global_means.npy",
                            "stats/global_stds.npy", "stats/time_means.npy"})
    if (name == known) return true;
  for (std::string const folder : {"train/", "test/", "out_of_sample/"}) {
    std::string const rest = name.starts_with(folder) ? name.substr(folder.size()) : "";
    if (rest.size() == 7 && rest.ends_with(".h5") && rest.find_first_not_of("0123456789") == 4)
      return true;
  }
  return false;
}

}  // namespace crossjoule::sim::weather
