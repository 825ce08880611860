// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace crossjoule::core::detail {

/// A TOML value with the place it came from.
struct TomlValue {
  using Array = std::vector<TomlValue>;
  using Table = std::vector<std::pair<std::string, TomlValue>>;  ///< in file order
  struct Time {
    std::string text;  ///< dates and times, "2019-03-01T06:00:00": keys of text take them so
  };

  std::variant<Table, Array, std::string, std::int64_t, double, bool, Time> content;
  int line = 0, column = 0;  ///< counted from 1
  bool from_set = false;     ///< given by --set, not in the file

  Table const* table() const { return std::get_if<Table>(&content); }
  Table* table() { return std::get_if<Table>(&content); }
  Array const* array() const { return std::get_if<Array>(&content); }
  Array* array() { return std::get_if<Array>(&content); }
  bool is_array_of_tables() const;
  /// The member of a table, or null.
  TomlValue const* member(std::string_view key) const;
  TomlValue* member(std::string_view key);
  /// Add or replace a member; this value must be a table.
  TomlValue& set_member(std::string_view key, TomlValue value);
};

struct TomlError : std::runtime_error {
  TomlError(std::string const& what, int line, int column)
      : std::runtime_error(what), line(line), column(column) {}
  int line, column;
};

/// The root table. TomlError where the text is no TOML.
TomlValue parse_toml(std::string_view text);

}  // namespace crossjoule::core::detail
