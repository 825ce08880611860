// SPDX-License-Identifier: BSD-3-Clause
// H5File: from a temporary name to the final one. Success of single HDF5 calls proves nothing on a
// full disk; only flush, every close, a second reading and the file system's own word do.
#include "core/detail/commit.hpp"
#include "core/detail/h5.hpp"
#include "core/temporaries.hpp"

#include <unistd.h>
#include <system_error>

namespace crossjoule::core {

using detail::Id;

H5File::H5File(std::unique_ptr<State> state) : state_(std::move(state)) {}
H5File::H5File(H5File&&) noexcept = default;

H5File& H5File::operator=(H5File&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}

H5File::~H5File() {
  detail::H5Guard const guard;
  if (state_ && state_->mode == State::Mode::writing) state_->abandon();
  state_.reset();
}

std::filesystem::path const& H5File::path() const { return state_->path; }

H5File H5File::create(std::filesystem::path const& path, Overwrite overwrite) {
  detail::H5Guard const guard;
  detail::start_h5();
  detail::check_target(path, overwrite);
  Id access(H5Pcreate(H5P_FILE_ACCESS)), creation(H5Pcreate(H5P_FILE_CREATE));
  H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110);
  H5Pset_fclose_degree(access,
                       H5F_CLOSE_SEMI);  // a close with forgotten objects fails, and is noticed
  H5Pset_obj_track_times(creation, false);

  auto state = std::make_unique<State>();
  state->path = path;
  state->overwrite = overwrite;
  state->temporary = detail::reserve_temporary(path);
  state->file = Id(H5Fcreate(state->temporary.c_str(), H5F_ACC_TRUNC, creation, access));
  if (!state->file.valid()) {
    detail::discard_temporary(state->temporary);
    state->fail_write("create");
  }
  state->mode = State::Mode::writing;
  return H5File(std::move(state));
}

void H5File::State::abandon() noexcept {
  mode = Mode::done;
  for (auto& [name, open] : rows) open.dataset.close();
  rows.clear();
  opened.clear();
  file.close();
  detail::discard_temporary(temporary);
}

void H5File::commit() {
  detail::H5Guard const guard;
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
  detail::sync_file(state.temporary, state.path);
  try {
    open(state.temporary).check_digests();
  } catch (Error const& error) {
    fail(ExitCode::damaged, "{} could not be written (reading it again found: {}) check the disk",
         state.path.string(), error.what());
  }
  detail::rename_to_final(state.temporary, state.path, state.overwrite);
  state.mode = State::Mode::done;
}

}  // namespace crossjoule::core
