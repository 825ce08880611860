// SPDX-License-Identifier: BSD-3-Clause
#include "meter/shared_page.hpp"

#include "meter/reader_lock.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace crossjoule::meter {
namespace {

using std::filesystem::path;

/// An open file; closed, and its locks given up, with this object.
class File {
 public:
  File(path const& name, int flags)
      : descriptor_(::open(name.c_str(), flags | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600)) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  File& operator=(File&&) = delete;
  int descriptor() const { return descriptor_; }
  bool is_open() const { return descriptor_ >= 0; }
  bool lock(int how) const { return ::flock(descriptor_, how | LOCK_NB) == 0; }
  bool is_ours() const {
    struct stat status {};
    return ::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode) &&
           status.st_uid == ::getuid();
  }

 private:
  int descriptor_;
};

/// The file with a shared lock, empty where nobody else has it; closed where it cannot be had.
File join(path const& name) {
  for (int attempt = 0; attempt < 100; ++attempt) {
    File file(name, O_CREAT);
    if (!file.is_open() || !file.is_ours()) break;
    bool const is_forlorn = file.lock(LOCK_EX);
    if (is_forlorn && ::ftruncate(file.descriptor(), 0) != 0) break;
    if (file.lock(LOCK_SH) && names_still(name, file.descriptor())) return file;
    std::this_thread::sleep_for(
        std::chrono::milliseconds(1));  // another one is joining or removing
  }
  return File({}, 0);
}

/// The lock of one job and its pages, removed if no process of it lives. The locks are held while
/// the names go: who opened a file just before finds its name gone, and makes a new one.
void remove_if_dead(path const& lock) {
  std::vector<std::pair<path, File>> held;
  for (char const* suffix : {"", page_suffix::phases, page_suffix::boards}) {
    path name = lock.string() + suffix;
    File file(name, 0);
    if (!file.is_open()) continue;
    bool const is_free =
        file.is_ours() && file.lock(LOCK_EX) && names_still(name, file.descriptor());
    if (!is_free) return;
    held.emplace_back(std::move(name), std::move(file));
  }
  for (auto file = held.rbegin(); file != held.rend(); ++file) ::unlink(file->first.c_str());
}

}  // namespace

std::shared_ptr<void> map_shared_page(path const& file, std::size_t bytes) {
  auto const joined = std::make_shared<File>(join(file));
  if (!joined->is_open() || ::ftruncate(joined->descriptor(), static_cast<off_t>(bytes)) != 0)
    return nullptr;
  void* const at =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, joined->descriptor(), 0);
  if (at == MAP_FAILED) return nullptr;
  return {at,
          [bytes, joined](void* mapped) { ::munmap(mapped, bytes); }};  // the lock stays so long
}

bool is_alive(std::int32_t process) {
  return process != 0 && (::kill(process, 0) == 0 || errno == EPERM);
}

bool names_still(path const& file, int descriptor) {
  struct stat named {
  }, held{};
  return ::stat(file.c_str(), &named) == 0 && ::fstat(descriptor, &held) == 0 &&
         named.st_ino == held.st_ino && named.st_dev == held.st_dev;
}

void remove_leftovers(path const& folder, path const& own) {
  std::set<path> jobs;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (!name.starts_with(lock_prefix())) continue;
    for (std::string const suffix : {page_suffix::phases, page_suffix::boards})
      if (name.ends_with(suffix)) name.resize(name.size() - suffix.size());
    jobs.insert(folder / name);
  }
  jobs.erase(own);
  for (auto const& job : jobs) remove_if_dead(job);
}

}  // namespace crossjoule::meter
