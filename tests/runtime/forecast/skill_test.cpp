// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/forecast/skill.hpp"

#include "core/philox.hpp"
#include "core/testing/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace crossjoule::runtime {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// Two methods, two leads, one channel; the second method errs twice as much.
SkillTable made_up(std::int64_t cases) {
  SkillTable table{.columns = {{"network", Score::squared_error},
                               {"network", Score::correlation},
                               {"persistence", Score::squared_error}},
                   .leads_h = {6, 12},
                   .channels = {"t2m"},
                   .units = {"K"},
                   .cases = cases,
                   .values = {}};
  core::Random random(5, core::purpose("test/skill"), 0);
  for (std::int64_t one = 0; one < cases; ++one) {
    double const a = 1 + random.uniform(), b = 2 + random.uniform();
    bool const last = one + 1 == cases;  // has no target at the second lead
    for (double value : {a, last ? none : b, 0.9, last ? none : 0.8, 4 * a, last ? none : 4 * b})
      table.values.push_back(value);
  }
  return table;
}

SkillRow const& row_of(std::vector<SkillRow> const& rows, std::string const& method,
                       std::string const& quantity, double lead) {
  return *std::ranges::find_if(rows, [&](SkillRow const& row) {
    return row.method == method && row.quantity == quantity && row.lead_h == lead;
  });
}

TEST(Skill, FiguresAreThoseOfTheirDefinitions) {
  auto const table = made_up(20);
  auto const rows = summarise(table, {});
  double pooled = 0, roots = 0;
  for (std::int64_t one = 0; one < 19; ++one) {
    pooled += table.at(one, 0, 1, 0) / 19;
    roots += std::sqrt(table.at(one, 0, 1, 0)) / 19;
  }
  auto const& rmse = row_of(rows, "network", "rmse", 12);
  EXPECT_NEAR(rmse.figure.value, std::sqrt(pooled), 1e-12);
  EXPECT_EQ(rmse.cases, 19);
  EXPECT_EQ(rmse.unit, "K");
  EXPECT_NEAR(row_of(rows, "network", "rmse_of_cases", 12).figure.value, roots, 1e-12);
  EXPECT_NEAR(row_of(rows, "network", "acc", 6).figure.value, 0.9, 1e-12);
  EXPECT_EQ(row_of(rows, "network", "acc", 6).unit, "1");
}

TEST(Skill, IntervalsHoldTheValueAndPairedRatiosAreSharp) {
  auto const rows = summarise(made_up(40), {});
  auto const& rmse = row_of(rows, "network", "rmse", 6).figure;
  EXPECT_LT(rmse.low, rmse.value);
  EXPECT_GT(rmse.high, rmse.value);
  auto const& ratio = row_of(rows, "persistence", "ratio", 6).figure;  // half in every resampling
  EXPECT_NEAR(ratio.value, 0.5, 1e-12);
  EXPECT_NEAR(ratio.low, 0.5, 1e-12);
  EXPECT_NEAR(ratio.high, 0.5, 1e-12);
}

TEST(Skill, OneCaseHasNoInterval) {
  auto const rows = summarise(made_up(1), {});
  EXPECT_FALSE(std::isnan(row_of(rows, "network", "rmse", 6).figure.value));
  EXPECT_TRUE(std::isnan(row_of(rows, "network", "rmse", 6).figure.low));
  EXPECT_TRUE(std::isnan(row_of(rows, "network", "rmse", 12).figure.value));  // and no target
}

TEST(Skill, ResampledCasesAreBlocksOfNeighbours) {
  for (std::int64_t const block : {1, 4, 7, 50}) {
    std::vector<double> mean(23);
    for (std::int64_t replicate = 0; replicate < 300; ++replicate) {
      auto const weights = resampled_cases(23, block, 9, replicate);
      EXPECT_EQ(std::accumulate(weights.begin(), weights.end(), 0), 23);
      for (std::size_t i = 0; i < weights.size(); ++i) mean[i] += weights[i] / 300.0;
      if (block == 50) {
        EXPECT_EQ(weights, std::vector<int>(23, 1));
      }
      if (block != 7) continue;
      // a case within a block is never drawn without a neighbour
      for (std::size_t i = 1; i + 1 < weights.size(); ++i)
        if (weights[i] > 0) {
          EXPECT_GT(weights[i - 1] + weights[i + 1], 0);
        }
    }
    EXPECT_NEAR(mean[11], 1, 0.35) << block;
  }
  EXPECT_NE(resampled_cases(23, 1, 9, 0), resampled_cases(23, 1, 9, 1));
  EXPECT_EQ(resampled_cases(23, 1, 9, 0), resampled_cases(23, 1, 9, 0));
}

TEST(Skill, TheIntervalOfAMeanHasItsPublishedWidth) {
  // standard error of a mean of n independent values: 1.96 sd / sqrt(n)
  constexpr std::int64_t cases = 400;
  SkillTable table{.columns = {{"network", Score::correlation}},
                   .leads_h = {6},
                   .channels = {"t2m"},
                   .units = {"K"},
                   .cases = cases,
                   .values = {}};
  core::Random random(5, core::purpose("test/skill"), 1);
  for (std::int64_t one = 0; one < cases; ++one) table.values.push_back(random.normal());
  auto const figure = summarise(table, {.replicates = 2000}).front().figure;
  EXPECT_NEAR((figure.high - figure.low) / 2, 1.96 / 20, 0.012);
}

TEST(Skill, IsWrittenAsColumns) {
  core::testing::TemporaryFolder const folder;
  auto const path = folder.path() / "skill.h5";
  auto const table = made_up(5);
  auto const rows = summarise(table, {});
  auto file = core::H5File::create(path);
  write_skill(file, table, rows, {});
  file.commit();
  auto const read = core::H5File::open(path);
  EXPECT_EQ(read.read_strings("/result/skill/method").size(), rows.size());
  EXPECT_EQ(read.read<double>("/result/skill/value")[1], rows[1].figure.value);
  EXPECT_EQ(read.shape("/result/skill_cases/values"), (std::vector<std::int64_t>{5, 3, 2, 1}));
}

}  // namespace
}  // namespace crossjoule::runtime
