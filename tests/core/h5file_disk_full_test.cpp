// SPDX-License-Identifier: BSD-3-Clause
// Disks that fill up while a file is written: exit code 5, the old file whole, no temporary left,
// and no crash, not even when the process exits in the normal way.
#include "core/h5file.hpp"
#include "core/testing/child.hpp"
#include "core/testing/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>
#include <fstream>
#include <sstream>

namespace crossjoule::core {
namespace {

using testing::Leave;
using testing::status_of_child;

constexpr int damaged = static_cast<int>(ExitCode::damaged);

std::string bytes_of(std::filesystem::path const& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::size_t files_in(std::filesystem::path const& folder) {
  auto const all = std::filesystem::directory_iterator(folder);
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

void write(std::filesystem::path const& path, std::size_t numbers) {
  H5File file = H5File::create(path, Overwrite::yes);
  file.attribute("/meta", "verb", "test");
  file.write("/a", std::vector<double>(numbers, 1.5), {"1", "numbers"});
  file.create_rows<float>("/rows", {static_cast<std::int64_t>(numbers), 2}, {"1", "rows"});
  for (int piece = 0; piece < 4; ++piece)
    file.write_rows<float>("/rows", std::vector<float>(numbers / 2, 2.5f));
  file.write_text("/text", std::string(500, 'x'), "text");
  file.commit();
}

void limit_file_size(rlim_t bytes) {
  rlimit const limit{bytes, bytes};
  setrlimit(RLIMIT_FSIZE, &limit);
}

TEST(DiskFull, EveryFileSizeLimitFailsCleanly) {
  testing::TemporaryFolder folder;
  std::filesystem::path const path = folder / "x.h5";
  write(path, 400);
  std::string const old = bytes_of(path);
  std::size_t const size = old.size();
  int failed = 0;
  constexpr int thresholds = 200;
  for (int k = 0; k <= thresholds; ++k) {
    auto const limit = static_cast<rlim_t>(size * static_cast<std::size_t>(k) / thresholds);
    int const status =
        status_of_child([&] { limit_file_size(limit), write(path, 400); }, Leave::by_exit);
    ASSERT_EQ(status, limit < size ? damaged : 0) << "limit " << limit << " of " << size;
    failed += status == damaged;
    ASSERT_TRUE(bytes_of(path) == old) << "limit " << limit;
    ASSERT_EQ(files_in(folder.path()), 1u) << "limit " << limit;
  }
  EXPECT_EQ(failed, thresholds);
}

TEST(DiskFull, LargeWritesFailCleanly) {
  testing::TemporaryFolder folder;
  for (rlim_t limit : {100'000ul, 1'000'000ul, 3'000'000ul, 4'500'000ul}) {
    int const status = status_of_child(
        [&] { limit_file_size(limit), write(folder / "x.h5", 400'000); }, Leave::by_exit);
    EXPECT_EQ(status, damaged) << limit;
    EXPECT_EQ(files_in(folder.path()), 0u);
  }
}

TEST(DiskFull, TheMessageNamesFileAndCause) {
  testing::TemporaryFolder folder;
  std::string const path = (folder / "x.h5").string();
  int const status = status_of_child([&] {
    limit_file_size(10'000);
    try {
      write(path, 4000);
    } catch (Error const& error) {
      std::string const message = error.what();
      bool const good =
          message.find(path) == 0 && message.find("File too large") != std::string::npos;
      if (!good) fmt::print(stderr, "{}\n", message);
      _exit(good ? 50 : 51);
    }
  });
  EXPECT_EQ(status, 50);
}

TEST(DiskFull, ProcessCanWriteElsewhereAfterwards) {
  testing::TemporaryFolder folder;
  int const status = status_of_child(
      [&] {
        rlimit before{};
        getrlimit(RLIMIT_FSIZE, &before);
        rlimit const small{20'000, before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &small);
        try {
          write(folder / "x.h5", 4000);
          _exit(51);
        } catch (Error const&) {}
        setrlimit(RLIMIT_FSIZE, &before);
        write(folder / "y.h5", 4000);
        H5File::open(folder / "y.h5").check_digests();
      },
      Leave::by_exit);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(files_in(folder.path()), 1u);
}

/// A real full disk; only root may mount one.
TEST(DiskFull, ATmpfsWithoutSpaceFailsCleanly) {
  if (geteuid() != 0) GTEST_SKIP() << "mounting a small tmpfs needs root";
  testing::TemporaryFolder folder;
  if (mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=200k") != 0)
    GTEST_SKIP() << "mount is not permitted here";
  std::filesystem::path const path = folder / "x.h5";
  write(path, 400);
  std::string const old = bytes_of(path);
  for (std::size_t numbers : {13'000u, 20'000u, 400'000u}) {
    EXPECT_EQ(status_of_child([&] { write(path, numbers); }, Leave::by_exit), damaged) << numbers;
    EXPECT_TRUE(bytes_of(path) == old);
    EXPECT_EQ(files_in(folder.path()), 1u);
  }
  umount(folder.path().c_str());
}

}  // namespace
}  // namespace crossjoule::core
