// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace crossjoule::runtime {

// Times are seconds since 1970-01-01T00:00:00Z in UTC without leap seconds (Gregorian calendar).

/// A time as people name it.
struct CalendarTime {
  int year = 1970, month = 1, day = 1;  ///< month 1 to 12, day 1 to 31
  std::int64_t second_of_day = 0;
};

CalendarTime calendar_of(std::int64_t seconds);
std::int64_t seconds_of(CalendarTime const& time);
/// "2019-03-01T06:00Z"; with seconds where they are not 0.
std::string time_text(std::int64_t seconds);
/// "6 h", "730.5 h", "90 s": a time step for people.
std::string step_text(std::int64_t seconds);

/// 2019-03-01, 2019-03-01T06, ...T06:30, ...T06:30:15, each with or without Z, a blank for the T
/// where wanted; nothing for other texts and for days that do not exist.
std::optional<std::int64_t> parse_time(std::string_view text);

/// A unit of the CF conventions: "hours since 1900-01-01 00:00:00".
struct TimeUnit {
  std::int64_t seconds_per_unit = 1, origin = 0;
};
std::optional<TimeUnit> parse_time_unit(std::string_view text);

}  // namespace crossjoule::runtime
