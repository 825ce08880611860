// SPDX-License-Identifier: BSD-3-Clause
#include "core/points.hpp"
#include "core/record.hpp"
#include "core/testing/expect_error.hpp"
#include "core/testing/temporary_folder.hpp"
#include "drivers/contained.hpp"
#include "drivers/inspect_check.hpp"
#include "drivers/inspect_table.hpp"
#include "drivers/verbs.hpp"
#include "models/build.hpp"
#include "models/cost.hpp"
#include "models/text.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <csignal>
#include <fstream>
#include <functional>
#include <sstream>

namespace crossjoule::drivers {
namespace {

using core::ExitCode;
using core::Kind;
using core::testing::TemporaryFolder;
using core::testing::wrong_outcome;

std::string text_of(std::filesystem::path const& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

core::Point sound_point() {
  core::Point point;
  point.platform = "a CPU";
  point.latency = {core::Seconds{1}, core::Seconds{2}, core::Seconds{3}, Kind::measured_counter};
  return point;
}

/// A record that passes, after `change` had a hand in it.
std::filesystem::path make_record(TemporaryFolder const& folder,
                                  std::function<void(core::Record&)> const& change = {},
                                  core::Point const& point = sound_point()) {
  std::filesystem::path const path = folder / "r.h5";
  core::Record record(path, "infer", core::Config(), core::Overwrite::yes);
  auto const graph = models::mlp({4, {8, 2}, {}, models::Objective::squared_distance, 0.5});
  record.network(models::identity(graph), models::to_text(graph));
  core::write_points(record.file(), {point, sound_point()});
  if (change) change(record);
  record.commit();
  return path;
}

ExitCode inspect(Call call, std::string* printed = nullptr) {
  ::testing::internal::CaptureStdout();
  ExitCode code = ExitCode::internal;
  try {
    code = drivers::inspect(call, core::Comm::serial());
  } catch (core::Error const& error) {
    code = error.code();
  }
  std::string const text = ::testing::internal::GetCapturedStdout();
  if (printed) *printed = text;
  return code;
}

Call checking(std::filesystem::path const& path) {
  Call call;
  call.files = {path};
  call.check = true;
  return call;
}

TEST(InspectCheck, ASoundRecordPasses) {
  TemporaryFolder folder;
  auto const path = make_record(folder);
  EXPECT_EQ(find_problems(core::H5File::open(path)), std::vector<std::string>{});
  EXPECT_EQ(inspect(checking(path)), ExitCode::ok);
}

/// Each change makes a file that is whole but wrong: exit code 1 and a sentence with these words.
TEST(InspectCheck, EveryFaultIsFound) {
  struct Row {
    char const* words;
    std::function<void(core::Record&)> change;
  };
  using core::Joules;
  std::vector<double> const one = {1};
  auto figure = [](double low, double high, Kind kind) {
    return core::Quantity<Joules>{Joules{low}, Joules{1}, Joules{high}, kind};
  };
  for (Row const& row : std::vector<Row>{
           {"/graph has digest 00ff, the network in /graph/text",
            [&](core::Record& r) { r.file().attribute("/graph", "digest", "00ff"); }},
           {"/result/x has no unit",
            [&](core::Record& r) {
              r.file().write("/result/x", one, {"", "a number"});
            }},
           {"/result/x has no description",
            [&](core::Record& r) {
              r.file().write("/result/x", one, {"1", ""});
            }},
           {"/result/e is out of order",
            [&](core::Record& r) { r.quantity("/result/e", figure(2, 3, Kind::modelled), "e"); }},
           {"/result/e is out of order",
            [&](core::Record& r) {
              r.quantity("/result/e", figure(0, std::nan(""), Kind::modelled), "e");
            }},
           {"unknown kind 'guessed'",
            [](core::Record& r) {
              r.file().attribute("/result/e", "kind", "guessed");
              r.file().attribute("/result/e", "unit", "J");
            }},
           {"is absent but has a value",
            [](core::Record& r) {
              r.quantity("/result/e", core::Quantity<Joules>{}, "e");
              r.file().attribute("/result/e", "value", 0.0);
            }},
           {"format version 99",
            [](core::Record& r) {
              r.file().attribute("/meta", "format_version", std::int64_t{99});
            }},
           {"attribute verb of /meta is empty",
            [](core::Record& r) { r.file().attribute("/meta", "verb", ""); }},
           {"the run failed: loss is NaN",
            [](core::Record& r) { r.file().attribute("/error", "message", "loss is NaN"); }}}) {
    TemporaryFolder folder;
    auto const path = make_record(folder, row.change);
    std::string printed;
    EXPECT_EQ(inspect(checking(path), &printed), ExitCode::check_failed) << row.words;
    EXPECT_NE(printed.find(row.words), std::string::npos) << row.words << "\n" << printed;
  }
}

TEST(InspectCheck, FaultyPointsAreFound) {
  TemporaryFolder folder;
  core::Point point = sound_point();
  point.latency.low = core::Seconds{5};
  EXPECT_EQ(inspect(checking(make_record(folder, {}, point))), ExitCode::check_failed);
  point = sound_point();
  point.batch = 0;
  EXPECT_EQ(inspect(checking(make_record(folder, {}, point))), ExitCode::check_failed);
  point = sound_point();
  point.platform = "";
  EXPECT_EQ(inspect(checking(make_record(folder, {}, point))), ExitCode::check_failed);
}

TEST(InspectCheck, AFlippedBitIsDamage) {
  TemporaryFolder folder;
  auto const path = make_record(folder, [](core::Record& record) {
    record.file().write("/result/marked", std::vector<double>{1234.5678},
                        {"1", "a number to find again"});
  });
  std::string bytes = text_of(path);
  double const marker = 1234.5678;
  std::size_t const place =
      bytes.find(std::string(reinterpret_cast<char const*>(&marker), sizeof marker));
  ASSERT_NE(place, std::string::npos);
  bytes[place] = static_cast<char>(bytes[place] ^ 1);
  std::ofstream(path, std::ios::binary) << bytes;
  EXPECT_EQ(inspect(checking(path)), ExitCode::damaged);
}

TEST(InspectCheck, FilesOfOthersAreReadThrough) {
  TemporaryFolder folder;
  core::H5File file = core::H5File::create(folder / "events.h5");
  file.write("/Particles", std::vector<float>(12), {"", ""});
  file.commit();
  std::string printed;
  EXPECT_EQ(inspect(checking(folder / "events.h5"), &printed), ExitCode::ok);
  EXPECT_NE(printed.find("no record of ours"), std::string::npos);
}

TEST(Inspect, PrintsTreeAndPoints) {
  TemporaryFolder folder;
  Call call;
  call.files = {make_record(folder)};
  std::string printed;
  EXPECT_EQ(inspect(call, &printed), ExitCode::ok);
  for (char const* part :
       {"/meta/", "verb = infer", "/result/points/latency  float64 [2] s  one batch", "name = mlp",
        "params = 58", "2.00 [1.00, 3.00] s", "a CPU"})
    EXPECT_NE(printed.find(part), std::string::npos) << part << "\n" << printed;
}

TEST(Inspect, APartialSumIsMarked) {
  TemporaryFolder folder;
  core::Point point = sound_point();
  point.missing_terms = "host link";
  Call call;
  call.files = {make_record(folder, {}, point)};
  std::string printed;
  EXPECT_EQ(inspect(call, &printed), ExitCode::ok);
  EXPECT_NE(printed.find("2.00 [1.00, 3.00] s +"), std::string::npos) << printed;
  EXPECT_NE(printed.find("+ partial, terms without a value, system: host link"), std::string::npos)
      << printed;
}

TEST(Inspect, PrintsOneJsonDocument) {
  TemporaryFolder folder;
  Call call;
  call.files = {make_record(folder)};
  call.format = Call::Format::json;
  std::string printed;
  EXPECT_EQ(inspect(call, &printed), ExitCode::ok);
  EXPECT_EQ(printed.front(), '{');
  EXPECT_NE(printed.find("\"kind\": \"measured-counter\""), std::string::npos);
  EXPECT_NE(printed.find("\"value\": null"), std::string::npos);  // the absent joules
}

TEST(Inspect, ExtractsPointsAsCsv) {
  TemporaryFolder folder;
  Call call;
  call.files = {make_record(folder)};
  call.csv = (folder / "t.csv").string();
  EXPECT_EQ(inspect(call), ExitCode::ok);
  EXPECT_NE(text_of(folder / "t.csv").find("latency [s]"), std::string::npos);
  EXPECT_EQ(inspect(call), ExitCode::bad_input);  // exists
}

TEST(Inspect, ExtractsEveryTableOfARecordWithoutPoints) {
  TemporaryFolder folder;
  core::Record record(folder / "r.h5", "train", core::Config(), core::Overwrite::no);
  record.file().write("/result/loss/step", std::vector<std::int64_t>{1, 2}, {"1", "step"});
  record.file().write("/result/loss/energy", std::vector<double>{0.1, 1e-30}, {"J", "energy"});
  record.file().write_strings("/result/other/word", {"a,b"}, "word");
  record.commit();
  Call call;
  call.files = {folder / "r.h5"};
  call.csv = (folder / "t.csv").string();
  EXPECT_EQ(inspect(call), ExitCode::ok);
  EXPECT_EQ(text_of(folder / "t.csv"), "energy [J],step\r\n0.1,1\r\n1e-30,2\r\n");
  EXPECT_EQ(text_of(folder / "t-result-other.csv"), "word\r\n\"a,b\"\r\n");
}

TEST(Inspect, AFileWithoutTablesHasNoCsv) {
  TemporaryFolder folder;
  core::Record(folder / "r.h5", "devices", core::Config(), core::Overwrite::no).commit();
  Call call;
  call.files = {folder / "r.h5"};
  call.csv = (folder / "t.csv").string();
  EXPECT_EQ(inspect(call), ExitCode::bad_input);
  EXPECT_FALSE(std::filesystem::exists(folder / "t.csv"));
}

TEST(Inspect, BadInputHasItsCodes) {
  TemporaryFolder folder;
  std::ofstream(folder / "text.h5") << "no HDF5";
  Call call;
  call.files = {folder / "text.h5"};
  EXPECT_EQ(inspect(call), ExitCode::bad_input);
  call.files = {folder / "none.h5"};
  EXPECT_EQ(inspect(call), ExitCode::bad_input);
}

TEST(Contained, ACrashBecomesAnError) {
  EXPECT_EQ(contained("x.h5", [] { return ExitCode::check_failed; }), ExitCode::check_failed);
  EXPECT_EQ(wrong_outcome(ExitCode::damaged, "x.h5: file rejected",
                          [] {
                            contained("x.h5", []() -> ExitCode {
                              signal(SIGFPE, SIG_DFL);
                              raise(SIGFPE);  // what a corrupt chunk size did to a reader
                              return ExitCode::ok;
                            });
                          }),
            "");
  EXPECT_EQ(wrong_outcome(ExitCode::non_finite, "as thrown",
                          [] {
                            contained("x.h5", []() -> ExitCode {
                              core::fail(ExitCode::non_finite, "as thrown");
                            });
                          }),
            "");
}

}  // namespace
}  // namespace crossjoule::drivers
