// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/h5file.hpp"

#include <string>
#include <vector>

namespace crossjoule::drivers {

/// True for files that core::Record wrote (other HDF5 files may be inspected, too).
bool is_record(core::H5File const& file);

/// What a sound record lacks or contradicts, one sentence each; empty where it passes: required
/// groups and keys, unit and description of every array, ordered intervals, a readable points
/// table. Files of others have nothing required. Digests are check_digests()' business.
std::vector<std::string> find_problems(core::H5File const& file);

}  // namespace crossjoule::drivers
