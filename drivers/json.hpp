// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/quantity.hpp"
#include "core/record.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace crossjoule::drivers {

/// A JSON value to print; copies are deep. Numbers that JSON cannot hold (NaN, infinity) become
/// null. Keys keep the order in which they were set.
class Json {
 public:
  static Json object();
  static Json array();
  Json();  ///< null
  Json(double value);
  Json(std::int64_t value);
  Json(int value);
  Json(bool value);
  Json(std::string_view value);
  Json(std::string const& value) : Json(std::string_view(value)) {}
  Json(char const* value) : Json(std::string_view(value)) {}
  ~Json();
  Json(Json const& other);
  Json(Json&& other) noexcept;
  Json& operator=(Json other) noexcept;

  /// Set a member of an object, or append to an array; both return this value.
  Json& set(std::string_view key, Json const& value);
  Json& push(Json const& value);
  /// The document, indented by two blanks, without a newline at the end.
  std::string dump() const;

 private:
  struct Value;
  std::unique_ptr<Value> value_;
};

/// {"value", "low", "high", "unit", "kind"}; numbers are null where the figure is absent.
Json quantity_json(double low, double value, double high, std::string_view unit, core::Kind kind);
template <class U>
Json to_json(core::Quantity<U> const& figure) {
  return quantity_json(figure.low.value, figure.value.value, figure.high.value,
                       unit_symbol(figure.value), figure.kind);
}
/// {"name", "digest", "params", "macs"}.
Json to_json(core::NetworkIdentity const& network);

}  // namespace crossjoule::drivers
