// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/weather/staged_folder.hpp"

#include "core/error.hpp"

#include <unistd.h>
#include <system_error>

namespace crossjoule::sim::weather {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_system(fs::path const& path, std::string_view step,
                              std::error_code const& error) {
  core::fail(core::ExitCode::damaged,
             "{} could not be written ({}: {}) free space or choose another output", path.string(),
             step, error.message());
}

/// "a/b" for "a/b/": a name, beside which there is room for others.
fs::path without_slash(fs::path path) {
  if (!path.has_filename()) path = path.parent_path();
  return path;
}

/// What stands at the target now is fit to be replaced, or there is nothing.
void check_target(fs::path const& path, core::Overwrite overwrite,
                  StagedFolder::Known const& is_known) {
  std::error_code error;
  VALIDATE(path.has_filename() && path.filename() != "." && path.filename() != "..",
           "'{}' is no name for a new folder (it is one that is there) give another output",
           path.string());
  if (!fs::exists(fs::symlink_status(path, error))) {
    fs::path const parent = path.has_parent_path() ? path.parent_path() : ".";
    VALIDATE(fs::is_directory(parent, error) || error == std::errc::permission_denied,
             "{} cannot be made (there is no folder {}) make the folder or choose another output",
             path.string(), parent.string());
    return;
  }
  VALIDATE(fs::is_directory(fs::symlink_status(path, error)),
           "{} exists and is no folder (a data set is one) choose another output", path.string());
  if (fs::is_empty(path, error)) return;
  VALIDATE(overwrite == core::Overwrite::yes,
           "{} exists (nothing is overwritten unasked) give --force or another output",
           path.string());
  for (auto const& entry : fs::recursive_directory_iterator(path)) {
    auto const inside = entry.path().lexically_relative(path).generic_string();
    VALIDATE(entry.is_directory() || is_known(inside),
             "{} holds {} (no part of a weather data set, it would be lost) move it away or choose "
             "another output",
             path.string(), inside);
  }
}

}  // namespace

StagedFolder::StagedFolder(fs::path const& final_path, core::Overwrite overwrite,
                           Known const& is_known, core::Comm const& comm)
    : final_(without_slash(final_path)), overwrite_(overwrite), comm_(comm) {
  if (comm_.is_root()) prepare(is_known);
  std::string const name = staged_.string();
  std::vector<char> shared(name.begin(), name.end());
  comm_.broadcast(shared);
  staged_ = std::string(shared.begin(), shared.end());
}

void StagedFolder::prepare(Known const& is_known) {
  constexpr int most_attempts = 16;  // in containers every run may have the same process number
  check_target(final_, overwrite_, is_known);
  std::error_code error;
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    fs::path name = final_;
    name += fmt::format(".tmp-{}", getpid());
    if (attempt > 0) name += fmt::format("-{}", attempt);
    if (fs::create_directory(name, error)) {
      staged_ = name;
      return;
    }
    if (error) break;
  }
  fail_system(final_, "create", error);
}

StagedFolder::~StagedFolder() {
  std::error_code ignored;
  if (!committed_ && !staged_.empty()) fs::remove_all(staged_, ignored);
}

void StagedFolder::rename_to_final() const {
  std::error_code error;
  fs::path old = staged_;
  old += "-old";
  bool const replaces = fs::exists(final_, error) && !fs::is_empty(final_, error);
  VALIDATE(!replaces || overwrite_ == core::Overwrite::yes,
           "{} exists (it was made during the run) give --force or another output",
           final_.string());
  if (replaces) fs::rename(final_, old, error);
  if (error) fail_system(final_, "rename", error);
  fs::rename(staged_, final_, error);
  if (error) {
    std::error_code ignored;
    if (replaces) fs::rename(old, final_, ignored);
    fail_system(final_, "rename", error);
  }
  if (replaces) fs::remove_all(old, error);
}

void StagedFolder::commit() {
  comm_.barrier();  // everybody's files are there
  if (comm_.is_root()) rename_to_final();
  comm_.barrier();
  committed_ = true;
}

}  // namespace crossjoule::sim::weather
