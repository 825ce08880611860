// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "aimc/validation.hpp"
#include "drivers/json.hpp"

#include <string>
#include <vector>

namespace crossjoule::drivers {

bool all_passed(std::vector<aimc::ValidationResult> const& results);

/// The table of `crossjoule validate`, a line per class, and the figures that cannot be recomputed.
std::string validation_text(std::vector<aimc::ValidationResult> const& results,
                            std::vector<aimc::TableOnly> const& table_only);
/// The same as one JSON document.
Json validation_json(std::vector<aimc::ValidationResult> const& results,
                     std::vector<aimc::TableOnly> const& table_only);
/// The same as the page docs/validation_table.md.
std::string validation_markdown(std::vector<aimc::ValidationResult> const& results,
                                std::vector<aimc::TableOnly> const& table_only);

}  // namespace crossjoule::drivers
