// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "drivers/comparison.hpp"
#include "drivers/json.hpp"
#include "drivers/published.hpp"

#include <string>
#include <vector>

namespace crossjoule::drivers {

/// The title, which says whether any joule was measured, the figures, the ratios, the remarks, and
/// below them what others published.
std::string comparison_text(Comparison const& table, std::vector<PublishedRow> const& published);

/// Every line within the boundary with its ratios; joules as the idle rule leaves them.
std::string comparison_csv(Comparison const& table);

/// The same as one document, published rows apart.
Json comparison_json(Comparison const& table, std::vector<PublishedRow> const& published);

/// "less", "MORE", or "undecided" where the interval holds 1; "" for an absent ratio.
std::string_view verdict(Ratio const& ratio);

}  // namespace crossjoule::drivers
