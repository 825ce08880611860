// SPDX-License-Identifier: BSD-3-Clause
#include "core/amend.hpp"

#include "core/error.hpp"
#include "core/testing/expect_error.hpp"
#include "core/testing/temporary_folder.hpp"
#include "core/text_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <fstream>
#include <iterator>

namespace crossjoule::core {
namespace {

using testing::wrong_outcome;

std::string bytes_of(std::filesystem::path const& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::size_t files_in(std::filesystem::path const& folder) {
  auto const files = std::filesystem::directory_iterator(folder);
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

void make(std::filesystem::path const& path) {
  auto file = H5File::create(path);
  file.write("/energy/joules", std::vector<double>{1, 2, 3}, {"J", "what was there"});
  file.write_strings("/energy/node", {"n01", "n02"}, "hosts");
  file.attribute("/energy", "format", std::int64_t{1});
  file.commit();
}

void put(std::filesystem::path const& path, double value) {
  amend(path, "/energy/carbon/default", [&](H5File& file) {
    file.write("/energy/carbon/default/grid", std::vector<double>{value, value}, {"g", "new"});
    file.attribute("/energy/carbon/default", "pue", value);
  });
}

TEST(Amend, AddsAGroupAndKeepsTheRest) {
  testing::TemporaryFolder const folder;
  auto const path = folder / "r.h5";
  make(path);
  ::chmod(path.c_str(), 0640);
  put(path, 1.5);
  auto const file = H5File::open(path);
  file.check_digests();
  EXPECT_EQ(file.read<double>("/energy/joules"), (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(file.read_attribute_text("/energy/joules", "description"), "what was there");
  EXPECT_EQ(file.read_strings("/energy/node"), (std::vector<std::string>{"n01", "n02"}));
  EXPECT_EQ(file.read_attribute_integer("/energy", "format"), 1);
  EXPECT_EQ(file.read<double>("/energy/carbon/default/grid"), (std::vector<double>{1.5, 1.5}));
  EXPECT_EQ(file.read_attribute_number("/energy/carbon/default", "pue"), 1.5);
  EXPECT_EQ(files_in(folder.path()), 1u);
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640u);
}

TEST(Amend, ReplacesAGroupOfThatNameAlone) {
  testing::TemporaryFolder const folder;
  auto const path = folder / "r.h5";
  make(path);
  put(path, 1.5);
  amend(path, "/energy/carbon/other",
        [](H5File& file) { file.attribute("/energy/carbon/other", "pue", 3.0); });
  for (int k = 0; k < 5; ++k) put(path, 2.0 + k);
  auto const file = H5File::open(path);
  file.check_digests();
  EXPECT_EQ(file.read<double>("/energy/carbon/default/grid"), (std::vector<double>{6, 6}));
  EXPECT_EQ(file.read_attribute_number("/energy/carbon/other", "pue"), 3);
  EXPECT_EQ(file.children("/energy/carbon").size(), 2u);
}

TEST(Amend, WhateverFailsTheFileIsAsItWas) {
  testing::TemporaryFolder const folder;
  auto const path = folder / "r.h5";
  make(path);
  auto const before = bytes_of(path);
  EXPECT_THROW(amend(path, "/a", [](H5File&) { fail(ExitCode::bad_input, "no (because) do"); }),
               Error);
  EXPECT_EQ(bytes_of(path), before);
  EXPECT_THROW(amend(path, "/a", [](H5File& file) { file.attribute("/b", "x", 1.0); }), Error)
      << "nothing was written at the name";
  EXPECT_EQ(bytes_of(path), before);
  EXPECT_EQ(files_in(folder.path()), 1u) << "no temporary file is left";
  EXPECT_EQ(wrong_outcome(ExitCode::bad_input, "none.h5", [&] { put(folder / "none.h5", 1); }), "");
}

TEST(Amend, ADamagedFileIsRefused) {
  testing::TemporaryFolder const folder;
  auto const path = folder / "r.h5";
  {
    auto file = H5File::create(path);
    file.write("/x", std::vector<double>(4096, 0.1), {"1", "much of one thing"});
    file.commit();
  }
  auto text = bytes_of(path);
  text[text.size() / 2] = static_cast<char>(text[text.size() / 2] ^ 1);
  std::ofstream(path, std::ios::binary) << text;
  EXPECT_EQ(wrong_outcome(ExitCode::damaged, "r.h5", [&] { put(path, 1); }), "");
  EXPECT_EQ(bytes_of(path), text);
}

}  // namespace
}  // namespace crossjoule::core
