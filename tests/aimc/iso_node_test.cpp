// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/iso_node.hpp"

#include "aimc/process_node.hpp"
#include "chips.hpp"
#include "models/build.hpp"

#include <gtest/gtest.h>

namespace crossjoule::aimc {
namespace {

constexpr double rounding = 1e-12;

Figure assumed(double value) {
  return {value / 2, value, value * 2, "", "assumed", "a test", "", core::Kind::assumed};
}

Terms digital_terms() {
  Terms terms;
  terms[Term::digital_joules_per_output] = assumed(1e-12);
  terms[Term::link_joules_per_byte] = assumed(1e-13);
  terms[Term::host_link_joules_per_byte] = assumed(1e-11);
  return terms;
}

Estimate at(std::string const& name, double node_nm, Terms const& terms = digital_terms()) {
  auto const chip = preset(name);
  Workload workload;
  workload.iso_node_nm = node_nm;
  return estimate(models::svdd(), chip, chip.mode(""), terms, workload);
}

/// 14 nm (32 nm wires, 0.8 V) to 22 nm (40 nm, 0.85 V): 1.25 (0.85 / 0.8)^2 = 1.4111328125, and
/// 1.25^2 = 1.5625 in area.
TEST(IsoNode, RatiosAreTheLawWorkedOutByHand) {
  EXPECT_DOUBLE_EQ(digital_energy_ratio(14, 22), 1.4111328125);
  EXPECT_DOUBLE_EQ(digital_area_ratio(14, 22), 1.5625);
  EXPECT_DOUBLE_EQ(digital_energy_ratio(22, 14) * digital_energy_ratio(14, 22), 1);
  EXPECT_NEAR(digital_energy_ratio(14, 18) * digital_energy_ratio(18, 22), 1.4111328125, 1e-12)
      << "steps between tabulated nodes go together";
}

/// SVDD on hermes-core: 1178 outputs, 3378 bytes on links, 102 bytes to the host.
TEST(IsoNode, EnergiesAreThoseWorkedOutByHand) {
  auto const result = at("hermes-core", 22);
  ASSERT_TRUE(result.iso_node.has_value());
  auto const& chip = result.batches[0].boundaries[1];
  double const ratio = 1.4111328125, digital = 1178e-12 + 3378e-13;
  double const mvm = 6 * 131072 / 10.5e12;
  double const analog = mvm + chip.part(Part::static_power).value.value +
                        chip.part(Part::programming).value.value +
                        chip.part(Part::calibration).value.value;
  auto const& line = result.iso_node->batches[0][1];
  EXPECT_NEAR(line.unscaled.value.value / (analog + ratio * digital), 1, rounding);
  EXPECT_NEAR(line.scaled.value.value / (ratio * (analog + digital)), 1, rounding);
  auto const& system = result.iso_node->batches[0][2];
  EXPECT_NEAR(system.scaled.value.value / (ratio * (analog + digital) + 102e-11), 1, rounding)
      << "the host's side does not scale";
  auto const& device = result.iso_node->batches[0][0];
  EXPECT_NEAR(device.unscaled.value.value / mvm, 1, rounding) << "arrays and converters stay";
  EXPECT_NEAR(result.iso_node->area_scaled.value.value / result.area().value.value, 1.5625,
              rounding);
  EXPECT_NEAR(result.iso_node->area_unscaled.value.value / result.area().value.value, 1, rounding)
      << "the publication gives no digital share of the area";
}

TEST(IsoNode, MeritsHoldBothEnds) {
  auto const result = at("hermes-core", 7);
  auto const& line = result.iso_node->batches[0][1];
  auto const ops = 2 * result.macs * 1e-12;
  EXPECT_LT(line.scaled.value, line.unscaled.value) << "a smaller node takes less";
  EXPECT_NEAR(line.merits.efficiency.value.value, ops / line.unscaled.value.value, 1e-9);
  EXPECT_NEAR(line.merits.efficiency.high.value, ops / line.scaled.low.value, 1e-9);
  EXPECT_NEAR(line.merits.efficiency.low.value, ops / line.unscaled.high.value, 1e-9);
}

TEST(IsoNode, ItsOwnNodeChangesNothingAndNothingIsScaledUnlessAsked) {
  EXPECT_FALSE(at("hermes-core", 0).iso_node.has_value());
  auto const same = at("hermes-core", 14);
  auto const& line = same.iso_node->batches[0][1];
  auto const published = same.batches[0].boundaries[1].joules_per_sample();
  EXPECT_NEAR(line.unscaled.value.value / published.value.value, 1, rounding);
  EXPECT_NEAR(line.scaled.value.value / published.value.value, 1, rounding);
  EXPECT_EQ(same.batches[0].boundaries[1].joules_per_sample().value,
            at("hermes-core", 0).batches[0].boundaries[1].joules_per_sample().value);
}

/// A chip whose laws split its area and energy scales its digital parts alone.
TEST(IsoNode, DigitalAreaScalesAloneWhereItIsKnown) {
  auto const result = at("jia20", 22);
  auto const& iso = *result.iso_node;
  EXPECT_LT(iso.area_unscaled.value, result.area().value) << "65 to 22 nm";
  EXPECT_LT(iso.area_scaled.value, iso.area_unscaled.value);
}

TEST(IsoNode, AChipWithoutANodeIsRefused) {
  auto const chip = chip_from_text(made_up_chip(), "made-up.toml");
  Workload workload;
  workload.iso_node_nm = 14;
  EXPECT_NE(refusal([&] {
              estimate(models::svdd(), chip, chip.mode(""), {}, workload);
            }).find("names no process node"),
            std::string::npos);
  EXPECT_NE(refusal([] { at("hermes-core", 0.5); }).find("process node 0.5"), std::string::npos);
}

}  // namespace
}  // namespace crossjoule::aimc
