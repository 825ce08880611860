// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "aimc/chip.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace crossjoule::aimc {

/// A chip file that is part of the binary: the text of aimc/chips/<name>.toml.
struct Preset {
  std::string name, text;
};
/// All of them, in name order.
std::vector<Preset> const& presets();

/// The chip of that name; Error (bad_input) lists the names there are.
Chip preset(std::string_view name);
/// A chip from a user's file in the format of docs/how_to_add_a_chip.md.
Chip chip_from_file(std::filesystem::path const& path);
/// The same from text; `name` stands for the file in messages.
Chip chip_from_text(std::string_view text, std::string const& name);

}  // namespace crossjoule::aimc
