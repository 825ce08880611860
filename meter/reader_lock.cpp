// SPDX-License-Identifier: BSD-3-Clause
#include "meter/reader_lock.hpp"

#include "meter/shared_page.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>
#include <array>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>
#include <utility>

namespace crossjoule::meter {
namespace {

std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id.empty() ? "unknown-boot" : id;
}

/// Job names come from the environment: keep what may stand in a file name.
std::string file_safe(std::string text) {
  for (char& c : text)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '.') c = '_';
  return text.substr(0, 120);
}

std::string variable(char const* name) {
  char const* value = std::getenv(name);
  return value ? value : "";
}

/// The first rank of a node goes first where it takes part at all, so that the job's root is
/// usually the reader; that is convenience, the lock decides.
void give_way(std::filesystem::path const& path) {
  using namespace std::chrono_literals;
  if (local_rank() == 0) return;
  std::error_code error;
  for (auto waited = 0ms; waited < 200ms && !std::filesystem::exists(path, error); waited += 1ms)
    std::this_thread::sleep_for(1ms);
  std::this_thread::sleep_for(2ms);  // created, and locked a moment later
}

}  // namespace

ReaderLock::ReaderLock(std::filesystem::path folder, std::string const& job)
    : path_(std::move(folder) / fmt::format("{}{}-{}", lock_prefix(), file_safe(job), boot_id())) {
  give_way(path_);
  for (int attempt = 0; attempt < 100; ++attempt) {
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor_ < 0) {
      held_ = local_rank() == 0;  // no place for a lock: the launcher's numbering decides
      return;
    }
    held_ = ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0;
    // who has it may be leaving, or clearing away what a killed process left
    if (!held_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (names_still(path_, descriptor_)) return;
    ::close(std::exchange(descriptor_, -1));
  }
}

ReaderLock::~ReaderLock() {
  if (descriptor_ < 0) return;
  if (held_) ::unlink(path_.c_str());  // before the lock goes, so that nobody keeps a dead name
  ::close(descriptor_);
}

std::string lock_prefix() { return fmt::format("crossjoule-meter-{}-", ::getuid()); }

std::string this_job() {
  // the launch first: one batch job may start several
  for (char const* name : {"PMIX_NAMESPACE", "OMPI_MCA_ess_base_jobid", "PMI_JOBID"})
    if (auto const value = variable(name); !value.empty()) return value;
  if (auto const job = variable("SLURM_JOB_ID"), step = variable("SLURM_STEP_ID");
      !job.empty() && !step.empty())
    return "slurm-" + job + "-" + step;
  if (!variable("PMI_RANK").empty())
    return fmt::format("children-of-{}", ::getppid());  // MPICH's proxy
  return fmt::format("process-{}", ::getpid());
}

int local_rank() {
  constexpr std::array<char const*, 4> names = {"OMPI_COMM_WORLD_LOCAL_RANK", "SLURM_LOCALID",
                                                "MPI_LOCALRANKID", "PMIX_LOCAL_RANK"};
  for (char const* name : names)
    if (auto const value = variable(name); !value.empty()) return std::atoi(value.c_str());
  return 0;
}

int local_size() {
  constexpr std::array<char const*, 3> names = {"OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS",
                                                "PMI_LOCAL_SIZE"};
  for (char const* name : names)
    if (int const count = std::atoi(variable(name).c_str()); count > 0) return count;
  return 1;
}

}  // namespace crossjoule::meter
