// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace crossjoule::runtime {

/// Mean and standard deviation of each channel, in its own unit.
struct ChannelStatistics {
  std::vector<std::string> channels;  ///< empty where the file does not name them
  std::vector<double> mean, deviation;
  std::string origin;  ///< the file, for messages
};

/// From a folder: statistics.h5 of `crossjoule statistics`, else FourCastNet's global_means.npy and
/// global_stds.npy, of shape (C) or (1, C, 1, 1); or from such an HDF5 file. Error: bad_input
/// (absent, shapes that are no list of channels, lengths that differ, a mean that is not finite, a
/// deviation below 0), damaged.
ChannelStatistics read_channel_statistics(std::filesystem::path const& path);

/// The entries of `wanted` channels, by name where the statistics have names, else by place among
/// `stored`, the channels of the fields. Error (bad_input) where they do not match.
ChannelStatistics select_channels(ChannelStatistics const& statistics,
                                  std::vector<std::string> const& stored,
                                  std::vector<std::string> const& wanted);

}  // namespace crossjoule::runtime
