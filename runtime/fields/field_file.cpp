// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/fields/field_file.hpp"

#include "core/error.hpp"
#include "core/slab_reader.hpp"
#include "runtime/fields/calendar.hpp"
#include "runtime/fields/file_list.hpp"

#include <fmt/ranges.h>
#include <algorithm>
#include <cmath>

namespace crossjoule::runtime {
namespace {

using Names = std::vector<std::string>;

/// The dataset that a key names, which must be there, or the first usual name that is.
std::string find_dataset(core::H5File const& file, std::string const& given, char const* key,
                         Names const& usual) {
  VALIDATE(given.empty() || file.exists(given), "{}: no dataset {} (the file has {}) mend data.{}",
           file.path().string(), given, fmt::join(file.children("/"), ", "), key);
  if (!given.empty()) return given;
  for (auto const& name : usual)
    if (file.exists(name) && !file.is_group(name)) return name;
  return {};
}

/// The dataset of the first channel, after its rank, type and extents were checked.
core::SlabReader open_fields(core::H5File const& file, std::string const& dataset,
                             FieldFilesOptions const& options) {
  std::string const name = file.path().string();
  VALIDATE(file.exists(dataset) && !file.is_group(dataset),
           "{}: no dataset {} (the file has {}) set data.dataset, or data.variables", name, dataset,
           fmt::join(file.children("/"), ", "));
  auto const shape = file.shape(dataset);
  bool const fits = shape.size() == 3 || (shape.size() == 4 && options.variables.empty());
  VALIDATE(fits, "{}: {} has shape ({}) (fields are (time, {}lat, lon)) name another dataset", name,
           dataset, fmt::join(shape, ", "), options.variables.empty() ? "channel, " : "");
  VALIDATE(file.is_floating(dataset),
           "{}: {} does not hold floating-point numbers (fields do; packed integers are not "
           "unpacked) convert it",
           name, dataset);
  VALIDATE(*std::min_element(shape.begin(), shape.end()) > 0,
           "{}: {} has shape ({}) (it holds nothing) choose another file", name, dataset,
           fmt::join(shape, ", "));
  return {file.path(), dataset};
}

void take_channels(FieldFile& result, core::H5File const& file, core::SlabReader const& reader,
                   FieldFilesOptions const& options) {
  std::string const name = file.path().string();
  auto const count =
      result.has_channel_axis ? static_cast<std::size_t>(reader.shape()[1]) : std::size_t{1};
  auto const scale = find_dataset(file, options.channel, "channel", {"channel", "channels"});
  bool const named = !scale.empty() && file.type_name(scale) == "text";
  if (named) {
    result.channels = file.read_strings(scale);
    result.units = reader.attribute_texts(scale, "units");
  } else if (!options.channel_names.empty()) {
    result.channels = options.channel_names;
  } else {
    for (std::size_t i = 0; i < count; ++i)
      result.channels.push_back(result.has_channel_axis ? std::to_string(i) : options.dataset);
  }
  VALIDATE(result.channels.size() == count,
           "{}: {} channel names ({}) ({} has {} channels) mend {}", name, result.channels.size(),
           fmt::join(result.channels, ", "), options.dataset, count,
           named ? "the file" : "data.channel_names");
  auto sorted = result.channels;
  std::sort(sorted.begin(), sorted.end());
  auto const twice = std::adjacent_find(sorted.begin(), sorted.end());
  VALIDATE(twice == sorted.end(), "{}: two channels named {} (names must differ) mend the file",
           name, twice == sorted.end() ? "" : *twice);
}

/// The numbers of a coordinate, which has one per row or column.
std::vector<double> coordinate(core::H5File const& file, std::string const& dataset,
                               std::int64_t extent, char const* axis) {
  if (dataset.empty()) return {};
  auto const shape = file.shape(dataset);
  VALIDATE(shape.size() == 1 && shape[0] == extent,
           "{}: {} has shape ({}) (the fields have {} {}) name the right dataset",
           file.path().string(), dataset, fmt::join(shape, ", "), extent, axis);
  auto values = file.read<double>(dataset);
  VALIDATE(std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); }),
           "{}: {} holds NaN or infinity (coordinates must be finite) mend the file",
           file.path().string(), dataset);
  return values;
}

void take_grid(FieldFile& result, core::H5File const& file, FieldFilesOptions const& options) {
  Grid& grid = result.grid;
  auto const lat = find_dataset(file, options.latitude, "latitude", {"lat", "latitude"});
  auto const lon = find_dataset(file, options.longitude, "longitude", {"lon", "longitude"});
  grid.lat_degrees = coordinate(file, lat, grid.rows, "rows");
  grid.lon_degrees = coordinate(file, lon, grid.columns, "columns");
  VALIDATE(std::all_of(grid.lat_degrees.begin(), grid.lat_degrees.end(),
                       [](double x) { return std::abs(x) <= 90.001; }),
           "{}: {} holds a latitude beyond 90 degrees (are the axes exchanged?) mend the file",
           file.path().string(), lat);
  assume_global(grid);
}

/// Year files without stamps: from the first of January, in equal steps.
std::vector<std::int64_t> times_of_year(int year, std::int64_t steps, double step_hours) {
  auto const begin = seconds_of({year, 1, 1, 0});
  auto const step = std::llround((step_hours > 0 ? step_hours : 6) * 3600);
  std::vector<std::int64_t> times;
  for (std::int64_t i = 0; i < steps; ++i) times.push_back(begin + i * step);
  return times;
}

std::vector<std::int64_t> take_times(core::H5File const& file, core::SlabReader const& reader,
                                     std::int64_t steps, FieldFilesOptions const& options) {
  auto const dataset =
      find_dataset(file, options.time, "time", {"timestamp", "time", "valid_time"});
  if (dataset.empty()) {
    auto const year = year_of_name(file.path());
    return year ? times_of_year(*year, steps, options.step_hours) : std::vector<std::int64_t>{};
  }
  std::string const name = file.path().string();
  auto const stamps = coordinate(file, dataset, steps, "times");
  auto const units = reader.attribute_texts(dataset, "units");
  auto const unit = units.empty() ? TimeUnit{} : parse_time_unit(units.front());
  VALIDATE(unit.has_value(),
           "{}: {} is in \"{}\" (\"hours since 1900-01-01\" and the like are read) mend the unit",
           name, dataset, units.empty() ? "" : units.front());
  std::vector<std::int64_t> times;
  constexpr double most = 1e13;  // 300,000 years: keeps sums of seconds within 64 bits
  for (double const stamp : stamps) {
    double const seconds = stamp * static_cast<double>(unit->seconds_per_unit);
    VALIDATE(std::abs(seconds) < most, "{}: {} holds {} (no plausible time) mend the file", name,
             dataset, stamp);
    times.push_back(unit->origin + std::llround(seconds));
  }
  return times;
}

}  // namespace

FieldFile inspect_field_file(std::filesystem::path const& path, FieldFilesOptions const& options) {
  auto const file = core::H5File::open(path);
  auto const& variables = options.variables;
  auto const reader =
      open_fields(file, variables.empty() ? options.dataset : variables.front(), options);
  auto const& shape = reader.shape();
  FieldFile result;
  result.path = path;
  result.steps = shape[0];
  result.bytes_held =
      reader.bytes_held() * std::max<std::int64_t>(1, static_cast<std::int64_t>(variables.size()));
  result.has_channel_axis = shape.size() == 4;
  result.grid.rows = shape[shape.size() - 2];
  result.grid.columns = shape[shape.size() - 1];
  if (variables.empty()) {
    take_channels(result, file, reader, options);
  } else {
    result.channels = variables;
    for (auto const& variable : variables) {
      auto const other = open_fields(file, variable, options);
      VALIDATE(other.shape() == shape, "{}: {} has shape ({}), {} ({}) (they must agree) mend {}",
               path.string(), variable, fmt::join(other.shape(), ", "), variables.front(),
               fmt::join(shape, ", "), "data.variables");
      auto const units = other.attribute_texts(variable, "units");
      result.units.push_back(units.empty() ? "" : units.front());
    }
  }
  result.units.resize(result.channels.size());
  take_grid(result, file, options);
  result.times = take_times(file, reader, result.steps, options);
  return result;
}

void refuse_different(FieldFile const& first, FieldFile const& other) {
  std::string const a = first.path.string(), b = other.path.string();
  VALIDATE(first.channels.size() == other.channels.size() &&
               first.grid.points() == other.grid.points() && first.grid.rows == other.grid.rows &&
               first.has_channel_axis == other.has_channel_axis,
           "{}: {} channels of {} x {} points ({} has {} of {} x {}) join files of one shape", b,
           other.channels.size(), other.grid.rows, other.grid.columns, a, first.channels.size(),
           first.grid.rows, first.grid.columns);
  auto const [x, y] =
      std::mismatch(first.channels.begin(), first.channels.end(), other.channels.begin());
  VALIDATE(x == first.channels.end(), "{}: a channel {} ({} has {} there) join files of one kind",
           b, y == other.channels.end() ? "" : *y, a, x == first.channels.end() ? "" : *x);
  constexpr double tolerance_degrees = 1e-4;  // float32 coordinates in one file, float64 in another
  auto const same = [](std::vector<double> const& u, std::vector<double> const& v) {
    return u.size() == v.size() &&
           std::equal(u.begin(), u.end(), v.begin(),
                      [](double p, double q) { return std::abs(p - q) <= tolerance_degrees; });
  };
  VALIDATE(same(first.grid.lat_degrees, other.grid.lat_degrees) &&
               same(first.grid.lon_degrees, other.grid.lon_degrees),
           "{}: other coordinates than in {} (fields must lie on one grid) join files of one grid",
           b, a);
  VALIDATE(first.times.empty() == other.times.empty(),
           "{} has time stamps, {} has none (a series needs them in all files or in none) mend the "
           "files",
           first.times.empty() ? b : a, first.times.empty() ? a : b);
}

}  // namespace crossjoule::runtime
