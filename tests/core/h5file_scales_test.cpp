// SPDX-License-Identifier: BSD-3-Clause
#include "core/error.hpp"
#include "core/h5file.hpp"
#include "core/testing/expect_error.hpp"
#include "core/testing/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <fstream>
#include <iterator>

namespace crossjoule::core {
namespace {

void write_with_scales(std::filesystem::path const& path) {
  auto file = H5File::create(path);
  file.write("time", std::vector<double>{0, 6, 12}, {"h", "time"});
  file.write_strings("channel", {"u", "v"}, "channels");
  file.attribute("channel", "units", std::vector<std::string>{"m s-1", "m"});
  file.create_rows<float>("fields", {3, 2}, {"1", "fields"}, {1, 2});
  file.attach_scales("fields", {"time", "channel"});
  file.write<float>("other", std::vector<float>(6), {2, 3}, {"1", "the axes the other way"});
  file.attach_scales("other", {"channel", "time"});
  file.write_rows<float>("fields", std::vector<float>{1, 2, 3, 4, 5, 6});
  file.commit();
}

std::string bytes(std::filesystem::path const& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// h5py reads such a file through its dims interface in tests/sim/weather/files.py.
TEST(H5FileScales, AreAttributesOfTheSpecification) {
  testing::TemporaryFolder folder;
  write_with_scales(folder / "a.h5");
  auto const file = H5File::open(folder / "a.h5");
  EXPECT_EQ(file.attribute_text("time", "CLASS"), "DIMENSION_SCALE");
  EXPECT_EQ(file.attribute_text("channel", "NAME"), "channel");
  EXPECT_EQ(file.attribute_text("channel", "units"), "m s-1 m");
  EXPECT_TRUE(file.has_attribute("time", "REFERENCE_LIST"));
  EXPECT_TRUE(file.has_attribute("fields", "DIMENSION_LIST"));
  EXPECT_FALSE(file.has_attribute("time", "DIMENSION_LIST"));
  file.check_digests();
}

TEST(H5FileScales, SameContentHasTheSameBytes) {
  testing::TemporaryFolder folder;
  write_with_scales(folder / "a.h5");
  write_with_scales(folder / "b.h5");
  EXPECT_EQ(bytes(folder / "a.h5"), bytes(folder / "b.h5"));
}

TEST(H5FileScales, AScaleOfAnotherLengthIsRefused) {
  testing::TemporaryFolder folder;
  auto file = H5File::create(folder / "a.h5");
  file.write("time", std::vector<double>{0, 6}, {"h", "time"});
  file.write("x", std::vector<double>{0, 6, 12}, {"1", "three values"});
  auto const wrong = [&](std::vector<std::string> const& scales) {
    return testing::wrong_outcome(ExitCode::internal, "x",
                                  [&] { file.attach_scales("x", scales); });
  };
  EXPECT_EQ(wrong({"time"}), "");
  EXPECT_EQ(wrong({"none"}), "");
  EXPECT_EQ(wrong({}), "");
}

}  // namespace
}  // namespace crossjoule::core
