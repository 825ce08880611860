// SPDX-License-Identifier: BSD-3-Clause
// Tables of a configuration, what drivers know of it, and what is left over.
#include "core/config.hpp"
#include "core/detail/config_state.hpp"
#include "core/error.hpp"

#include <fmt/ranges.h>
#include <algorithm>
#include <tuple>

namespace crossjoule::core {

using detail::dotted;
using Known = Config::State::Known;

void Config::State::learn(Path const& path, Known::What what, std::string fallback,
                          std::string_view comment) {
  for (Known const& one : known)
    if (one.path == path) return;
  known.push_back({path, what, std::move(fallback), std::string(comment)});
}

void Config::State::choose(Path const& path, std::string chosen) {
  for (Known& one : known)
    if (one.path == path) one.fallback = std::move(chosen);
}

bool Config::State::knows(Path const& path) const {
  return std::any_of(known.begin(), known.end(),
                     [&](Known const& one) { return one.path == path; });
}

std::string Config::State::where(Path const& path) const {
  detail::TomlValue const* value = find(path);
  if (!value) return "";
  return value->from_set ? " [--set]" : fmt::format(" [{}:{}]", name, value->line);
}

Config Config::section(std::string_view key, std::string_view comment) {
  Path const path = path_of(key);
  state_->learn(path, Known::What::table, "", comment);
  detail::TomlValue const* value = state_->find(path);
  VALIDATE(!value || value->table(), "{} (is a value, must be a table) write [{}] above its keys{}",
           dotted(path), dotted(path), state_->where(path));
  return Config(state_, path);
}

std::vector<Config> Config::sections(std::string_view key, std::string_view comment) {
  Path const path = path_of(key);
  state_->learn(path, Known::What::array_of_tables, "", comment);
  detail::TomlValue const* value = state_->find(path);
  if (!value) return {};
  VALIDATE(value->is_array_of_tables() || (value->array() && value->array()->empty()),
           "{} (must be an array of tables) write [[{}]] above the keys of each{}", dotted(path),
           dotted(path), state_->where(path));
  std::vector<Config> all;
  for (std::size_t i = 0; i < value->array()->size(); ++i) {
    Path element = path;
    element.push_back(fmt::format("[{}]", i));
    all.push_back(Config(state_, element));
  }
  return all;
}

Config Config::example(std::string_view key, std::string_view comment) {
  Path path = path_of(key);
  state_->learn(path, Known::What::array_of_tables, "", comment);
  path.push_back("[example]");  // no file has an element of that name
  return Config(state_, path);
}

bool Config::has(std::string_view key) const { return state_->find(path_of(key)) != nullptr; }

std::vector<std::string> Config::section_names() const {
  std::vector<std::string> names;
  detail::TomlValue const* value = state_->find(path_);
  if (!value || !value->table()) return names;
  for (auto const& [name, child] : *value->table())
    if (child.table()) names.push_back(name);
  return names;
}

std::string Config::where(std::string_view key) const { return state_->where(path_of(key)); }
std::filesystem::path Config::path() const { return state_->file; }

std::string Config::verbatim() const {
  std::string text = state_->text;
  if (!state_->assignments.empty() && !text.empty() && text.back() != '\n') text += '\n';
  for (std::string const& assignment : state_->assignments)
    text += fmt::format("# --set {}\n", assignment);
  return text;
}

namespace {

struct Leftover {
  std::vector<std::string> path;
  detail::TomlValue const* value;
  /// File order; what came by --set stands last.
  std::tuple<bool, int, int> place() const { return {value->from_set, value->line, value->column}; }
};

/// All values and tables below `value` that nobody asked for; of an unknown table only itself.
void collect(Config::State const& state, detail::TomlValue const& value,
             std::vector<std::string> const& path, std::vector<Leftover>& found) {
  auto below = [&](std::string const& part) {
    std::vector<std::string> longer = path;
    longer.push_back(part);
    return longer;
  };
  if (value.table())
    for (auto const& [key, child] : *value.table()) {
      if (state.knows(below(key)))
        collect(state, child, below(key), found);
      else
        found.push_back({below(key), &child});
    }
  else if (value.is_array_of_tables())
    for (std::size_t i = 0; i < value.array()->size(); ++i)
      collect(state, (*value.array())[i], below(fmt::format("[{}]", i)), found);
}

/// "did you mean train.batch?": a near key of the same table, else one of that name elsewhere.
std::string advice(Config::State const& state, std::vector<std::string> const& path) {
  std::vector<std::string> siblings, elsewhere;
  for (Known const& one : state.known) {
    if (one.path.size() == path.size() &&
        std::equal(path.begin(), path.end() - 1, one.path.begin()))
      siblings.push_back(one.path.back());
    else if (one.path.back() == path.back())
      elsewhere.push_back(dotted(one.path));
  }
  if (std::string const near = detail::nearest(path.back(), siblings); !near.empty())
    return fmt::format("did you mean {}?", detail::quoted_key(near));
  if (!elsewhere.empty()) return fmt::format("did you mean {}?", elsewhere.front());
  if (siblings.empty()) return "remove it";
  return fmt::format("remove it, or use one of {}", fmt::join(siblings, ", "));
}

}  // namespace

void Config::refuse_leftovers() const {
  std::vector<Leftover> found;
  collect(*state_, state_->root, {}, found);
  if (found.empty()) return;
  Leftover const& first =
      *std::min_element(found.begin(), found.end(),
                        [](Leftover const& a, Leftover const& b) { return a.place() < b.place(); });
  bool const is_table = first.value->table() || first.value->is_array_of_tables();
  char const* const what = is_table ? "table" : "key";
  fail(ExitCode::bad_input, "unknown {} {} (no such {} here) {}{}", what, dotted(first.path), what,
       advice(*state_, first.path), state_->where(first.path));
}

}  // namespace crossjoule::core
