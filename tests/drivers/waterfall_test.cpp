// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/waterfall.hpp"

#include "points.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>

namespace crossjoule::drivers {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// What a record of an estimate holds of one mode: joules of each part at batches 1 and 1000, the
/// latter being those given here; its ends are half and twice.
using PartJoules = std::map<std::string, double>;

class WaterfallOfRecords : public testing::Test {
 protected:
  WaterfallOfRecords()
      : path_(std::filesystem::temp_directory_path() / fmt::format("waterfall_{}.h5", getpid())) {}
  ~WaterfallOfRecords() override { std::filesystem::remove(path_); }

  void write(std::map<std::string, PartJoules> const& modes) {
    core::Record record(path_, "estimate", core::Config(), core::Overwrite::yes);
    record.network({"svdd", "d1", 205325, 204416}, "graph svdd\n");
    auto& file = record.file();
    for (auto const& [mode, parts] : modes) {
      auto const group = "/result/estimate/a-chip/" + mode;
      file.write(group + "/parts/batch", std::vector<std::int64_t>{1, 1000}, {"1", "batch"});
      file.attribute(group, "standing", mode == "fast" ? "peak" : "sustained");
      for (auto const& [part, joules] : parts) {
        auto column = [&](char const* end, double factor) {
          file.write(group + "/parts/system/" + part + end,
                     std::vector<double>{77 * joules, factor * joules}, {"J", "joules"});
        };
        column("_low", 0.5);
        column("_value", 1);
        column("_high", 2);
      }
    }
    record.commit();
  }

  static Point line(std::int64_t batch, double joules, char const* precision) {
    auto point = digital(batch, joules, 1e-3);
    point.precision = precision;
    return point;
  }

  std::vector<Waterfall> falls(std::vector<Point> const& points) const {
    return waterfalls({path_}, {source("cpu.h5", points)});
  }

  std::filesystem::path path_;
};

PartJoules const all_parts = {{"mvm", 2},       {"digital", 1},        {"links", 0.5},
                              {"static", 0.5},  {"programming", 0.25}, {"calibration", 0.25},
                              {"host_link", 1}, {"host_idle", 4.5}};

/// Every bar is digital joules over the analog joules counted so far, worked out by hand.
TEST_F(WaterfallOfRecords, BarsAreTheClosedForm) {
  write({{"fast", {{"mvm", 1}}}, {"slow", all_parts}});
  auto const all = falls({line(1, 100, "fp32"), line(64, 10, "fp32"), line(64, 5, "int8"),
                          line(1, 60, "int8"), line(8, 40, "fp32")});
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].chip, "a-chip");
  EXPECT_EQ(all[0].mode, "slow");
  struct Wanted {
    char const* assumption;
    double digital, analog;
  };
  std::vector<Wanted> const wanted = {
      {"most flattering", 100, 1}, {"batch", 10, 1},  {"precision", 5, 1}, {"read mode", 5, 2},
      {"digital parts", 5, 3},     {"links", 5, 3.5}, {"static", 5, 4},    {"amortisation", 5, 4.5},
      {"host link", 5, 5.5},       {"host", 5, 10}};
  ASSERT_EQ(all[0].bars.size(), wanted.size());
  for (std::size_t k = 0; k < wanted.size(); ++k) {
    auto const& bar = all[0].bars[k];
    EXPECT_EQ(bar.assumption, wanted[k].assumption);
    EXPECT_NEAR(bar.ratio.value.value, wanted[k].digital / wanted[k].analog, 1e-12) << k;
    // ends: digital is known to a factor 1.1, analog to a factor 2
    EXPECT_NEAR(bar.ratio.low.value, wanted[k].digital / 1.1 / (2 * wanted[k].analog), 1e-12) << k;
    EXPECT_NEAR(bar.ratio.high.value, wanted[k].digital * 1.1 / (0.5 * wanted[k].analog), 1e-12)
        << k;
    EXPECT_FALSE(core::is_measured(bar.ratio.kind)) << "analog joules are modelled";
  }
}

/// Honesty never flatters: no bar is higher than the one before.
TEST_F(WaterfallOfRecords, BarsNeverRise) {
  write({{"fast", {{"mvm", 1}}}, {"slow", all_parts}});
  auto const all = falls({line(1, 3, "fp32"), line(10, 7, "fp32"), line(100, 2, "fp64")});
  for (std::size_t k = 1; k < all[0].bars.size(); ++k)
    EXPECT_LE(all[0].bars[k].ratio.value.value, all[0].bars[k - 1].ratio.value.value) << k;
}

TEST_F(WaterfallOfRecords, APartWithoutAFigureIsSaidNotCounted) {
  auto parts = all_parts;
  parts["links"] = nan;
  parts.erase("host_idle");
  write({{"slow", parts}});
  auto const all = falls({line(1, 100, "fp32")});
  ASSERT_EQ(all[0].bars.size(), 10u);
  EXPECT_EQ(all[0].bars[5].meaning, "no figure: not counted");
  EXPECT_EQ(all[0].bars[5].ratio.value, all[0].bars[4].ratio.value);
  EXPECT_EQ(all[0].bars[9].meaning, "no figure: not counted");
  EXPECT_NEAR(all[0].bars[0].ratio.value.value, 50, 1e-12) << "one mode alone is both ends";
}

TEST_F(WaterfallOfRecords, BothSidesAreNeeded) {
  write({{"slow", all_parts}});
  EXPECT_NE(refusal([&] { falls({analog(1, 1, 1)}); }).find("no record has a digital line"),
            std::string::npos);
  {
    core::Record record(path_, "infer", core::Config(), core::Overwrite::yes);
    record.network({"svdd", "d1", 205325, 204416}, "graph svdd\n");
    record.commit();
  }
  EXPECT_NE(refusal([&] { falls({line(1, 1, "fp32")}); }).find("no record holds an estimate"),
            std::string::npos);
}

}  // namespace
}  // namespace crossjoule::drivers
