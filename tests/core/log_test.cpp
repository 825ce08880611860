// SPDX-License-Identifier: BSD-3-Clause
#include "core/log.hpp"
#include "core/clock.hpp"
#include "core/progress.hpp"

#include <gtest/gtest.h>

namespace crossjoule::core {
namespace {

std::string logged(int rank, Verbosity verbosity) {
  set_log_rank(rank);
  set_verbosity(verbosity);
  ::testing::internal::CaptureStderr();
  log("read {} events", 5);
  warn("feature {} is constant", 2);
  set_log_rank(0);
  set_verbosity(Verbosity::normal);
  return ::testing::internal::GetCapturedStderr();
}

TEST(Log, OnlyRankZeroSpeaksAndQuietKeepsWarnings) {
  EXPECT_EQ(logged(0, Verbosity::normal), "read 5 events\nwarning: feature 2 is constant\n");
  EXPECT_EQ(logged(0, Verbosity::quiet), "warning: feature 2 is constant\n");
  EXPECT_EQ(logged(1, Verbosity::normal), "");
}

TEST(Progress, LineShowsRateAndTimeLeft) {
  EXPECT_EQ(Progress::line("train", 10, 40, "steps", 2),
            "train: 10/40 steps, 5 steps/s, 0:06 left");
  EXPECT_EQ(Progress::line("train", 0, 40, "steps", 2), "train: 0/40 steps, 0 steps/s, ? left");
  EXPECT_EQ(Progress::line("x", 1, 10'001, "y", 1), "x: 1/10001 y, 1 y/s, 2:46:40 left");
}

TEST(Progress, SilentWhereNobodyLooks) {
  ::testing::internal::CaptureStderr();  // no terminal
  {
    Progress progress("read", 2, "events");
    progress.advance(1);
    progress.advance(1);
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(Clock, RunsForwardAndTellsUtc) {
  std::int64_t const begin = steady_ns();
  std::int64_t end = begin;
  while (end == begin) end = steady_ns();
  EXPECT_GT(seconds_between(begin, end).value, 0);
  EXPECT_EQ(seconds_between(0, 1'500'000'000), Seconds{1.5});
  EXPECT_EQ(utc_now().size(), std::string("2026-01-31T12:00:00Z").size());
}

}  // namespace
}  // namespace crossjoule::core
