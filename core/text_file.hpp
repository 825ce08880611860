// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/h5file.hpp"

#include <filesystem>
#include <string_view>

namespace crossjoule::core {

/// Write a whole text file (CSV, TOML) as H5File does: under a temporary name, made durable, then
/// renamed, so that a full disk leaves what was there before. Errors as of H5File::create and
/// commit.
void write_text_file(std::filesystem::path const& path, std::string_view text,
                     Overwrite overwrite = Overwrite::no);

}  // namespace crossjoule::core
