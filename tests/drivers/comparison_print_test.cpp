// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/comparison_print.hpp"

#include "points.hpp"

#include <gtest/gtest.h>
#include <algorithm>

namespace crossjoule::drivers {
namespace {

bool has(std::string const& text, std::string const& part) {
  return text.find(part) != std::string::npos;
}

Comparison sample(Kind kind, double chip_joules = 1e-7) {
  return join({source("cpu.h5", {digital(1, 4e-6, 1e-6, kind), digital(100, 1e-6, 1e-7, kind)}),
               source("chip.h5", {analog(1, chip_joules, 1e-6)})},
              {});
}

TEST(ComparisonPrint, TitleSaysWhenNoJouleWasMeasured) {
  EXPECT_TRUE(
      has(comparison_text(sample(Kind::modelled), {}), "NO JOULE IN THIS TABLE WAS MEASURED"));
  EXPECT_FALSE(has(comparison_text(sample(Kind::measured_counter), {}), "NO JOULE"));
  EXPECT_TRUE(has(comparison_json(sample(Kind::modelled), {}).dump(),
                  "NO JOULE IN THIS TABLE WAS MEASURED"));
}

TEST(ComparisonPrint, ColumnsNameTheBoundaryAndTheIdleRule) {
  auto const text = comparison_text(sample(Kind::measured_counter), {});
  EXPECT_TRUE(has(text, "energy, system: vs best digital"));
  EXPECT_TRUE(has(text, "vs digital at same batch"));
  EXPECT_TRUE(has(text, "gross"));
}

TEST(ComparisonPrint, ALosingResultIsPrintedAsLargeAsAWinningOne) {
  EXPECT_TRUE(
      has(comparison_text(sample(Kind::measured_counter, 1e-7), {}), "10 [8.26, 12.1] less"));
  EXPECT_TRUE(
      has(comparison_text(sample(Kind::measured_counter, 1e-5), {}), "0.1 [0.0826, 0.121] MORE"));
  EXPECT_TRUE(has(comparison_text(sample(Kind::measured_counter, 1e-6), {}), "undecided"));
}

TEST(ComparisonPrint, VerdictFollowsTheInterval) {
  auto make = [](double low, double value, double high) {
    return Ratio{{low}, {value}, {high}, Kind::modelled};
  };
  EXPECT_EQ(verdict(make(1.1, 2, 4)), "less");
  EXPECT_EQ(verdict(make(0.1, 0.2, 0.9)), "MORE");
  EXPECT_EQ(verdict(make(0.9, 2, 4)), "undecided");
  EXPECT_EQ(verdict({}), "");
}

TEST(ComparisonPrint, PublishedRowsStandApartAndAreMarked) {
  PublishedRow other, same;
  other.platform = same.platform = "an FPGA";
  other.citation = same.citation = "somebody";
  other.latency = about<Seconds>(80e-9, Kind::modelled);
  same.digest = "d1";
  auto const table = sample(Kind::measured_counter);
  auto const text = comparison_text(table, {other});
  EXPECT_TRUE(has(text, "different network"));
  EXPECT_TRUE(has(text, "somebody"));
  EXPECT_GT(text.find("an FPGA"), text.find("a chip"));
  EXPECT_FALSE(has(comparison_text(table, {same}), "different network"));
  EXPECT_TRUE(has(comparison_text(table, {same}), "same network"));
  EXPECT_EQ(comparison_csv(table), comparison_csv(sample(Kind::measured_counter)))
      << "never joined";
}

TEST(ComparisonPrint, CsvHoldsEveryLineAndReadsBackExactly) {
  auto const table = sample(Kind::measured_counter);
  auto const csv = comparison_csv(table);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1 + 3);
  EXPECT_TRUE(has(csv, "energy_ratio_to_best_digital_low"));
  EXPECT_TRUE(has(csv, fmt::format(",{},", table.lines[1].joules.value.value)));
  EXPECT_TRUE(has(csv, "measured-counter"));
}

TEST(ComparisonPrint, AbsentFiguresAreEmptyInCsvAndNullInJson) {
  auto blind = digital(1, 1, 1e-6);
  blind.joules_per_sample = blind.idle_joules_per_sample = {};
  auto const table = join({source("a.h5", {blind})}, {});
  EXPECT_TRUE(has(comparison_csv(table), ",,,,absent"));
  EXPECT_TRUE(has(comparison_json(table, {}).dump(), "null"));
  EXPECT_FALSE(has(comparison_text(table, {}), " 0 J"));
}

}  // namespace
}  // namespace crossjoule::drivers
