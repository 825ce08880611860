// SPDX-License-Identifier: BSD-3-Clause
// The one file that knows toml++.
#include "core/detail/toml.hpp"

#include <toml++/toml.h>
#include <algorithm>
#include <sstream>

namespace crossjoule::core::detail {

bool TomlValue::is_array_of_tables() const {
  return array() && !array()->empty() &&
         std::all_of(array()->begin(), array()->end(), [](auto const& one) { return one.table(); });
}

TomlValue const* TomlValue::member(std::string_view key) const {
  if (table())
    for (auto const& [name, value] : *table())
      if (name == key) return &value;
  return nullptr;
}

TomlValue* TomlValue::member(std::string_view key) {
  return const_cast<TomlValue*>(std::as_const(*this).member(key));
}

TomlValue& TomlValue::set_member(std::string_view key, TomlValue value) {
  if (TomlValue* const there = member(key)) return *there = std::move(value);
  return table()->emplace_back(std::string(key), std::move(value)).second;
}

namespace {

/// A date, time or both as ISO 8601 writes them.
std::string time_text(toml::node const& node) {
  std::ostringstream text;
  if (auto const* date = node.as_date()) text << date->get();
  if (auto const* time = node.as_time()) text << time->get();
  if (auto const* both = node.as_date_time()) text << both->get();
  return std::move(text).str();
}

TomlValue convert(toml::node const& node) {
  TomlValue value;
  value.line = static_cast<int>(node.source().begin.line);
  value.column = static_cast<int>(node.source().begin.column);
  if (auto const* table = node.as_table()) {
    TomlValue::Table members;
    for (auto const& [key, child] : *table)
      members.emplace_back(std::string(key.str()), convert(child));
    std::stable_sort(members.begin(), members.end(), [](auto const& a, auto const& b) {
      return std::tie(a.second.line, a.second.column) < std::tie(b.second.line, b.second.column);
    });
    value.content = std::move(members);
  } else if (auto const* array = node.as_array()) {
    TomlValue::Array elements;
    for (auto const& child : *array) elements.push_back(convert(child));
    value.content = std::move(elements);
  } else if (auto const* text = node.as_string()) {
    value.content = text->get();
  } else if (auto const* integer = node.as_integer()) {
    value.content = integer->get();
  } else if (auto const* number = node.as_floating_point()) {
    value.content = number->get();
  } else if (auto const* truth = node.as_boolean()) {
    value.content = truth->get();
  } else {
    value.content = TomlValue::Time{time_text(node)};
  }
  return value;
}

}  // namespace

TomlValue parse_toml(std::string_view text) {
  try {
    return convert(toml::parse(text));
  } catch (toml::parse_error const& error) {
    auto const& begin = error.source().begin;
    throw TomlError(std::string(error.description()), static_cast<int>(begin.line),
                    static_cast<int>(begin.column));
  }
}

}  // namespace crossjoule::core::detail
