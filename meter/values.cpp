// SPDX-License-Identifier: BSD-3-Clause
#include "meter/values.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cmath>
#include <utility>

namespace crossjoule::meter {

std::string_view trim(std::string_view text) {
  auto const is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

std::string CsvReader::field() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t') &&
         text_[at_] != separator_)
    ++at_;
  std::string value;
  if (at_ < text_.size() && text_[at_] == '"') {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') {
        if (at_ + 1 >= text_.size() || text_[at_ + 1] != '"') break;
        ++at_;
      }
      next_line_ += text_[at_] == '\n';
      value += text_[at_];
    }
    if (at_ < text_.size()) ++at_;
    while (at_ < text_.size() && text_[at_] != separator_ && text_[at_] != '\n') ++at_;
    return value;
  }
  std::size_t const begin = at_;
  while (at_ < text_.size() && text_[at_] != separator_ && text_[at_] != '\n') ++at_;
  return std::string(trim(text_.substr(begin, at_ - begin)));
}

std::optional<std::vector<std::string>> CsvReader::next() {
  while (at_ < text_.size()) {
    std::vector<std::string> row;
    line_ = next_line_;
    while (true) {
      row.push_back(field());
      if (at_ >= text_.size() || text_[at_] == '\n') break;
      ++at_;  // the separator
    }
    if (at_ < text_.size()) ++at_, ++next_line_;
    if (row.size() > 1 || !row.front().empty()) return row;
  }
  return {};
}

std::optional<double> parse_number(std::string_view text) {
  text = trim(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  bool const is_whole = error == std::errc() && end == text.data() + text.size() && !text.empty();
  return is_whole && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

namespace {

using Units = std::array<std::pair<std::string_view, double>, 8>;
constexpr Units power_units = {{{"w", 1},
                                {"watt", 1},
                                {"watts", 1},
                                {"mw", 1e-3},
                                {"milliwatt", 1e-3},
                                {"milliwatts", 1e-3},
                                {"uw", 1e-6},
                                {"kw", 1e3}}};
constexpr Units energy_units = {{{"j", 1},
                                 {"joule", 1},
                                 {"joules", 1},
                                 {"mj", 1e-3},
                                 {"uj", 1e-6},
                                 {"kj", 1e3},
                                 {"wh", 3600},
                                 {"kwh", 3.6e6}}};

std::optional<double> factor_of(Units const& units, std::string_view name) {
  std::string const wanted = lower(name);
  for (auto const& [unit, factor] : units)
    if (unit == wanted) return factor;
  return {};
}

std::optional<double> parse_with_unit(std::string_view text, Units const& units, double factor) {
  text = trim(text);
  auto const end = text.find_last_of("0123456789.");
  if (end == std::string_view::npos) return {};
  auto const unit = trim(text.substr(end + 1));
  auto const number = parse_number(text.substr(0, end + 1));
  if (!number) return {};
  if (unit.empty()) return *number * factor;
  auto const own = factor_of(units, unit);
  return own ? std::optional(*number * *own) : std::nullopt;
}

/// The last word of a heading, brackets around it or not, is the unit.
std::optional<double> of_heading(std::string_view heading, Units const& units) {
  auto const is_letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; };
  std::size_t end = heading.size();
  while (end > 0 && !is_letter(heading[end - 1])) --end;
  std::size_t begin = end;
  while (begin > 0 && is_letter(heading[begin - 1])) --begin;
  return factor_of(units, heading.substr(begin, end - begin));
}

std::optional<std::int64_t> take_integer(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return {};
  std::int64_t value = 0;
  for (std::size_t k = 0; k < digits; ++k) {
    if (text[k] < '0' || text[k] > '9') return {};
    value = 10 * value + (text[k] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, std::string_view one_of) {
  if (text.empty() || one_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

/// A number of seconds or of smaller units since 1970: a stamp of our time has 10, 13, 16 or 19
/// digits before the point.
std::optional<std::int64_t> from_number(std::string_view text) {
  std::int64_t whole = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (error != std::errc() || whole < 0) return {};
  std::string_view rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
  std::int64_t unit = 1;
  for (std::int64_t limit = 100'000'000'000'000'000; unit < 1'000'000'000 && whole < limit;
       limit /= 1000)
    unit *= 1000;
  if (whole > 9'000'000'000'000'000'000 / unit) return {};
  std::int64_t result = whole * unit;
  if (rest.empty()) return result;
  if (!take(rest, ".") || rest.empty()) return {};
  for (std::int64_t digit = unit / 10; !rest.empty(); rest.remove_prefix(1), digit /= 10) {
    if (rest.front() < '0' || rest.front() > '9') return {};
    result += digit * (rest.front() - '0');
  }
  return result;
}

/// Z, +02:00, -0700; nothing taken: the default.
std::optional<std::int64_t> take_zone(std::string_view& text, std::int64_t otherwise) {
  text = trim(text);
  if (text.empty()) return otherwise;
  if (text == "Z" || text == "z" || text == "UTC") return text = {}, 0;
  std::int64_t const sign = text.front() == '-' ? -1 : 1;
  if (!take(text, "+-")) return {};
  auto const hours = take_integer(text, 2);
  take(text, ":");
  auto const minutes = text.empty() ? std::optional<std::int64_t>(0) : take_integer(text, 2);
  if (!hours || !minutes || *hours > 14 || *minutes > 59) return {};
  return sign * (*hours * 3600 + *minutes * 60);
}

}  // namespace

std::optional<double> parse_watt(std::string_view text, double unit_watt) {
  return parse_with_unit(text, power_units, unit_watt);
}
std::optional<double> parse_joule(std::string_view text, double unit_joule) {
  return parse_with_unit(text, energy_units, unit_joule);
}
std::optional<double> watt_of_heading(std::string_view heading) {
  return of_heading(heading, power_units);
}
std::optional<double> joule_of_heading(std::string_view heading) {
  return of_heading(heading, energy_units);
}

std::optional<std::int64_t> parse_time_ns(std::string_view text, std::int64_t offset_second) {
  text = trim(text);
  bool const has_date = text.size() > 7 && (text[4] == '-' || text[4] == '/');
  if (!has_date) return from_number(text);
  using namespace std::chrono;
  auto const years = take_integer(text, 4);
  bool ok = years && take(text, "-/");
  auto const months = ok ? take_integer(text, 2) : std::nullopt;
  ok = months && take(text, "-/");
  auto const days = ok ? take_integer(text, 2) : std::nullopt;
  if (!days) return {};
  year_month_day const date{year(static_cast<int>(*years)), month(static_cast<unsigned>(*months)),
                            day(static_cast<unsigned>(*days))};
  if (!date.ok() || *years < 1971 || *years > 2250) return {};
  std::int64_t second = 0, fraction = 0;
  if (take(text, "T ")) {
    auto const hour = take_integer(text, 2);
    auto const minute = hour && take(text, ":") ? take_integer(text, 2) : std::nullopt;
    if (!minute || *hour > 23 || *minute > 59) return {};
    second = *hour * 3600 + *minute * 60;
    if (take(text, ":")) {
      auto const sec = take_integer(text, 2);
      if (!sec || *sec > 60) return {};
      second += *sec;
    }
    if (take(text, ".,"))
      for (std::int64_t unit = 100'000'000; !text.empty() && text[0] >= '0' && text[0] <= '9';
           text.remove_prefix(1), unit /= 10)
        fraction += unit * (text[0] - '0');
  }
  auto const zone = take_zone(text, offset_second);
  if (!zone || !text.empty()) return {};
  std::int64_t const day_count = sys_days(date).time_since_epoch().count();
  return (day_count * 86400 + second - *zone) * 1'000'000'000 + fraction;
}

std::string utc_text(std::int64_t time_ns) {
  using namespace std::chrono;
  std::int64_t second = time_ns / 1'000'000'000, rest = time_ns % 1'000'000'000;
  if (rest < 0) rest += 1'000'000'000, --second;
  std::int64_t const day_number = second >= 0 ? second / 86400 : (second - 86399) / 86400;
  year_month_day const date{sys_days{days{day_number}}};
  std::int64_t const in_day = second - day_number * 86400;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     in_day / 3600, in_day / 60 % 60, in_day % 60, rest / 1'000'000);
}

}  // namespace crossjoule::meter
