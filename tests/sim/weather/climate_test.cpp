// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/weather/climate.hpp"

#include "sim/world/weather/channels.hpp"
#include "sim/world/weather/diagnostics.hpp"
#include "support.hpp"

#include <gtest/gtest.h>
#include <numbers>

namespace crossjoule::sim::weather {
namespace {

using std::numbers::pi;
constexpr double day_s = 86400;

class ClimateTest : public testing::Test {
 protected:
  ClimateTest() : sphere_(32, 64, 21), climate_(sphere_, {}), solver_(sphere_, climate_.setup()) {}
  Sphere sphere_;
  Climate climate_;
  ShallowWater solver_;
};

TEST_F(ClimateTest, StartsInBalanceWithTheMeanDepth) {
  State const state = climate_.start(0, 1, 1979);
  EXPECT_DOUBLE_EQ(state.depth[0].real(), climate_.options().mean_depth_m);
  // without forcing the divergence of a balanced start does not grow
  auto setup = climate_.setup();
  setup.forcing = nullptr;
  setup.damping = {};
  ShallowWater free(sphere_, setup);
  State slope = free.zero();
  free.tendency(0, state, slope);
  double growth = 0, turning = 0;
  for (std::size_t i = 0; i < state.depth.size(); ++i) {
    growth = std::max(growth, std::abs(slope.divergence[i]));
    turning = std::max(turning, std::abs(slope.vorticity[i]));
  }
  EXPECT_LT(growth, 1e-12 * turning + 1e-18);
}

TEST_F(ClimateTest, StartIsAFunctionOfSeedAndItem) {
  State const state = climate_.start(0, 1, 1979);
  EXPECT_EQ(climate_.start(0, 1, 1979).vorticity, state.vorticity);
  EXPECT_NE(climate_.start(0, 2, 1979).vorticity, state.vorticity);
  EXPECT_NE(climate_.start(0, 1, 1980).vorticity, state.vorticity);
}

TEST_F(ClimateTest, RandomWindHasTheStrengthAskedFor) {
  ClimateOptions options;
  options.jet_m_per_s = 0;
  Climate const still(sphere_, options);
  double mean_square = 0;
  constexpr int starts = 8;
  for (int item = 0; item < starts; ++item) {
    State const state = Climate(sphere_, options).start(0, 5, static_cast<std::uint64_t>(item));
    Field u, v;
    solver_.winds(state, u, v);
    for (std::size_t i = 0; i < u.size(); ++i) u[i] = u[i] * u[i] + v[i] * v[i];
    mean_square += sphere_.mean(u) / starts;
  }
  EXPECT_NEAR(std::sqrt(mean_square), options.eddy_m_per_s, 1e-9);
}

TEST_F(ClimateTest, SunIsAPatternOnTheGridThatMovesWestward) {
  // at its own equilibrium the planet feels the sun alone
  ClimateOptions options;
  options.relaxation_days = 1e9;
  Climate const climate(sphere_, options);
  for (double const time_s : {0.0, 0.25 * day_s, 10.3 * day_s, 45 * day_s}) {
    State const rest = solver_.zero();
    State source = solver_.zero();
    climate.add(time_s, rest, source);
    double const year = 2 * pi * time_s / (options.year_days * day_s);
    double const sun_lat = -0.4 * std::cos(year), sun_lon = pi - 2 * pi * time_s / day_s;
    auto const want = sphere_.spectrum_of(sphere_.sample([&](double lat, double lon) {
      return options.tide_m_per_day / day_s * std::cos(lat) * std::cos(lon - sun_lon) *
             std::exp(-std::pow((lat - sun_lat) / (pi / 2), 2));
    }));
    for (std::size_t i = 0; i < want.size(); ++i)
      ASSERT_LT(std::abs(source.depth[i] - want[i]), 1e-9 * options.tide_m_per_day / day_s + 1e-11)
          << time_s << " " << i;
  }
}

TEST_F(ClimateTest, EquilibriumIsWhatDoesNotChange) {
  ClimateOptions options;
  options.eddy_m_per_s = 0;
  options.tide_m_per_day = 0;
  options.mountains = {};
  Climate climate(sphere_, options);
  for (double const time_s : {0.0, 20 * day_s}) {
    State const state = climate.start(time_s, 1, 1);
    State source = solver_.zero();
    climate.add(time_s, state, source);
    for (std::size_t i = 0; i < state.depth.size(); ++i) {
      ASSERT_LT(std::abs(source.vorticity[i]), 1e-20) << i;
      ASSERT_LT(std::abs(source.depth[i]), 1e-14) << i;
    }
    // and in winter the jet is the stronger one
    Field u, v;
    solver_.winds(state, u, v);
    auto const rows = sphere_.rows(u);
    double north = 0, south = 0;
    for (std::size_t j = 0; j < 16; ++j) north = std::max(north, rows[64 * j]);
    for (std::size_t j = 16; j < 32; ++j) south = std::max(south, rows[64 * j]);
    EXPECT_GT(north, south);
    EXPECT_NEAR(north, 110 * (1 + 0.15 * std::cos(2 * pi * time_s / (90 * day_s))), 6);
  }
}

TEST_F(ClimateTest, MassStaysAndWeatherMoves) {
  State state = climate_.start(0, 1, 7);
  State const begin = state;
  for (int step = 0; step < 3 * 72; ++step) solver_.step(1200.0 * step, 1200, state);
  EXPECT_EQ(ShallowWater::non_finite_field(state), "");
  EXPECT_NEAR(state.depth[0].real() / begin.depth[0].real(), 1, 1e-14);
  EXPECT_GT(worst_difference(state.vorticity, begin.vorticity), 0.05);
  auto const end = diagnose(solver_, 3 * day_s, state);
  EXPECT_LT(end.speed_max_m_per_s, 200);
  EXPECT_GT(end.depth_min_m, 2000);
}

TEST_F(ClimateTest, ChannelsAreWhatTheirNamesSay) {
  State const state = climate_.start(0, 1, 3);
  auto const channels = channels_from({"u", "v", "speed", "height", "depth", "pv", "vorticity",
                                       "psi", "heating", "divergence", "chi"});
  constexpr std::size_t points = 32 * 64;
  std::vector<float> out(channels.size() * points);
  fill_channels(solver_, 0, state, channels, out);
  auto const at = [&](std::size_t channel, std::size_t i) {
    return static_cast<double>(out[channel * points + i]);
  };
  auto const ground = sphere_.rows(sphere_.field_of(climate_.mountains()));
  Spectrum psi = state.vorticity;
  solver_.calculus().apply_inverse_laplacian(psi);
  auto const stream = sphere_.rows(sphere_.field_of(psi));
  for (std::size_t i = 0; i < points; i += 97) {
    double const f = 2 * 7.292e-5 * sphere_.nodes().mu[i / 64];
    EXPECT_NEAR(at(2, i), std::hypot(at(0, i), at(1, i)), 1e-4);
    EXPECT_NEAR(at(3, i) - at(4, i), ground[i], 1e-2);
    EXPECT_NEAR(at(5, i), (at(6, i) + f) / at(4, i), 1e-14);
    EXPECT_NEAR(at(7, i) / stream[i], 1, 1e-5);
    EXPECT_EQ(at(9, i), 0);
    EXPECT_EQ(at(10, i), 0);
  }
}

}  // namespace
}  // namespace crossjoule::sim::weather
