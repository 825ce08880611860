// SPDX-License-Identifier: BSD-3-Clause
// Reading a configuration; what is known of it and its dump stand in config_known.cpp.
#include "core/config.hpp"

#include "core/detail/config_state.hpp"
#include "core/detail/files.hpp"
#include "core/error.hpp"

#include <fmt/ranges.h>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

namespace crossjoule::core {

using detail::dotted;
using Known = Config::State::Known;

Config::Config() : state_(std::make_shared<State>()) {}
Config::Config(std::shared_ptr<State> state, Path path)
    : state_(std::move(state)), path_(std::move(path)) {}

Config Config::from_file(std::filesystem::path const& path) {
  constexpr std::int64_t largest_bytes = 16 << 20;  // a configuration, not a data file
  Config config = from_text(detail::read_small_file(path, largest_bytes), path.string());
  config.state_->file = path;
  return config;
}

Config Config::from_text(std::string_view text, std::string const& name) {
  Config config;
  config.state_->name = name;
  config.state_->text = text;
  try {
    config.state_->root = toml::parse(text, name);
  } catch (toml::parse_error const& error) {
    auto const& begin = error.source().begin;
    fail(ExitCode::bad_input, "no valid TOML ({}) mend the line [{}:{}:{}]", error.description(),
         name, begin.line, begin.column);
  }
  return config;
}

namespace {

/// The value of `--set`: TOML, or else the bare word itself.
toml::table parse_value(std::string_view value, std::string_view assignment) {
  try {
    return toml::parse(fmt::format("value = {}", value));
  } catch (toml::parse_error const& error) {
    bool const looks_like_toml =
        value.empty() || std::string_view("\"'[{").find(value[0]) != std::string_view::npos;
    bool const spans_lines = value.find_first_of("\r\n") != std::string_view::npos;
    VALIDATE(!looks_like_toml && !spans_lines,
             "--set {} (no valid TOML value: {}) write --set key=value", assignment,
             error.description());
    return toml::table{{"value", std::string(value)}};
  }
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

/// The element "[2]" of an array.
toml::node* element(toml::array& array, std::string const& index, std::string_view assignment) {
  std::string_view const digits(index.data() + 1, index.size() - 2);
  std::size_t place = array.size();
  auto const [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), place);
  VALIDATE(failed == std::errc() && end == digits.data() + digits.size() && place < array.size(),
           "--set {} ({} is not there: the file has {} of these tables, counted from 0) name one "
           "of them",
           assignment, index, array.size());
  return array.get(place);
}

}  // namespace

void Config::set(std::string_view assignment) {
  std::size_t const equals = assignment.find('=');
  VALIDATE(equals != std::string_view::npos, "--set {} (has no '=') write --set key=value",
           assignment);
  Path const keys = split_keys(assignment.substr(0, equals));
  VALIDATE(std::find(keys.begin(), keys.end(), "") == keys.end(),
           "--set {} (a key is empty) write --set key=value", assignment);
  std::string_view value = assignment.substr(equals + 1);
  while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
  toml::table parsed = parse_value(value, assignment);
  VALIDATE(parsed.size() == 1, "--set {} (more than one assignment) give --set once for each",
           assignment);

  toml::table* table = &state_->root;
  for (std::size_t depth = 0; depth + 1 < keys.size(); ++depth) {
    toml::node* node = table->get(keys[depth]);
    if (!node) node = &table->insert_or_assign(keys[depth], toml::table{}).first->second;
    if (node->is_array() && detail::is_index(keys[depth + 1]) && depth + 2 < keys.size())
      node = element(*node->as_array(), keys[++depth], assignment);
    table = node->as_table();
    VALIDATE(table, "--set {} ({} is no table) name a key of a table", assignment,
             dotted(Path(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(depth) + 1)));
  }
  table->insert_or_assign(keys.back(), std::move(*parsed.get("value")));
  state_->assignments.emplace_back(assignment);
  state_->assigned.push_back(keys);
}

namespace {

std::string type_name(toml::node const& node) {
  switch (node.type()) {
    case toml::node_type::table: return "a table";
    case toml::node_type::array: return "an array";
    case toml::node_type::string: return "a string";
    case toml::node_type::integer: return "an integer";
    case toml::node_type::floating_point: return "a floating-point number";
    case toml::node_type::boolean: return "a truth value";
    default: return "a date or time";
  }
}

/// The value as the user wrote it, cut to a length that fits a message.
std::string shown(toml::node const& node) {
  if (auto const* text = node.as_string()) return detail::quoted_text(text->get().substr(0, 60));
  if (auto const* number = node.as_integer()) return fmt::format("{}", number->get());
  if (auto const* number = node.as_floating_point()) return fmt::format("{}", number->get());
  if (auto const* truth = node.as_boolean()) return truth->get() ? "true" : "false";
  return node.is_array() ? "[...]" : node.is_table() ? "{...}" : "...";
}

template <class T>
void refuse_type(toml::node const& node, std::string const& key, T const& wanted,
                 std::string const& where) {
  fail(ExitCode::bad_input, "{} = {} (is {}, must be {}) give {}{}", key, shown(node),
       type_name(node), wanted, wanted, where);
}

template <class T>
void check_range(T value, Range<T> range, std::string const& key, std::string const& where) {
  if (value >= range.low && value <= range.high) return;  // false for NaN
  constexpr Range<T> everything;
  std::string_view const hint = "mend the value or remove the key for the default";
  if (range.low == everything.low && range.high == everything.high)
    fail(ExitCode::bad_input, "{} = {} (must be a finite number) {}{}", key, value, hint, where);
  if (range.high == everything.high)
    fail(ExitCode::bad_input, "{} = {} (must be at least {}) {}{}", key, value, range.low, hint,
         where);
  if (range.low == everything.low)
    fail(ExitCode::bad_input, "{} = {} (must be at most {}) {}{}", key, value, range.high, hint,
         where);
  fail(ExitCode::bad_input, "{} = {} (must be {} to {}) {}{}", key, value, range.low, range.high,
       hint, where);
}

std::int64_t integer_of(toml::node const& node, Range<std::int64_t> range, std::string const& key,
                        std::string const& where) {
  auto const* number = node.as_integer();
  if (!number) refuse_type(node, key, "an integer", where);
  check_range(number->get(), range, key, where);
  return number->get();
}

double number_of(toml::node const& node, Range<double> range, std::string const& key,
                 std::string const& where) {
  if (!node.is_number()) refuse_type(node, key, "a number", where);
  double const value = node.is_integer() ? static_cast<double>(node.as_integer()->get())
                                         : node.as_floating_point()->get();
  check_range(value, range, key, where);
  return value;
}

std::string text_of(toml::node const& node, std::string const& key, std::string const& where) {
  auto const* text = node.as_string();
  if (!text) refuse_type(node, key, "a string", where);
  return text->get();
}

/// One value per element; messages name the element.
template <class T, class Convert>
std::vector<T> array_of(toml::node const& node, std::string const& key, std::string const& where,
                        Convert convert) {
  auto const* array = node.as_array();
  if (!array) refuse_type(node, key, "an array in [ ]", where);
  std::vector<T> values;
  for (std::size_t i = 0; i < array->size(); ++i)
    values.push_back(convert(*array->get(i), fmt::format("{}[{}]", key, i)));
  return values;
}

std::string toml_text(double value) {
  if (!std::isfinite(value)) return "";
  std::string const text = fmt::format("{}", value);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}
std::string toml_text(std::int64_t value) { return fmt::format("{}", value); }
std::string toml_text(std::string const& value) { return detail::quoted_text(value); }

template <class T>
std::string toml_text(std::vector<T> const& values) {
  std::vector<std::string> parts;
  for (T const& value : values) parts.push_back(toml_text(value));
  return fmt::format("[{}]", fmt::join(parts, ", "));
}

}  // namespace

Config::Path Config::path_of(std::string_view key) const {
  Path path = path_;
  path.emplace_back(key);
  return path;
}

toml::node const* Config::State::find(Path const& path) const {
  toml::node const* node = &root;
  for (std::string const& part : path) {
    if (auto const* table = node->as_table())
      node = table->get(part);
    else if (auto const* array = node->as_array();
             array && detail::is_index(part) && part[1] >= '0' && part[1] <= '9')
      node = array->get(static_cast<std::size_t>(std::stoul(part.substr(1))));
    else
      node = nullptr;
    if (!node) return nullptr;
  }
  return node;
}

std::int64_t Config::take_integer(std::string_view key, std::int64_t fallback,
                                  std::string_view comment, Range<std::int64_t> range) {
  Path const path = path_of(key);
  state_->learn(path, Known::What::value, toml_text(fallback), comment);
  toml::node const* node = state_->find(path);
  return node ? integer_of(*node, range, dotted(path), state_->where(path)) : fallback;
}

double Config::take_number(std::string_view key, double fallback, std::string_view comment,
                           Range<double> range) {
  Path const path = path_of(key);
  state_->learn(path, Known::What::value, toml_text(fallback), comment);
  toml::node const* node = state_->find(path);
  return node ? number_of(*node, range, dotted(path), state_->where(path)) : fallback;
}

bool Config::take(std::string_view key, bool fallback, std::string_view comment) {
  Path const path = path_of(key);
  state_->learn(path, Known::What::value, fallback ? "true" : "false", comment);
  toml::node const* node = state_->find(path);
  if (!node) return fallback;
  if (!node->is_boolean()) refuse_type(*node, dotted(path), "true or false", state_->where(path));
  return node->as_boolean()->get();
}

std::string Config::take(std::string_view key, char const* fallback, std::string_view comment) {
  Path const path = path_of(key);
  state_->learn(path, Known::What::value, detail::quoted_text(fallback), comment);
  toml::node const* node = state_->find(path);
  return node ? text_of(*node, dotted(path), state_->where(path)) : fallback;
}

std::vector<std::int64_t> Config::take(std::string_view key,
                                       std::vector<std::int64_t> const& fallback,
                                       std::string_view comment, Range<std::int64_t> range) {
  Path const path = path_of(key);
  state_->learn(path, Known::What::value, toml_text(fallback), comment);
  toml::node const* node = state_->find(path);
  if (!node) return fallback;
  std::string const where = state_->where(path);
  return array_of<std::int64_t>(*node, dotted(path), where,
                                [&](toml::node const& element, std::string const& name) {
                                  return integer_of(element, range, name, where);
                                });
}

std::vector<double> Config::take(std::string_view key, std::vector<double> const& fallback,
                                 std::string_view comment, Range<double> range) {
  Path const path = path_of(key);
  state_->learn(path, Known::What::value, toml_text(fallback), comment);
  toml::node const* node = state_->find(path);
  if (!node) return fallback;
  std::string const where = state_->where(path);
  return array_of<double>(*node, dotted(path), where,
                          [&](toml::node const& element, std::string const& name) {
                            return number_of(element, range, name, where);
                          });
}

std::vector<std::string> Config::take(std::string_view key,
                                      std::vector<std::string> const& fallback,
                                      std::string_view comment) {
  Path const path = path_of(key);
  state_->learn(path, Known::What::value, toml_text(fallback), comment);
  toml::node const* node = state_->find(path);
  if (!node) return fallback;
  std::string const where = state_->where(path);
  return array_of<std::string>(*node, dotted(path), where,
                               [&](toml::node const& element, std::string const& name) {
                                 return text_of(element, name, where);
                               });
}

std::string Config::take_choice(std::string_view key, std::string_view fallback,
                                std::string_view comment, std::vector<std::string> const& choices) {
  std::string const chosen = take(key, std::string(fallback).c_str(), comment);
  if (std::find(choices.begin(), choices.end(), chosen) != choices.end()) return chosen;
  std::string const near = detail::nearest(chosen, choices);
  fail(ExitCode::bad_input, "{} = {} (must be one of {}) {}{}", dotted(path_of(key)),
       detail::quoted_text(chosen.substr(0, 60)), fmt::join(choices, ", "),
       near.empty() ? "choose one of them"
                    : fmt::format("did you mean {}?", detail::quoted_text(near)),
       where(key));
}

}  // namespace crossjoule::core
