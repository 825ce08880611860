// SPDX-License-Identifier: BSD-3-Clause
#include "core/detail/commit.hpp"

#include "core/detail/files.hpp"
#include "core/error.hpp"
#include "core/temporaries.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <system_error>

namespace crossjoule::core::detail {
namespace {

std::filesystem::path folder_of(std::filesystem::path const& path) {
  std::filesystem::path const folder = path.parent_path();
  return folder.empty() ? std::filesystem::path(".") : folder;
}

}  // namespace

void fail_system(std::filesystem::path const& path, std::string_view step, int code) {
  fail(ExitCode::damaged, "{} could not be written ({}: {}) free space or choose another output",
       path.string(), step, errno_text(code));
}

void check_target(std::filesystem::path const& path, Overwrite overwrite) {
  std::error_code error;
  VALIDATE(path.has_filename(), "'{}' is no file name (it names a folder) give a file",
           path.string());
  auto const there = std::filesystem::symlink_status(path, error);  // a dangling link is there, too
  if (std::filesystem::exists(there)) {
    VALIDATE(std::filesystem::is_regular_file(there) || std::filesystem::is_symlink(there),
             "{} is no regular file (a {} cannot be replaced) choose another output", path.string(),
             std::filesystem::is_directory(there) ? "folder" : "device or pipe");
    VALIDATE(overwrite == Overwrite::yes,
             "{} exists (nothing is overwritten unasked) give --force or another output",
             path.string());
  }
  std::filesystem::path const folder = folder_of(path);
  bool const is_folder = std::filesystem::is_directory(folder, error);
  // a folder that may not even be looked at is told by access() below
  VALIDATE(is_folder || error == std::errc::permission_denied,
           "{} cannot be made (there is no folder {}) make the folder or choose another output",
           path.string(), folder.string());
  VALIDATE_AS(ExitCode::damaged, access(folder.c_str(), W_OK | X_OK) == 0,
              "{} could not be written (folder {}: {}) choose another output", path.string(),
              folder.string(), errno_text(errno));
}

std::filesystem::path reserve_temporary(std::filesystem::path const& path) {
  constexpr int most_attempts = 16;  // in containers every run may have the same process number
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    std::filesystem::path name = path;
    name += fmt::format(".tmp-{}", getpid());
    if (attempt > 0) name += fmt::format("-{}", attempt);
    int const handle =
        open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (handle >= 0) {
      close(handle);
      remember_temporary(name);
      return name;
    }
    if (errno != EEXIST) break;
  }
  fail_system(path, "create", errno);
}

void sync_file(std::filesystem::path const& temporary, std::filesystem::path const& path) {
  int const handle = open(temporary.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (handle < 0) fail_system(path, "open", errno);
  struct stat status {};
  bool const fine = fstat(handle, &status) == 0 &&
                    (!(status.st_mode & S_IWOTH) || fchmod(handle, status.st_mode & 07775) == 0) &&
                    fsync(handle) == 0;
  int const code = errno;
  close(handle);
  if (!fine) fail_system(path, "fsync", code);
}

void rename_to_final(std::filesystem::path const& temporary, std::filesystem::path const& path,
                     Overwrite overwrite) {
  bool renamed = false;
  if (overwrite == Overwrite::no) {  // NOREPLACE closes the gap between looking and renaming
    renamed = renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0;
    VALIDATE(renamed || errno != EEXIST,
             "{} exists (it was made during the run) give --force or another output",
             path.string());
    if (!renamed && errno != EINVAL && errno != ENOSYS) fail_system(path, "rename", errno);
  }
  if (!renamed && rename(temporary.c_str(), path.c_str()) != 0) fail_system(path, "rename", errno);
  forget_temporary(temporary);
  if (!sync_to_disk(folder_of(path))) fail_system(path, "fsync of the folder", errno);
}

}  // namespace crossjoule::core::detail
