// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/fields/channel_statistics.hpp"

#include "core/error.hpp"
#include "core/h5file.hpp"
#include "core/npy.hpp"
#include "runtime/fields/statistics_file.hpp"

#include <fmt/ranges.h>
#include <algorithm>
#include <cmath>

namespace crossjoule::runtime {
namespace fs = std::filesystem;
namespace {

std::vector<double> read_list(fs::path const& path) {
  auto const array = core::read_npy(path);
  auto const long_axes = std::count_if(array.shape.begin(), array.shape.end(),
                                       [](std::int64_t extent) { return extent != 1; });
  VALIDATE(
      long_axes <= 1 && !array.values.empty(),
      "{}: an array of shape ({}) (one number per channel is needed: (C) or (1, C, 1, 1)) name "
      "another file",
      path.string(), fmt::join(array.shape, ", "));
  return array.values;
}

void check(ChannelStatistics const& statistics) {
  auto const& [channels, mean, deviation, origin] = statistics;
  VALIDATE(mean.size() == deviation.size() && (channels.empty() || channels.size() == mean.size()),
           "{}: {} means and {} standard deviations (must be as many) mend the statistics", origin,
           mean.size(), deviation.size());
  for (std::size_t i = 0; i < mean.size(); ++i)
    VALIDATE(
        std::isfinite(mean[i]) && std::isfinite(deviation[i]) && deviation[i] >= 0,
        "{}: mean {} and standard deviation {} of channel {} (must be finite, and not below 0) "
        "compute the statistics again",
        origin, mean[i], deviation[i], channels.empty() ? std::to_string(i) : channels[i]);
}

}  // namespace

ChannelStatistics read_channel_statistics(fs::path const& path) {
  ChannelStatistics result;
  bool const is_folder = fs::is_directory(path);
  fs::path const record = is_folder ? path / statistics_file_name : path;
  result.origin = record.string();
  if (!is_folder || fs::exists(record)) {
    auto const file = core::H5File::open(record);
    VALIDATE(file.exists("/statistics/mean") && file.exists("/statistics/deviation") &&
                 file.exists("/statistics/channel"),
             "{}: no /statistics (another kind of file?) name a folder of `crossjoule statistics`",
             result.origin);
    result.channels = file.read_strings("/statistics/channel");
    result.mean = file.read<double>("/statistics/mean");
    result.deviation = file.read<double>("/statistics/deviation");
  } else {
    result.origin = (path / "global_means.npy").string();
    VALIDATE(fs::exists(path / "global_means.npy") && fs::exists(path / "global_stds.npy"),
             "{}: neither {} nor global_means.npy and global_stds.npy (nothing to normalise with) "
             "run crossjoule statistics",
             path.string(), statistics_file_name);
    result.mean = read_list(path / "global_means.npy");
    result.deviation = read_list(path / "global_stds.npy");
  }
  check(result);
  return result;
}

ChannelStatistics select_channels(ChannelStatistics const& statistics,
                                  std::vector<std::string> const& stored,
                                  std::vector<std::string> const& wanted) {
  auto const& names = statistics.channels.empty() ? stored : statistics.channels;
  VALIDATE(!statistics.channels.empty() || statistics.mean.size() == stored.size(),
           "{}: statistics of {} channels (the fields have {}: {}) use the statistics of these "
           "fields",
           statistics.origin, statistics.mean.size(), stored.size(), fmt::join(stored, ", "));
  ChannelStatistics result{wanted, {}, {}, statistics.origin};
  for (auto const& name : wanted) {
    auto const found = std::find(names.begin(), names.end(), name);
    VALIDATE(found != names.end(),
             "{}: no statistics of channel {} (it has those of {}) use the statistics of these "
             "fields",
             statistics.origin, name, fmt::join(names, ", "));
    auto const place = static_cast<std::size_t>(found - names.begin());
    result.mean.push_back(statistics.mean[place]);
    result.deviation.push_back(statistics.deviation[place]);
  }
  return result;
}

}  // namespace crossjoule::runtime
