// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

namespace crossjoule::meter {

/// `bytes` of a file of this user in node-local memory ("/dev/shm"), made where it is absent and
/// shared with every process that maps it; fresh bytes are zeros. Null where it cannot be had: not
/// permitted, no room, another user's file.
std::shared_ptr<void> map_shared_page(std::filesystem::path const& file, std::size_t bytes);

/// Is there a process of that number? 0 is none.
bool is_alive(std::int32_t process);

}  // namespace crossjoule::meter
