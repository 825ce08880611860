// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/json.hpp"

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

namespace crossjoule::drivers {

struct Json::Value {
  nlohmann::ordered_json json;
};

Json::Json() : value_(std::make_unique<Value>()) {}
Json::~Json() = default;
Json::Json(Json const& other) : value_(std::make_unique<Value>(*other.value_)) {}
Json::Json(Json&& other) noexcept = default;
Json& Json::operator=(Json other) noexcept {
  std::swap(value_, other.value_);
  return *this;
}
Json::Json(double value) : Json() {
  if (std::isfinite(value)) value_->json = value;
}
Json::Json(std::int64_t value) : Json() { value_->json = value; }
Json::Json(int value) : Json() { value_->json = value; }
Json::Json(bool value) : Json() { value_->json = value; }
Json::Json(std::string_view value) : Json() { value_->json = std::string(value); }

Json Json::object() {
  Json made;
  made.value_->json = nlohmann::ordered_json::object();
  return made;
}
Json Json::array() {
  Json made;
  made.value_->json = nlohmann::ordered_json::array();
  return made;
}

Json& Json::set(std::string_view key, Json const& value) {
  value_->json[std::string(key)] = value.value_->json;
  return *this;
}
Json& Json::push(Json const& value) {
  value_->json.push_back(value.value_->json);
  return *this;
}

std::string Json::dump() const {
  // text from a damaged file may not be UTF-8: replaced, because output must stay one document
  return value_->json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Json quantity_json(double low, double value, double high, std::string_view unit, core::Kind kind) {
  bool const present = kind != core::Kind::absent;
  return Json::object()
      .set("value", present ? Json(value) : Json())
      .set("low", present ? Json(low) : Json())
      .set("high", present ? Json(high) : Json())
      .set("unit", unit)
      .set("kind", to_string(kind));
}

Json to_json(core::NetworkIdentity const& network) {
  return Json::object()
      .set("name", network.name)
      .set("digest", network.digest)
      .set("params", network.params)
      .set("macs", network.macs);
}

}  // namespace crossjoule::drivers
