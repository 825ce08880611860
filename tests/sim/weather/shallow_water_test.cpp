// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/weather/shallow_water.hpp"

#include "core/error.hpp"
#include "core/testing/expect_error.hpp"
#include "sim/world/weather/cases.hpp"
#include "sim/world/weather/diagnostics.hpp"
#include "support.hpp"

#include <gtest/gtest.h>
#include <numbers>

namespace crossjoule::sim::weather {
namespace {

using std::numbers::pi;

/// A standard case on a grid, integrated on demand.
struct CaseRun {
  CaseRun(std::string_view name, Sphere& sphere, CaseOptions const& options = {})
      : made(standard_case(name, sphere, options)), solver(sphere, made.setup), state(made.state) {}
  void integrate(double hours, double step_s) {
    int const steps = static_cast<int>(std::lround(hours * 3600 / step_s));
    for (int step = 0; step < steps; ++step) {
      solver.step(time_s, step_s, state);
      time_s += step_s;
    }
  }
  Diagnostics diagnostics(Field const* reference = nullptr) {
    return diagnose(solver, time_s, state, reference);
  }
  StandardCase made;
  ShallowWater solver;
  State state;
  double time_s = 0;
};

TEST(Williamson2, IsSteadyForFiveDays) {
  // published figures: ours of an earlier solver, 3.5e-14 to 1.0e-13 for T42
  Sphere sphere(64, 128, 42);
  CaseRun run("williamson2", sphere);
  Field const exact = surface_height(run.solver, run.state);
  auto const begin = run.diagnostics();
  EXPECT_NEAR(begin.height_min_m, 1095.4802, 1e-4);
  EXPECT_NEAR(begin.height_max_m, 2996.9858, 1e-4);
  run.integrate(5 * 24, 600);
  auto const end = run.diagnostics(&exact);
  EXPECT_LT(end.error_l2, 2e-13);
  EXPECT_LT(end.error_linf, 1e-12);
  EXPECT_NEAR(end.energy_m3_per_s2 / begin.energy_m3_per_s2, 1, 1e-13);
}

TEST(Williamson2, IsSteadyAcrossThePoles) {
  Sphere sphere(32, 64, 21);
  for (double const angle : {pi / 4, pi / 2 - 0.05, pi / 2}) {
    CaseRun run("williamson2", sphere, {angle, -1});
    Field const exact = surface_height(run.solver, run.state);
    run.integrate(5 * 24, 1800);
    EXPECT_LT(run.diagnostics(&exact).error_l2, 3e-13) << angle;
  }
}

TEST(Williamson2, ErrorNoticesASlip) {
  // another flow than the balanced one
  Sphere sphere(32, 64, 21);
  CaseRun run("williamson2", sphere);
  Field const exact = surface_height(run.solver, run.state);
  run.state.vorticity[sphere.at(1, 0)] *= 1 + 1e-9;
  run.integrate(24, 1800);
  EXPECT_GT(run.diagnostics(&exact).error_l2, 1e-11);
}

TEST(Williamson6, HasTheFiguresOfDaySeven) {
  Sphere sphere(64, 128, 42);
  CaseRun run("williamson6", sphere);
  auto const begin = run.diagnostics();
  EXPECT_NEAR(begin.height_min_m, 8003.460, 1e-3);
  EXPECT_NEAR(begin.height_max_m, 10555.318, 1e-3);
  EXPECT_NEAR(begin.height_mean_m, 9522.9966, 1e-4);
  run.integrate(7 * 24, 600);
  auto const end = run.diagnostics();
  EXPECT_NEAR(end.height_min_m, 8227.024, 1e-3);
  EXPECT_NEAR(end.height_max_m, 10537.413, 1e-3);
  EXPECT_NEAR(end.speed_max_m_per_s, 96.967, 1e-3);
  EXPECT_NEAR(end.mass_m / begin.mass_m, 1, 1e-13);
  EXPECT_NEAR(end.energy_m3_per_s2 / begin.energy_m3_per_s2, 1, 5e-8);
  EXPECT_NEAR(end.enstrophy_per_m_s2 / begin.enstrophy_per_m_s2, 1, 3e-5);
}

TEST(Williamson5, FlowsOverItsMountain) {
  Sphere sphere(64, 128, 42);
  CaseRun run("williamson5", sphere);
  auto const begin = run.diagnostics();
  // the surface knows nothing of the ground yet: its highest point is h0 on the equator
  EXPECT_NEAR(begin.height_max_m, 5960, 1);
  EXPECT_NEAR(begin.speed_max_m_per_s, 20, 0.02);
  EXPECT_NEAR(begin.height_mean_m - begin.mass_m,
              2000 * std::pow(pi / 9, 2) * std::cos(pi / 6) / 12, 1);  // volume of the cone
  run.integrate(24, 900);
  auto const end = run.diagnostics();
  EXPECT_NEAR(end.mass_m / begin.mass_m, 1, 1e-13);
  EXPECT_NEAR(end.energy_m3_per_s2 / begin.energy_m3_per_s2, 1, 1e-6);
  EXPECT_GT(end.speed_max_m_per_s, 25);
}

TEST(Galewsky, IsTheBalancedJetOfThePublication) {
  Sphere sphere(128, 256, 85);
  CaseRun run("galewsky", sphere);
  auto const begin = run.diagnostics();
  double fastest = 0;  // on the grid, which has no point at 45 degrees
  for (double const mu : sphere.nodes().mu)
    fastest = std::max(fastest, galewsky_wind(std::asin(mu)));
  EXPECT_NEAR(begin.speed_max_m_per_s, fastest, 0.05);
  EXPECT_DOUBLE_EQ(galewsky_wind(pi / 4), 80);
  EXPECT_EQ(galewsky_wind(pi / 7), 0);
  EXPECT_EQ(galewsky_wind(pi / 2), 0);
  // the mean of the bump is exactly 1/3 m: 60 m / (4 pi) times sqrt(pi)/3 times sqrt(pi)/15
  EXPECT_NEAR(begin.mass_m - 10'000, 1.0 / 3, 1e-3);
  // the published bump: squared in latitude too, at longitude 0
  Planet const planet;
  auto const rows = sphere.rows(surface_height(run.solver, run.state));
  auto const& mu = sphere.nodes().mu;
  double const offset = rows[128] - galewsky_height(std::asin(mu[0]), planet);
  for (std::size_t const j : {29, 32, 35}) {
    double const lat = std::asin(mu[j]);
    double const bump = 120 * std::cos(lat) * std::exp(-std::pow((pi / 4 - lat) * 15, 2));
    EXPECT_NEAR(rows[256 * j] - galewsky_height(lat, planet) - offset, bump, 0.1) << lat;
  }
}

TEST(Galewsky, HeightIsInNonlinearBalance) {
  // an oracle without quadrature: what keeps the divergence from growing
  Sphere sphere(128, 256, 85);
  CaseRun run("galewsky", sphere);
  auto const balanced =
      sphere.rows(sphere.field_of(run.solver.balanced_height(run.state.vorticity)));
  Planet const planet;
  double const offset = balanced[128] - galewsky_height(std::asin(sphere.nodes().mu[0]), planet);
  for (std::size_t j = 0; j < 128; j += 9)
    EXPECT_NEAR(balanced[256 * j + 128],
                galewsky_height(std::asin(sphere.nodes().mu[j]), planet) + offset, 0.01)
        << j;
}

TEST(ShallowWater, RestOverMountainsStaysAtRest) {
  Sphere sphere(32, 64, 21);
  weather::Setup setup;
  setup.coriolis = coriolis(sphere, {});
  setup.mountains = random_spectrum(sphere, 3, 1);
  for (Complex& value : setup.mountains) value *= 100;
  setup.damping = hyperdiffusion(21, 4, 3600);
  ShallowWater solver(sphere, setup);
  State state = solver.zero(), slope = state;
  for (std::size_t i = 0; i < state.depth.size(); ++i) state.depth[i] = -setup.mountains[i];
  state.depth[0] += 5000;
  solver.tendency(0, state, slope);
  for (std::size_t i = 0; i < state.depth.size(); ++i) {
    ASSERT_EQ(slope.vorticity[i], 0.0);
    ASSERT_LT(std::abs(slope.divergence[i]), 1e-22);
    ASSERT_LT(std::abs(slope.depth[i]), 1e-15);
  }
}

TEST(ShallowWater, TimeSchemeIsOfFourthOrder) {
  Sphere sphere(32, 64, 21);
  auto const depth_after = [&](double step_s) {
    CaseRun run("williamson6", sphere);
    run.integrate(12, step_s);
    return run.state.depth;
  };
  Spectrum const exact = depth_after(75);
  double const coarse = worst_difference(depth_after(1200), exact);
  double const middle = worst_difference(depth_after(600), exact);
  double const fine = worst_difference(depth_after(300), exact);
  EXPECT_NEAR(coarse / middle, 16, 1.5);
  EXPECT_NEAR(middle / fine, 16, 1.5);
}

TEST(ShallowWater, EnergyErrorFallsWithTheFifthPowerOfTheStep) {
  // a dissipative term of the classical scheme: one order more than that of the state
  Sphere sphere(32, 64, 21);
  auto const drift = [&](double step_s) {
    CaseRun run("williamson6", sphere);
    double const before = run.diagnostics().energy_m3_per_s2;
    run.integrate(24, step_s);
    return std::abs(run.diagnostics().energy_m3_per_s2 / before - 1);
  };
  double const ratio = drift(2400) / drift(1200);
  EXPECT_GT(ratio, 12);
}

TEST(ShallowWater, ALargerTurnOfTheStartTurnsTheEnd) {
  // the equations know no longitude: a start turned by a quarter ends turned by a quarter
  Sphere sphere(32, 64, 21);
  CaseRun run("galewsky", sphere), turned("galewsky", sphere);
  for (Spectrum* spectrum :
       {&turned.state.vorticity, &turned.state.divergence, &turned.state.depth})
    for (int m = 0; m <= 21; ++m)
      for (int l = m; l <= 21; ++l) (*spectrum)[sphere.at(l, m)] *= std::polar(1.0, -pi / 2 * m);
  run.integrate(24, 900);
  turned.integrate(24, 900);
  auto const have = sphere.rows(sphere.field_of(turned.state.depth));
  auto want = sphere.rows(sphere.field_of(run.state.depth));
  for (std::size_t j = 0; j < 32; ++j)
    std::rotate(want.begin() + 64 * j, want.begin() + 64 * j + 48, want.begin() + 64 * (j + 1));
  EXPECT_LT(worst_difference(have, want), 1e-12);
}

TEST(ShallowWater, ViscosityDampsEveryDegreeAtItsRate) {
  Sphere sphere(32, 64, 21);
  Calculus const calculus(sphere, 6.37122e6);
  auto const damping = laplacian_damping(calculus, 21, 1e5);
  EXPECT_EQ(damping.depth[0], 0);
  EXPECT_NEAR(damping.vorticity[21], 1e5 * 21 * 22 / std::pow(6.37122e6, 2), 1e-18);
  EXPECT_NEAR(hyperdiffusion(21, 4, 3600).divergence[21], 1 / 3600.0, 1e-15);
  CaseRun with("williamson6", sphere, {0, 1e6}), without("williamson6", sphere);
  with.integrate(24, 1200);
  without.integrate(24, 1200);
  EXPECT_LT(with.diagnostics().enstrophy_per_m_s2, without.diagnostics().enstrophy_per_m_s2);
  EXPECT_NEAR(with.diagnostics().mass_m / without.diagnostics().mass_m, 1, 1e-13);
}

TEST(ShallowWater, TellsWhichFieldIsNotFinite) {
  Sphere sphere(32, 64, 21);
  CaseRun run("williamson6", sphere);
  EXPECT_EQ(ShallowWater::non_finite_field(run.state), "");
  run.integrate(24 * 5, 7200);  // beyond the limit
  EXPECT_NE(ShallowWater::non_finite_field(run.state), "");
  EXPECT_GT(7200, run.solver.longest_step_s(9523, 100));
  State state = run.solver.zero();
  state.depth[5] = {0, std::nan("")};
  EXPECT_EQ(ShallowWater::non_finite_field(state), "depth");
}

TEST(StandardCases, RefuseWhatTheyAreNot) {
  Sphere sphere(8, 16, 5);
  auto const refused = [&](char const* name, double angle, char const* part) {
    return core::testing::wrong_outcome(core::ExitCode::bad_input, part, [&] {
      standard_case(name, sphere, {angle, -1});
    });
  };
  EXPECT_EQ(refused("williamson7", 0, "williamson6"), "");
  EXPECT_EQ(refused("williamson6", 0.1, "williamson2"), "");
}

}  // namespace
}  // namespace crossjoule::sim::weather
