// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/estimate.hpp"
#include "chips.hpp"
#include "models/build.hpp"

#include <gtest/gtest.h>

namespace crossjoule::aimc {
namespace {

constexpr double rounding = 1e-12;

/// SVDD z = 13 on hermes-core, one sample: 204,416 MACs on 6 full arrays, by hand.
TEST(Merits, AreThoseWorkedOutByHand) {
  auto const chip = preset("hermes-core");
  auto const result = estimate(models::svdd(), chip, chip.mode(""), {}, {});
  ASSERT_EQ(result.macs, 204416);
  auto const merits = result.merits(0, core::Boundary::device);
  double const seconds = 4 * 131072 / 1.008e12, joules = 6 * 131072 / 10.5e12, ops = 2 * 204416;
  double const area = 6 * 1.008 / 1.59;  // six cores, a chip each
  auto near = [](double value, double wanted) { EXPECT_NEAR(value / wanted, 1, rounding); };
  near(merits.throughput.value.value, ops / seconds * 1e-12);
  near(merits.efficiency.value.value, ops / joules * 1e-12);
  near(merits.density.value.value, ops / seconds / area * 1e-12);
  near(merits.power.value.value, joules / seconds);
  near(merits.energy_per_mac.value.value, joules / 204416);
  near(merits.energy_delay.value.value, joules * seconds);
  near(result.peak.throughput.value.value, 6 * 1.008);
  near(result.peak.efficiency.value.value, 10.5);
  near(result.peak.density.value.value, 1.59);
  // what a network reaches of the peak per watt is what it uses of the cells: 204,416 of 6 arrays
  near(merits.efficiency.value.value / result.peak.efficiency.value.value, 204416.0 / (6 * 65536));
}

TEST(Merits, IntervalsHoldTheirValueAndWiderBoundariesAreNoBetter) {
  for (auto const& each : presets()) {
    auto const chip = preset(each.name);
    auto const result = estimate(models::svdd(), chip, chip.mode(""), {}, {{1, 100}, 0});
    for (std::size_t k = 0; k < 2; ++k) {
      double before = 1e300;
      for (auto boundary : {core::Boundary::device, core::Boundary::chip, core::Boundary::system}) {
        auto const merits = result.merits(k, boundary);
        EXPECT_LE(merits.efficiency.low, merits.efficiency.value) << each.name;
        EXPECT_LE(merits.efficiency.value, merits.efficiency.high) << each.name;
        EXPECT_LE(merits.power.low, merits.power.value) << each.name;
        EXPECT_LE(merits.efficiency.value.value, before) << each.name;
        EXPECT_LE(merits.efficiency.value.value,
                  result.peak.efficiency.value.value * (1 + rounding))
            << each.name << ": no network beats the arrays at full load";
        before = merits.efficiency.value.value;
      }
    }
  }
}

TEST(Merits, WithoutAnAreaThereIsNoDensity) {
  auto const chip = chip_from_text(made_up_chip(), "made-up.toml");
  auto const result = estimate(models::svdd(), chip, chip.mode(""), {}, {});
  EXPECT_FALSE(result.merits(0, core::Boundary::device).density.present());
  EXPECT_FALSE(result.peak.density.present());
}

}  // namespace
}  // namespace crossjoule::aimc
