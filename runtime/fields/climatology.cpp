// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/fields/climatology.hpp"

#include "core/error.hpp"
#include "runtime/fields/calendar.hpp"
#include "runtime/fields/statistics_file.hpp"

#include <fmt/ranges.h>
#include <algorithm>
#include <array>

namespace crossjoule::runtime {
namespace fs = std::filesystem;
namespace {

struct Name {
  Cycle cycle;
  char const* name;
};
constexpr std::array<Name, 5> names = {{{Cycle::none, "none"},
                                        {Cycle::month, "month"},
                                        {Cycle::hour_of_day, "hour-of-day"},
                                        {Cycle::day_of_year, "day-of-year"},
                                        {Cycle::day_and_hour, "day-and-hour"}}};
constexpr std::int64_t month_unit = 10'000'000, day_unit = 100'000;
constexpr std::array<char const*, 12> months = {"January",   "February", "March",    "April",
                                                "May",       "June",     "July",     "August",
                                                "September", "October",  "November", "December"};

/// Kept in memory below this size: a month's or a region's, not 127 GB of daily quarter degrees.
constexpr std::int64_t cache_bytes = std::int64_t{256} << 20;

fs::path record_of(fs::path const& path) {
  return fs::is_directory(path) ? path / statistics_file_name : path;
}

/// The reader of the values, after everything beside them was found.
core::SlabReader open_values(fs::path const& path) {
  auto const file = core::H5File::open(path);
  VALIDATE(file.exists("/climatology/values") && file.exists("/climatology/bin") &&
               file.exists("/climatology/channel") && file.has_attribute("/climatology", "cycle"),
           "{}: no /climatology (another kind of file?) name a folder of `crossjoule statistics`",
           path.string());
  return {path, "/climatology/values"};
}

}  // namespace

std::string_view to_string(Cycle cycle) {
  for (auto const& entry : names)
    if (entry.cycle == cycle) return entry.name;
  return "";
}

Cycle cycle_from(std::string_view name) {
  for (auto const& entry : names)
    if (entry.name == name) return entry.cycle;
  core::fail(core::ExitCode::bad_input, "no cycle named {} (there are {}) choose one of these",
             name, fmt::join(cycle_names(), ", "));
}

std::vector<std::string> cycle_names() {
  std::vector<std::string> all;
  for (auto const& entry : names) all.emplace_back(entry.name);
  return all;
}

std::int64_t bin_key(Cycle cycle, std::int64_t seconds) {
  auto const time = calendar_of(seconds);
  switch (cycle) {
    case Cycle::none: return 0;
    case Cycle::month: return time.month * month_unit;
    case Cycle::hour_of_day: return time.second_of_day;
    case Cycle::day_of_year: return time.month * month_unit + time.day * day_unit;
    case Cycle::day_and_hour:
      return time.month * month_unit + time.day * day_unit + time.second_of_day;
  }
  return 0;
}

std::string bin_text(Cycle cycle, std::int64_t key) {
  if (cycle == Cycle::none) return "all";
  std::int64_t const month = key / month_unit, day = key % month_unit / day_unit,
                     second = key % day_unit;
  std::string const clock = fmt::format("{:02}:{:02}{}", second / 3600, second / 60 % 60,
                                        second % 60 ? fmt::format(":{:02}", second % 60) : "");
  if (cycle == Cycle::hour_of_day) return clock;
  std::string const name =
      month >= 1 && month <= 12 ? months[static_cast<std::size_t>(month) - 1] : "?";
  if (cycle == Cycle::month) return name;
  std::string const date = fmt::format("{} {}", day, name);
  return cycle == Cycle::day_of_year ? date : date + " " + clock;
}

Climatology::Climatology(fs::path const& path)
    : path_(record_of(path)), reader_(open_values(path_)) {
  auto const file = core::H5File::open(path_);
  cycle_ = cycle_from(file.read_attribute_text("/climatology", "cycle"));
  keys_ = file.read<std::int64_t>("/climatology/bin");
  channels_ = file.read_strings("/climatology/channel");
  auto const& shape = reader_.shape();
  VALIDATE_AS(ExitCode::damaged,
              shape.size() == 4 && shape[0] == bins() && bins() > 0 &&
                  shape[1] == static_cast<std::int64_t>(channels_.size()) &&
                  std::is_sorted(keys_.begin(), keys_.end()),
              "{}: /climatology makes no sense (values of shape ({}) for {} bins and {} channels) "
              "compute it again",
              path_.string(), fmt::join(shape, ", "), bins(), channels_.size());
  std::int64_t const points = shape[1] * shape[2] * shape[3];
  if (points <= cache_bytes / static_cast<std::int64_t>(sizeof(float)) / bins()) {
    cache_.resize(static_cast<std::size_t>(points * bins()));
    reader_.read<float>(std::array<std::int64_t, 4>{}, shape, cache_);
  }
}

std::vector<std::int64_t> Climatology::places_of(std::vector<std::string> const& wanted) const {
  std::vector<std::int64_t> places;
  for (auto const& name : wanted) {
    auto const found = std::find(channels_.begin(), channels_.end(), name);
    VALIDATE(found != channels_.end(),
             "{}: no climatology of channel {} (it has {}) use the statistics of these fields",
             path_.string(), name, fmt::join(channels_, ", "));
    places.push_back(found - channels_.begin());
  }
  return places;
}

void Climatology::read(std::int64_t seconds, std::span<std::int64_t const> channels,
                       std::int64_t rows, std::int64_t columns, std::span<float> into) const {
  VALIDATE(
      rows <= this->rows() && columns <= this->columns(),
      "{}: a climatology of {} x {} points ({} x {} are asked for) use the statistics of these "
      "fields",
      path_.string(), this->rows(), this->columns(), rows, columns);
  auto const key = bin_key(cycle_, seconds);
  auto const found = std::lower_bound(keys_.begin(), keys_.end(), key);
  VALIDATE(
      found != keys_.end() && *found == key,
      "{}: no climatology for {} (nothing of {} was averaged) choose another cycle, or average "
      "more",
      path_.string(), time_text(seconds), bin_text(cycle_, key));
  std::int64_t const bin = found - keys_.begin();
  auto const plane = static_cast<std::size_t>(rows * columns);
  EXPECT(into.size() == channels.size() * plane);
  for (std::size_t i = 0; i < channels.size(); ++i) {
    auto const target = into.subspan(i * plane, plane);
    if (cache_.empty()) {
      reader_.read<float>(std::array<std::int64_t, 4>{bin, channels[i], 0, 0},
                          std::array<std::int64_t, 4>{1, 1, rows, columns}, target);
      continue;
    }
    auto const stored = static_cast<std::int64_t>(channels_.size()) * bin + channels[i];
    float const* const from = cache_.data() + stored * this->rows() * this->columns();
    for (std::int64_t row = 0; row < rows; ++row)
      std::copy_n(from + row * this->columns(), columns, target.data() + row * columns);
  }
}

}  // namespace crossjoule::runtime
