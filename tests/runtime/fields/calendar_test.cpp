// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/fields/calendar.hpp"

#include <gtest/gtest.h>

namespace crossjoule::runtime {
namespace {

// `date -u -d 2019-03-01T06:30:15 +%s` and the like
TEST(Calendar, KnowsSomeTimes) {
  EXPECT_EQ(parse_time("1970-01-01"), 0);
  EXPECT_EQ(parse_time("2019-03-01T06:30:15"), 1551421815);
  EXPECT_EQ(parse_time("2019-03-01T06:30:15Z"), 1551421815);
  EXPECT_EQ(parse_time("2019-03-01 06:30:15.000"), 1551421815);
  EXPECT_EQ(parse_time("2019-03-01T06"), 1551420000);
  EXPECT_EQ(parse_time("2000-2-29"), 951782400);
  EXPECT_EQ(parse_time("1900-01-01 00:00:00 +00:00"), -2208988800);
  EXPECT_EQ(time_text(1551421815), "2019-03-01T06:30:15Z");
  EXPECT_EQ(time_text(-1), "1969-12-31T23:59:59Z");
  EXPECT_EQ(time_text(951782400), "2000-02-29T00:00Z");
}

TEST(Calendar, RefusesWhatIsNoTime) {
  for (char const* text : {"", "2019", "2019-13-01", "2019-02-29", "2019-03-01T24", "19-03-01",
                           "2019-03-01T6", "2019-03-01X", "2019-03-01T06:60", "2019-03-01+01:00",
                           "2019-00-10", "yesterday", "20190301"})
    EXPECT_FALSE(parse_time(text)) << text;
}

TEST(Calendar, GoesRoundTripOverFourCenturies) {
  int previous_day = 0;
  for (std::int64_t day = -146'097; day < 146'097; day += 1) {
    auto const time = calendar_of(day * 86'400 + 3661);
    EXPECT_EQ(seconds_of(time), day * 86'400 + 3661);
    EXPECT_EQ(time.second_of_day, 3661);
    EXPECT_TRUE(time.day == previous_day + 1 || time.day == 1) << day;
    previous_day = time.day;
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(Calendar, ReadsUnitsOfTheCfConventions) {
  auto const hours = parse_time_unit("hours since 1900-01-01 00:00:00");
  ASSERT_TRUE(hours);
  EXPECT_EQ(hours->seconds_per_unit, 3600);
  EXPECT_EQ(hours->origin, -2208988800);
  EXPECT_EQ(parse_time_unit("days since 2000-1-1")->seconds_per_unit, 86400);
  EXPECT_EQ(parse_time_unit("seconds since 1970-01-01T00:00:00Z")->origin, 0);
  for (char const* text : {"", "hours", "months since 2000-01-01", "hours since then"})
    EXPECT_FALSE(parse_time_unit(text)) << text;
}

TEST(Calendar, NamesSteps) {
  EXPECT_EQ(step_text(21'600), "6 h");
  EXPECT_EQ(step_text(2'629'800), "730.5 h");
  EXPECT_EQ(step_text(150), "150 s");
}

}  // namespace
}  // namespace crossjoule::runtime
