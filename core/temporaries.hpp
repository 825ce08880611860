// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>

namespace crossjoule::core {

/// From now on SIGINT, SIGTERM and SIGHUP, where nobody else handles them, first remove the files
/// this process writes under temporary names, then end it as before: an abort of another rank or
/// Ctrl-C leaves no `NAME.tmp-<pid>` behind. For main alone: a library changes no handlers.
void remove_temporaries_on_signals();

/// A rank of several that ends on a signal lingers a moment. Open MPI sends SIGTERM, waits a second
/// and sends SIGKILL, but the first rank that dies cuts the wait short: one that has files to
/// remove might never run in between on a busy node.
void linger_on_signals();

namespace detail {

/// `path` is a temporary file until it is forgotten. Beyond 16 at once they are not remembered.
void remember_temporary(std::filesystem::path const& path);
void forget_temporary(std::filesystem::path const& path);
/// Removes the file, which may be gone, and forgets it.
void discard_temporary(std::filesystem::path const& path) noexcept;

}  // namespace detail
}  // namespace crossjoule::core
