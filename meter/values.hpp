// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crossjoule::meter {

/// Rows of comma-separated text by RFC 4180 (quoted fields, doubled quotes, CR LF), with another
/// separator if wanted. Blanks around fields are dropped. Never fails: a quote that is not closed
/// ends with the text.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text, char separator = ',')
      : text_(text), separator_(separator) {}
  /// The next row that is not empty; nothing at the end.
  std::optional<std::vector<std::string>> next();
  /// Number of the line in which the last row began, from 1.
  std::int64_t line() const { return line_; }

 private:
  std::string field();
  std::string_view text_;
  char separator_;
  std::size_t at_ = 0;
  std::int64_t line_ = 0, next_line_ = 1;
};

std::string_view trim(std::string_view text);
std::string lower(std::string_view text);

/// The whole text as a finite number; nothing for anything else ("nan", "[N/A]", "12x").
std::optional<double> parse_number(std::string_view text);
/// "61.20 W", "900 mW", "1.2 kW", "5" (taken times `unit_watt`) in watts; nothing for other units.
std::optional<double> parse_watt(std::string_view text, double unit_watt = 1);
/// The same for joules: J, mJ, uJ, kJ, Wh, kWh.
std::optional<double> parse_joule(std::string_view text, double unit_joule = 1);
/// What one of a column is, from its heading: "power.draw [mW]" -> 1e-3, "watts" -> 1; nothing
/// where the heading names no unit of power.
std::optional<double> watt_of_heading(std::string_view heading);
std::optional<double> joule_of_heading(std::string_view heading);

/// Nanoseconds since 1970 UTC of "2019-10-31T12:01:10.769862Z", "2019/10/31 12:01:10.769",
/// "2022-01-01 00:00:00+02:00", or of a number of seconds, milliseconds, microseconds or
/// nanoseconds (told apart by size). A stamp without a zone is taken as `offset_second` east of
/// UTC.
std::optional<std::int64_t> parse_time_ns(std::string_view text, std::int64_t offset_second = 0);
/// "2019-10-31T12:01:10.769Z".
std::string utc_text(std::int64_t time_ns);

}  // namespace crossjoule::meter
