// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/config.hpp"
#include "core/detail/toml.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace crossjoule::core {

/// What all sections of one configuration share.
struct Config::State {
  /// A key or a table that somebody asked for, in the order of asking.
  struct Known {
    enum class What { value, table, array_of_tables };
    Path path;
    What what;
    std::string fallback;  ///< as TOML; "" for tables and for defaults that TOML cannot hold
    std::string comment;
  };

  detail::TomlValue root;
  std::filesystem::path file;
  std::string name = "configuration";  ///< how messages call the file
  std::string text;
  std::vector<std::string> assignments;  ///< --set
  std::vector<Known> known;

  detail::TomlValue const* find(Path const& path) const;
  void learn(Path const& path, Known::What what, std::string fallback, std::string_view comment);
  /// A dump shows the choice made in place of the default: other keys hang on it.
  void choose(Path const& path, std::string chosen);
  bool knows(Path const& path) const;
  std::string where(Path const& path) const;
};

namespace detail {

/// "train.batch", "signal[2].name"; keys that need quotes get them.
std::string dotted(std::vector<std::string> const& path);
/// True for "[2]", a place in an array, and for the "[example]" of a dump.
bool is_index(std::string_view part);
/// The element "[2]" of an array, or null.
TomlValue const* element(TomlValue const& array, std::string_view index);
std::string quoted_key(std::string_view key);
std::string quoted_text(std::string_view text);
/// The candidate with the smallest edit distance to `word`, or "" where none is near.
std::string nearest(std::string_view word, std::vector<std::string> const& candidates);

}  // namespace detail
}  // namespace crossjoule::core
