// SPDX-License-Identifier: BSD-3-Clause
#include "core/temporaries.hpp"

#include "core/h5file.hpp"
#include "core/testing/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

namespace crossjoule::core {
namespace {

enum class Handler { installed, absent };

std::size_t files_in(std::filesystem::path const& folder) {
  auto const all = std::filesystem::directory_iterator(folder);
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// A child commits one file, begins two more and is ended by `signal`; its wait status.
int end_a_writer(std::filesystem::path const& folder, int signal, Handler handler) {
  pid_t const child = fork();
  if (child == 0) {
    std::signal(signal, SIG_DFL);
    if (handler == Handler::installed) remove_temporaries_on_signals();
    auto done = H5File::create(folder / "done.h5", Overwrite::no);
    done.commit();
    auto const first = H5File::create(folder / "first.h5", Overwrite::no);
    auto const second = H5File::create(folder / "second.h5", Overwrite::no);
    raise(signal);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

TEST(Temporaries, GoWithTheProcessThatASignalEnds) {
  for (int const signal : {SIGINT, SIGTERM, SIGHUP}) {
    testing::TemporaryFolder folder;
    int const status = end_a_writer(folder.path(), signal, Handler::installed);
    ASSERT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(WTERMSIG(status), signal);  // whoever waits still learns what ended it
    EXPECT_EQ(files_in(folder.path()), 1u);
    EXPECT_TRUE(std::filesystem::exists(folder / "done.h5"));
  }
}

TEST(Temporaries, StayWhereNobodyAskedForTheHandler) {
  testing::TemporaryFolder folder;
  end_a_writer(folder.path(), SIGTERM, Handler::absent);
  EXPECT_EQ(files_in(folder.path()), 3u);
}

}  // namespace
}  // namespace crossjoule::core
