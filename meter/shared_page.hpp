// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

namespace crossjoule::meter {

/// `bytes` of a file of this user in node-local memory ("/dev/shm"), made where it is absent and
/// shared with every process that maps it. The page begins as zeros, whatever a killed process left
/// there: as long as somebody has it mapped, a shared lock on the file says so. Null where it
/// cannot be had: not permitted, no room, another user's file.
std::shared_ptr<void> map_shared_page(std::filesystem::path const& file, std::size_t bytes);

/// Is there a process of that number? 0 is none.
bool is_alive(std::int32_t process);

/// Does the file of that name still exist as the one that is open here? Others may have unlinked
/// it.
bool names_still(std::filesystem::path const& file, int descriptor);

/// Removes what killed processes of this user left in `folder`: the locks and pages of jobs of
/// which no process lives, `own` (the path of this job's lock) excepted. Call it as the reader.
void remove_leftovers(std::filesystem::path const& folder, std::filesystem::path const& own);

}  // namespace crossjoule::meter
