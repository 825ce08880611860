// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <string>

namespace crossjoule::meter {

/// Who reads this node's sensors for this job: whichever process gets the lock first, without any
/// message between ranks. Kept until the process ends or the object goes; a killed process gives it
/// up by itself (flock).
class ReaderLock {
 public:
  /// `folder` is node-local memory ("/dev/shm").
  ReaderLock(std::filesystem::path folder, std::string const& job);
  ~ReaderLock();
  ReaderLock(ReaderLock const&) = delete;
  ReaderLock& operator=(ReaderLock const&) = delete;
  bool is_held() const { return held_; }
  std::filesystem::path const& path() const { return path_; }

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  bool held_ = false;
};

/// What the names of all locks of this user begin with, and what those of a job's shared pages have
/// behind the name of its lock.
std::string lock_prefix();
namespace page_suffix {
inline constexpr char const* phases = ".board";
inline constexpr char const* boards = ".boards";
}  // namespace page_suffix

/// What the ranks of this job share and no other job has, from the launcher's variables; a process
/// without a launcher is a job of its own.
std::string this_job();

/// The rank's number on its node from the launcher's variables, 0 without one.
int local_rank();
/// Processes that the launcher started on this node, 1 where none tells.
int local_size();

}  // namespace crossjoule::meter
