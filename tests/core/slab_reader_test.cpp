// SPDX-License-Identifier: BSD-3-Clause
#include "core/slab_reader.hpp"

#include "core/error.hpp"
#include "core/testing/expect_error.hpp"
#include "core/testing/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <numeric>
#include <thread>

namespace crossjoule::core {
namespace {

using testing::TemporaryFolder;
using testing::wrong_outcome;
using Extents = std::vector<std::int64_t>;

Extents const shape = {5, 3, 4};

void write_counting(std::filesystem::path const& path) {
  std::vector<float> values(60);
  std::iota(values.begin(), values.end(), 0.0F);
  auto file = H5File::create(path);
  file.write<float>("a/x", values, shape, {"1", "0, 1, 2, ..."});
  file.write_strings("names", {"u", "v"}, "names");
  file.attribute("a/x", "units", std::vector<std::string>{"m s-1", "K"});
  file.attribute("a/x", "number", 3.0);
  file.commit();
}

/// The box by plain loops over flat indices.
std::vector<double> box(Extents const& first, Extents const& count) {
  std::vector<double> values;
  for (auto i = first[0]; i < first[0] + count[0]; ++i)
    for (auto j = first[1]; j < first[1] + count[1]; ++j)
      for (auto k = first[2]; k < first[2] + count[2]; ++k)
        values.push_back(static_cast<double>((i * 3 + j) * 4 + k));
  return values;
}

TEST(SlabReader, ReadsAnyBox) {
  TemporaryFolder folder;
  write_counting(folder / "a.h5");
  SlabReader const reader(folder / "a.h5", "a/x");
  EXPECT_EQ(reader.shape(), shape);
  for (auto const& [first, count] : {std::pair<Extents, Extents>{{0, 0, 0}, {5, 3, 4}},
                                     {{1, 2, 3}, {3, 1, 1}},
                                     {{4, 0, 1}, {1, 3, 2}},
                                     {{2, 1, 0}, {0, 2, 4}}}) {
    auto const wanted = box(first, count);
    std::vector<double> found(wanted.size());
    reader.read<double>(first, count, found);
    EXPECT_EQ(found, wanted);
  }
  EXPECT_EQ(reader.attribute_texts("a/x", "units"), (std::vector<std::string>{"m s-1", "K"}));
  EXPECT_TRUE(reader.attribute_texts("a/x", "none").empty());
  EXPECT_TRUE(reader.attribute_texts("a/x", "number").empty());
}

TEST(SlabReader, RefusesWhatIsNotThere) {
  TemporaryFolder folder;
  write_counting(folder / "a.h5");
  auto const open = [&](std::string const& file, std::string const& dataset) {
    return [&folder, file, dataset] { SlabReader(folder / file, dataset); };
  };
  EXPECT_EQ(wrong_outcome(ExitCode::bad_input, "none.h5", open("none.h5", "x")), "");
  EXPECT_EQ(wrong_outcome(ExitCode::bad_input, "/b", open("a.h5", "b")), "");
  EXPECT_EQ(wrong_outcome(ExitCode::bad_input, "group", open("a.h5", "a")), "");
  EXPECT_EQ(wrong_outcome(ExitCode::bad_input, "numbers", open("a.h5", "names")), "");
  SlabReader const reader(folder / "a.h5", "a/x");
  std::vector<double> room(60);
  auto const read = [&](Extents const& first, Extents const& count) {
    return wrong_outcome(ExitCode::internal, "a.h5",
                         [&] { reader.read<double>(first, count, room); });
  };
  EXPECT_EQ(read({1, 0, 0}, {5, 3, 4}), "");
  EXPECT_EQ(read({0, 0, -1}, {5, 3, 4}), "");
  EXPECT_EQ(read({0, 0}, {5, 12}), "");
  EXPECT_EQ(read({0, 0, 0}, {5, 3, 3}), "");
}

TEST(SlabReader, ReadsWhileAnotherThreadWrites) {
  TemporaryFolder folder;
  write_counting(folder / "a.h5");
  SlabReader const reader(folder / "a.h5", "a/x");
  std::jthread const writer([&] {
    for (int i = 0; i < 20; ++i) write_counting(folder / ("b" + std::to_string(i) + ".h5"));
  });
  for (int i = 0; i < 200; ++i) {
    std::vector<double> found(12);
    reader.read<double>(Extents{i % 5, 0, 0}, Extents{1, 3, 4}, found);
    EXPECT_EQ(found, box({i % 5, 0, 0}, {1, 3, 4}));
  }
}

}  // namespace
}  // namespace crossjoule::core
