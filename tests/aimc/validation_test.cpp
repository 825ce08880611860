// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/validation.hpp"

#include "chips.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <iostream>

namespace crossjoule::aimc {
namespace {

ValidationSheet sheet_of(std::string_view text) {
  auto config = core::Config::from_text(text, "sheet.toml");
  auto sheet = read_sheet(config);
  config.refuse_leftovers();
  return sheet;
}

std::vector<ValidationResult> const& all() {
  static auto const results = validate(sheet_of(published_sheet()));
  return results;
}

/// Mean and largest |error| of the rows whose id starts with `prefix` and whose quantity is one of
/// two.
std::pair<double, double> errors(std::string const& prefix, std::string const& a,
                                 std::string const& b) {
  double sum = 0, worst = 0;
  int rows = 0;
  for (auto const& each : all()) {
    if (each.row.id.rfind(prefix, 0) != 0 || !each.row.mode.empty()) continue;
    if (each.row.quantity != a && each.row.quantity != b) continue;
    sum += std::abs(each.error());
    worst = std::max(worst, std::abs(each.error()));
    ++rows;
  }
  return {rows > 0 ? sum / rows : 1, worst};
}

TEST(Validation, EveryPublishedRowStaysInItsBand) {
  ASSERT_GT(all().size(), 100u);
  for (auto const& each : all())
    EXPECT_TRUE(each.passed()) << each.row.id << ": " << each.computed << " instead of "
                               << each.row.published << " (" << 100 * each.error() << " %)";
}

constexpr char const* one_row = R"toml(
[[row]]
id = "mine"
chip = "hermes-core"
quantity = "throughput"
published = 1.008
unit = "Top/s"
band = 0.01
class = "identity"
citation = "a test"
)toml";

std::string bent_row(std::string const& from, std::string const& to) {
  std::string text = one_row;
  auto const at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

/// Bands follow the rules of docs/validation.md: none is made for a row of its own unless it says
/// so.
TEST(Validation, BandsFollowTheirRules) {
  for (auto const& each : all()) {
    auto const& row = each.row;
    if (row.band_is_fitted) continue;
    switch (row.evidence) {
      case Evidence::identity: EXPECT_LE(row.band, 0.01) << row.id; break;
      case Evidence::fitted: EXPECT_LE(row.band, 0.16) << row.id; break;
      case Evidence::model_to_model: EXPECT_LE(row.band, 0.10) << row.id; break;
      case Evidence::blind_silicon: EXPECT_EQ(row.band, 0.20) << row.id; break;
    }
  }
}

TEST(Validation, TheIntervalHoldsWhatThePresetGives) {
  for (auto const& each : all()) {
    EXPECT_LE(each.low, each.computed * (1 + 1e-12)) << each.row.id;
    EXPECT_GE(each.high, each.computed * (1 - 1e-12)) << each.row.id;
  }
  auto const sound = validate(sheet_of(one_row)).front();
  EXPECT_TRUE(sound.is_covered()) << "1.008 within half of its last digit";
  EXPECT_NEAR(sound.low, 1.0075, 1e-9);
  EXPECT_NEAR(sound.high, 1.0085, 1e-9);
  EXPECT_FALSE(validate(sheet_of(bent_row("1.008", "1.0095"))).front().is_covered());
}

TEST(Validation, TheBitSweepIsMetWithinFivePercentOnAverage) {
  auto const [mean, worst] = errors("neurram/", "throughput", "efficiency");
  EXPECT_LE(mean, 0.05);
  EXPECT_LE(worst, 0.10);
}

TEST(Validation, TheSimulatorsRowsAreMetWithinTenPercent) {
  for (auto const* quantity : {"network_area", "network_throughput", "network_efficiency_all"})
    EXPECT_LE(errors("macro-sram/22", quantity, quantity).second, 0.10) << quantity;
  for (auto const* quantity : {"network_area", "network_throughput", "network_efficiency_all"})
    EXPECT_LE(errors("macro-sram/5", quantity, quantity).second, 0.10) << quantity;
}

TEST(Validation, NoMoreConstantsAreFittedThanStated) {
  auto fitted = [](std::vector<Law> const& laws) {
    std::size_t count = 0;
    for (auto const& law : laws) count += law.fitted.empty() ? 0 : 1;
    return count;
  };
  auto const neurram = preset("neurram");
  auto const& two_phase = neurram.mode("two-phase");
  EXPECT_LE(fitted(two_phase.time) + fitted(two_phase.energy), 4u);
  auto const macro = preset("macro-sram");
  auto const& mode = macro.mode("");
  EXPECT_LE(fitted(mode.time) + fitted(mode.energy) + fitted(mode.area), 6u);
}

/// The check must be able to fail, on both sides, and on a figure that is not a number.
TEST(Validation, ARowOffItsBandFails) {
  EXPECT_TRUE(validate(sheet_of(one_row)).front().passed());
  EXPECT_FALSE(validate(sheet_of(bent_row("1.008", "1.02"))).front().passed());
  EXPECT_FALSE(validate(sheet_of(bent_row("1.008", "0.99"))).front().passed());
  auto result = validate(sheet_of(one_row)).front();
  result.computed = std::nan("");
  EXPECT_FALSE(result.passed());
}

TEST(Validation, BadRowsAreRefused) {
  auto complaint = [](std::string const& from, std::string const& to) {
    return refusal([&] { validate(sheet_of(bent_row(from, to))); });
  };
  EXPECT_NE(complaint("hermes-core", "hermes-corr").find("hermes-core"), std::string::npos);
  EXPECT_NE(complaint("throughput", "thruput").find("throughput"), std::string::npos);
  EXPECT_NE(complaint("Top/s", "kTop/s").find("unit"), std::string::npos);
  EXPECT_NE(complaint("band = 0.01\n", "").find("band"), std::string::npos);
  EXPECT_NE(complaint("citation = \"a test\"\n", "").find("citation"), std::string::npos);
  EXPECT_NE(complaint("identity", "blind").find("class"), std::string::npos);
  EXPECT_NE(complaint("band = 0.01", "band = 0.01\nbant = 1").find("bant"), std::string::npos);
  EXPECT_NE(complaint("band = 0.01", "band = 0.01\ndesign = { supply = 1.0 }").find("supply"),
            std::string::npos);
}

}  // namespace
}  // namespace crossjoule::aimc
