// SPDX-License-Identifier: BSD-3-Clause
// Taking values from a configuration; its tables stand in config_known.cpp, --set in
// config_set.cpp, the dump of defaults in config_dump.cpp.
#include "core/config.hpp"

#include "core/detail/config_state.hpp"
#include "core/detail/files.hpp"
#include "core/error.hpp"

#include <fmt/ranges.h>
#include <algorithm>
#include <cmath>
#include <utility>

namespace crossjoule::core {

using detail::dotted;
using detail::TomlValue;
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
    config.state_->root = detail::parse_toml(text);
  } catch (detail::TomlError const& error) {
    fail(ExitCode::bad_input, "no valid TOML ({}) mend the line [{}:{}:{}]", error.what(), name,
         error.line, error.column);
  }
  return config;
}

namespace {

/// Calls the one of `handlers` that fits what the value holds.
template <class... Handlers>
struct Match : Handlers... {
  using Handlers::operator()...;
};

std::string type_name(TomlValue const& value) {
  return std::visit(
      Match{[](TomlValue::Table const&) { return "a table"; },
            [](TomlValue::Array const&) { return "an array"; },
            [](std::string const&) { return "a string"; },
            [](std::int64_t) { return "an integer"; },
            [](double) { return "a floating-point number"; }, [](bool) { return "a truth value"; },
            [](TomlValue::Time const&) { return "a date or time"; }},
      value.content);
}

/// The value as the user wrote it, cut to a length that fits a message.
std::string shown(TomlValue const& value) {
  return std::visit(
      Match{[](TomlValue::Table const&) -> std::string { return "{...}"; },
            [](TomlValue::Array const&) -> std::string { return "[...]"; },
            [](std::string const& text) { return detail::quoted_text(text.substr(0, 60)); },
            [](std::int64_t number) { return fmt::format("{}", number); },
            [](double number) { return fmt::format("{}", number); },
            [](bool truth) -> std::string { return truth ? "true" : "false"; },
            [](TomlValue::Time const& time) { return time.text; }},
      value.content);
}

void refuse_type(TomlValue const& value, std::string const& key, std::string_view wanted,
                 std::string const& where) {
  fail(ExitCode::bad_input, "{} = {} (is {}, must be {}) give {}{}", key, shown(value),
       type_name(value), wanted, wanted, where);
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

std::int64_t integer_of(TomlValue const& value, Range<std::int64_t> range, std::string const& key,
                        std::string const& where) {
  auto const* number = std::get_if<std::int64_t>(&value.content);
  if (!number) refuse_type(value, key, "an integer", where);
  check_range(*number, range, key, where);
  return *number;
}

double number_of(TomlValue const& value, Range<double> range, std::string const& key,
                 std::string const& where) {
  auto const* integer = std::get_if<std::int64_t>(&value.content);
  auto const* number = std::get_if<double>(&value.content);
  if (!integer && !number) refuse_type(value, key, "a number", where);
  double const result = integer ? static_cast<double>(*integer) : *number;
  check_range(result, range, key, where);
  return result;
}

std::string text_of(TomlValue const& value, std::string const& key, std::string const& where) {
  auto const* text = std::get_if<std::string>(&value.content);
  if (auto const* time = std::get_if<TomlValue::Time>(&value.content)) text = &time->text;
  if (!text) refuse_type(value, key, "a string", where);
  return *text;
}

/// One value per element; messages name the element.
template <class T, class Convert>
std::vector<T> array_of(TomlValue const& value, std::string const& key, std::string const& where,
                        Convert convert) {
  if (!value.array()) refuse_type(value, key, "an array in [ ]", where);
  std::vector<T> values;
  for (TomlValue const& one : *value.array())
    values.push_back(convert(one, fmt::format("{}[{}]", key, values.size())));
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

TomlValue const* Config::State::find(Path const& path) const {
  TomlValue const* value = &root;
  for (std::string const& part : path) {
    value = value->table() ? value->member(part) : detail::element(*value, part);
    if (!value) return nullptr;
  }
  return value;
}

std::int64_t Config::take_integer(std::string_view key, std::int64_t fallback,
                                  std::string_view comment, Range<std::int64_t> range) {
  Path const path = path_of(key);
  state_->learn(path, Known::What::value, toml_text(fallback), comment);
  TomlValue const* value = state_->find(path);
  return value ? integer_of(*value, range, dotted(path), state_->where(path)) : fallback;
}

double Config::take_number(std::string_view key, double fallback, std::string_view comment,
                           Range<double> range) {
  Path const path = path_of(key);
  state_->learn(path, Known::What::value, toml_text(fallback), comment);
  TomlValue const* value = state_->find(path);
  return value ? number_of(*value, range, dotted(path), state_->where(path)) : fallback;
}

bool Config::take(std::string_view key, bool fallback, std::string_view comment) {
  Path const path = path_of(key);
  state_->learn(path, Known::What::value, fallback ? "true" : "false", comment);
  TomlValue const* value = state_->find(path);
  if (!value) return fallback;
  auto const* truth = std::get_if<bool>(&value->content);
  if (!truth) refuse_type(*value, dotted(path), "true or false", state_->where(path));
  return *truth;
}

std::string Config::take(std::string_view key, char const* fallback, std::string_view comment) {
  Path const path = path_of(key);
  state_->learn(path, Known::What::value, detail::quoted_text(fallback), comment);
  TomlValue const* value = state_->find(path);
  return value ? text_of(*value, dotted(path), state_->where(path)) : fallback;
}

std::vector<std::int64_t> Config::take(std::string_view key,
                                       std::vector<std::int64_t> const& fallback,
                                       std::string_view comment, Range<std::int64_t> range) {
  Path const path = path_of(key);
  state_->learn(path, Known::What::value, toml_text(fallback), comment);
  TomlValue const* value = state_->find(path);
  if (!value) return fallback;
  std::string const where = state_->where(path);
  return array_of<std::int64_t>(*value, dotted(path), where,
                                [&](TomlValue const& element, std::string const& name) {
                                  return integer_of(element, range, name, where);
                                });
}

std::vector<double> Config::take(std::string_view key, std::vector<double> const& fallback,
                                 std::string_view comment, Range<double> range) {
  Path const path = path_of(key);
  state_->learn(path, Known::What::value, toml_text(fallback), comment);
  TomlValue const* value = state_->find(path);
  if (!value) return fallback;
  std::string const where = state_->where(path);
  return array_of<double>(*value, dotted(path), where,
                          [&](TomlValue const& element, std::string const& name) {
                            return number_of(element, range, name, where);
                          });
}

std::vector<std::string> Config::take(std::string_view key,
                                      std::vector<std::string> const& fallback,
                                      std::string_view comment) {
  Path const path = path_of(key);
  state_->learn(path, Known::What::value, toml_text(fallback), comment);
  TomlValue const* value = state_->find(path);
  if (!value) return fallback;
  std::string const where = state_->where(path);
  return array_of<std::string>(*value, dotted(path), where,
                               [&](TomlValue const& element, std::string const& name) {
                                 return text_of(element, name, where);
                               });
}

std::string Config::take_choice(std::string_view key, std::string_view fallback,
                                std::string_view comment, std::vector<std::string> const& choices) {
  std::string const chosen = take(key, std::string(fallback).c_str(), comment);
  if (std::find(choices.begin(), choices.end(), chosen) != choices.end()) {
    state_->choose(path_of(key), detail::quoted_text(chosen));
    return chosen;
  }
  std::string const near = detail::nearest(chosen, choices);
  fail(ExitCode::bad_input, "{} = {} (must be one of {}) {}{}", dotted(path_of(key)),
       detail::quoted_text(chosen.substr(0, 60)), fmt::join(choices, ", "),
       near.empty() ? "choose one of them"
                    : fmt::format("did you mean {}?", detail::quoted_text(near)),
       where(key));
}

}  // namespace crossjoule::core
