// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace crossjoule::meter {

/// A value of a log in JSON lines: nothing (null), a number, text, or members by name (arrays are
/// members "0", "1" …). true and false are 1 and 0; NaN, as Python writes it, is nothing.
struct JsonValue {
  using Members = std::map<std::string, JsonValue, std::less<>>;
  std::variant<std::monostate, double, std::string, Members> value;

  std::optional<double> number() const;
  std::optional<std::string> text() const;
  /// The member of that name; null without it, or where this has no members.
  JsonValue const* find(std::string_view name) const;
};

/// One JSON document; nothing where the text is none, is nested more than 64 deep or goes on after
/// it.
std::optional<JsonValue> parse_json(std::string_view text);

}  // namespace crossjoule::meter
