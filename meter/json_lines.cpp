// SPDX-License-Identifier: BSD-3-Clause
#include "meter/json_lines.hpp"

#include "meter/values.hpp"

namespace crossjoule::meter {
namespace {

constexpr int most_deep = 64;

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}
  std::optional<JsonValue> run() {
    auto value = any(0);
    skip();
    return value && text_.empty() ? value : std::nullopt;
  }

 private:
  void skip() {
    auto const first = text_.find_first_not_of(" \t\r\n");
    text_.remove_prefix(first == std::string_view::npos ? text_.size() : first);
  }
  bool take(std::string_view word) {
    skip();
    if (!text_.starts_with(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }

  std::optional<JsonValue> any(int depth) {
    skip();
    if (text_.empty() || depth > most_deep) return {};
    if (text_.front() == '{' || text_.front() == '[') return members(depth);
    if (text_.front() == '"') {
      auto text = quoted();
      return text ? std::optional(JsonValue{std::move(*text)}) : std::nullopt;
    }
    for (auto const& [word, value] :
         {std::pair{"null", -1}, {"NaN", -1}, {"true", 1}, {"false", 0}})
      if (take(word)) return value < 0 ? JsonValue{} : JsonValue{static_cast<double>(value)};
    auto const end = text_.find_first_of(",]} \t\r\n");
    auto const number = parse_number(text_.substr(0, end));
    if (!number) return {};
    text_.remove_prefix(end == std::string_view::npos ? text_.size() : end);
    return JsonValue{*number};
  }

  std::optional<JsonValue> members(int depth) {
    bool const is_object = text_.front() == '{';
    text_.remove_prefix(1);
    JsonValue::Members found;
    char const* const close = is_object ? "}" : "]";
    if (take(close)) return JsonValue{std::move(found)};
    do {
      std::string name = std::to_string(found.size());
      if (is_object) {
        skip();
        auto const key = quoted();
        if (!key || !take(":")) return {};
        name = *key;
      }
      auto value = any(depth + 1);
      if (!value) return {};
      found.insert_or_assign(std::move(name), std::move(*value));
    } while (take(","));
    return take(close) ? std::optional(JsonValue{std::move(found)}) : std::nullopt;
  }

  std::optional<std::string> quoted() {
    if (text_.empty() || text_.front() != '"') return {};
    std::string result;
    for (std::size_t k = 1; k < text_.size(); ++k) {
      if (text_[k] == '"') {
        text_.remove_prefix(k + 1);
        return result;
      }
      if (text_[k] == '\\' && ++k < text_.size()) {
        char const c = text_[k];
        // code points beyond ASCII do not matter to any key or figure here
        if (c == 'u')
          k += 4, result += '?';
        else
          result += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
      } else if (k < text_.size()) {
        result += text_[k];
      }
    }
    return {};
  }

  std::string_view text_;
};

}  // namespace

std::optional<double> JsonValue::number() const {
  auto const* one = std::get_if<double>(&value);
  return one ? std::optional(*one) : std::nullopt;
}
std::optional<std::string> JsonValue::text() const {
  auto const* one = std::get_if<std::string>(&value);
  return one ? std::optional(*one) : std::nullopt;
}
JsonValue const* JsonValue::find(std::string_view name) const {
  auto const* all = std::get_if<Members>(&value);
  if (!all) return nullptr;
  auto const found = all->find(name);
  return found == all->end() ? nullptr : &found->second;
}

std::optional<JsonValue> parse_json(std::string_view text) { return Parser(text).run(); }

}  // namespace crossjoule::meter
