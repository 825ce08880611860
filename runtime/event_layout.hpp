// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace crossjoule::runtime {

/// Which features a row of a dataset becomes. "events-76": 19 objects x (pT, eta, phi, class), as
/// stored; "events-57": 19 x (pT, eta, phi); "rows": a 2-D dataset as it is. The names are what
/// configurations and records hold.
std::vector<std::string> const& layout_names();

inline constexpr std::int64_t event_objects = 19, event_numbers = 4;

bool is_event_layout(std::string_view layout);
/// Features of an event layout, by name: "MET pT", "electron 1 eta", ...
std::vector<std::string> event_feature_names(std::string_view layout);
/// "muon 2 eta": what stands at a place 0..75 of a stored event.
std::string event_number_name(std::int64_t place);

/// Turn stored events (rows of 76 numbers) into rows of features. `features` may start at the same
/// place as `events` where the layout is not wider.
template <class T>
void to_features(std::string_view layout, std::span<T const> events, std::span<T> features);

}  // namespace crossjoule::runtime
