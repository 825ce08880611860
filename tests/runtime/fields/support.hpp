// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/h5file.hpp"
#include "core/testing/expect_error.hpp"
#include "core/testing/temporary_folder.hpp"
#include "runtime/fields/calendar.hpp"
#include "runtime/fields/field_files.hpp"

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace crossjoule::runtime::testing {

using core::testing::TemporaryFolder;
using core::testing::wrong_outcome;

/// Value of a made-up field at (step of its file, channel, row, column).
using Value = std::function<double(std::int64_t, std::int64_t, std::int64_t, std::int64_t)>;

/// A number from which the place can be told.
inline double place_value(std::int64_t t, std::int64_t c, std::int64_t r, std::int64_t k) {
  return static_cast<double>(1000 * t + 100 * c + 10 * r + k);
}
/// Anything but smooth, reproducible, within [-1, 1].
inline double noise(std::int64_t t, std::int64_t c, std::int64_t r, std::int64_t k) {
  return std::sin(static_cast<double>((t * 7919 + c * 104729 + r * 1299709 + k * 15485863) % 9973));
}

/// What a small file of fields holds; parts left empty are not written.
struct Made {
  std::int64_t steps = 4, channels = 2, rows = 3, columns = 4;
  std::vector<std::string> names = {"u", "v"};
  std::vector<double> times_s = {};  ///< empty: none
  std::vector<double> lat = {}, lon = {};
  Value value = place_value;
  std::string dataset = "fields", time = "timestamp", time_unit = {};
};

/// Stamps from `begin` ("2019-03-01") in equal steps.
inline std::vector<double> stamps(std::string const& begin, std::int64_t count,
                                  double step_hours = 6) {
  std::vector<double> times;
  for (std::int64_t i = 0; i < count; ++i)
    times.push_back(static_cast<double>(*parse_time(begin)) +
                    3600 * step_hours * static_cast<double>(i));
  return times;
}

inline std::filesystem::path write_fields(std::filesystem::path const& path, Made const& made) {
  std::vector<float> values;
  for (std::int64_t t = 0; t < made.steps; ++t)
    for (std::int64_t c = 0; c < made.channels; ++c)
      for (std::int64_t r = 0; r < made.rows; ++r)
        for (std::int64_t k = 0; k < made.columns; ++k)
          values.push_back(static_cast<float>(made.value(t, c, r, k)));
  auto file = core::H5File::create(path, core::Overwrite::yes);
  file.write<float>(made.dataset, values, {made.steps, made.channels, made.rows, made.columns},
                    {"1", "made up"});
  if (!made.names.empty()) file.write_strings("channel", made.names, "names");
  if (!made.times_s.empty()) file.write(made.time, made.times_s, {"s", "times"});
  if (!made.time_unit.empty()) file.attribute(made.time, "units", made.time_unit);
  if (!made.lat.empty()) file.write("lat", made.lat, {"1", "latitude"});
  if (!made.lon.empty()) file.write("lon", made.lon, {"1", "longitude"});
  file.commit();
  return path;
}

inline FieldFilesOptions files_of(std::vector<std::filesystem::path> const& paths) {
  FieldFilesOptions options;
  options.files = paths;
  return options;
}

/// Expects an Error with this code whose message has all parts; "" where that is so.
inline std::string refused(core::ExitCode code, std::vector<std::string> const& parts,
                           std::function<void()> const& call) {
  for (auto const& part : parts)
    if (auto const wrong = wrong_outcome(code, part, call); !wrong.empty()) return wrong;
  return "";
}

}  // namespace crossjoule::runtime::testing
