// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/comm.hpp"
#include "core/slab_reader.hpp"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace crossjoule::runtime {

/// Which times share a mean.
enum class Cycle {
  none,          ///< all of them: the time mean
  month,         ///< calendar month
  hour_of_day,   ///< time of day, for series shorter than a year
  day_of_year,   ///< calendar day, 29 February of its own
  day_and_hour,  ///< calendar day and time of day: FourCastNet's daily climatology
};
std::string_view to_string(Cycle cycle);
Cycle cycle_from(std::string_view name);
std::vector<std::string> cycle_names();

/// The bin of a time: equal for times that share a mean, rising through the cycle. 0 for none, else
/// month * 10^7 + day * 10^5 + second of day, with what the cycle leaves out as 0.
std::int64_t bin_key(Cycle cycle, std::int64_t seconds);
/// "March", "06:00", "29 February", "29 February 06:00", "all".
std::string bin_text(Cycle cycle, std::int64_t key);

/// The mean of every bin of a cycle, per channel and grid point, in the files' units.
class Climatology {
 public:
  /// From a folder of `crossjoule statistics` or its statistics.h5. Error: bad_input (none there),
  /// damaged.
  explicit Climatology(std::filesystem::path const& path);

  Cycle cycle() const { return cycle_; }
  std::vector<std::string> const& channels() const { return channels_; }
  std::int64_t bins() const { return static_cast<std::int64_t>(keys_.size()); }
  std::int64_t rows() const { return reader_.shape()[2]; }
  std::int64_t columns() const { return reader_.shape()[3]; }
  /// Places of channels by name; Error (bad_input).
  std::vector<std::int64_t> places_of(std::vector<std::string> const& channels) const;
  /// The mean at a time (seconds since 1970; any for Cycle::none): the first `rows` rows and
  /// `columns` columns of the given channels, into (channel, row, column). Error (bad_input) where
  /// no time of its bin was averaged.
  void read(std::int64_t seconds, std::span<std::int64_t const> channels, std::int64_t rows,
            std::int64_t columns, std::span<float> into) const;

 private:
  std::filesystem::path path_;
  Cycle cycle_ = Cycle::none;
  core::SlabReader reader_;
  std::vector<std::int64_t> keys_;
  std::vector<std::string> channels_;
  std::vector<float> cache_;  ///< all values where they are few
};

}  // namespace crossjoule::runtime
