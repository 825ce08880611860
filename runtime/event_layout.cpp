// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/event_layout.hpp"

#include "core/error.hpp"

#include <fmt/ranges.h>
#include <algorithm>
#include <array>

namespace crossjoule::runtime {
namespace {

std::string object_name(std::int64_t object) {
  if (object == 0) return "MET";
  if (object < 5) return fmt::format("electron {}", object);
  if (object < 9) return fmt::format("muon {}", object - 4);
  return fmt::format("jet {}", object - 8);
}

std::int64_t numbers_per_object(std::string_view layout) {
  if (layout == "events-76") return 4;
  if (layout == "events-57") return 3;
  core::fail(core::ExitCode::bad_input,
             "layout \"{}\" (events have no such layout) choose one of {}", layout,
             fmt::join(layout_names(), ", "));
}

}  // namespace

std::vector<std::string> const& layout_names() {
  static std::vector<std::string> const names = {"events-76", "events-57", "rows"};
  return names;
}

bool is_event_layout(std::string_view layout) { return layout.starts_with("events"); }

std::string event_number_name(std::int64_t place) {
  constexpr std::array numbers = {"pT", "eta", "phi", "class"};
  return fmt::format("{} {}", object_name(place / event_numbers),
                     numbers[static_cast<std::size_t>(place % event_numbers)]);
}

std::vector<std::string> event_feature_names(std::string_view layout) {
  std::vector<std::string> names;
  for (std::int64_t object = 0; object < event_objects; ++object)
    for (std::int64_t number = 0; number < numbers_per_object(layout); ++number)
      names.push_back(event_number_name(object * event_numbers + number));
  return names;
}

template <class T>
void to_features(std::string_view layout, std::span<T const> events, std::span<T> features) {
  auto const kept = static_cast<std::size_t>(numbers_per_object(layout));
  if (kept == event_numbers) {
    if (features.data() != events.data()) std::copy(events.begin(), events.end(), features.begin());
    return;
  }
  std::size_t const objects = events.size() / event_numbers;
  for (std::size_t i = 0; i < objects; ++i)
    for (std::size_t k = 0; k < kept; ++k) features[i * kept + k] = events[i * event_numbers + k];
}

template void to_features<float>(std::string_view, std::span<float const>, std::span<float>);
template void to_features<double>(std::string_view, std::span<double const>, std::span<double>);

}  // namespace crossjoule::runtime
