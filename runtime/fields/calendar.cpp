// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/fields/calendar.hpp"

#include <fmt/format.h>
#include <array>
#include <charconv>
#include <chrono>

namespace crossjoule::runtime {
namespace {

constexpr std::int64_t day_seconds = 86'400;

/// Takes a number of exactly `digits` digits (or of at least one where 0) off the text.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  std::size_t length = 0;
  while (length < text.size() && text[length] >= '0' && text[length] <= '9') ++length;
  if (length == 0 || length > 4 || (digits != 0 && length != digits)) return {};
  int value = 0;
  std::from_chars(text.data(), text.data() + length, value);
  text.remove_prefix(length);
  return value;
}

bool take_sign(std::string_view& text, char sign) {
  if (!text.starts_with(sign)) return false;
  text.remove_prefix(1);
  return true;
}

/// "06", "06:30", "06:30:15", and fractions of a second that are zero.
std::optional<std::int64_t> take_clock(std::string_view& text) {
  std::array<int, 3> parts = {0, 0, 0};
  constexpr std::array<int, 3> most = {23, 59, 59};
  for (std::size_t i = 0; i < 3; ++i) {
    if (i > 0 && !take_sign(text, ':')) break;
    auto const part = take_number(text, 2);
    if (!part || *part > most[i]) return {};
    parts[i] = *part;
  }
  if (take_sign(text, '.'))
    while (take_sign(text, '0')) {}
  return parts[0] * 3600 + parts[1] * 60 + parts[2];
}

}  // namespace

CalendarTime calendar_of(std::int64_t seconds) {
  std::int64_t day = seconds / day_seconds, rest = seconds % day_seconds;
  if (rest < 0) {
    rest += day_seconds;
    --day;
  }
  std::chrono::year_month_day const date{
      std::chrono::sys_days{std::chrono::days{static_cast<int>(day)}}};
  return {static_cast<int>(date.year()), static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day())), rest};
}

std::int64_t seconds_of(CalendarTime const& time) {
  std::chrono::sys_days const day = std::chrono::year(time.year) /
                                    std::chrono::month(static_cast<unsigned>(time.month)) /
                                    std::chrono::day(static_cast<unsigned>(time.day));
  return std::int64_t{day.time_since_epoch().count()} * day_seconds + time.second_of_day;
}

std::string time_text(std::int64_t seconds) {
  auto const time = calendar_of(seconds);
  auto const second = time.second_of_day % 60;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}{}Z", time.year, time.month, time.day,
                     time.second_of_day / 3600, time.second_of_day / 60 % 60,
                     second == 0 ? "" : fmt::format(":{:02}", second));
}

std::string step_text(std::int64_t seconds) {
  if (seconds % 360 != 0) return fmt::format("{} s", seconds);
  return fmt::format("{} h", static_cast<double>(seconds) / 3600);
}

std::optional<std::int64_t> parse_time(std::string_view text) {
  auto const year = take_number(text, 4);
  if (!year || !take_sign(text, '-')) return {};
  auto const month = take_number(text, 0);
  if (!month || !take_sign(text, '-')) return {};
  auto const day = take_number(text, 0);
  if (!day) return {};
  std::chrono::year_month_day const date = std::chrono::year(*year) /
                                           std::chrono::month(static_cast<unsigned>(*month)) /
                                           std::chrono::day(static_cast<unsigned>(*day));
  if (!date.ok()) return {};
  std::int64_t clock = 0;
  if (take_sign(text, 'T') || (text.size() > 1 && take_sign(text, ' '))) {
    auto const taken = take_clock(text);
    if (!taken) return {};
    clock = *taken;
  }
  if (text != "" && text != "Z" && text != " UTC" && text != "+00:00" && text != " +00:00")
    return {};
  return seconds_of({*year, *month, *day, clock});
}

std::optional<TimeUnit> parse_time_unit(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 12> units = {{{"seconds", 1},
                                                                                {"second", 1},
                                                                                {"secs", 1},
                                                                                {"s", 1},
                                                                                {"minutes", 60},
                                                                                {"minute", 60},
                                                                                {"hours", 3600},
                                                                                {"hour", 3600},
                                                                                {"h", 3600},
                                                                                {"days", 86400},
                                                                                {"day", 86400},
                                                                                {"d", 86400}}};
  constexpr std::string_view since = " since ";
  auto const middle = text.find(since);
  if (middle == std::string_view::npos) return {};
  auto const origin = parse_time(text.substr(middle + since.size()));
  if (!origin) return {};
  for (auto const& [name, seconds] : units)
    if (text.substr(0, middle) == name) return TimeUnit{seconds, *origin};
  return {};
}

}  // namespace crossjoule::runtime
