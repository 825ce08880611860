// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace crossjoule::core {

/// The interval a number must lie in, ends included; a NaN lies in none.
template <class T>
struct Range {
  T low = std::numeric_limits<T>::lowest(), high = std::numeric_limits<T>::max();
};

/// One table of a TOML file. A driver takes the keys it knows, each with its default and a comment,
/// then refuses what is left: a misspelt key must not pass as a default. The keys taken, with their
/// defaults and comments, are also what `--dump-default` prints. Sections share one state.
///
/// Every error names file and line and is an Error (bad_input). TOML only: no includes, no
/// environment, no expressions.
class Config {
 public:
  /// An empty configuration: every key has its default.
  Config();
  static Config from_file(std::filesystem::path const& path);
  /// `name` stands for the file in messages.
  static Config from_text(std::string_view text, std::string const& name);

  /// Apply `--set a.b.c=value`: the value is TOML, or a bare word taken as a string. `a[2].b` is
  /// key b of the third table of an array of tables the file has.
  void set(std::string_view assignment);

  /// The sub-table `key`; empty where the file has none. `comment` heads it in the dump.
  Config section(std::string_view key, std::string_view comment = {});
  /// The array of tables `[[key]]`, in file order.
  std::vector<Config> sections(std::string_view key, std::string_view comment = {});
  bool has(std::string_view key) const;
  /// The sub-table names in file order (for tables whose names are the user's own).
  std::vector<std::string> section_names() const;

  /// A table whose keys `--dump-default` shows, as comments, as those of one element of `[[key]]`;
  /// take the element's keys from it where the file has no such array.
  Config example(std::string_view key, std::string_view comment = {});

  /// The value of `key`, or `fallback`. T is bool, an integer, a floating-point number,
  /// std::string, or a std::vector of std::int64_t, double or std::string. Numbers outside `range`
  /// and NaN are refused. An integer passes for a floating-point number, 3.0 not for an integer.
  template <class T>
  T take(std::string_view key, T const& fallback, std::string_view comment, Range<T> range = {});
  bool take(std::string_view key, bool fallback, std::string_view comment);
  std::string take(std::string_view key, char const* fallback, std::string_view comment);
  std::vector<std::int64_t> take(std::string_view key, std::vector<std::int64_t> const& fallback,
                                 std::string_view comment, Range<std::int64_t> range = {});
  std::vector<double> take(std::string_view key, std::vector<double> const& fallback,
                           std::string_view comment, Range<double> range = {});
  std::vector<std::string> take(std::string_view key, std::vector<std::string> const& fallback,
                                std::string_view comment);
  /// One word out of `choices`.
  std::string take_choice(std::string_view key, std::string_view fallback, std::string_view comment,
                          std::vector<std::string> const& choices);

  /// Error naming the first key, in file order, that nobody took, and the nearest known key.
  /// Call it on the root, after everything was taken.
  void refuse_leftovers() const;

  /// " [study.toml:14]" for a key of this table (" [--set]" where it came from there, "" where it
  /// is a default), to end a message with.
  std::string where(std::string_view key) const;
  /// The file's text as read, followed by the --set assignments as comments: goes into the record.
  std::string verbatim() const;
  /// The file, or "" for defaults; relative paths in it are relative to the working directory.
  std::filesystem::path path() const;
  /// A complete commented TOML of all keys taken so far, with their defaults; a choice
  /// (take_choice) stands as it was made, so that the keys that come with it read back.
  std::string dump_default() const;

  struct State;                           ///< internal: core/detail/config_state.hpp
  using Path = std::vector<std::string>;  ///< keys from the root down; "[2]" is the third element

 private:
  Config(std::shared_ptr<State> state, Path path);
  Path path_of(std::string_view key) const;
  std::int64_t take_integer(std::string_view key, std::int64_t fallback, std::string_view comment,
                            Range<std::int64_t> range);
  double take_number(std::string_view key, double fallback, std::string_view comment,
                     Range<double> range);
  std::shared_ptr<State> state_;
  Path path_;
};

template <class T>
T Config::take(std::string_view key, T const& fallback, std::string_view comment, Range<T> range) {
  if constexpr (std::is_integral_v<T>) {
    static_assert(sizeof(T) < 8 || std::is_signed_v<T>, "TOML integers are signed 64-bit numbers");
    return static_cast<T>(take_integer(key, fallback, comment, {range.low, range.high}));
  } else if constexpr (std::is_floating_point_v<T>) {
    return static_cast<T>(take_number(key, fallback, comment, {range.low, range.high}));
  } else {
    static_assert(std::is_same_v<T, std::string>, "no type that a configuration can hold");
    return take(key, fallback.c_str(), comment);
  }
}

}  // namespace crossjoule::core
