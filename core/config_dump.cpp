// SPDX-License-Identifier: BSD-3-Clause
// The dump of a configuration's defaults as commented TOML, and how keys and text are written.
#include "core/config.hpp"
#include "core/detail/config_state.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>

namespace crossjoule::core {

using detail::dotted;
using Known = Config::State::Known;

namespace detail {

bool is_index(std::string_view part) {
  return part.size() >= 3 && part.front() == '[' && part.back() == ']';
}

TomlValue const* element(TomlValue const& array, std::string_view index) {
  if (!array.array() || !is_index(index)) return nullptr;
  std::string_view const digits = index.substr(1, index.size() - 2);
  std::size_t place = 0;
  auto const [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), place);
  bool const is_number = failed == std::errc() && end == digits.data() + digits.size();
  return is_number && place < array.array()->size() ? &(*array.array())[place] : nullptr;
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
  if (state_->known.empty()) return "# no keys: the command line says everything\n";
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
