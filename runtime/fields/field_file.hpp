// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/config.hpp"
#include "runtime/fields/grid.hpp"

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace crossjoule::runtime {

/// Where the fields are. Names left "" are looked for: timestamp, time, valid_time; channel,
/// channels; lat, latitude; lon, longitude.
struct FieldFilesOptions {
  /// What a time step of another length inside a file is: an error, or the end of a run.
  enum class Gaps { refuse, split };
  /// Do runs of steps go on in the next file: never, or where its time stamps follow on?
  enum class Join { never, contiguous };

  std::vector<std::filesystem::path> files = {};  ///< files, or folders: their files of `pattern`
  std::string pattern = "????.h5";                ///< shell pattern of file names in folders
  std::vector<std::int64_t> years = {};           ///< of the year files; empty: all
  std::string dataset = "fields";                 ///< (time, channel, lat, lon) or (time, lat, lon)
  std::vector<std::string> variables = {};  ///< one (time, lat, lon) dataset per channel instead
  std::vector<std::string> channel_names = {};                         ///< for files that name none
  std::string time = {}, channel = {}, latitude = {}, longitude = {};  ///< names of datasets
  double step_hours = 0;  ///< 0: from the stamps; year files without stamps: 6
  Gaps gaps = Gaps::refuse;
  Join join = Join::never;
};

/// Take these keys of a table.
FieldFilesOptions read_field_files_options(core::Config table,
                                           FieldFilesOptions const& defaults = {});

/// Steps of the joined files, by time and by index: from <= time < until, first <= index < first +
/// count.
struct TimeRange {
  std::optional<std::int64_t> from = {}, until = {};  ///< seconds since 1970, UTC
  std::int64_t first = 0;
  std::int64_t count = std::numeric_limits<std::int64_t>::max();

  bool operator==(TimeRange const&) const = default;
};
/// Take the keys from, until, first_step, steps of a table.
TimeRange read_time_range(core::Config table, TimeRange const& defaults = {});

/// What one file says about its fields.
struct FieldFile {
  std::filesystem::path path;
  std::int64_t steps = 0;
  bool has_channel_axis = true;              ///< false: (time, lat, lon)
  std::vector<std::string> channels, units;  ///< units "" where the file does not tell
  Grid grid;
  std::vector<std::int64_t> times;  ///< seconds since 1970, UTC; empty where it has none
  std::int64_t bytes_held = 0;      ///< of memory, while it is held open for reading
};

/// Error as of FieldFiles.
FieldFile inspect_field_file(std::filesystem::path const& path, FieldFilesOptions const& options);
/// Error (bad_input) naming both files where shape, channels or coordinates differ.
void refuse_different(FieldFile const& first, FieldFile const& other);

}  // namespace crossjoule::runtime
