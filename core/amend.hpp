// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/h5file.hpp"

#include <filesystem>
#include <functional>
#include <string>

namespace crossjoule::core {

/// Puts what `write` writes below `group` into a file that was committed before, in place of a
/// group of that name if there is one; everything else stays as it is. `group` is absolute; `write`
/// gets an empty file and writes below that name alone.
///
/// The file is copied, the copy is changed, read again and compared digest by digest, synced, and
/// renamed over the original: whatever fails, the original is untouched. Errors: bad_input (absent,
/// not HDF5, a folder that refuses), damaged (the file before, or a failed write).
void amend(std::filesystem::path const& path, std::string const& group,
           std::function<void(H5File&)> const& write);

}  // namespace crossjoule::core
