// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace crossjoule::runtime {

/// Which features a row of a dataset becomes; the names are what configurations and records hold.
///   events-76            19 objects x (pT, eta, phi, class), as stored
///   events-57            19 x (pT, eta, phi), as stored
///   events-76-oriented   as events-76, from the event in its own frame: log(1 + pT / GeV), phi
///   events-57-oriented   counted from the leading lepton (without one from the leading jet,
///   without
///                        either as stored), the event mirrored so that this object has eta >= 0
///                        and the missing energy phi >= 0: what no physics depends on is gone
///   rows                 a 2-D dataset as it is
std::vector<std::string> const& layout_names();

inline constexpr std::int64_t event_objects = 19, event_numbers = 4;

bool is_event_layout(std::string_view layout);
/// Features of an event layout, by name: "MET pT", "electron 1 eta", ...
std::vector<std::string> event_feature_names(std::string_view layout);
/// "muon 2 eta": what stands at a place 0..75 of a stored event.
std::string event_number_name(std::int64_t place);

/// True where the stored numbers of an event are the features: nothing to do but to read them.
bool is_as_stored(std::string_view layout);

/// Turn stored events (rows of 76 numbers) into rows of features; the two may not overlap.
template <class T>
void to_features(std::string_view layout, std::span<T const> events, std::span<T> features);

}  // namespace crossjoule::runtime
