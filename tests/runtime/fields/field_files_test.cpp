// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/fields/field_files.hpp"

#include "core/error.hpp"
#include "support.hpp"

#include <gtest/gtest.h>
#include <fstream>
#include <limits>

namespace crossjoule::runtime {
namespace {

using core::ExitCode;
using testing::files_of;
using testing::Made;
using testing::place_value;
using testing::refused;
using testing::stamps;
using testing::TemporaryFolder;
using testing::write_fields;
using Shares = std::vector<std::pair<std::int64_t, std::int64_t>>;

Shares pairs(std::vector<core::Share> const& shares) {
  Shares result;
  for (auto const& share : shares) result.emplace_back(share.first, share.last);
  return result;
}

class FieldFilesTest : public ::testing::Test {
 protected:
  std::filesystem::path made(std::string const& name, Made const& what) {
    return write_fields(folder_ / name, what);
  }
  /// The message of opening these files, "" where it has all parts.
  std::string open_refused(FieldFilesOptions const& options, std::vector<std::string> const& parts,
                           ExitCode code = ExitCode::bad_input) {
    return refused(code, parts, [&] { FieldFiles{options}; });
  }
  TemporaryFolder folder_;
};

TEST_F(FieldFilesTest, JoinsYearFilesOfAFolderInOrder) {
  made("1980.h5", {.steps = 3, .names = {}});
  made("1979.h5", {.steps = 2, .names = {}});
  made("extra.h5", {.steps = 9, .names = {}});
  FieldFiles const files(files_of({folder_.path()}));
  EXPECT_EQ(files.steps(), 5);
  EXPECT_EQ(files.file_of(1).filename(), "1979.h5");
  EXPECT_EQ(files.file_of(2).filename(), "1980.h5");
  EXPECT_EQ(files.channels(), (std::vector<std::string>{"0", "1"}));
  // no stamps: from the first of January of the year in the name, in steps of 6 h
  EXPECT_EQ(files.time_text(1), "1979-01-01T06:00Z");
  EXPECT_EQ(files.time_text(4), "1980-01-01T12:00Z");
  EXPECT_EQ(files.step_seconds(), 21'600);
  EXPECT_EQ(pairs(files.runs()), (Shares{{0, 2}, {2, 5}}));  // years are never crossed

  auto options = files_of({folder_.path()});
  options.years = {1980};
  options.step_hours = 24;
  options.channel_names = {"u10", "v10"};
  FieldFiles const one(options);
  EXPECT_EQ(one.steps(), 3);
  EXPECT_EQ(one.time_text(1), "1980-01-02T00:00Z");
  EXPECT_EQ(one.channels()[1], "v10");
  options.years = {1980, 1981};
  EXPECT_EQ(open_refused(options, {"1981", "1979.h5"}), "");
  options.years = {};
  options.pattern = "ex*.h5";
  EXPECT_EQ(FieldFiles(options).steps(), 9);
}

TEST_F(FieldFilesTest, ReadsJustTheBoxAskedFor) {
  Made what;
  what.channels = 4;
  what.names = {"a", "b", "c", "d"};
  what.rows = 5;
  what.columns = 6;
  auto const path = made("x.h5", what);
  auto const second = made("y.h5", what);
  FieldFiles const files(files_of({path, second}));
  for (auto const& channels : {std::vector<std::int64_t>{0, 1, 2, 3}, {2}, {3, 1, 2}, {1, 1}}) {
    core::Share const rows{1, 4}, columns{2, 3};
    std::vector<float> found(channels.size() * 3 * 1);
    for (std::int64_t step : {0, 3, 4, 7}) {
      files.read(step, channels, rows, columns, found);
      std::size_t i = 0;
      for (auto c : channels)
        for (auto r = rows.first; r < rows.last; ++r)
          for (auto k = columns.first; k < columns.last; ++k, ++i)
            EXPECT_EQ(found[i], static_cast<float>(place_value(step % 4, c, r, k)));
    }
  }
  EXPECT_EQ(files.places_of({"d", "a"}), (std::vector<std::int64_t>{3, 0}));
  EXPECT_EQ(
      refused(ExitCode::bad_input, {"no channel z", "a, b, c, d"}, [&] { files.places_of({"z"}); }),
      "");
}

TEST_F(FieldFilesTest, ReadsOneDatasetPerVariable) {
  std::vector<float> a(2 * 3 * 4), b(2 * 3 * 4);
  for (std::size_t i = 0; i < a.size(); ++i) {
    a[i] = static_cast<float>(i);
    b[i] = -static_cast<float>(i);
  }
  auto file = core::H5File::create(folder_ / "v.nc");
  file.write<float>("t2m", a, {2, 3, 4}, {"K", "temperature"});
  file.write<float>("u10", b, {2, 3, 4}, {"m s-1", "wind"});
  file.attribute("u10", "units", "m s-1");
  file.write("valid_time", std::vector<std::int64_t>{1042152, 1042158}, {"h", "time"});
  file.attribute("valid_time", "units", "hours since 1900-01-01 00:00:00.0");
  file.write("latitude", std::vector<float>{10, 0, -10}, {"1", "latitude"});
  file.commit();
  auto options = files_of({folder_ / "v.nc"});
  options.variables = {"u10", "t2m"};
  FieldFiles const files(options);
  EXPECT_EQ(files.channels(), options.variables);
  EXPECT_EQ(files.units(), (std::vector<std::string>{"m s-1", ""}));
  EXPECT_EQ(files.time_text(0), "2018-11-21T00:00Z");
  EXPECT_EQ(files.step_seconds(), 21'600);
  EXPECT_EQ(files.grid().lat_degrees, (std::vector<double>{10, 0, -10}));
  std::vector<float> found(2 * 2 * 2);
  files.read(1, std::vector<std::int64_t>{0, 1}, {1, 3}, {0, 2}, found);
  EXPECT_EQ(found, (std::vector<float>{-16, -17, -20, -21, 16, 17, 20, 21}));
  // one such dataset alone is one channel
  options.variables = {};
  options.dataset = "t2m";
  FieldFiles const one(options);
  EXPECT_EQ(one.channels(), std::vector<std::string>{"t2m"});
  found.resize(4);
  one.read(0, std::vector<std::int64_t>{0}, {0, 1}, {0, 4}, found);
  EXPECT_EQ(found, (std::vector<float>{0, 1, 2, 3}));
  options.dataset = "u100";
  EXPECT_EQ(open_refused(options, {"v.nc", "u100", "t2m", "data.variables"}), "");
}

TEST_F(FieldFilesTest, CrossesFilesOnlyWhereTheStampsFollowOn) {
  auto const a = made("a.h5", {.times_s = stamps("2019-12-31T00", 4)});
  auto const b = made("b.h5", {.times_s = stamps("2020-01-01T00", 4)});
  auto const c = made("c.h5", {.times_s = stamps("2020-01-03T00", 4)});
  auto options = files_of({a, b, c});
  EXPECT_EQ(pairs(FieldFiles(options).runs()), (Shares{{0, 4}, {4, 8}, {8, 12}}));
  options.join = FieldFilesOptions::Join::contiguous;
  FieldFiles const joined(options);
  EXPECT_EQ(pairs(joined.runs()), (Shares{{0, 8}, {8, 12}}));
  TimeRange range;
  range.from = parse_time("2019-12-31T12");
  range.until = parse_time("2020-01-03T06");
  EXPECT_EQ(pairs(joined.runs_within(range)), (Shares{{2, 8}, {8, 9}}));
  range.first = 3;
  range.count = 2;
  EXPECT_EQ(pairs(joined.runs_within(range)), (Shares{{3, 5}}));
  range.from = parse_time("2021-01-01");
  range.until = {};
  EXPECT_EQ(refused(ExitCode::bad_input, {"no step", "2019-12-31T00:00Z"},
                    [&] { joined.runs_within(range); }),
            "");
  options.files = {made("n.h5", {})};
  EXPECT_EQ(open_refused(options, {"n.h5", "contiguous"}), "");
  options.join = FieldFilesOptions::Join::never;
  range.from = parse_time("2019-01-01");
  EXPECT_EQ(refused(ExitCode::bad_input, {"n.h5", "no time stamps"},
                    [&] { FieldFiles(options).runs_within(range); }),
            "");
}

TEST_F(FieldFilesTest, NamesAGapInTime) {
  auto times = stamps("2019-03-01", 6, 1);
  times.erase(times.begin() + 2);  // 02:00 is missing
  auto options = files_of({made("g.h5", {.steps = 5, .times_s = times})});
  EXPECT_EQ(open_refused(options, {"g.h5", "2019-03-01T01:00Z", "2019-03-01T03:00Z", "2 h", "1 h",
                                   "data.gaps"}),
            "");
  options.gaps = FieldFilesOptions::Gaps::split;
  EXPECT_EQ(pairs(FieldFiles(options).runs()), (Shares{{0, 2}, {2, 5}}));
  std::swap(times[3], times[4]);
  options.files = {made("r.h5", {.steps = 5, .times_s = times})};
  EXPECT_EQ(open_refused(options, {"r.h5", "do not rise", "2019-03-01T05:00Z"}), "");
  times = stamps("2019-03-01", 4, 1);
  times[2] = times[1];
  options.files = {made("t.h5", {.times_s = times})};
  EXPECT_EQ(open_refused(options, {"t.h5", "do not rise"}), "");
  times[2] = std::numeric_limits<double>::quiet_NaN();
  options.files = {made("n.h5", {.times_s = times})};
  EXPECT_EQ(open_refused(options, {"n.h5", "timestamp", "NaN"}), "");
}

TEST_F(FieldFilesTest, AMonthlySeriesHasNoGaps) {
  std::vector<double> times;
  for (int month = 0; month < 24; ++month)
    times.push_back(static_cast<double>(seconds_of({1982 + month / 12, month % 12 + 1, 1, 0})));
  FieldFiles const files(files_of({made("m.h5", {.steps = 24, .times_s = times})}));
  EXPECT_EQ(pairs(files.runs()), (Shares{{0, 24}}));
  times.erase(times.begin() + 5);
  EXPECT_EQ(open_refused(files_of({made("g.h5", {.steps = 23, .times_s = times})}),
                         {"g.h5", "1982-05-01", "1982-07-01"}),
            "");
}

TEST_F(FieldFilesTest, RefusesFilesThatDoNotBelongTogether) {
  auto const a = made("a.h5", {.times_s = stamps("2019-01-01", 4), .lat = {1, 0, -1}});
  auto const with = [&](Made const& other) { return files_of({a, made("b.h5", other)}); };
  auto const times = stamps("2019-01-02", 4);
  EXPECT_EQ(open_refused(with({.rows = 5, .times_s = times}), {"a.h5", "b.h5", "5 x 4", "3 x 4"}),
            "");
  EXPECT_EQ(
      open_refused(with({.channels = 1, .names = {"u"}, .times_s = times}), {"b.h5: 1 channels"}),
      "");
  EXPECT_EQ(open_refused(with({.names = {"u", "w"}, .times_s = times}), {"b.h5", "channel w", "v"}),
            "");
  EXPECT_EQ(open_refused(with({.times_s = times, .lat = {2, 0, -2}}), {"coordinates"}), "");
  EXPECT_EQ(open_refused(with({.lat = {1, 0, -1}}), {"a.h5 has time stamps, ", "b.h5 has none"}),
            "");
}

TEST_F(FieldFilesTest, RefusesWhatIsNoFieldFile) {
  EXPECT_EQ(open_refused({}, {"files"}), "");
  std::filesystem::create_directory(folder_ / "empty");
  EXPECT_EQ(open_refused(files_of({folder_ / "empty"}), {"empty: no year files", "????.h5"}), "");
  EXPECT_EQ(open_refused(files_of({folder_ / "none.h5"}), {"none.h5", "absent"}), "");
  std::ofstream(folder_ / "text.h5") << "these are words, not HDF5, but enough of them to look at";
  EXPECT_EQ(open_refused(files_of({folder_ / "text.h5"}), {"text.h5"}), "");
  auto const refuse = [&](Made const& what, std::vector<std::string> const& parts) {
    return open_refused(files_of({made("b.h5", what)}), parts);
  };
  EXPECT_EQ(refuse({.dataset = "field"}, {"no dataset fields", "channel, field"}), "");
  EXPECT_EQ(refuse({.steps = 0}, {"b.h5", "(0, 2, 3, 4)"}), "");
  EXPECT_EQ(refuse({.names = {"u"}}, {"b.h5", "1 channel names", "2 channels"}), "");
  EXPECT_EQ(refuse({.names = {"u", "u"}}, {"two channels named u"}), "");
  EXPECT_EQ(refuse({.lat = {1, 0}}, {"lat has shape (2)", "3 rows"}), "");
  EXPECT_EQ(refuse({.lat = {100, 0, 1}}, {"90 degrees"}), "");
  EXPECT_EQ(refuse({.lon = {1, 2, NAN, 3}}, {"lon", "NaN"}), "");
  EXPECT_EQ(
      refuse({.times_s = {1, 2, 3, 4}, .time_unit = "months since 2000-01-01"}, {"months since"}),
      "");
  EXPECT_EQ(refuse({.times_s = {1, 2, 3, 1e300}}, {"plausible"}), "");
  auto file = core::H5File::create(folder_ / "whole.h5");
  file.write<std::int32_t>("fields", std::vector<std::int32_t>(24), {1, 2, 3, 4}, {"1", "packed"});
  file.write<float>("flat", std::vector<float>(24), {2, 12}, {"1", "flat"});
  file.commit();
  auto options = files_of({folder_ / "whole.h5"});
  EXPECT_EQ(open_refused(options, {"floating-point"}), "");
  options.dataset = "flat";
  EXPECT_EQ(open_refused(options, {"flat has shape (2, 12)"}), "");
}

TEST_F(FieldFilesTest, NamesTheFileTimeAndChannelOfANonFiniteNumber) {
  for (double bad : {std::nan(""), double(INFINITY), -double(INFINITY)}) {
    Made what{.times_s = stamps("2019-01-01", 4)};
    what.value = [bad](auto t, auto c, auto r, auto k) {
      return t == 2 && c == 1 && r == 0 && k == 3 ? bad : 1.0;
    };
    auto const first = made("a.h5", {.times_s = stamps("2018-01-01", 4)});
    FieldFiles const files(files_of({first, made("bad.h5", what)}));
    std::vector<float> room(2 * 12);
    std::vector<std::int64_t> const both = {0, 1};
    EXPECT_EQ(refused(ExitCode::bad_input,
                      {"bad.h5", "channel v", "2019-01-01T12:00Z", "row 0, column 3"},
                      [&] {
                        files.read(6, both, {0, 3}, {0, 4}, room);
                      }),
              "");
    files.read(5, both, {0, 3}, {0, 4}, room);
    std::span<float> const part = std::span(room).first(12);
    files.read(6, std::vector<std::int64_t>{0}, {0, 3}, {0, 4}, part);
  }
}

TEST_F(FieldFilesTest, ACutFileIsDamaged) {
  auto const path = made("cut.h5", {.steps = 40, .rows = 30, .columns = 40});
  auto const bytes = std::filesystem::file_size(path);
  for (auto length : {bytes - 1, bytes / 2, bytes / 10}) {
    std::filesystem::resize_file(path, length);
    EXPECT_EQ(open_refused(files_of({path}), {"cut.h5"}, ExitCode::damaged), "") << length;
  }
}

TEST_F(FieldFilesTest, AFileThatVanishedIsNamedOnReading) {
  auto const path = made("a.h5", {});
  FieldFiles const files(files_of({path}));
  std::filesystem::remove(path);
  std::vector<float> room(1);
  EXPECT_EQ(refused(ExitCode::bad_input, {"a.h5", "absent"},
                    [&] {
                      files.read(0, std::vector<std::int64_t>{0}, {0, 1}, {0, 1}, room);
                    }),
            "");
}

}  // namespace
}  // namespace crossjoule::runtime
