// SPDX-License-Identifier: BSD-3-Clause
// Tables of a configuration, what drivers know of it, what is left over, and the dump of defaults.
#include "core/config.hpp"
#include "core/detail/config_state.hpp"
#include "core/error.hpp"

#include <fmt/ranges.h>
#include <algorithm>
#include <tuple>

namespace crossjoule::core {

using detail::dotted;
using Known = Config::State::Known;

namespace detail {

bool is_index(std::string_view part) {
  return part.size() >= 3 && part.front() == '[' && part.back() == ']';
}

std::string quoted_text(std::string_view text) {
  std::string quoted = "\"";
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      quoted += {'\\', c};
    else if (byte < 0x20 || byte == 0x7F)
      quoted += fmt::format("\\u{:04X}", byte);
    else
      quoted += c;
  }
  return quoted + '"';
}

std::string quoted_key(std::string_view key) {
  bool const bare = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
  return bare ? std::string(key) : quoted_text(key);
}

std::string dotted(std::vector<std::string> const& path) {
  std::string text;
  for (std::string const& part : path) {
    if (!is_index(part) && !text.empty()) text += '.';
    text += is_index(part) ? part : quoted_key(part);
  }
  return text;
}

}  // namespace detail

void Config::State::learn(Path const& path, Known::What what, std::string fallback,
                          std::string_view comment) {
  for (Known const& one : known)
    if (one.path == path) return;
  known.push_back({path, what, std::move(fallback), std::string(comment)});
}

bool Config::State::knows(Path const& path) const {
  return std::any_of(known.begin(), known.end(),
                     [&](Known const& one) { return one.path == path; });
}

std::string Config::State::where(Path const& path) const {
  for (Path const& from : assigned)
    if (from.size() <= path.size() && std::equal(from.begin(), from.end(), path.begin()))
      return " [--set]";
  toml::node const* node = find(path);
  return node ? fmt::format(" [{}:{}]", name, node->source().begin.line) : "";
}

Config Config::section(std::string_view key, std::string_view comment) {
  Path const path = path_of(key);
  state_->learn(path, Known::What::table, "", comment);
  toml::node const* node = state_->find(path);
  VALIDATE(!node || node->is_table(),
           "{} (is a value, must be a table) write [{}] above its keys{}", dotted(path),
           dotted(path), state_->where(path));
  return Config(state_, path);
}

std::vector<Config> Config::sections(std::string_view key, std::string_view comment) {
  Path const path = path_of(key);
  state_->learn(path, Known::What::array_of_tables, "", comment);
  toml::node const* node = state_->find(path);
  if (!node) return {};
  VALIDATE(node->is_array_of_tables() || (node->is_array() && node->as_array()->empty()),
           "{} (must be an array of tables) write [[{}]] above the keys of each{}", dotted(path),
           dotted(path), state_->where(path));
  std::vector<Config> all;
  for (std::size_t i = 0; i < node->as_array()->size(); ++i) {
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
  toml::node const* node = state_->find(path_);
  if (!node || !node->is_table()) return {};
  std::vector<std::tuple<toml::source_index, toml::source_index, std::string>> found;
  for (auto const& [key, value] : *node->as_table())
    if (value.is_table())
      found.emplace_back(value.source().begin.line, value.source().begin.column,
                         std::string(key.str()));
  std::sort(found.begin(), found.end());
  std::vector<std::string> names;
  for (auto const& one : found) names.push_back(std::get<2>(one));
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
  bool from_set;  // after what stands in the file
  toml::source_position position;
  std::vector<std::string> path;
};

/// All values and tables below `node` that nobody asked for; of an unknown table only itself.
void collect(Config::State const& state, toml::node const& node,
             std::vector<std::string> const& path, std::vector<Leftover>& found) {
  auto visit = [&](std::string const& part, toml::node const& child) {
    std::vector<std::string> below = path;
    below.push_back(part);
    if (node.is_table() && !state.knows(below))
      found.push_back({state.where(below) == " [--set]", child.source().begin, below});
    else
      collect(state, child, below, found);
  };
  if (auto const* table = node.as_table())
    for (auto const& [key, value] : *table) visit(std::string(key.str()), value);
  else if (node.is_array_of_tables())
    for (std::size_t i = 0; i < node.as_array()->size(); ++i)
      visit(fmt::format("[{}]", i), *node.as_array()->get(i));
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
      *std::min_element(found.begin(), found.end(), [](Leftover const& a, Leftover const& b) {
        return std::tie(a.from_set, a.position) < std::tie(b.from_set, b.position);
      });
  bool const is_table =
      state_->find(first.path)->is_table() || state_->find(first.path)->is_array_of_tables();
  fail(ExitCode::bad_input, "unknown {} {} (no such {} here) {}{}", is_table ? "table" : "key",
       dotted(first.path), is_table ? "table" : "key", advice(*state_, first.path),
       state_->where(first.path));
}

namespace {

/// A comment of any length, wrapped at 90 columns.
std::string comment_lines(std::string const& comment) {
  std::string text, line;
  auto flush = [&] {
    if (!line.empty()) text += "# " + line + '\n';
    line.clear();
  };
  for (std::size_t begin = 0; begin < comment.size();) {
    std::size_t const end = std::min(comment.find_first_of(" \n", begin), comment.size());
    std::string const word = comment.substr(begin, end - begin);
    if (line.size() + word.size() > 90) flush();
    if (!word.empty()) line += (line.empty() ? "" : " ") + word;
    if (end < comment.size() && comment[end] == '\n') flush();
    begin = end + 1;
  }
  flush();
  return text;
}

std::string key_lines(Known const& one) {
  std::string const line =
      one.fallback.empty()
          ? fmt::format("# {} =   (no default)\n", detail::quoted_key(one.path.back()))
          : fmt::format("{} = {}\n", detail::quoted_key(one.path.back()), one.fallback);
  return comment_lines(one.comment) + line;
}

std::string commented_out(std::string const& text) {
  std::string result;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t const end = text.find('\n', begin);
    std::string const line = text.substr(begin, end - begin);
    result += (line.starts_with("#") ? "#" : "# ") + line + '\n';
    begin = end + 1;
  }
  return result;
}

/// The keys directly in `table`.
std::string keys_of(std::vector<Known> const& known, std::vector<std::string> const& table) {
  std::string text;
  for (Known const& one : known)
    if (one.what == Known::What::value && one.path.size() == table.size() + 1 &&
        std::equal(table.begin(), table.end(), one.path.begin()))
      text += key_lines(one);
  return text;
}

/// The first element of an array of tables that anybody took keys from.
std::vector<std::string> sample_element(std::vector<Known> const& known,
                                        std::vector<std::string> const& array) {
  for (Known const& one : known)
    if (one.path.size() > array.size() + 1 &&
        std::equal(array.begin(), array.end(), one.path.begin()))
      return std::vector<std::string>(
          one.path.begin(), one.path.begin() + static_cast<std::ptrdiff_t>(array.size()) + 1);
  return array;
}

}  // namespace

std::string Config::dump_default() const {
  std::string text = keys_of(state_->known, {});
  for (Known const& one : state_->known) {
    if (one.what == Known::What::value ||
        std::any_of(one.path.begin(), one.path.end(), detail::is_index))
      continue;
    std::string const gap = text.empty() ? "" : "\n";
    if (one.what == Known::What::table) {
      text += gap + comment_lines(one.comment) + fmt::format("[{}]\n", dotted(one.path)) +
              keys_of(state_->known, one.path);
    } else {
      std::string const keys = keys_of(state_->known, sample_element(state_->known, one.path));
      text += gap + comment_lines(one.comment) +
              commented_out(fmt::format("[[{}]]\n{}", dotted(one.path), keys));
    }
  }
  return text;
}

}  // namespace crossjoule::core
