// SPDX-License-Identifier: BSD-3-Clause
#include "core/h5file.hpp"

#include "core/testing/child.hpp"
#include "core/testing/expect_error.hpp"
#include "core/testing/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmath>
#include <fstream>
#include <limits>
#include <numeric>
#include <sstream>

namespace crossjoule::core {
namespace {

using testing::TemporaryFolder;
using testing::wrong_outcome;

std::string bytes_of(std::filesystem::path const& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::size_t files_in(std::filesystem::path const& folder) {
  auto const all = std::filesystem::directory_iterator(folder);
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

template <class T>
class H5FileOf : public ::testing::Test {};
using Elements =
    ::testing::Types<float, double, std::int32_t, std::int64_t, std::uint8_t, std::uint64_t>;
TYPED_TEST_SUITE(H5FileOf, Elements);

/// Shapes: scalar, empty, one, primes, several chunks of rows, rows longer than a chunk.
TYPED_TEST(H5FileOf, ArraysRoundTrip) {
  TemporaryFolder folder;
  std::vector<std::vector<std::int64_t>> const shapes = {{},          {0},       {3, 0},      {1},
                                                         {7, 11, 13}, {400'003}, {2, 300'007}};
  auto value = [](std::int64_t i) { return static_cast<TypeParam>(i * 31 % 251); };
  H5File file = H5File::create(folder / "a.h5");
  for (std::size_t s = 0; s < shapes.size(); ++s) {
    std::vector<TypeParam> values(static_cast<std::size_t>(
        std::accumulate(shapes[s].begin(), shapes[s].end(), std::int64_t{1}, std::multiplies<>())));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = value(static_cast<std::int64_t>(i));
    file.write<TypeParam>("/group/s" + std::to_string(s), values, shapes[s], {"m", "test"});
  }
  file.commit();

  H5File const again = H5File::open(folder / "a.h5");
  again.check_digests();
  for (std::size_t s = 0; s < shapes.size(); ++s) {
    std::string const name = "/group/s" + std::to_string(s);
    EXPECT_EQ(again.shape(name), shapes[s]);
    auto const values = again.read<TypeParam>(name);
    for (std::size_t i = 0; i < values.size(); ++i)
      ASSERT_EQ(values[i], value(static_cast<std::int64_t>(i)));
  }
  EXPECT_EQ(again.read_attribute_text("/group/s3", "unit"), "m");
  EXPECT_EQ(again.is_floating("/group/s3"), std::is_floating_point_v<TypeParam>);
}

TEST(H5File, RowsWrittenInPiecesReadInOtherPieces) {
  TemporaryFolder folder;
  constexpr std::int64_t rows = 10'007, columns = 76;
  std::vector<float> all(rows * columns);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<float>(i % 9973);
  H5File file = H5File::create(folder / "rows.h5");
  file.create_rows<float>("/Particles", {rows, 19, 4}, {"GeV", "events"});
  for (std::int64_t first = 0, step = 1; first < rows; first += step, step = step * 3 + 1) {
    std::int64_t const count = std::min(step, rows - first);
    file.write_rows<float>("/Particles",
                           std::span(all).subspan(static_cast<std::size_t>(first * columns),
                                                  static_cast<std::size_t>(count * columns)));
  }
  file.commit();

  H5File const again = H5File::open(folder / "rows.h5");
  for (auto [first, count] : {std::pair<std::int64_t, std::int64_t>{0, rows},
                              {0, 0},
                              {rows - 1, 1},
                              {3448, 17},
                              {5, 9001}}) {
    std::vector<float> part(static_cast<std::size_t>(count * columns));
    again.read_rows<float>("/Particles", first, count, part);
    EXPECT_TRUE(std::equal(part.begin(), part.end(), all.begin() + first * columns)) << first;
  }
  std::vector<double> converted(columns);
  again.read_rows<double>("/Particles", 4000, 1, converted);
  EXPECT_EQ(converted[5], static_cast<double>(all[4000 * columns + 5]));
}

TEST(H5File, TextStringsAndAttributesRoundTrip) {
  TemporaryFolder folder;
  H5File file = H5File::create(folder / "t.h5");
  std::vector<std::string> const words = {"", "h±→τν", "a longer one"};
  file.write_text("/a/text", "line\nµ\n", "text");
  file.write_text("/a/empty", "", "no text");
  file.write_strings("/a/words", words, "words");
  file.write_strings("/a/none", {}, "no words");
  file.attribute("/b/c", "text", "µ");
  file.attribute("/b/c", "empty", "");
  file.attribute("/b/c", "number", 0.1);
  file.attribute("/b/c", "count", std::int64_t{1} << 60);
  file.attribute("/b/c", "count", std::int64_t{-5});  // the last value stays
  file.attribute("/b/c", "long", std::string_view(std::string(100'000, 'x')));
  file.commit();
  H5File const again = H5File::open(folder / "t.h5");
  EXPECT_EQ(again.read_text("/a/text"), "line\nµ\n");
  EXPECT_EQ(again.read_text("/a/empty"), "");
  EXPECT_EQ(again.read_strings("/a/words"), words);
  EXPECT_TRUE(again.read_strings("/a/none").empty());
  EXPECT_EQ(again.read_attribute_text("/b/c", "text"), "µ");
  EXPECT_EQ(again.read_attribute_text("/b/c", "empty"), "");
  EXPECT_EQ(again.read_attribute_number("/b/c", "number"), 0.1);
  EXPECT_EQ(again.read_attribute_integer("/b/c", "count"), -5);
  EXPECT_EQ(again.read_attribute_text("/b/c", "long").size(), 100'000u);
  EXPECT_EQ(again.children("/"), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(again.is_group("/a"));
  EXPECT_FALSE(again.is_group("/a/text"));
  EXPECT_TRUE(again.exists("a//text/"));
  EXPECT_FALSE(again.exists("/a/text/below"));
  EXPECT_FALSE(again.exists("/none/at/all"));
}

/// The same content has the same bytes: no times, no rank, nothing uninitialised.
TEST(H5File, SameContentSameBytes) {
  TemporaryFolder folder;
  auto write = [&](std::string const& name) {
    H5File file = H5File::create(folder / name);
    file.write("/g/x", std::vector<double>(1000, 1.5), {"1", "x"});
    file.write_strings("/g/s", {"a", "bc"}, "s");
    for (int i = 0; i < 20; ++i) file.attribute("/g", std::to_string(i), std::int64_t{i});
    file.commit();
  };
  write("one.h5");
  sleep(1);  // times in a file count seconds
  write("two.h5");
  EXPECT_TRUE(bytes_of(folder / "one.h5") == bytes_of(folder / "two.h5"));
}

TEST(H5File, NothingIsVisibleWithoutCommit) {
  TemporaryFolder folder;
  {
    H5File file = H5File::create(folder / "x.h5");
    file.write("/x", std::vector<double>{1}, {"1", "x"});
    EXPECT_FALSE(std::filesystem::exists(folder / "x.h5"));
    EXPECT_EQ(files_in(folder.path()), 1u);
  }
  EXPECT_EQ(files_in(folder.path()), 0u);
}

TEST(H5File, AnExistingFileIsKeptUnlessForcedAndUntilTheNewOneIsComplete) {
  TemporaryFolder folder;
  auto write = [&](double value, Overwrite overwrite) {
    H5File file = H5File::create(folder / "x.h5", overwrite);
    file.write("/x", std::vector<double>{value}, {"1", "x"});
    return file;
  };
  write(1, Overwrite::no).commit();
  std::string const old = bytes_of(folder / "x.h5");
  EXPECT_EQ(wrong_outcome(ExitCode::bad_input, "--force", [&] { write(2, Overwrite::no); }), "");
  {
    H5File const open = write(2, Overwrite::yes);
    EXPECT_TRUE(bytes_of(folder / "x.h5") == old);
  }
  EXPECT_TRUE(bytes_of(folder / "x.h5") == old);
  write(2, Overwrite::yes).commit();
  EXPECT_EQ(H5File::open(folder / "x.h5").read<double>("/x"), std::vector<double>{2});
}

TEST(H5File, AFileThatAppearsDuringTheRunIsNotReplaced) {
  TemporaryFolder folder;
  H5File file = H5File::create(folder / "x.h5");
  std::ofstream(folder / "x.h5") << "someone else's";
  EXPECT_EQ(wrong_outcome(ExitCode::bad_input, "made during the run", [&] { file.commit(); }), "");
  EXPECT_EQ(bytes_of(folder / "x.h5"), "someone else's");
}

TEST(H5File, LinksAreReplacedNotFollowedAndPermissionsFollowTheUmask) {
  TemporaryFolder folder;
  std::ofstream(folder / "victim") << "precious";
  std::filesystem::create_symlink(folder / "victim", folder / "x.h5");
  EXPECT_EQ(wrong_outcome(ExitCode::bad_input, "exists", [&] { H5File::create(folder / "x.h5"); }),
            "");
  mode_t const before = umask(0);
  H5File::create(folder / "x.h5", Overwrite::yes).commit();
  umask(027);
  H5File::create(folder / "y.h5").commit();
  umask(before);
  EXPECT_EQ(bytes_of(folder / "victim"), "precious");
  struct stat status {};
  ASSERT_EQ(lstat((folder / "x.h5").c_str(), &status), 0);
  EXPECT_TRUE(S_ISREG(status.st_mode));
  EXPECT_EQ(status.st_mode & 0777, 0664u);  // never writable for everyone
  ASSERT_EQ(lstat((folder / "y.h5").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640u);
}

TEST(H5File, ATemporaryNameLeftByAKilledRunIsNoObstacle) {
  TemporaryFolder folder;
  std::string const left = "x.h5.tmp-" + std::to_string(getpid());
  std::ofstream(folder / left) << "old";
  H5File::create(folder / "x.h5").commit();
  EXPECT_EQ(bytes_of(folder / left), "old");
}

TEST(H5File, RefusesOutputsThatCannotBe) {
  TemporaryFolder folder;
  EXPECT_EQ(wrong_outcome(ExitCode::bad_input, "no folder",
                          [&] { H5File::create(folder / "none" / "x.h5"); }),
            "");
  EXPECT_EQ(wrong_outcome(ExitCode::bad_input, "folder",
                          [&] { H5File::create(folder.path(), Overwrite::yes); }),
            "");
  EXPECT_EQ(wrong_outcome(ExitCode::bad_input, "device",
                          [&] { H5File::create("/dev/full", Overwrite::yes); }),
            "");
}

TEST(H5File, AFolderThatCannotBeWrittenIsAFailedWrite) {
  TemporaryFolder folder;
  chmod(folder.path().c_str(), 0555);
  int const status = testing::status_of_child([&] {
    constexpr uid_t nobody = 65534;
    if (geteuid() == 0 && setuid(nobody) != 0) _exit(50);  // root may write everywhere
    std::string const outcome = wrong_outcome(ExitCode::damaged, "Permission denied",
                                              [&] { H5File::create(folder / "x.h5"); });
    if (!outcome.empty()) fmt::print(stderr, "{}\n", outcome);
    _exit(outcome.empty() ? 0 : 1);
  });
  chmod(folder.path().c_str(), 0700);
  if (status == 50)
    GTEST_SKIP() << "root that cannot become another user: the closed folder is not tried";
  EXPECT_EQ(status, 0);
}

TEST(H5File, RefusesInputsThatAreNone) {
  TemporaryFolder folder;
  std::ofstream(folder / "text.h5") << "no HDF5";
  std::ofstream(folder / "empty.h5").flush();
  EXPECT_EQ(wrong_outcome(ExitCode::bad_input, "absent", [&] { H5File::open(folder / "none.h5"); }),
            "");
  EXPECT_EQ(wrong_outcome(ExitCode::bad_input, "a folder", [&] { H5File::open(folder.path()); }),
            "");
  EXPECT_EQ(wrong_outcome(ExitCode::bad_input, "not an HDF5 file",
                          [&] { H5File::open(folder / "text.h5"); }),
            "");
  EXPECT_EQ(wrong_outcome(ExitCode::bad_input, "not an HDF5 file",
                          [&] { H5File::open(folder / "empty.h5"); }),
            "");
  EXPECT_EQ(wrong_outcome(ExitCode::bad_input, "device", [&] { H5File::open("/dev/zero"); }), "");
}

TEST(H5File, WrongQuestionsAreRefused) {
  TemporaryFolder folder;
  H5File file = H5File::create(folder / "x.h5");
  file.write("/g/x", std::vector<double>{1, 2.5, 1e300}, {"1", "x"});
  file.write("/g/n", std::vector<std::int64_t>{1, std::int64_t{1} << 40}, {"1", "n"});
  file.write("/g/special",
             std::vector<double>{std::numeric_limits<double>::infinity(), std::nan("")},
             {"1", "s"});
  file.write_strings("/g/s", {"word"}, "s");
  file.attribute("/g", "text", "word");
  file.commit();
  H5File const again = H5File::open(folder / "x.h5");
  auto refused = [](std::string const& part, std::function<void()> const& call) {
    return wrong_outcome(ExitCode::bad_input, part, call);
  };
  EXPECT_EQ(refused("has no /g/y", [&] { again.read<double>("/g/y"); }), "");
  EXPECT_EQ(refused("is no dataset", [&] { again.read<double>("/g"); }), "");
  EXPECT_EQ(refused("does not hold numbers", [&] { again.read<double>("/g/s"); }), "");
  EXPECT_EQ(refused("does not hold text", [&] { again.read_strings("/g/x"); }), "");
  EXPECT_EQ(refused("floating-point", [&] { again.read<std::int64_t>("/g/x"); }), "");
  EXPECT_EQ(refused("does not fit", [&] { again.read<std::int32_t>("/g/n"); }), "");
  EXPECT_EQ(refused("does not fit", [&] { again.read<float>("/g/x"); }), "");
  EXPECT_EQ(refused("no attribute", [&] { again.read_attribute_text("/g", "none"); }), "");
  EXPECT_EQ(refused("no single number", [&] { again.read_attribute_number("/g", "text"); }), "");
  EXPECT_EQ(refused("no single integer", [&] { again.read_attribute_integer("/g", "text"); }), "");
  EXPECT_EQ(refused("relative", [&] { again.read<double>("/g/../x"); }), "");
  EXPECT_TRUE(std::isinf(again.read<float>("/g/special")[0]));  // infinities and NaN are values
  EXPECT_TRUE(std::isnan(again.read<float>("/g/special")[1]));
}

TEST(H5File, OwnMistakesAreInternalErrors) {
  TemporaryFolder folder;
  H5File file = H5File::create(folder / "x.h5");
  auto internal = [](std::function<void()> const& call) {
    return wrong_outcome(ExitCode::internal, "", call);
  };
  std::vector<float> const four(4);
  EXPECT_EQ(internal([&] { file.write<float>("/x", four, {3}, {"1", ""}); }), "");
  file.create_rows<float>("/rows", {3, 2}, {"1", "rows"});
  EXPECT_EQ(internal([&] { file.create_rows<float>("/rows", {3, 2}, {"1", ""}); }), "");
  EXPECT_EQ(internal([&] { file.write_rows<double>("/rows", std::vector<double>(2)); }), "");
  EXPECT_EQ(internal([&] { file.write_rows<float>("/rows", std::span(four).first(3)); }), "");
  file.write_rows<float>("/rows", four);
  EXPECT_EQ(internal([&] { file.write_rows<float>("/rows", four); }), "");
  EXPECT_EQ(internal([&] { file.commit(); }), "");  // one row is missing
  file.write_rows<float>("/rows", std::span(four).first(2));
  file.commit();
  EXPECT_EQ(internal([&] { file.write_text("/t", "late", ""); }), "");
}

}  // namespace
}  // namespace crossjoule::core
