// SPDX-License-Identifier: BSD-3-Clause
#include "core/npy.hpp"

#include "core/error.hpp"
#include "core/testing/expect_error.hpp"
#include "core/testing/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <fstream>

namespace crossjoule::core {
namespace {

using testing::TemporaryFolder;
using testing::wrong_outcome;

/// A file of format `version` around a header text and raw bytes.
std::filesystem::path npy_file(std::filesystem::path const& path, std::string const& header,
                               std::string const& bytes, int version = 1) {
  std::string text = "\x93NUMPY";
  text += static_cast<char>(version);
  text += '\0';
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i)
    text += static_cast<char>(header.size() >> (8 * i) & 0xff);
  std::ofstream(path, std::ios::binary) << text << header << bytes;
  return path;
}

std::string header(std::string const& descr, std::string const& order, std::string const& shape) {
  return "{'descr': " + descr + ", 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
}

/// The eight bytes of 1.0 and -2.0 as numpy writes them: '<f4' is 00 00 80 3f 00 00 00 c0.
std::string const two_floats("\x00\x00\x80\x3f\x00\x00\x00\xc0", 8);
std::string const two_big_floats("\x3f\x80\x00\x00\xc0\x00\x00\x00", 8);
std::string const one_double("\x00\x00\x00\x00\x00\x00\xf0\x3f", 8);

TEST(Npy, ReadsWhatNumpyWrites) {
  TemporaryFolder folder;
  for (int version : {1, 2, 3}) {
    auto const array = read_npy(
        npy_file(folder / "a.npy", header("'<f4'", "False", "(1, 2, 1, 1)"), two_floats, version));
    EXPECT_EQ(array.shape, (std::vector<std::int64_t>{1, 2, 1, 1}));
    EXPECT_EQ(array.values, (std::vector<double>{1, -2}));
  }
  auto const big =
      read_npy(npy_file(folder / "b.npy", header("'>f4'", "False", "(2,)"), two_big_floats));
  EXPECT_EQ(big.values, (std::vector<double>{1, -2}));
  auto const number =
      read_npy(npy_file(folder / "c.npy", header("'<f8'", "False", "()"), one_double));
  EXPECT_TRUE(number.shape.empty());
  EXPECT_EQ(number.values, std::vector<double>{1});
  // Python 2 and other writers: another order of keys, long integers, no last comma
  auto const old = read_npy(npy_file(
      folder / "d.npy", "{\"shape\": (2L,), 'fortran_order': True, 'descr': '<f4'}", two_floats));
  EXPECT_EQ(old.values, (std::vector<double>{1, -2}));
}

TEST(Npy, ReadsBackWhatIsWritten) {
  TemporaryFolder folder;
  std::vector<float> const singles = {1.5F, -0.25F, 3e38F, 0, 7, 8};
  write_npy<float>(folder / "a.npy", singles, {2, 3});
  auto const a = read_npy(folder / "a.npy");
  EXPECT_EQ(a.shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(a.values, std::vector<double>(singles.begin(), singles.end()));
  EXPECT_EQ(std::filesystem::file_size(folder / "a.npy") % 64, 6 * 4 % 64U);
  std::vector<double> const doubles = {0.1};
  for (auto const& shape : {std::vector<std::int64_t>{}, {1}, {1, 1, 1, 1}}) {
    write_npy<double>(folder / "b.npy", doubles, shape, Overwrite::yes);
    auto const b = read_npy(folder / "b.npy");
    EXPECT_EQ(b.shape, shape);
    EXPECT_EQ(b.values, doubles);
  }
}

TEST(Npy, RefusesWhatIsNoArrayOfNumbers) {
  TemporaryFolder folder;
  auto const outcome = [&](ExitCode code, std::string const& part, std::string const& head,
                           std::string const& bytes, int version = 1) {
    auto const path = npy_file(folder / "bad.npy", head, bytes, version);
    return wrong_outcome(code, part, [&] { read_npy(path); }) +
           wrong_outcome(code, "bad.npy", [&] { read_npy(path); });
  };
  auto const bad = ExitCode::bad_input, damaged = ExitCode::damaged;
  EXPECT_EQ(outcome(bad, "<i8", header("'<i8'", "False", "(1,)"), one_double), "");
  EXPECT_EQ(outcome(bad, "|O", header("'|O'", "False", "(1,)"), one_double), "");
  EXPECT_EQ(outcome(bad, "records", header("[('a', '<f4')]", "False", "(2,)"), two_floats), "");
  EXPECT_EQ(
      outcome(bad, "fortran_order", header("'<f4'", "True", "(2, 2)"), two_floats + two_floats),
      "");
  EXPECT_EQ(outcome(damaged, "8 bytes", header("'<f4'", "False", "(3,)"), two_floats), "");
  EXPECT_EQ(outcome(damaged, "announces 4", header("'<f4'", "False", "(1,)"), two_floats), "");
  EXPECT_EQ(outcome(damaged, "impossible",
                    header("'<f4'", "False", "(9223372036854775807, 9223372036854775807)"), ""),
            "");
  for (char const* shape : {"(-1,)", "(1", "(1 2)", "(x,)", "2"})
    EXPECT_EQ(outcome(damaged, "header makes no sense", header("'<f4'", "False", shape), ""), "")
        << shape;
  EXPECT_EQ(outcome(damaged, "header makes no sense", header("'<f4'", "Maybe", "(2,)"), two_floats),
            "");
  EXPECT_EQ(outcome(damaged, "header makes no sense", "{'descr': '<f4'}", two_floats), "");
  EXPECT_EQ(outcome(damaged, "header makes no sense", "", ""), "");
  EXPECT_EQ(outcome(damaged, "version 9", header("'<f4'", "False", "(2,)"), two_floats, 9), "");
  std::ofstream(folder / "text.npy") << "not an array at all";
  EXPECT_EQ(wrong_outcome(bad, "signature", [&] { read_npy(folder / "text.npy"); }), "");
  std::ofstream(folder / "short.npy") << "\x93NUMPY\x01";
  EXPECT_EQ(wrong_outcome(bad, "signature", [&] { read_npy(folder / "short.npy"); }), "");
  EXPECT_EQ(wrong_outcome(bad, "absent", [&] { read_npy(folder / "none.npy"); }), "");
}

}  // namespace
}  // namespace crossjoule::core
