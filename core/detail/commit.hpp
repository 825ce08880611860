// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/h5file.hpp"

#include <filesystem>
#include <string_view>

namespace crossjoule::core::detail {

// The steps that bring a file from a temporary name to its final one, shared by all writers.

/// Error unless `path` can become an output: bad_input where it exists and may not be replaced,
/// names a folder or device, or has no folder; damaged (a failed write) where its folder is not
/// writable.
void check_target(std::filesystem::path const& path, Overwrite overwrite);
/// Creates an empty file NAME.tmp-<pid> beside `path` (O_EXCL: neither an existing file nor a link
/// is followed) and returns its name; Error (damaged) where it cannot.
std::filesystem::path reserve_temporary(std::filesystem::path const& path);
/// fsync the file; it is never left writable for everyone, whatever the umask. Errors name `path`.
void sync_file(std::filesystem::path const& temporary, std::filesystem::path const& path);
/// Rename and make the new name durable.
void rename_to_final(std::filesystem::path const& temporary, std::filesystem::path const& path,
                     Overwrite overwrite);
/// Error (damaged): "path could not be written (step: reason) what to do".
[[noreturn]] void fail_system(std::filesystem::path const& path, std::string_view step, int code);

}  // namespace crossjoule::core::detail
