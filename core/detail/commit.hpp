// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/h5file.hpp"

#include <filesystem>
#include <string_view>

namespace crossjoule::core::detail {

// The steps that bring a file from a temporary name to its final one, shared by all writers.

/// Error unless `path` can become an output: bad_input where it exists and may not be replaced or
/// names a folder or device, damaged where its folder is absent or cannot be written.
void check_target(std::filesystem::path const& path, Overwrite overwrite);
/// The n-th temporary name for `path`, in the same folder.
std::filesystem::path temporary_name(std::filesystem::path const& path, int attempt);
/// How many temporary names are tried: in containers every run may have the same process number.
inline constexpr int temporary_attempts = 16;
/// fsync the file; it is never left writable for everyone, whatever the umask. Errors name `path`.
void sync_file(std::filesystem::path const& temporary, std::filesystem::path const& path);
/// Rename and make the new name durable.
void rename_to_final(std::filesystem::path const& temporary, std::filesystem::path const& path,
                     Overwrite overwrite);
/// Error (damaged): "path could not be written (step: reason) what to do".
[[noreturn]] void fail_system(std::filesystem::path const& path, std::string_view step, int code);

}  // namespace crossjoule::core::detail
