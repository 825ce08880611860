// SPDX-License-Identifier: BSD-3-Clause
// Values worked out by hand for published chips: closed forms to 1e-9, and the digits as printed.
#include "aimc/estimate.hpp"

#include "chips.hpp"
#include "models/build.hpp"

#include <gtest/gtest.h>
#include <cmath>

namespace crossjoule::aimc {
namespace {

constexpr double closed_form_error = 1e-9;

/// One row: the chip's published figures, and the printed results for the SVDD network.
struct Row {
  char const *chip, *mode;
  double cores, ops_per_second, ops_per_joule;
  double latency_ns, energy_nj, rate_mhz;
  std::int64_t replicas;
  double power_watt;
};

class HandWorked : public testing::TestWithParam<Row> {
 protected:
  Estimate make(Workload const& workload) const {
    auto const chip = preset(GetParam().chip);
    return estimate(models::svdd(), chip, chip.mode(GetParam().mode), {}, workload);
  }
};

bool agrees(double computed, double wanted) {
  return std::abs(computed / wanted - 1) <= closed_form_error;
}

TEST_P(HandWorked, SvddIsTheClosedForm) {
  auto const row = GetParam();
  auto const product = 2.0 * 256 * 256 * row.cores / row.ops_per_second;
  auto const joules = 2.0 * 256 * 256 / row.ops_per_joule;
  auto const result = make({{1, 1000}, 4e7});
  auto const& one = result.batches[0].boundaries[0];
  EXPECT_TRUE(agrees(one.latency.value.value, 4 * product));
  EXPECT_TRUE(agrees(one.joules_per_sample().value.value, 6 * joules));
  EXPECT_TRUE(agrees(result.batches[1].boundaries[0].latency.value.value, 1003 * product));
  EXPECT_TRUE(
      agrees(result.batches[1].boundaries[0].seconds_per_sample.value.value, 1.003 * product));
  EXPECT_TRUE(agrees(result.batches[1].boundaries[0].joules_per_sample().value.value, 6 * joules));
  EXPECT_TRUE(agrees(result.rate_hz(), 1 / product));
  EXPECT_TRUE(agrees(result.at_rate->power(core::Boundary::device).value.value, 4e7 * 6 * joules));
}

TEST_P(HandWorked, SvddHasThePrintedDigits) {
  auto const row = GetParam();
  auto const result = make({{1}, 4e7});
  auto const& one = result.batches[0].boundaries[0];
  EXPECT_NEAR(one.latency.value.value * 1e9, row.latency_ns, 0.0005);
  EXPECT_NEAR(one.joules_per_sample().value.value * 1e9, row.energy_nj, 0.00005);
  EXPECT_NEAR(result.rate_hz() * 1e-6, row.rate_mhz, 0.000005);
  EXPECT_EQ(result.at_rate->replicas, row.replicas);
  EXPECT_NEAR(result.at_rate->power(core::Boundary::device).value.value, row.power_watt, 0.000005);
}

/// The check must be able to fail: one tile, one layer or one millionth off does not pass.
TEST_P(HandWorked, TheCheckNoticesASlip) {
  auto const row = GetParam();
  auto const joules = 2.0 * 256 * 256 / row.ops_per_joule;
  auto const computed = make({{1}, 0}).batches[0].boundaries[0].joules_per_sample().value.value;
  EXPECT_FALSE(agrees(computed, 5 * joules));
  EXPECT_FALSE(agrees(computed, 6 * joules * (1 + 1e-8)));
  EXPECT_FALSE(agrees(computed, 3 * joules)) << "one MAC is two ops";
}

INSTANTIATE_TEST_SUITE_P(Svdd, HandWorked,
                         testing::Values(Row{"hermes-core", "pulse-width", 1, 1.008e12, 10.5e12,
                                             520.127, 74.8983, 7.69043, 6, 2.99593},
                                         Row{"hermes-64", "one-phase", 64, 63.1e12, 9.76e12,
                                             531.766, 80.5770, 7.52211, 6, 3.22308},
                                         Row{"hermes-64", "four-phase", 64, 16.1e12, 2.48e12,
                                             2084.126, 317.1097, 1.919270, 21, 12.68439}));

/// 12,870 products of a 16 x 160 layer, one after another on one tile.
TEST(HandWorkedSweep, NeuralQuantumStateSweepHasThePrintedDigits) {
  models::MlpOptions options;
  options.inputs = 16;
  options.layers = {160};
  struct Line {
    char const *chip, *mode;
    double milliseconds, microjoules;
  };
  for (auto const& line : {Line{"hermes-core", "", 1.673509, 160.6568},
                           Line{"hermes-64", "one-phase", 1.710957, 172.8378},
                           Line{"hermes-64", "", 6.705676, 680.2003}}) {
    auto const chip = preset(line.chip);
    auto const result =
        estimate(models::mlp(options), chip, chip.mode(line.mode), {}, {{12870}, 0});
    auto const& sweep = result.batches[0].boundaries[0];
    EXPECT_EQ(result.tiles.tiles(), 1);
    EXPECT_NEAR(result.tiles.utilisation(), 0.039, 0.0005);
    EXPECT_NEAR(sweep.latency.value.value * 1e3, line.milliseconds, 5e-7);
    EXPECT_NEAR(sweep.joules_per_sample().value.value * 12870 * 1e6, line.microjoules, 5e-5);
  }
}

}  // namespace
}  // namespace crossjoule::aimc
