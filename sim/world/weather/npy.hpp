// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/h5file.hpp"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace crossjoule::sim::weather {

/// The bytes of a NumPy file (format 1.0): little-endian float32, row-major.
std::string npy_bytes(std::span<float const> values, std::vector<std::int64_t> const& shape);
/// That file, written whole or not at all.
void write_npy(std::filesystem::path const& path, std::span<float const> values,
               std::vector<std::int64_t> const& shape,
               core::Overwrite overwrite = core::Overwrite::no);

}  // namespace crossjoule::sim::weather
