// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sim/world/weather/data_set.hpp"
#include "sim/world/weather/year_file.hpp"

namespace crossjoule::sim::weather {

/// What networks are standardised with; of the training years alone.
struct Statistics {
  std::vector<double> means,
      deviations;                 ///< per channel; deviation: root of the mean of the years'
  std::vector<float> time_means;  ///< (channel, lat, lon)
};

/// The sums of one year that the statistics need, in one vector that ranks can add: the sum over
/// time of every value (channel, lat, lon), then mean and variance per channel.
class Sums {
 public:
  static std::int64_t words(std::size_t channels, int lat, int lon) {
    return static_cast<std::int64_t>(channels) * (std::int64_t{lat} * lon + 2);
  }
  /// `words` is filled; its old content does not matter.
  Sums(std::size_t channels, std::span<double> words);
  /// The fields (channel, lat, lon) of one time.
  void add(std::span<float const> fields);
  void finish(std::int64_t samples);
  /// From the sum over `years` years of `samples` times each.
  static Statistics statistics(std::span<double const> sums, std::size_t channels, int years,
                               std::int64_t samples);

 private:
  std::size_t channels_, points_;
  std::span<double> words_;
  std::vector<double> squares_;
};

/// The attributes that say how to make a year again: no rank count, host or time among them.
void describe(core::H5File& file, DataSetRequest const& request, int year);
/// `orog` (lat, lon), float32, m.
void write_orography(std::filesystem::path const& path, Sphere& sphere, Spectrum const& mountains);
/// global_means.npy and global_stds.npy (1, channel, 1, 1), time_means.npy (1, channel, lat, lon).
void write_statistics(std::filesystem::path const& folder, Statistics const& statistics, int lat,
                      int lon);
/// data.json, as makani reads it.
void write_data_json(std::filesystem::path const& path, DataSetRequest const& request,
                     Axes const& axes);

}  // namespace crossjoule::sim::weather
