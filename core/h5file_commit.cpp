// SPDX-License-Identifier: BSD-3-Clause
// H5File: from a temporary name to the final one. Success of single HDF5 calls proves nothing on a
// full disk; only flush, every close, a second reading and the file system's own word do.
#include "core/detail/files.hpp"
#include "core/detail/h5.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <system_error>

namespace crossjoule::core {

using detail::errno_text;
using detail::Id;

namespace {

std::filesystem::path folder_of(std::filesystem::path const& path) {
  std::filesystem::path const folder = path.parent_path();
  return folder.empty() ? std::filesystem::path(".") : folder;
}

[[noreturn]] void fail_system(std::filesystem::path const& path, std::string_view step, int code) {
  fail(ExitCode::damaged, "{} could not be written ({}: {}) free space or choose another --output",
       path.string(), step, errno_text(code));
}

void check_target(std::filesystem::path const& path, Overwrite overwrite) {
  std::error_code error;
  VALIDATE(path.has_filename(), "'{}' is no file name (it names a folder) give --output a file",
           path.string());
  auto const there = std::filesystem::symlink_status(path, error);  // a dangling link is there, too
  if (std::filesystem::exists(there)) {
    VALIDATE(std::filesystem::is_regular_file(there) || std::filesystem::is_symlink(there),
             "{} is no regular file (a {} cannot be replaced) choose another --output",
             path.string(), std::filesystem::is_directory(there) ? "folder" : "device or pipe");
    VALIDATE(overwrite == Overwrite::yes,
             "{} exists (nothing is overwritten unasked) give --force or another --output",
             path.string());
  }
  std::filesystem::path const folder = folder_of(path);
  VALIDATE_AS(
      ExitCode::damaged, std::filesystem::is_directory(folder, error),
      "{} could not be written (there is no folder {}) make the folder or choose another --output",
      path.string(), folder.string());
  VALIDATE_AS(ExitCode::damaged, access(folder.c_str(), W_OK | X_OK) == 0,
              "{} could not be written (folder {}: {}) choose another --output", path.string(),
              folder.string(), errno_text(errno));
}

/// The name is free or may be replaced; NOREPLACE closes the gap between looking and renaming.
void rename_to_final(std::filesystem::path const& from, std::filesystem::path const& to,
                     Overwrite overwrite) {
  if (overwrite == Overwrite::no) {
    if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return;
    VALIDATE(errno != EEXIST,
             "{} exists (it was made during the run) give --force or another --output",
             to.string());
    if (errno != EINVAL && errno != ENOSYS) fail_system(to, "rename", errno);
  }
  if (rename(from.c_str(), to.c_str()) != 0) fail_system(to, "rename", errno);
}

/// Make the content durable; a file is never left writable for everyone, whatever the umask.
void sync_file(std::filesystem::path const& temporary, std::filesystem::path const& path) {
  int const handle = open(temporary.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (handle < 0) fail_system(path, "open", errno);
  struct stat status {};
  bool const fine = fstat(handle, &status) == 0 &&
                    (!(status.st_mode & S_IWOTH) || fchmod(handle, status.st_mode & 07755) == 0) &&
                    fsync(handle) == 0;
  int const code = errno;
  close(handle);
  if (!fine) fail_system(path, "fsync", code);
}

}  // namespace

H5File::H5File(std::unique_ptr<State> state) : state_(std::move(state)) {}
H5File::H5File(H5File&&) noexcept = default;

H5File& H5File::operator=(H5File&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}

H5File::~H5File() {
  if (state_ && state_->mode == State::Mode::writing) state_->abandon();
}

std::filesystem::path const& H5File::path() const { return state_->path; }

H5File H5File::create(std::filesystem::path const& path, Overwrite overwrite) {
  detail::start_h5();
  check_target(path, overwrite);
  Id access(H5Pcreate(H5P_FILE_ACCESS)), creation(H5Pcreate(H5P_FILE_CREATE));
  H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110);
  H5Pset_fclose_degree(access,
                       H5F_CLOSE_SEMI);  // a close with forgotten objects fails, and is noticed
  H5Pset_obj_track_times(creation, false);

  auto state = std::make_unique<State>();
  state->path = path;
  state->overwrite = overwrite;
  constexpr int most_attempts = 16;  // in containers every run may have the same process number
  for (int attempt = 0; attempt < most_attempts && !state->file.valid(); ++attempt) {
    state->temporary = path;
    state->temporary +=
        fmt::format(".tmp-{}", getpid()) + (attempt ? fmt::format("-{}", attempt) : "");
    // H5F_ACC_EXCL is O_EXCL: neither a file nor a symbolic link of that name is followed
    state->file = Id(H5Fcreate(state->temporary.c_str(), H5F_ACC_EXCL, creation, access));
    std::error_code error;
    if (!state->file.valid() &&
        !std::filesystem::exists(std::filesystem::symlink_status(state->temporary, error)))
      break;
  }
  if (!state->file.valid()) state->fail_write("create");
  state->mode = State::Mode::writing;
  return H5File(std::move(state));
}

void H5File::State::abandon() noexcept {
  mode = Mode::done;
  for (auto& [name, open] : rows) open.dataset.close();
  rows.clear();
  opened.clear();
  file.close();
  unlink(temporary.c_str());
}

void H5File::commit() {
  State& state = *state_;
  state.require_writing("anything");
  for (auto& [name, rows] : state.rows) {
    VALIDATE_AS(ExitCode::internal, rows.next_row == rows.shape[0] || rows.row_elements == 0,
                "{}: {} of {} rows of {} were written", state.path.string(), rows.next_row,
                rows.shape[0], name);
    state.finish_dataset(std::move(rows.dataset), rows.digester, name);
  }
  state.rows.clear();
  state.opened.clear();
  if (H5Fflush(state.file, H5F_SCOPE_GLOBAL) < 0) state.fail_write("flush");
  if (!state.file.close()) state.fail_write("close");
  sync_file(state.temporary, state.path);
  try {
    open(state.temporary).check_digests();
  } catch (Error const& error) {
    fail(ExitCode::damaged, "{} could not be written (reading it again found: {}) check the disk",
         state.path.string(), error.what());
  }
  rename_to_final(state.temporary, state.path, state.overwrite);
  state.mode = State::Mode::done;
  if (!detail::sync_to_disk(folder_of(state.path)))
    fail_system(state.path, "fsync of the folder", errno);
}

}  // namespace crossjoule::core
