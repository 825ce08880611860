// SPDX-License-Identifier: BSD-3-Clause
// `--set a.b.c=value` over a configuration.
#include "core/config.hpp"
#include "core/detail/config_state.hpp"
#include "core/error.hpp"

#include <algorithm>
#include <utility>

namespace crossjoule::core {

using detail::dotted;
using detail::TomlValue;

namespace {

void mark(TomlValue& value) {
  value.from_set = true;
  if (value.table())
    for (auto& [key, child] : *value.table()) mark(child);
  if (value.array())
    for (TomlValue& child : *value.array()) mark(child);
}

/// The value of `--set`: TOML, or else the bare word itself.
TomlValue parse_value(std::string_view text, std::string_view assignment) {
  TomlValue value;
  try {
    TomlValue root = detail::parse_toml(fmt::format("value = {}", text));
    VALIDATE(root.table()->size() == 1,
             "--set {} (more than one assignment) give --set once for each", assignment);
    value = std::move(*root.member("value"));
  } catch (detail::TomlError const& error) {
    bool const looks_like_toml =
        text.empty() || std::string_view("\"'[{").find(text[0]) != std::string_view::npos;
    bool const spans_lines = text.find_first_of("\r\n") != std::string_view::npos;
    VALIDATE(!looks_like_toml && !spans_lines,
             "--set {} (no valid TOML value: {}) write --set key=value", assignment, error.what());
    value.content = std::string(text);
  }
  mark(value);
  return value;
}

std::vector<std::string> split_keys(std::string_view text) {
  std::vector<std::string> keys;
  for (std::size_t begin = 0; begin <= text.size();) {
    std::size_t const end = std::min(text.find('.', begin), text.size());
    std::string_view key = text.substr(begin, end - begin);
    while (!key.empty() && key.front() == ' ') key.remove_prefix(1);
    while (!key.empty() && key.back() == ' ') key.remove_suffix(1);
    // files[2].events: a place in an array of tables is a part of its own
    std::size_t const bracket = key.ends_with(']') ? key.find('[') : std::string_view::npos;
    keys.emplace_back(key.substr(0, bracket));
    if (bracket != std::string_view::npos) keys.emplace_back(key.substr(bracket));
    begin = end + 1;
  }
  return keys;
}

/// The table or array `part` of `parent`, made where a table has none.
TomlValue* step_into(TomlValue& parent, std::string const& part, std::string_view assignment) {
  if (parent.array() && detail::is_index(part)) {
    auto* const found = const_cast<TomlValue*>(detail::element(parent, part));
    VALIDATE(found,
             "--set {} ({} is not there: the file has {} of these tables, counted from 0) name one "
             "of them",
             assignment, part, parent.array()->size());
    return found;
  }
  if (!parent.table()) return nullptr;
  if (TomlValue* const found = parent.member(part)) return found;
  TomlValue made;
  made.from_set = true;
  return &parent.set_member(part, std::move(made));
}

}  // namespace

void Config::set(std::string_view assignment) {
  std::size_t const equals = assignment.find('=');
  VALIDATE(equals != std::string_view::npos, "--set {} (has no '=') write --set key=value",
           assignment);
  Path const keys = split_keys(assignment.substr(0, equals));
  VALIDATE(std::find(keys.begin(), keys.end(), "") == keys.end(),
           "--set {} (a key is empty) write --set key=value", assignment);
  std::string_view text = assignment.substr(equals + 1);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  TomlValue value = parse_value(text, assignment);

  TomlValue* parent = &state_->root;
  for (std::size_t depth = 0; parent && depth + 1 < keys.size(); ++depth) {
    parent = step_into(*parent, keys[depth], assignment);
    bool const array_follows = parent && parent->array() && detail::is_index(keys[depth + 1]);
    VALIDATE(parent && (parent->table() || array_follows),
             "--set {} ({} is no table) name a key of a table", assignment,
             dotted(Path(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(depth) + 1)));
  }
  VALIDATE(parent->table(), "--set {} ({} is no table) name a key of a table", assignment,
           dotted(keys));
  parent->set_member(keys.back(), std::move(value));
  state_->assignments.emplace_back(assignment);
}

}  // namespace crossjoule::core
