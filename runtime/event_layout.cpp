// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/event_layout.hpp"

#include "core/error.hpp"

#include <fmt/ranges.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace crossjoule::runtime {
namespace {

std::string object_name(std::int64_t object) {
  if (object == 0) return "MET";
  if (object < 5) return fmt::format("electron {}", object);
  if (object < 9) return fmt::format("muon {}", object - 4);
  return fmt::format("jet {}", object - 8);
}

struct EventLayout {
  std::int64_t numbers;  ///< per object
  bool oriented;
};

EventLayout event_layout(std::string_view layout) {
  if (layout == "events-76") return {4, false};
  if (layout == "events-57") return {3, false};
  if (layout == "events-76-oriented") return {4, true};
  if (layout == "events-57-oriented") return {3, true};
  core::fail(core::ExitCode::bad_input,
             "layout \"{}\" (events have no such layout) choose one of {}", layout,
             fmt::join(layout_names(), ", "));
}

/// phi - origin in [-pi, pi]; both lie there already, except in files of others.
double turned_by(double origin, double phi) {
  double const turn = phi - origin;
  return std::abs(turn) <= std::numbers::pi ? turn : std::remainder(turn, 2 * std::numbers::pi);
}

/// The object that gives the event its frame: the hardest lepton, else the hardest jet, else none.
std::size_t leading_object(double const* pt) {
  auto const lepton = static_cast<std::size_t>(std::max_element(pt + 1, pt + 9) - pt);
  if (pt[lepton] > 0) return lepton;
  return pt[9] > 0 ? 9 : 0;
}

/// One stored event in its own frame, as the comment of the layouts says. Padding stays 0.
template <class T>
void orient(T const* event, T* oriented) {
  constexpr std::size_t numbers = event_numbers;
  std::array<double, event_objects> pt, eta, phi;
  for (std::size_t i = 0; i < pt.size(); ++i) {
    pt[i] = static_cast<double>(event[i * numbers]);
    eta[i] = static_cast<double>(event[i * numbers + 1]);
    phi[i] = static_cast<double>(event[i * numbers + 2]);
  }
  std::size_t const lead = leading_object(pt.data());
  double const origin = lead > 0 ? phi[lead] : 0;
  double const eta_sign = eta[lead] < 0 ? -1 : 1;
  double const phi_sign = turned_by(origin, phi[0]) < 0 ? -1 : 1;
  for (std::size_t i = 0; i < pt.size(); ++i) {
    bool const present = pt[i] > 0;
    oriented[i * numbers] = static_cast<T>(std::log1p(pt[i]));
    oriented[i * numbers + 1] = static_cast<T>(eta_sign * eta[i]);
    oriented[i * numbers + 2] = static_cast<T>(present ? phi_sign * turned_by(origin, phi[i]) : 0);
    oriented[i * numbers + 3] = event[i * numbers + 3];
  }
}

}  // namespace

std::vector<std::string> const& layout_names() {
  static std::vector<std::string> const names = {"events-76", "events-57", "events-76-oriented",
                                                 "events-57-oriented", "rows"};
  return names;
}

bool is_event_layout(std::string_view layout) { return layout.starts_with("events"); }
bool is_as_stored(std::string_view layout) { return layout == "events-76" || layout == "rows"; }

std::string event_number_name(std::int64_t place) {
  constexpr std::array numbers = {"pT", "eta", "phi", "class"};
  return fmt::format("{} {}", object_name(place / event_numbers),
                     numbers[static_cast<std::size_t>(place % event_numbers)]);
}

std::vector<std::string> event_feature_names(std::string_view layout) {
  std::vector<std::string> names;
  for (std::int64_t object = 0; object < event_objects; ++object)
    for (std::int64_t number = 0; number < event_layout(layout).numbers; ++number)
      names.push_back(event_number_name(object * event_numbers + number));
  return names;
}

template <class T>
void to_features(std::string_view layout, std::span<T const> events, std::span<T> features) {
  auto const [numbers, oriented] = event_layout(layout);
  auto const kept = static_cast<std::size_t>(numbers);
  constexpr std::size_t stored = event_objects * event_numbers;
  std::array<T, stored> own_frame;
  for (std::size_t e = 0; e < events.size() / stored; ++e) {
    T const* event = events.data() + e * stored;
    if (oriented) {
      orient(event, own_frame.data());
      event = own_frame.data();
    }
    T* const row = features.data() + e * event_objects * kept;
    for (std::size_t i = 0; i < event_objects; ++i)
      for (std::size_t k = 0; k < kept; ++k) row[i * kept + k] = event[i * event_numbers + k];
  }
}

template void to_features<float>(std::string_view, std::span<float const>, std::span<float>);
template void to_features<double>(std::string_view, std::span<double const>, std::span<double>);

}  // namespace crossjoule::runtime
