// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/quantity.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace crossjoule::core {

/// A table for people: columns aligned, columns that hold only numbers set to the right.
class Table {
 public:
  explicit Table(std::vector<std::string> headings);
  /// One line; as many cells as headings (fewer are filled with blanks).
  Table& row(std::vector<std::string> cells);
  /// The lines, each ended by a newline, a rule below the headings.
  std::string text() const;
  /// The same as RFC 4180 CSV: fields with commas, quotes or line breaks are quoted.
  std::string csv() const;
  std::size_t rows() const { return rows_.size(); }

 private:
  std::vector<std::string> headings_;
  std::vector<std::vector<std::string>> rows_;
};

/// "15.6 us": three significant digits and an SI prefix; "0 s"; "-" for NaN. Units that take no
/// prefix ("mm2", "1", "") are printed as they are.
std::string si(double value, std::string_view unit);

namespace detail {
std::string interval_text(double low, double value, double high, std::string_view unit);
}

/// "0.31 [0.16, 0.62] mJ", one prefix for all three; "15.6 us" where the ends equal the value; "-"
/// for an absent figure.
template <class U>
std::string with_interval(Quantity<U> const& figure) {
  if (!figure.present()) return "-";
  return detail::interval_text(figure.low.value, figure.value.value, figure.high.value,
                               unit_symbol(figure.value));
}

}  // namespace crossjoule::core
