// SPDX-License-Identifier: BSD-3-Clause
#include "meter/reader_lock.hpp"

#include "meter/phase_board.hpp"
#include "meter/shared_page.hpp"
#include "tests/meter/scripted.hpp"

#include <sys/wait.h>
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <memory>

namespace crossjoule::meter {
namespace {

/// A child that tries for the lock, tells through a pipe whether it has it, and stays until killed.
struct Rival {
  Rival(std::filesystem::path const& folder, std::string const& job) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    child = ::fork();
    if (child == 0) {
      ReaderLock lock(folder, job);
      char const answer = lock.is_held() ? 'y' : 'n';
      if (::write(ends[1], &answer, 1) != 1) ::_exit(1);
      for (;;) ::pause();
    }
    char answer = '?';
    EXPECT_EQ(::read(ends[0], &answer, 1), 1);
    ::close(ends[0]), ::close(ends[1]);
    is_reader = answer == 'y';
  }
  ~Rival() {
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }
  pid_t child = 0;
  bool is_reader = false;
};

TEST(ReaderLock, OneOfManyProcessesReads) {
  FakeRoot root;
  std::vector<std::unique_ptr<Rival>> rivals;
  int readers = 0;
  for (int k = 0; k < 8; ++k)
    rivals.push_back(std::make_unique<Rival>(root.path(), "job")),
        readers += rivals.back()->is_reader;
  EXPECT_EQ(readers, 1);
  EXPECT_FALSE(ReaderLock(root.path(), "job").is_held());
  EXPECT_TRUE(ReaderLock(root.path(), "another job").is_held());
}

TEST(ReaderLock, KilledReaderLeavesTheLock) {
  FakeRoot root;
  {
    Rival const first(root.path(), "job");
    EXPECT_TRUE(first.is_reader);
  }
  EXPECT_TRUE(ReaderLock(root.path(), "job").is_held());
}

/// A process that weighs a node, killed where it stands.
void leave_a_killed_meter(FakeRoot const& root, std::string const& job) {
  pid_t const child = ::fork();
  if (child == 0) {
    auto parts = parts_for(root, std::make_shared<ScriptedClock>());
    parts.job = job;
    Meter const meter({}, parts);
    ::kill(::getpid(), SIGKILL);
  }
  ::waitpid(child, nullptr, 0);
}

std::size_t leftovers(FakeRoot const& root) {
  std::filesystem::directory_iterator const entries(root.path());
  return static_cast<std::size_t>(std::count_if(begin(entries), end(entries), [](auto const& one) {
    return one.path().filename().string().starts_with(lock_prefix());
  }));
}

TEST(ReaderLock, NextReaderClearsAwayWhatKilledOnesLeft) {
  FakeRoot root;
  root.processor("GenuineIntel", "x", 2, "fpu");
  root.put("/sys/bus/pci/devices/0000:01:00.0/vendor", "0x10de");
  root.put("/sys/bus/pci/devices/0000:01:00.0/class", "0x030200");
  leave_a_killed_meter(root, "first");
  EXPECT_EQ(leftovers(root), 3U) << "lock, phases and boards: else nothing is tested";
  leave_a_killed_meter(root, "second");
  EXPECT_EQ(leftovers(root), 3U) << "the second cleared away what the first one left";
  Rival const alive(root.path(), "third");
  {
    Meter const meter({}, parts_for(root, std::make_shared<ScriptedClock>()));
    EXPECT_EQ(leftovers(root), 4U) << "its own three, and the lock that a living process holds";
    EXPECT_FALSE(ReaderLock(root.path(), "third").is_held());
  }
  EXPECT_EQ(leftovers(root), 1U);
}

TEST(ReaderLock, PageOfALivingRankStaysWhereItsReaderWasKilled) {
  FakeRoot root;
  leave_a_killed_meter(root, "job");
  std::filesystem::path file;
  { file = ReaderLock(root.path(), "job").path().string() + page_suffix::phases; }
  PhaseBoard board(file, 0);
  remove_leftovers(root.path(), root.path() / "none");
  EXPECT_TRUE(std::filesystem::exists(file));
}

TEST(ReaderLock, PageOfAKilledJobBeginsAnew) {
  FakeRoot root;
  leave_a_killed_meter(root, "job");
  leave_a_killed_meter(root, "job");
  auto parts = parts_for(root, std::make_shared<ScriptedClock>());
  parts.job = "job";
  EXPECT_EQ(Meter({}, parts).processes_seen(), 1) << "those that were killed count no more";
}

TEST(ReaderLock, NameGoesWithItsHolder) {
  FakeRoot root;
  std::filesystem::path path;
  {
    ReaderLock const lock(root.path(), "a/b c");
    path = lock.path();
    EXPECT_TRUE(std::filesystem::exists(path));
    EXPECT_EQ(path.parent_path(), root.path()) << "a job's name must not lead elsewhere";
    EXPECT_FALSE(ReaderLock(root.path(), "a/b c").is_held());
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(ReaderLock, LinkPutInItsPlaceIsNotFollowed) {
  FakeRoot root;
  std::filesystem::path path;
  { path = ReaderLock(root.path(), "job").path(); }
  std::filesystem::create_symlink(root.path() / "target", path);
  ReaderLock const lock(root.path(), "job");
  EXPECT_FALSE(std::filesystem::exists(root.path() / "target"));
}

TEST(ReaderLock, WithoutALauncherEveryProcessIsAJob) {
  for (char const* name :
       {"PMIX_NAMESPACE", "OMPI_MCA_ess_base_jobid", "PMI_JOBID", "SLURM_STEP_ID", "PMI_RANK"})
    ::unsetenv(name);
  EXPECT_EQ(this_job(), fmt::format("process-{}", ::getpid()));
  ::setenv("PMIX_NAMESPACE", "1234", 1);
  EXPECT_EQ(this_job(), "1234");
  ::unsetenv("PMIX_NAMESPACE");
}

TEST(Meter, SecondProcessOfTheJobHasAbsentFigures) {
  FakeRoot root;
  auto const clock = std::make_shared<ScriptedClock>();
  root.processor("GenuineIntel", "x", 2, "fpu");
  Rival const reader(root.path(), "test");
  Meter meter({}, parts_for(root, clock));
  EXPECT_FALSE(meter.is_reader());
  auto region = meter.begin(Phase::train);
  clock->pass(1);
  auto const energy = region.close();
  EXPECT_FALSE(energy.chip.present());
  EXPECT_FALSE(energy.system.present());
  EXPECT_DOUBLE_EQ(energy.duration.value, 1);
  EXPECT_NE(meter.headline().find("not the reader"), std::string::npos);
  EXPECT_TRUE(meter.ledger().devices.empty());
}

}  // namespace
}  // namespace crossjoule::meter
