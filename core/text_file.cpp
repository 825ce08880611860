// SPDX-License-Identifier: BSD-3-Clause
#include "core/text_file.hpp"

#include "core/detail/commit.hpp"
#include "core/detail/h5_library.hpp"
#include "core/temporaries.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>

namespace crossjoule::core {
namespace {

/// The error number of the first failing call, or 0.
int write_all(int handle, std::string_view text) {
  while (!text.empty()) {
    ssize_t const written = write(handle, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace

void write_text_file(std::filesystem::path const& path, std::string_view text,
                     Overwrite overwrite) {
  detail::ignore_file_size_signal();
  detail::check_target(path, overwrite);
  std::filesystem::path const temporary = detail::reserve_temporary(path);
  int const handle = open(temporary.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
  int code = handle < 0 ? errno : write_all(handle, text);
  if (handle >= 0 && close(handle) != 0 && code == 0) code = errno;
  try {
    if (code != 0) detail::fail_system(path, "write", code);
    detail::sync_file(temporary, path);
    detail::rename_to_final(temporary, path, overwrite);
  } catch (...) {
    detail::discard_temporary(temporary);
    throw;
  }
}

}  // namespace crossjoule::core
