// SPDX-License-Identifier: BSD-3-Clause
#include "core/text_file.hpp"

#include "core/testing/child.hpp"
#include "core/testing/expect_error.hpp"
#include "core/testing/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <fstream>
#include <sstream>

namespace crossjoule::core {
namespace {

using testing::wrong_outcome;

std::string content(std::filesystem::path const& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::size_t files_in(std::filesystem::path const& folder) {
  auto const all = std::filesystem::directory_iterator(folder);
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

TEST(TextFile, WritesAndRefusesToOverwrite) {
  testing::TemporaryFolder folder;
  write_text_file(folder / "a.csv", "one\n");
  EXPECT_EQ(content(folder / "a.csv"), "one\n");
  EXPECT_EQ(wrong_outcome(ExitCode::bad_input, "exists",
                          [&] { write_text_file(folder / "a.csv", "two"); }),
            "");
  EXPECT_EQ(content(folder / "a.csv"), "one\n");
  write_text_file(folder / "a.csv", "two\n", Overwrite::yes);
  EXPECT_EQ(content(folder / "a.csv"), "two\n");
  EXPECT_EQ(files_in(folder.path()), 1u);
}

TEST(TextFile, RefusesFoldersAndDevices) {
  testing::TemporaryFolder folder;
  auto write_to = [](std::filesystem::path const& path) {
    write_text_file(path, "x", Overwrite::yes);
  };
  EXPECT_EQ(wrong_outcome(ExitCode::bad_input, "folder", [&] { write_to(folder.path()); }), "");
  EXPECT_EQ(wrong_outcome(ExitCode::bad_input, "device", [&] { write_to("/dev/full"); }), "");
  EXPECT_EQ(
      wrong_outcome(ExitCode::bad_input, "no folder", [&] { write_to(folder / "none" / "x.csv"); }),
      "");
}

TEST(TextFile, AFullDiskLeavesWhatWasThere) {
  testing::TemporaryFolder folder;
  write_text_file(folder / "a.csv", "old");
  int const status = testing::status_of_child([&] {
    rlimit const limit{1000, 1000};
    setrlimit(RLIMIT_FSIZE, &limit);
    write_text_file(folder / "a.csv", std::string(5000, 'x'), Overwrite::yes);
  });
  EXPECT_EQ(status, static_cast<int>(ExitCode::damaged));
  EXPECT_EQ(content(folder / "a.csv"), "old");
  EXPECT_EQ(files_in(folder.path()), 1u);
}

}  // namespace
}  // namespace crossjoule::core
