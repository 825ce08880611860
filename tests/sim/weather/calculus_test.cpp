// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/weather/calculus.hpp"

#include "sim/world/weather/cases.hpp"
#include "sim/world/weather/legendre.hpp"
#include "support.hpp"

#include <gtest/gtest.h>
#include <numbers>

namespace crossjoule::sim::weather {
namespace {

constexpr double radius_m = 6.37122e6;
constexpr double allowed = 1e-12;

/// Winds on the grid in m/s from vorticity and divergence.
std::pair<Field, Field> winds(Sphere& sphere, Calculus const& calculus, State const& state) {
  std::vector<Spectrum> spectra(2);
  std::vector<Field> fields(2);
  calculus.winds(state.vorticity, state.divergence, spectra[0], spectra[1]);
  sphere.synthesise(spectra, fields);
  for (Field& field : fields)
    for (std::size_t block = 0; block < sphere.blocks().size(); ++block)
      for (std::size_t i = 0; i < static_cast<std::size_t>(sphere.lon()); ++i)
        field[sphere.block_begin(block) + i] /= sphere.blocks()[block].cosine;
  return {fields[0], fields[1]};
}

class CalculusTest : public testing::Test {
 protected:
  CalculusTest() : sphere_(33, 70, 21), calculus_(sphere_, radius_m) {
    random_.vorticity = random_spectrum(sphere_, 1, 1);
    random_.divergence = random_spectrum(sphere_, 2, 1);
  }
  Sphere sphere_;
  Calculus calculus_;
  State random_;
};

TEST_F(CalculusTest, CurlAndDivergenceOfTheWindsAreThoseTheyCameFrom) {
  auto const [u, v] = winds(sphere_, calculus_, random_);
  State back;
  set_winds(sphere_, calculus_, u, v, back);
  EXPECT_LT(worst_difference(back.vorticity, random_.vorticity), allowed);
  EXPECT_LT(worst_difference(back.divergence, random_.divergence), allowed);
}

TEST_F(CalculusTest, ATurnByNinetyDegreesSwapsCurlAndDivergence) {
  // k x V = (-v, u): its divergence is -curl V, its curl div V
  auto [u, v] = winds(sphere_, calculus_, random_);
  for (Lanes& value : v) value = -value;
  State turned;
  set_winds(sphere_, calculus_, v, u, turned);
  EXPECT_LT(worst_difference(turned.vorticity, random_.divergence), allowed);
  for (Complex& value : turned.divergence) value = -value;
  EXPECT_LT(worst_difference(turned.divergence, random_.vorticity), allowed);
}

TEST_F(CalculusTest, SolidBodyRotationHasVorticityTwiceTheSineOfLatitude) {
  Field const u = sphere_.sample([](double lat, double) { return 40 * std::cos(lat); });
  State state;
  set_winds(sphere_, calculus_, u, Field(u.size(), Lanes{}), state);
  Spectrum want(sphere_.spectrum_size());
  want[sphere_.at(1, 0)] = 2 * 40 / radius_m / std::sqrt(3);
  EXPECT_LT(worst_difference(state.vorticity, want), 1e-13);
  for (Complex const value : state.divergence) EXPECT_LT(std::abs(value), 1e-18);
}

TEST_F(CalculusTest, LaplacianOfAHarmonicIsAMultipleOfIt) {
  Spectrum const want = random_spectrum(sphere_, 4, 1);
  Spectrum have = want;
  calculus_.apply_laplacian(have);
  EXPECT_NEAR(have[sphere_.at(7, 3)].real() / want[sphere_.at(7, 3)].real(),
              -7 * 8 / (radius_m * radius_m), 1e-25);
  calculus_.apply_inverse_laplacian(have);
  EXPECT_LT(worst_difference(have, want), 1e-15);
}

TEST_F(CalculusTest, DivergenceOfAGradientIsTheLaplacian) {
  // the wind of divergence D alone is the gradient of the inverse Laplacian of D; in the plain
  // form: u = dchi/dlon / (a cos), by differences along a row
  State state;
  state.vorticity.resize(sphere_.spectrum_size());
  state.divergence = random_.divergence;
  auto const rows = sphere_.rows(winds(sphere_, calculus_, state).first);
  Spectrum potential = random_.divergence;
  calculus_.apply_inverse_laplacian(potential);
  auto const chi = [&](double lon) {
    double sum = 0;
    for (int m = 0; m <= 21; ++m) {
      auto const p = legendre_functions(m, 21, sphere_.nodes().mu[9]);
      for (int l = m; l <= 21; ++l)
        sum += (m > 0 ? 2 : 1) * p[static_cast<std::size_t>(l - m)] *
               (potential[sphere_.at(l, m)] * std::polar(1.0, m * lon)).real();
    }
    return sum;
  };
  double const cosine = std::sqrt(1 - std::pow(sphere_.nodes().mu[9], 2));
  for (int const i : {0, 11, 50}) {
    double const lon = 2 * std::numbers::pi * i / 70, step = 1e-5;
    double const slope = (chi(lon + step) - chi(lon - step)) / (2 * step);
    EXPECT_NEAR(rows[static_cast<std::size_t>(9 * 70 + i)] / (slope / (radius_m * cosine)), 1,
                1e-7);
  }
}

}  // namespace
}  // namespace crossjoule::sim::weather
