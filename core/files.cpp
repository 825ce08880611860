// SPDX-License-Identifier: BSD-3-Clause
#include "core/detail/files.hpp"

#include "core/error.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>

namespace crossjoule::core::detail {

std::string errno_text(int code) { return std::generic_category().message(code); }

void require_readable_file(std::filesystem::path const& path) {
  std::error_code error;
  auto const status = std::filesystem::status(path, error);
  VALIDATE(std::filesystem::exists(status), "{} is absent ({}) check the path", path.string(),
           error ? error.message() : errno_text(ENOENT));
  VALIDATE(std::filesystem::is_regular_file(status), "{} is no file ({}) give a file",
           path.string(), std::filesystem::is_directory(status) ? "a folder" : "a device or pipe");
  VALIDATE(access(path.c_str(), R_OK) == 0, "{} cannot be read ({}) check its permissions",
           path.string(), errno_text(errno));
}

std::string read_small_file(std::filesystem::path const& path, std::int64_t largest_bytes) {
  require_readable_file(path);
  std::error_code error;
  auto const bytes = std::filesystem::file_size(path, error);
  VALIDATE(!error && bytes <= static_cast<std::uintmax_t>(largest_bytes),
           "{} is too large ({} bytes, at most {} allowed) give a smaller file", path.string(),
           bytes, largest_bytes);
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  VALIDATE(file.good() || bytes == 0,
           "{} cannot be read (the system gave no reason) check the disk", path.string());
  return std::move(content).str();
}

std::string first_line(std::filesystem::path const& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

bool sync_to_disk(std::filesystem::path const& path) {
  int const handle = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (handle < 0) return false;
  int const status = fsync(handle);
  int const reason = errno;
  close(handle);
  errno = reason;
  return status == 0;
}

}  // namespace crossjoule::core::detail
