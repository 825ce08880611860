// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/events/writer.hpp"

#include "core/error.hpp"
#include "sim/world/events/generator.hpp"

#include <gtest/gtest.h>
#include <fstream>
#include <iterator>

namespace crossjoule::sim::events {
namespace {

namespace fs = std::filesystem;

class WriterTest : public testing::Test {
 protected:
  WriterTest() {
    folder_ = fs::temp_directory_path() /
              ("crossjoule_writer_" +
               std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~WriterTest() override { fs::remove_all(folder_); }

  FileRequest request(std::string const& name, std::string_view process,
                      std::int64_t events) const {
    return {folder_ / name, mixture_from(process), events, 0, 9, FileRequest::Precision::float32};
  }
  static void write(FileRequest const& request) {
    write_events(request, core::Overwrite::no, core::Comm::serial());
  }
  static std::string bytes(fs::path const& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  fs::path folder_;
};

TEST_F(WriterTest, FileHoldsTheGeneratedEvents) {
  auto const wanted = request("a.h5", "background", 20'000);  // more than two blocks
  std::int64_t advanced = 0;
  auto const report = write_events(wanted, core::Overwrite::no, core::Comm::serial(),
                                   [&](std::int64_t n) { advanced += n; });
  EXPECT_EQ(advanced, 20'000);
  EXPECT_GT(report.collisions, 20'000);
  EXPECT_EQ(report.bytes, static_cast<std::int64_t>(fs::file_size(wanted.path)));

  auto const file = core::H5File::open(wanted.path);
  EXPECT_EQ(file.shape("Particles"), (std::vector<std::int64_t>{20'000, 19, 4}));
  EXPECT_EQ(file.read_strings("Particles_Names"),
            (std::vector<std::string>{"Pt", "Eta", "Phi", "Class"}));
  EXPECT_EQ(file.read_attribute_text("/", "process"), "background");
  auto const particles = file.read<float>("Particles");
  auto const process = file.read<std::uint8_t>("process_id");
  Generator generator(background(), 9);
  Event event;
  for (std::int64_t i : {0, 8191, 8192, 19'999}) {
    generator.make(i, event);
    EXPECT_EQ(process[static_cast<std::size_t>(i)], event.process);
    for (std::size_t k = 0; k < 76; ++k)
      ASSERT_EQ(particles[static_cast<std::size_t>(i) * 76 + k],
                static_cast<float>(event.values[k]))
          << i << " " << k;
  }
}

TEST_F(WriterTest, SecondWriteHasTheSameBytesAndAnotherSeedHasNot) {
  auto wanted = request("a.h5", "z", 500);
  write(wanted);
  wanted.path = folder_ / "b.h5";
  write(wanted);
  EXPECT_EQ(bytes(folder_ / "a.h5"), bytes(folder_ / "b.h5"));
  wanted.path = folder_ / "c.h5";
  wanted.seed = 10;
  write(wanted);
  EXPECT_NE(bytes(folder_ / "a.h5"), bytes(folder_ / "c.h5"));
}

TEST_F(WriterTest, FirstEventContinuesTheSequence) {
  auto whole = request("whole.h5", "z", 300), rest = request("rest.h5", "z", 100);
  rest.first_event = 200;
  rest.precision = FileRequest::Precision::float64;
  write(whole);
  write(rest);
  auto const all = core::H5File::open(whole.path).read<float>("Particles");
  auto const tail = core::H5File::open(rest.path).read<float>("Particles");
  EXPECT_TRUE(std::equal(tail.begin(), tail.end(), all.begin() + 200 * 76));
}

TEST_F(WriterTest, RefusesWhatCannotBeWritten) {
  auto wanted = request("a.h5", "z", 10);
  write(wanted);
  auto const before = bytes(wanted.path);
  EXPECT_THROW(write(wanted), core::Error);  // exists
  EXPECT_EQ(bytes(wanted.path), before);
  wanted.path = folder_ / "none" / "a.h5";
  EXPECT_THROW(write(wanted), core::Error);
  wanted = request("b.h5", "z", 0);
  EXPECT_THROW(write(wanted), core::Error);
  EXPECT_FALSE(fs::exists(wanted.path));
}

}  // namespace
}  // namespace crossjoule::sim::events
