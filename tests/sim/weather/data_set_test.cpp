// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/weather/data_set.hpp"

#include "core/error.hpp"
#include "core/npy.hpp"
#include "core/testing/child.hpp"
#include "core/testing/expect_error.hpp"
#include "core/testing/temporary_folder.hpp"
#include "sim/world/weather/case_file.hpp"
#include "sim/world/weather/year_file.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>

namespace crossjoule::sim::weather {
namespace {

namespace fs = std::filesystem;
using core::testing::wrong_outcome;

std::string bytes(fs::path const& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class DataSetTest : public testing::Test {
 protected:
  /// 16 x 32 points, four years of eight times: a second of work.
  DataSetRequest small() const {
    DataSetRequest request;
    request.path = folder_ / "set";
    request.lat = 16;
    request.lon = 32;
    request.truncation = 10;
    request.time_step_s = 3600;
    request.climate.year_days = 2;
    request.train_years = 2;
    request.spin_up_days = 1;
    return request;
  }
  static DataSetReport write(DataSetRequest const& request,
                             core::Overwrite overwrite = core::Overwrite::no) {
    return write_data_set(request, overwrite, core::Comm::serial());
  }
  /// What is in the test's folder.
  std::vector<std::string> there() const {
    std::vector<std::string> names;
    for (auto const& entry : fs::recursive_directory_iterator(folder_.path()))
      if (entry.is_regular_file())
        names.push_back(entry.path().lexically_relative(folder_.path()).generic_string());
    std::ranges::sort(names);
    return names;
  }
  core::testing::TemporaryFolder folder_;
};

TEST_F(DataSetTest, IsTheFourCastNetLayout) {
  std::int64_t advanced = 0;
  auto const request = small();
  auto const report = write_data_set(request, core::Overwrite::no, core::Comm::serial(),
                                     [&](std::int64_t count) { advanced += count; });
  EXPECT_EQ(advanced, work_of(request, core::Comm::serial()));
  EXPECT_EQ(there(), (std::vector<std::string>{
                         "set/data.json", "set/out_of_sample/1982.h5", "set/static/orography.h5",
                         "set/stats/global_means.npy", "set/stats/global_stds.npy",
                         "set/stats/time_means.npy", "set/test/1981.h5", "set/train/1979.h5",
                         "set/train/1980.h5"}));
  ASSERT_EQ(report.files.size(), 4u);
  EXPECT_EQ(report.files[2].name, "test/1981.h5");
  EXPECT_EQ(report.files[2].bytes,
            static_cast<std::int64_t>(fs::file_size(request.path / "test/1981.h5")));

  auto const file = core::H5File::open(request.path / "train/1980.h5");
  EXPECT_EQ(file.shape("fields"), (std::vector<std::int64_t>{8, 6, 16, 32}));
  EXPECT_EQ(file.type_name("fields"), "float32");
  EXPECT_EQ(file.read_strings("channel"), default_channels());
  auto const times = file.read<double>("timestamp");
  EXPECT_EQ(times[0], 315532800);  // 1980-01-01
  EXPECT_EQ(times[7] - times[0], 7 * 6 * 3600);
  auto const lat = file.read<double>("lat"), lon = file.read<double>("lon");
  EXPECT_GT(lat[0], 80);
  EXPECT_LT(lat[0], 90);  // a Gauss grid has no poles
  EXPECT_NEAR(lat[15], -lat[0], 1e-12);
  EXPECT_EQ(lon[0], 0);
  EXPECT_EQ(lon[31], 348.75);
  for (char const* scale : {"timestamp", "channel", "lat", "lon"})
    EXPECT_EQ(file.attribute_text(scale, "CLASS"), "DIMENSION_SCALE");
  EXPECT_TRUE(file.has_attribute("fields", "DIMENSION_LIST"));
  EXPECT_EQ(file.read_attribute_integer("/", "year"), 1980);
  for (float const value : file.read<float>("fields")) ASSERT_TRUE(std::isfinite(value));
}

TEST_F(DataSetTest, YearsAreIndependentAndTimesMove) {
  auto const request = small();
  write(request);
  auto const one = core::H5File::open(request.path / "train/1979.h5").read<float>("fields");
  auto const two = core::H5File::open(request.path / "train/1980.h5").read<float>("fields");
  EXPECT_NE(one, two);
  constexpr std::size_t time = 6 * 16 * 32;
  for (std::size_t k = 0; k + 1 < 8; ++k)
    EXPECT_NE(std::vector(one.begin() + k * time, one.begin() + (k + 1) * time),
              std::vector(one.begin() + (k + 1) * time, one.begin() + (k + 2) * time));
}

TEST_F(DataSetTest, StatisticsAreThoseOfTheTrainingYears) {
  auto const request = small();
  auto const report = write(request);
  constexpr std::size_t channels = 6, points = 16 * 32, times = 8;
  std::vector<std::vector<float>> years;
  for (char const* name : {"train/1979.h5", "train/1980.h5"})
    years.push_back(core::H5File::open(request.path / name).read<float>("fields"));
  auto const means = core::read_npy(request.path / "stats/global_means.npy").values;
  auto const deviations = core::read_npy(request.path / "stats/global_stds.npy").values;
  auto const time_means = core::read_npy(request.path / "stats/time_means.npy").values;
  ASSERT_EQ(means.size(), channels);
  ASSERT_EQ(time_means.size(), channels * points);
  for (std::size_t c = 0; c < channels; ++c) {
    double mean = 0, variance = 0;
    for (auto const& year : years) {
      double sum = 0, squares = 0;
      for (std::size_t t = 0; t < times; ++t)
        for (std::size_t i = 0; i < points; ++i) sum += year[(t * channels + c) * points + i];
      double const year_mean = sum / (times * points);
      for (std::size_t t = 0; t < times; ++t)
        for (std::size_t i = 0; i < points; ++i)
          squares += std::pow(year[(t * channels + c) * points + i] - year_mean, 2);
      mean += year_mean / 2;
      variance += squares / (times * points) / 2;
    }
    double const scale = std::sqrt(variance);
    EXPECT_NEAR(means[c], mean, 1e-6 * (scale + std::abs(mean))) << c;
    EXPECT_NEAR(report.means[c], mean, 1e-9 * (scale + std::abs(mean))) << c;
    EXPECT_NEAR(deviations[c] / scale, 1, 1e-5) << c;
    double at_seven = 0;
    for (auto const& year : years)
      for (std::size_t t = 0; t < times; ++t)
        at_seven += year[(t * channels + c) * points + 7] / (2.0 * times);
    EXPECT_NEAR(time_means[c * points + 7], at_seven, 1e-5 * (scale + std::abs(at_seven))) << c;
  }
}

TEST_F(DataSetTest, SecondWriteHasTheSameBytes) {
  auto request = small();
  write(request);
  auto const first = there();
  std::vector<std::string> content;
  for (auto const& name : first) content.push_back(bytes(folder_.path() / name));
  write(request, core::Overwrite::yes);
  EXPECT_EQ(there(), first);
  for (std::size_t i = 0; i < first.size(); ++i)
    EXPECT_EQ(bytes(folder_.path() / first[i]), content[i]) << first[i];
  request.seed = 2;
  write(request, core::Overwrite::yes);
  EXPECT_NE(bytes(request.path / "train/1979.h5"), content[7]);
}

TEST_F(DataSetTest, NothingIsOverwrittenUnasked) {
  auto const request = small();
  write(request);
  auto const before = bytes(request.path / "train/1979.h5");
  EXPECT_EQ(wrong_outcome(core::ExitCode::bad_input, "--force", [&] { write(request); }), "");
  // a file of the user's own stops even --force
  std::ofstream(request.path / "train" / "notes.txt") << "mine";
  EXPECT_EQ(wrong_outcome(core::ExitCode::bad_input, "train/notes.txt",
                          [&] { write(request, core::Overwrite::yes); }),
            "");
  EXPECT_EQ(bytes(request.path / "train/1979.h5"), before);
  EXPECT_EQ(there().size(), 10u);
}

TEST_F(DataSetTest, FewerYearsLeaveNoneOfTheOldOnes) {
  auto request = small();
  write(request);
  request.train_years = 1;
  request.out_of_sample_years = 0;
  write(request, core::Overwrite::yes);
  EXPECT_EQ(there().size(), 7u);
}

TEST_F(DataSetTest, AnEmptyFolderIsFilled) {
  auto const request = small();
  fs::create_directory(request.path);
  write(request);
  EXPECT_EQ(there().size(), 9u);
}

TEST_F(DataSetTest, RefusesWhatCannotBeMade) {
  auto const refused = [&](char const* part, auto&& change) {
    auto request = small();
    change(request);
    return wrong_outcome(core::ExitCode::bad_input, part, [&] { write(request); });
  };
  using R = DataSetRequest;
  EXPECT_EQ(refused("0 years to train on", [](R& r) { r.train_years = 0; }), "");
  EXPECT_EQ(refused("-1 to test", [](R& r) { r.test_years = -1; }), "");
  EXPECT_EQ(refused("????.h5", [](R& r) { r.first_year = 9999; }), "");
  EXPECT_EQ(refused("every 7 h", [](R& r) { r.output_h = 7; }), "");
  EXPECT_EQ(refused("every 0 h", [](R& r) { r.output_h = 0; }), "");
  EXPECT_EQ(refused("time_step_s = -1", [](R& r) { r.time_step_s = -1; }), "");
  EXPECT_EQ(refused("at most the interval", [](R& r) { r.time_step_s = 1e6; }), "");
  EXPECT_EQ(refused("truncation 40", [](R& r) { r.truncation = 40; }), "");
  EXPECT_EQ(refused("no folder", [this](R& r) { r.path = folder_ / "a" / "b"; }), "");
  EXPECT_EQ(there().size(), 0u);
  std::ofstream(folder_ / "set") << "a file";
  EXPECT_EQ(refused("is no folder", [](R&) {}), "");
}

TEST_F(DataSetTest, NumbersThatBecomeInfiniteLeaveNothing) {
  auto request = small();
  request.truncation = 10;
  request.time_step_s = 6 * 3600;
  request.spin_up_days = 400;
  EXPECT_EQ(wrong_outcome(core::ExitCode::non_finite, "year 1979: ", [&] { write(request); }), "");
  EXPECT_TRUE(fs::is_empty(folder_.path()));
}

TEST_F(DataSetTest, AFullDiskLeavesWhatWasThere) {
  auto const request = small();
  write(request);
  auto const before = bytes(request.path / "train/1979.h5");
  int const status = core::testing::status_of_child([&] {
    rlimit const limit{65536, 65536};
    setrlimit(RLIMIT_FSIZE, &limit);
    write(request, core::Overwrite::yes);
  });
  EXPECT_EQ(status, static_cast<int>(core::ExitCode::damaged));
  EXPECT_EQ(bytes(request.path / "train/1979.h5"), before);
  EXPECT_EQ(there().size(), 9u);  // nothing half done beside it
}

TEST(DataSetFiles, AreKnownByTheirNames) {
  for (char const* name : {"data.json", "train/1979.h5", "test/2016.h5", "out_of_sample/2018.h5",
                           "stats/time_means.npy", "static/orography.h5"})
    EXPECT_TRUE(is_data_set_file(name)) << name;
  for (char const* name : {"train/197.h5", "train/19790.h5", "train/notes.txt", "1979.h5", "",
                           "train/abcd.h5", "other/1979.h5", "train/1979.h5.bak", "stats/x.npy"})
    EXPECT_FALSE(is_data_set_file(name)) << name;
}

TEST(AliasFree, IsTheTwoThirdsRule) {
  EXPECT_EQ(alias_free_truncation(64, 128), 42);
  EXPECT_EQ(alias_free_truncation(128, 256), 85);
  EXPECT_EQ(alias_free_truncation(2, 4), 1);
}

TEST(YearBegin, CountsLeapYears) {
  EXPECT_EQ(year_begin_s(1970), 0);
  EXPECT_EQ(year_begin_s(2001) - year_begin_s(2000), 366 * 86400);
  EXPECT_EQ(year_begin_s(1901) - year_begin_s(1900), 365 * 86400);
}

TEST(CaseFile, HoldsFieldsAndDiagnostics) {
  core::testing::TemporaryFolder folder;
  CaseRequest request;
  request.path = folder / "w2.h5";
  request.name = "williamson2";
  request.lat = 16;
  request.lon = 32;
  request.truncation = 10;
  request.days = 1;
  request.output_h = 12;
  request.time_step_s = 1000;  // does not divide 12 h
  request.channels = channels_from({"u", "height"});
  auto const report = write_case(request, core::Overwrite::no);
  EXPECT_EQ(report.rows.size(), 3u);
  EXPECT_EQ(report.steps, 2 * 44);
  EXPECT_LT(report.rows[2].error_l2, 1e-13);
  auto const file = core::H5File::open(request.path);
  EXPECT_EQ(file.shape("fields"), (std::vector<std::int64_t>{3, 2, 16, 32}));
  EXPECT_EQ(file.read<double>("diagnostics/time")[2], 86400);
  EXPECT_EQ(file.read<double>("diagnostics/error_l2")[2], report.rows[2].error_l2);
  EXPECT_NEAR(file.read<double>("diagnostics/speed_max")[0], report.rows[0].speed_max_m_per_s, 0);
  EXPECT_EQ(wrong_outcome(core::ExitCode::bad_input, "--force",
                          [&] { write_case(request, core::Overwrite::no); }),
            "");
  request.output_h = 7;
  EXPECT_EQ(wrong_outcome(core::ExitCode::bad_input, "every 7 h",
                          [&] { write_case(request, core::Overwrite::yes); }),
            "");
  request.name = "williamson6";
  request.days = 20;
  request.output_h = 24;
  request.time_step_s = 86400;
  EXPECT_EQ(wrong_outcome(core::ExitCode::non_finite, "not finite after step",
                          [&] { write_case(request, core::Overwrite::yes); }),
            "");
  EXPECT_EQ(core::H5File::open(request.path).shape("fields")[0], 3);  // the old one
}

}  // namespace
}  // namespace crossjoule::sim::weather
