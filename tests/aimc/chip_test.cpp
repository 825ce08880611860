// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/chip.hpp"

#include "chips.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>

namespace crossjoule::aimc {
namespace {

/// Identity rows: the closed form again, written out by hand.
constexpr double identity_error = 1e-12;

void expect_close(double computed, double wanted) {
  EXPECT_NEAR(computed / wanted, 1, identity_error) << computed << " instead of " << wanted;
}

TEST(Chip, PresetsAreReadWholeAndInNameOrder) {
  ASSERT_GE(presets().size(), 13u);
  for (auto const& each : presets()) EXPECT_EQ(preset(each.name).name, each.name);
  EXPECT_TRUE(std::is_sorted(presets().begin(), presets().end(),
                             [](auto const& a, auto const& b) { return a.name < b.name; }));
}

TEST(Chip, FourPhaseIsTheDefaultAndOnePhaseIsMarkedPeak) {
  auto const chip = preset("hermes-64");
  ASSERT_EQ(chip.modes.size(), 2u);
  EXPECT_EQ(chip.mode("").name, "four-phase");
  EXPECT_EQ(chip.mode("").label(), "four-phase");
  EXPECT_EQ(chip.mode("one-phase").label(), "one-phase (peak)");
}

TEST(Chip, ProductTimeAndEnergyAreThoseOfTheClosedForm) {
  auto const core = preset("hermes-core");
  expect_close(mvm_time(core, core.mode("")).value.value, 131072 / 1.008e12);
  expect_close(mvm_energy(core, core.mode("")).value.value, 131072 / 10.5e12);
  auto const chip = preset("hermes-64");
  expect_close(mvm_time(chip, chip.mode("four-phase")).value.value, 131072 * 64 / 16.1e12);
  expect_close(mvm_energy(chip, chip.mode("four-phase")).value.value, 131072 / 2.48e12);
  expect_close(mvm_time(chip, chip.mode("one-phase")).value.value, 131072 * 64 / 63.1e12);
  expect_close(mvm_energy(chip, chip.mode("one-phase")).value.value, 131072 / 9.76e12);
}

TEST(Chip, PrintedDigitsOfTheTableAreMet) {
  auto const core = preset("hermes-core");
  auto const chip = preset("hermes-64");
  EXPECT_NEAR(mvm_time(core, core.mode("")).value.value, 130.0317e-9, 0.00005e-9);
  EXPECT_NEAR(mvm_energy(core, core.mode("")).value.value, 12.48305e-9, 0.000005e-9);
  EXPECT_NEAR(full_load_power(core, core.mode("")).value.value, 0.0960, 0.00005);
  EXPECT_NEAR(mvm_time(chip, chip.mode("")).value.value, 521.0316e-9, 0.00005e-9);
  EXPECT_NEAR(mvm_energy(chip, chip.mode("")).value.value, 52.85161e-9, 0.000005e-9);
  EXPECT_NEAR(full_load_power(chip, chip.mode("")).value.value, 6.492, 0.0005);
  EXPECT_NEAR(mvm_time(chip, chip.mode("one-phase")).value.value, 132.9415e-9, 0.00005e-9);
  EXPECT_NEAR(mvm_energy(chip, chip.mode("one-phase")).value.value, 13.42951e-9, 0.000005e-9);
  EXPECT_NEAR(full_load_power(chip, chip.mode("one-phase")).value.value, 6.465, 0.0005);
  EXPECT_NEAR(area(core, core.mode("")).value.value, 0.634, 0.0005);
  EXPECT_NEAR(area(chip, chip.mode("one-phase")).value.value, 40.7, 0.05);
}

/// The trap: E[pJ/MAC] = 2 / (TOPS/W), for one MAC is two ops. Reading 1 / (TOPS/W) is wrong by 2.
TEST(Chip, OneMacIsTwoOps) {
  struct Row {
    char const *chip, *mode;
    double femtojoule_per_mac, tops_per_watt;
  };
  for (auto const& row :
       {Row{"hermes-core", "pulse-width", 190.5, 10.5}, Row{"hermes-64", "one-phase", 204.9, 9.76},
        Row{"hermes-64", "four-phase", 806.5, 2.48}}) {
    auto const chip = preset(row.chip);
    auto const per_mac = mvm_energy(chip, chip.mode(row.mode)).value.value / (256.0 * 256.0);
    EXPECT_NEAR(per_mac * 1e15, row.femtojoule_per_mac, 0.05);
    EXPECT_GT(std::abs(per_mac * 1e12 - 1 / row.tops_per_watt), 0.4 / row.tops_per_watt)
        << "off by 2";
  }
}

TEST(Chip, IntervalsTurnRoundWhereAFigureDivides) {
  auto const chip = chip_from_text(made_up_chip(), "made-up.toml");
  auto const ops = 2.0 * 512 * 512;
  auto const time = mvm_time(chip, chip.mode(""));
  expect_close(time.low.value, 3 * ops / 21e12);
  expect_close(time.high.value, 3 * ops / 19e12);
  auto const power = full_load_power(chip, chip.mode(""));
  expect_close(power.low.value, 19.0 / 6);
  expect_close(power.high.value, 21.0 / 4);
  EXPECT_FALSE(area(chip, chip.mode("")).present());
  EXPECT_EQ(time.kind, core::Kind::modelled);
}

TEST(Chip, AnAssumedFigureMakesItsResultsAssumed) {
  auto const chip = chip_from_text(
      bent("value = 20.0\nlow = 19.0\nhigh = 21.0\nunit = \"Top/s\"\nkind = \"published\"",
           "value = 20.0\nlow = 19.0\nhigh = 21.0\nunit = \"Top/s\"\nkind = \"assumed\""),
      "made-up.toml");
  EXPECT_EQ(mvm_time(chip, chip.mode("")).kind, core::Kind::assumed);
  EXPECT_EQ(mvm_energy(chip, chip.mode("")).kind, core::Kind::modelled);
}

struct Bend {
  char const *from, *to, *complaint;
};

class BentChip : public testing::TestWithParam<Bend> {};

TEST_P(BentChip, IsRefusedWithItsPlace) {
  auto const bend = GetParam();
  auto const message = refusal([&] { chip_from_text(bent(bend.from, bend.to), "made-up.toml"); });
  EXPECT_NE(message.find(bend.complaint), std::string::npos) << message;
  EXPECT_NE(message.find("made-up.toml"), std::string::npos) << message;
}

INSTANTIATE_TEST_SUITE_P(
    Chip, BentChip,
    testing::Values(Bend{"unit = \"Top/s\"\n", "", "no unit"},
                    Bend{"unit = \"Top/s\"", "unit = \"Gop/s\"", "must be \"Top/s\""},
                    Bend{"low = 19.0", "low = 20.5", "must rise"},
                    Bend{"high = 6.0", "high = 4.5", "must rise"},
                    Bend{"low = 19.0\n", "", "no low"}, Bend{"value = 5.0\n", "", "no value"},
                    Bend{"value = 5.0\nlow = 4.0", "value = 5.0\nlow = -4.0", "must lie in"},
                    Bend{"citation = \"A: table 2\"", "", "no citation"},
                    Bend{"citation = \"A: table 2\"", "citation = \"\"", "is empty"},
                    Bend{"citation = \"A: table 2\"", "citation = \"B: table 2\"",
                         "the source \"B\""},
                    Bend{"kind = \"published\"\ncitation = \"A: table 2\"",
                         "citation = \"A: table 2\"", "no kind"},
                    Bend{"kind = \"published\"\ncitation = \"A: table 2\"",
                         "kind = \"guessed\"\ncitation = \"A: table 2\"", "guessed"},
                    Bend{"value = 512", "value = 0", "rows"},
                    Bend{"value = 512", "value = 2.5", "value"},
                    Bend{"input_bits = { value = 8", "input_bits = { value = 65", "at most 64"},
                    Bend{"default_mode = \"normal\"", "default_mode = \"fast\"", "default_mode"},
                    Bend{"[sources.A]\ntext = \"A. Author, Journal (2030)\"", "", "sources"},
                    Bend{"name = \"made-up\"", "", "no name"},
                    Bend{"name = \"made-up\"", "name = \"made-up\"\nrowz = 1", "rowz"},
                    Bend{"[modes.normal.efficiency]", "[modes.normal.effciency]", "efficiency"}));

TEST(Chip, TheUnbentFileIsFine) {
  EXPECT_EQ(refusal([] { chip_from_text(made_up_chip(), "made-up.toml"); }), "");
}

TEST(Chip, UnknownNamesAreAnsweredWithTheKnownOnes) {
  EXPECT_NE(refusal([] { preset("hermes-65"); }).find("hermes-64"), std::string::npos);
  EXPECT_NE(refusal([] { preset("hermes-64").mode("two-phase"); }).find("four-phase"),
            std::string::npos);
  EXPECT_NE(refusal([] { chip_from_file("no-such-chip.toml"); }).find("no-such-chip.toml"),
            std::string::npos);
}

}  // namespace
}  // namespace crossjoule::aimc
