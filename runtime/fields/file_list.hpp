// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace crossjoule::runtime {

/// The year that a file is named by ("1979.h5"), if it is.
std::optional<int> year_of_name(std::filesystem::path const& path);

/// Files as they are; folders replaced by their files whose names match the shell pattern, in name
/// order; of year files only the given years where there are any. Error (bad_input): a folder
/// without such a file (its other HDF5 files are counted), a year that is missing, nothing given.
std::vector<std::filesystem::path> list_field_files(std::vector<std::filesystem::path> const& files,
                                                    std::string const& pattern,
                                                    std::vector<std::int64_t> const& years);

}  // namespace crossjoule::runtime
