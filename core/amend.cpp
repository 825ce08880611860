// SPDX-License-Identifier: BSD-3-Clause
#include "core/amend.hpp"

#include "core/detail/commit.hpp"
#include "core/detail/h5.hpp"
#include "core/temporaries.hpp"

#include <unistd.h>
#include <algorithm>
#include <system_error>

namespace crossjoule::core {
namespace {

using detail::Id;

/// A file that goes with the object unless it was renamed before.
class Temporary {
 public:
  explicit Temporary(std::filesystem::path const& beside)
      : path(detail::reserve_temporary(beside)) {}
  ~Temporary() { detail::discard_temporary(path); }
  Temporary(Temporary const&) = delete;
  Temporary& operator=(Temporary const&) = delete;
  std::filesystem::path const path;
};

[[noreturn]] void fail_amend(std::filesystem::path const& path, std::string const& step) {
  fail(ExitCode::damaged,
       "{} could not be amended ({}: {}) it is as it was: free space or choose another folder",
       path.string(), step, detail::h5_reason());
}

/// Replaces `group` in the file `to` by that of `from`. Errors name `path`.
void transplant(std::filesystem::path const& from, std::filesystem::path const& to,
                std::string const& group, std::filesystem::path const& path) {
  detail::H5Guard const guard;
  detail::start_h5();
  Id access(H5Pcreate(H5P_FILE_ACCESS)), links(H5Pcreate(H5P_LINK_CREATE));
  H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110);
  H5Pset_fclose_degree(access, H5F_CLOSE_SEMI);
  H5Pset_create_intermediate_group(links, 1);
  Id const piece(H5Fopen(from.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  Id whole(H5Fopen(to.c_str(), H5F_ACC_RDWR, access));
  if (!piece.valid() || !whole.valid()) fail_amend(path, "open");
  bool is_there = true;
  for (std::size_t end = group.find('/', 1); is_there; end = group.find('/', end + 1)) {
    is_there = H5Lexists(whole, group.substr(0, end).c_str(), H5P_DEFAULT) > 0;
    if (end == std::string::npos) break;
  }
  if (is_there && H5Ldelete(whole, group.c_str(), H5P_DEFAULT) < 0)
    fail_amend(path, "replace " + group);
  if (H5Ocopy(piece, group.c_str(), whole, group.c_str(), H5P_DEFAULT, links) < 0)
    fail_amend(path, "write " + group);
  if (H5Fflush(whole, H5F_SCOPE_GLOBAL) < 0 || !whole.close()) fail_amend(path, "flush");
}

/// Names outside of `group`: they must be the same before and after.
std::vector<std::string> names_outside(H5File const& file, std::string const& group) {
  auto names = file.all_names();
  std::erase_if(names, [&](auto const& name) {
    // the group, what is in it, and the groups around it that are made for it
    return name == group || name.starts_with(group + "/") ||
           (group + "/").starts_with(name == "/" ? name : name + "/");
  });
  return names;
}

}  // namespace

void amend(std::filesystem::path const& path, std::string const& group,
           std::function<void(H5File&)> const& write) {
  EXPECT(group.size() > 1 && group.front() == '/' && group.back() != '/');
  std::vector<std::string> before;
  {
    auto const file = H5File::open(path);
    file.check_digests();
    before = names_outside(file, group);
  }
  detail::check_target(path, Overwrite::yes);
  Temporary const piece(path), copy(path);
  {
    auto file = H5File::create(piece.path, Overwrite::yes);
    write(file);
    file.commit();
  }
  std::error_code error;
  std::filesystem::copy_file(path, copy.path, std::filesystem::copy_options::overwrite_existing,
                             error);
  if (error) detail::fail_system(path, "copy", error.value());
  transplant(piece.path, copy.path, group, path);
  try {
    auto const file = H5File::open(copy.path);
    file.check_digests();
    VALIDATE_AS(ExitCode::internal, names_outside(file, group) == before,
                "{} would have lost something beside {} (it is as it was) report this",
                path.string(), group);
  } catch (Error const& caught) {
    fail(ExitCode::damaged, "{} could not be amended (reading it again found: {}) check the disk",
         path.string(), caught.what());
  }
  detail::sync_file(copy.path, path);
  detail::rename_to_final(copy.path, path, Overwrite::yes);
}

}  // namespace crossjoule::core
