// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/forecast/cases.hpp"

#include "core/error.hpp"
#include "tests/runtime/fields/support.hpp"

#include <gtest/gtest.h>

namespace crossjoule::runtime {
namespace {

using testing::stamps;
using testing::TemporaryFolder;
using testing::write_fields;

/// Two year files of ten steps each: runs [0, 10) and [10, 20).
class CasesOf : public ::testing::Test {
 protected:
  CasesOf() {
    write_fields(folder_ / "2001.h5", {.steps = 10, .times_s = stamps("2001-01-01", 10)});
    write_fields(folder_ / "2002.h5", {.steps = 10, .times_s = stamps("2002-01-01", 10)});
    files_.emplace(FieldFilesOptions{.files = {folder_.path()}});
  }
  TemporaryFolder folder_;
  std::optional<FieldFiles> files_;
};

TEST_F(CasesOf, NeverCrossAYearAndKeepStartsWithSomeTarget) {
  auto const cases = find_cases(*files_, {.lead = 2, .steps = 3});
  // within a run of ten, starts 0 to 7 have a target two steps later
  EXPECT_EQ(cases.size(), 16);
  EXPECT_EQ(cases.starts[7], 7);
  EXPECT_EQ(cases.starts[8], 10);
  EXPECT_EQ(cases.has_target[0], (std::vector<bool>{true, true, true}));
  EXPECT_EQ(cases.has_target[4], (std::vector<bool>{true, true, false}));
  EXPECT_EQ(cases.steps_of(4), 2);
  EXPECT_EQ(cases.steps_of(7), 1);
}

TEST_F(CasesOf, TargetsInTheRangeLetStartsLieBeforeIt) {
  CaseOptions const options{
      .range = {.first = 15, .count = 3}, .within = Within::targets, .lead = 1, .steps = 2};
  auto const cases = find_cases(*files_, options);
  EXPECT_EQ(cases.starts, (std::vector<std::int64_t>{13, 14, 15, 16}));
  EXPECT_EQ(cases.has_target[0], (std::vector<bool>{false, true}));
  EXPECT_EQ(cases.has_target[3], (std::vector<bool>{true, false}));
}

TEST_F(CasesOf, AreThinnedOutEvenly) {
  auto const cases = find_cases(*files_, {.lead = 1, .steps = 1, .stride = 2, .most = 3});
  EXPECT_EQ(cases.starts, (std::vector<std::int64_t>{0, 6, 12}));  // of 0 2 4 6 8 10 12 14 16 18
}

TEST_F(CasesOf, NoneAtAllIsAnError) {
  EXPECT_THROW(find_cases(*files_, {.lead = 10, .steps = 1}), core::Error);
}

TEST(ScoreWeights, FollowTheirRules) {
  Grid const grid{.rows = 3, .columns = 4, .lat_degrees = {60, 0, -60}, .lon_degrees = {}};
  EXPECT_EQ(score_weights(grid, "none"), (std::vector<double>{1, 1, 1}));
  auto const cosines = score_weights(grid, "cos");
  EXPECT_NEAR(cosines[0], 0.75, 1e-12);
  EXPECT_NEAR(cosines[1], 1.5, 1e-12);
  auto const published = score_weights(grid, "fourcastnet");  // 90, 0, -90
  EXPECT_NEAR(published[0], 0, 1e-12);
  EXPECT_NEAR(published[1], 3, 1e-12);
}

}  // namespace
}  // namespace crossjoule::runtime
