// SPDX-License-Identifier: BSD-3-Clause
#include "meter/shared_page.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>

namespace crossjoule::meter {

std::shared_ptr<void> map_shared_page(std::filesystem::path const& file, std::size_t bytes) {
  int const descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return nullptr;
  std::shared_ptr<void> page;
  struct stat status {};
  bool const is_ours = ::fstat(descriptor, &status) == 0 && status.st_uid == ::getuid();
  if (is_ours && ::ftruncate(descriptor, static_cast<off_t>(bytes)) == 0) {
    void* const at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (at != MAP_FAILED)
      page = std::shared_ptr<void>(at, [bytes](void* mapped) { ::munmap(mapped, bytes); });
  }
  ::close(descriptor);
  return page;
}

bool is_alive(std::int32_t process) {
  return process != 0 && (::kill(process, 0) == 0 || errno == EPERM);
}

}  // namespace crossjoule::meter
