// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/law.hpp"

#include "aimc/process_node.hpp"
#include "chips.hpp"

#include <gtest/gtest.h>

namespace crossjoule::aimc {
namespace {

std::string lawful_chip() {
  return R"toml(
name = "lawful"
default_mode = "serial"
[sources.A]
text = "A. Author, Journal (2030)"
[design]
rows = { value = 128, least = 32, most = 256, unit = "1", kind = "published", citation = "A: 1" }
columns = { value = 128, least = 8, most = 256, unit = "1", kind = "published", citation = "A: 1" }
input_bits = { value = 8, least = 1, most = 8, unit = "bit", kind = "published", citation = "A: 1" }
output_bits = { value = 8, unit = "bit", kind = "published", citation = "A: 1" }
weight_bits = { value = 8, least = 1, most = 8, unit = "bit", kind = "published", citation = "A: 1" }
cell_bits = { value = 2, unit = "bit", kind = "published", citation = "A: 1" }
supply = { value = 0.8, least = 0.6, most = 1.0, unit = "V", kind = "published", citation = "A: 1" }
[tile]
pairs = "columns"
[chip]
tiles = { value = 4, unit = "1", kind = "published", citation = "A: 1" }
[[modes.serial.time]]
name = "step"
value = 1e-8
low = 0.9e-8
high = 1.2e-8
unit = "s"
kind = "published"
citation = "A: 2"
times = ["input_bits"]
[[modes.serial.energy]]
name = "both"
components = ["array", "digital"]
shares = [0.75, 0.25]
shares_citation = "A: 4"
value = 1e-12
low = 0.5e-12
high = 2e-12
unit = "J"
kind = "derived"
citation = "A: 3"
times = ["columns", "input_bits"]
relative = ["supply2"]
)toml";
}

std::string bent_law(std::string const& from, std::string const& to) {
  auto text = lawful_chip();
  auto const at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Law, FiguresAreThoseWorkedOutByHand) {
  auto chip = chip_from_text(lawful_chip(), "lawful.toml");
  EXPECT_EQ(chip.tile_rows, 128);
  EXPECT_EQ(chip.tile_columns, 128 / (4 * 2)) << "four slices and a sign";
  auto const tile = tile_figures(chip, chip.mode(""));
  EXPECT_DOUBLE_EQ(tile.seconds, 8e-8);
  EXPECT_DOUBLE_EQ(tile.device_joules(), 0.75 * 128 * 8 * 1e-12);
  EXPECT_TRUE(covers(chip.mode(""), Component::digital));
  EXPECT_FALSE(covers(chip.mode(""), Component::links));
  auto const time = mvm_time(chip, chip.mode(""));
  EXPECT_DOUBLE_EQ(time.low.value, 7.2e-8);
  EXPECT_DOUBLE_EQ(time.high.value, 9.6e-8);
}

TEST(Law, TurningADesignValueTurnsSizesAndFigures) {
  auto chip = chip_from_text(lawful_chip(), "lawful.toml");
  chip.turn("input_bits", 4);
  chip.turn("supply", 0.6);
  chip.turn("weight_bits", 3);
  EXPECT_EQ(chip.input_bits, 4);
  EXPECT_EQ(chip.tile_columns, 128 / (2 * 2));
  auto const tile = tile_figures(chip, chip.mode(""));
  EXPECT_DOUBLE_EQ(tile.seconds, 4e-8);
  EXPECT_NEAR(tile.device_joules() / (0.75 * 128 * 4 * 1e-12 * 0.36 / 0.64), 1, 1e-12);
}

TEST(Law, TurningBeyondTheRangeIsRefused) {
  auto chip = chip_from_text(lawful_chip(), "lawful.toml");
  EXPECT_NE(refusal([&] { chip.turn("supply", 1.1); }).find("0.6 to 1"), std::string::npos);
  EXPECT_NE(refusal([&] { chip.turn("output_bits", 9); }).find("8 to 8"), std::string::npos);
  EXPECT_NE(refusal([&] { chip.turn("node", 5); }).find("it has rows"), std::string::npos);
  EXPECT_NE(refusal([&] { chip.turn("input_bits", 2.5); }).find("whole number"), std::string::npos);
  auto hermes = preset("hermes-64");
  EXPECT_NE(refusal([&] { hermes.turn("input_bits", 4); }).find("one design"), std::string::npos);
}

struct Bend {
  char const *from, *to, *complaint;
};
class BentLaw : public testing::TestWithParam<Bend> {};

TEST_P(BentLaw, IsRefusedWithItsPlace) {
  auto const bend = GetParam();
  auto const message =
      refusal([&] { chip_from_text(bent_law(bend.from, bend.to), "lawful.toml"); });
  EXPECT_NE(message.find(bend.complaint), std::string::npos) << message;
  EXPECT_NE(message.find("lawful.toml"), std::string::npos) << message;
}

INSTANTIATE_TEST_SUITE_P(
    Law, BentLaw,
    testing::Values(
        Bend{"times = [\"input_bits\"]", "times = [\"inptu_bits\"]", "inptu_bits"},
        Bend{"times = [\"input_bits\"]", "times = [\"adc_bits\"]", "needs adc_bits"},
        Bend{"shares = [0.75, 0.25]", "shares = [0.75, 0.35]", "must be 1"},
        Bend{"shares = [0.75, 0.25]", "shares = [1.0]", "one each"},
        Bend{"shares_citation = \"A: 4\"\n", "", "shares_citation"},
        Bend{"\"array\", \"digital\"", "\"array\", \"dac2\"", "dac2"},
        Bend{"low = 0.9e-8", "low = 1.1e-8", "must rise"},
        Bend{"unit = \"s\"", "unit = \"ns\"", "must be \"s\""},
        Bend{"unit = \"s\"\n", "", "no unit"}, Bend{"citation = \"A: 2\"\n", "", "no citation"},
        Bend{"citation = \"A: 2\"", "citation = \"B: 2\"", "the source \"B\""},
        Bend{"name = \"step\"\n", "", "no name"},
        Bend{"name = \"step\"", "nmae = \"step\"", "name"},
        Bend{"least = 32, most = 256, unit", "least = 200, most = 256, unit", "must rise"},
        Bend{"columns = { value = 128, least = 8, most = 256, unit = \"1\", kind = \"published\", "
             "citation = \"A: 1\" }\n",
             "", "rows and columns"},
        Bend{"pairs = \"columns\"", "pairs = \"diagonals\"", "diagonals"},
        Bend{"[[modes.serial.energy]]", "[[modes.serial.area]]", "unit"},
        Bend{"value = 128, least = 8, most = 256", "value = 4, least = 4, most = 256",
             "holds no weight"}));

TEST(ProcessNode, TableIsMetAndInterpolatedBetween) {
  EXPECT_DOUBLE_EQ(process_node(22).wire_nm, 40);
  EXPECT_DOUBLE_EQ(process_node(1).supply_volt, 0.6);
  EXPECT_DOUBLE_EQ(process_node(130).wire_nm, 175);
  auto const between = process_node(28);
  EXPECT_GT(between.wire_nm, 40);
  EXPECT_LT(between.wire_nm, 56);
  EXPECT_NE(refusal([] { process_node(0.5); }).find("1 to 130"), std::string::npos);
  EXPECT_DOUBLE_EQ(digital_energy_ratio(14, 14), 1);
  EXPECT_NEAR(digital_energy_ratio(65, 22), 40.0 / 105 * (0.85 * 0.85) / (1.1 * 1.1), 1e-12);
  EXPECT_NEAR(digital_area_ratio(65, 22), 1600.0 / 11025, 1e-12);
}

}  // namespace
}  // namespace crossjoule::aimc
