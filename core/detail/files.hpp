// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace crossjoule::core::detail {

/// The whole of a regular file. Error (bad_input): absent, a folder, a device, not readable, or
/// longer than `largest_bytes`.
std::string read_small_file(std::filesystem::path const& path, std::int64_t largest_bytes);
/// The first line of a system file (/proc, /sys), "" where there is none.
std::string first_line(std::filesystem::path const& path);
/// Error (bad_input) unless `path` is a file that can be read; the message says why not.
void require_readable_file(std::filesystem::path const& path);
/// fsync of a file or folder; false, with errno set, where it fails.
bool sync_to_disk(std::filesystem::path const& path);
/// Text of errno, "No space left on device".
std::string errno_text(int code);

}  // namespace crossjoule::core::detail
