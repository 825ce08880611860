// SPDX-License-Identifier: BSD-3-Clause
#include "core/table.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <utility>

namespace crossjoule::core {
namespace {

/// Characters on the screen: bytes that do not continue a UTF-8 character.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](unsigned char byte) { return (byte & 0xC0) != 0x80; }));
}

bool looks_numeric(std::string_view cell) {
  if (cell.empty() || cell == "-") return true;
  return cell.find_first_of("0123456789") < 2 &&
         std::string_view("+-.0123456789<>~").find(cell[0]) != cell.npos;
}

std::string csv_field(std::string const& cell) {
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (char c : cell) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

struct Prefix {
  double factor;
  std::string_view symbol;
};
constexpr std::array<Prefix, 13> prefixes = {{{1e18, "E"},
                                              {1e15, "P"},
                                              {1e12, "T"},
                                              {1e9, "G"},
                                              {1e6, "M"},
                                              {1e3, "k"},
                                              {1, ""},
                                              {1e-3, "m"},
                                              {1e-6, "u"},
                                              {1e-9, "n"},
                                              {1e-12, "p"},
                                              {1e-15, "f"},
                                              {1e-18, "a"}}};

Prefix prefix_for(double value, std::string_view unit) {
  if (unit.empty() || unit == "1" || unit == "mm2" || unit == "%" || value == 0 ||
      !std::isfinite(value))
    return {1, ""};
  for (Prefix const& p : prefixes)
    if (std::abs(value) >= p.factor * 0.9995) return p;  // 999.6e-6 rounds to 1.00e-3
  return prefixes.back();
}

std::string three_digits(double value) {
  if (value == 0) return "0";
  if (!std::isfinite(value)) return fmt::format("{}", value);
  double const size = std::abs(value);
  if (size >= 999.5) return fmt::format("{:.4g}", value);
  return fmt::format("{:.{}f}", value,
                     size >= 99.95    ? 0
                     : size >= 9.995  ? 1
                     : size >= 0.9995 ? 2
                                      : 3);
}

std::string with_unit(std::string number, std::string_view prefix, std::string_view unit) {
  if (unit.empty() || unit == "1") return number;
  return fmt::format("{} {}{}", number, prefix, unit);
}

}  // namespace

Table::Table(std::vector<std::string> headings) : headings_(std::move(headings)) {}

Table& Table::row(std::vector<std::string> cells) {
  cells.resize(headings_.size());
  rows_.push_back(std::move(cells));
  return *this;
}

std::string Table::text() const {
  std::size_t const columns = headings_.size();
  std::vector<std::size_t> widths(columns);
  std::vector<bool> right(columns, !rows_.empty());
  for (std::size_t c = 0; c < columns; ++c) {
    widths[c] = width(headings_[c]);
    for (auto const& cells : rows_) {
      widths[c] = std::max(widths[c], width(cells[c]));
      right[c] = right[c] && looks_numeric(cells[c]);
    }
  }
  auto line = [&](std::vector<std::string> const& cells) {
    std::string text;
    for (std::size_t c = 0; c < columns; ++c) {
      std::string const blanks(widths[c] - width(cells[c]), ' ');
      if (c > 0) text += "  ";
      text += right[c] ? blanks + cells[c] : cells[c] + blanks;
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text + '\n';
  };
  std::string all = line(headings_);
  std::vector<std::string> rule;
  for (std::size_t w : widths) rule.emplace_back(w, '-');
  all += line(rule);
  for (auto const& cells : rows_) all += line(cells);
  return all;
}

std::string Table::csv() const {
  auto line = [](std::vector<std::string> const& cells) {
    std::string text;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      if (c > 0) text += ',';
      text += csv_field(cells[c]);
    }
    return text + "\r\n";
  };
  std::string all = line(headings_);
  for (auto const& cells : rows_) all += line(cells);
  return all;
}

std::string si(double value, std::string_view unit) {
  if (std::isnan(value)) return "-";
  Prefix const prefix = prefix_for(value, unit);
  return with_unit(three_digits(value / prefix.factor), prefix.symbol, unit);
}

namespace detail {

std::string interval_text(double low, double value, double high, std::string_view unit) {
  if (low == value && high == value) return si(value, unit);
  Prefix const prefix = prefix_for(value, unit);
  auto scaled = [&](double number) { return three_digits(number / prefix.factor); };
  return with_unit(fmt::format("{} [{}, {}]", scaled(value), scaled(low), scaled(high)),
                   prefix.symbol, unit);
}

}  // namespace detail
}  // namespace crossjoule::core
