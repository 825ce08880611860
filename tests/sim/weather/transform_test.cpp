// SPDX-License-Identifier: BSD-3-Clause
#include "core/error.hpp"
#include "core/testing/expect_error.hpp"
#include "sim/world/weather/legendre.hpp"
#include "support.hpp"

#include <gtest/gtest.h>
#include <numbers>

namespace crossjoule::sim::weather {
namespace {

using std::numbers::pi;

/// Largest error seen 3e-14 (96 x 192): rounding of sums over latitudes.
constexpr double round_trip_error = 1e-13;

struct Size {
  int lat, lon, truncation;
};

/// Odd and even latitudes, lanes that do not fill up, prime factors in the longitudes, and the
/// largest truncation a grid has.
std::vector<Size> sizes() {
  return {{2, 4, 1},     {3, 6, 2},     {7, 14, 6},    {16, 32, 10},  {33, 70, 22},
          {50, 110, 49}, {64, 128, 42}, {64, 128, 63}, {61, 122, 40}, {96, 192, 63}};
}

TEST(GaussNodes, AreThoseOfTheTables) {
  // Abramowitz and Stegun, table 25.4
  auto const two = gauss_nodes(2), three = gauss_nodes(3);
  EXPECT_NEAR(two.mu[0], 0.577350269189626, 1e-15);
  EXPECT_NEAR(two.weight[0], 1, 1e-15);
  EXPECT_NEAR(three.mu[0], 0.774596669241483, 1e-15);
  EXPECT_EQ(three.mu[1], 0);
  EXPECT_NEAR(three.weight[1], 8.0 / 9, 1e-15);
  EXPECT_NEAR(gauss_nodes(96).mu[0], 0.999689503883230, 1e-15);
  EXPECT_NEAR(gauss_nodes(96).weight[0], 0.000796792065552, 1e-14);
}

TEST(GaussNodes, IntegratePolynomialsExactly) {
  for (int const count : {2, 3, 7, 64, 129}) {
    auto const nodes = gauss_nodes(count);
    for (int const power : {0, 1, 2, 2 * count - 2, 2 * count - 1, 2 * count}) {
      double sum = 0;
      for (std::size_t j = 0; j < nodes.mu.size(); ++j)
        sum += nodes.weight[j] * std::pow(nodes.mu[j], power);
      double const want = power % 2 ? 0 : 2.0 / (power + 1);
      if (power < 2 * count) {
        EXPECT_NEAR(sum, want, 1e-14) << count << " " << power;
      } else if (count < 10) {  // one degree more is not exact
        EXPECT_GT(std::abs(sum - want), 1e-7) << count;
      }
    }
  }
}

TEST(Legendre, ClosedForms) {
  for (double const mu : {-0.9, 0.0, 0.3, 0.99}) {
    double const c = std::sqrt(1 - mu * mu);
    auto const zonal = legendre_functions(0, 3, mu), first = legendre_functions(1, 2, mu);
    EXPECT_NEAR(zonal[0], 1, 1e-15);
    EXPECT_NEAR(zonal[1], std::sqrt(3) * mu, 1e-15);
    EXPECT_NEAR(zonal[2], std::sqrt(5) / 2 * (3 * mu * mu - 1), 1e-15);
    EXPECT_NEAR(zonal[3], std::sqrt(7) / 2 * (5 * mu * mu * mu - 3 * mu), 2e-15);
    EXPECT_NEAR(first[0], std::sqrt(1.5) * c, 1e-15);
    EXPECT_NEAR(first[1], std::sqrt(7.5) * mu * c, 1e-15);
    EXPECT_NEAR(legendre_functions(2, 2, mu)[0], std::sqrt(15.0 / 8) * c * c, 1e-15);
  }
}

TEST(Legendre, AreOrthonormal) {
  constexpr int last = 85;
  auto const nodes = gauss_nodes(last + 1);
  for (int const m : {0, 1, 40, 84}) {
    std::vector<std::vector<double>> sums(last + 1, std::vector<double>(last + 1));
    for (std::size_t j = 0; j < nodes.mu.size(); ++j) {
      auto const p = legendre_functions(m, last, nodes.mu[j]);
      for (std::size_t a = 0; a < p.size(); ++a)
        for (std::size_t b = 0; b <= a; ++b) sums[a][b] += nodes.weight[j] / 2 * p[a] * p[b];
    }
    for (std::size_t a = 0; a <= static_cast<std::size_t>(last - m); ++a)
      for (std::size_t b = 0; b <= a; ++b) ASSERT_NEAR(sums[a][b], a == b, 2e-13) << m;
  }
}

TEST(Fourier, IsEquivalentToReference) {
  for (int const points : {2, 4, 6, 8, 10, 12, 14, 22, 26, 30, 32, 36, 50, 98, 126, 128, 360}) {
    Fourier fourier(points);
    int const last = points / 2 - 1;
    core::Random random(3, 1, static_cast<std::uint64_t>(points));
    std::vector<Lanes> x(static_cast<std::size_t>(points)), back(x);
    for (auto& lanes : x)
      for (int lane = 0; lane < lane_count; ++lane) lanes[lane] = random.normal();
    std::vector<ComplexLanes> have(static_cast<std::size_t>(last) + 1);
    fourier.analyse(x.data(), last, have.data());
    fourier.synthesise(have.data(), last, back.data());
    for (int const lane : {0, lane_count - 1}) {
      std::vector<Complex> want;
      for (int k = 0; k <= last; ++k) {
        Complex sum = 0;
        for (int n = 0; n < points; ++n)
          sum += std::polar(x[static_cast<std::size_t>(n)][lane] / points,
                            -2 * pi * ((k * n) % points) / points);
        want.push_back(sum);
        Complex const found{have[static_cast<std::size_t>(k)].re[lane],
                            have[static_cast<std::size_t>(k)].im[lane]};
        ASSERT_LT(std::abs(found - sum), 1e-14 * points) << points << " " << k;
      }
      for (int n = 0; n < points; ++n) {
        double sum = want[0].real();
        for (int k = 1; k <= last; ++k)
          sum += 2 * (want[static_cast<std::size_t>(k)] *
                      std::polar(1.0, 2 * pi * ((k * n) % points) / points))
                         .real();
        ASSERT_NEAR(back[static_cast<std::size_t>(n)][lane], sum, 1e-14 * points) << points;
      }
    }
  }
}

TEST(Sphere, RoundTrip) {
  for (auto const [lat, lon, truncation] : sizes()) {
    Sphere sphere(lat, lon, truncation);
    Spectrum const want = random_spectrum(sphere, 5);
    Field const field = sphere.field_of(want);
    EXPECT_LT(worst_difference(sphere.spectrum_of(field), want), round_trip_error)
        << lat << " x " << lon << " T" << truncation;
    EXPECT_LT(
        worst_difference(sphere.rows(sphere.from_rows(sphere.rows(field))), sphere.rows(field)),
        1e-16);
  }
}

TEST(Sphere, RoundTripNoticesASlip) {
  Sphere sphere(33, 70, 22);
  Spectrum const want = random_spectrum(sphere, 5);
  std::vector<double> rows = sphere.rows(sphere.field_of(want));
  rows[70 * 16 + 3] += 1e-9;  // one point, on the equator
  EXPECT_GT(worst_difference(sphere.spectrum_of(sphere.from_rows(rows)), want), round_trip_error);
}

TEST(Sphere, SynthesisIsTheSumOfHarmonics) {
  Sphere sphere(21, 44, 13);
  Spectrum const spectrum = random_spectrum(sphere, 8);
  auto const rows = sphere.rows(sphere.field_of(spectrum));
  for (int const j : {0, 5, 10, 20})
    for (int const i : {0, 1, 17, 43}) {
      double sum = 0;
      for (int m = 0; m <= 13; ++m) {
        auto const p = legendre_functions(m, 13, sphere.nodes().mu[static_cast<std::size_t>(j)]);
        for (int l = m; l <= 13; ++l)
          sum += (m > 0 ? 2 : 1) * p[static_cast<std::size_t>(l - m)] *
                 (spectrum[sphere.at(l, m)] * std::polar(1.0, 2 * pi * m * i / 44)).real();
      }
      EXPECT_NEAR(rows[static_cast<std::size_t>(44 * j + i)], sum, 1e-12) << j << " " << i;
    }
}

TEST(Sphere, FieldsDoNotInfluenceEachOther) {
  Sphere sphere(32, 64, 21);
  for (std::size_t const count : {1, 2, 3, 5}) {
    std::vector<Spectrum> spectra;
    for (std::size_t k = 0; k < count; ++k) spectra.push_back(random_spectrum(sphere, k));
    std::vector<Field> fields(count);
    sphere.synthesise(spectra, fields);
    for (std::size_t k = 0; k < count; ++k)
      EXPECT_EQ(sphere.rows(fields[k]), sphere.rows(sphere.field_of(spectra[k]))) << k;
  }
}

TEST(Sphere, IntegralsOfProductsAreExact) {
  Sphere sphere(16, 32, 10);
  // means of Y_l^m conj(Y_l'^m') are 1 or 0
  for (auto const [l, m, k, n] :
       {std::array{3, 2, 3, 2}, {10, 10, 10, 10}, {10, 0, 8, 0}, {7, 3, 5, 3}, {4, 1, 4, 2}}) {
    Spectrum a(sphere.spectrum_size()), b(a);
    a[sphere.at(l, m)] = 1;
    b[sphere.at(k, n)] = 1;
    Field x = sphere.field_of(a);
    Field const y = sphere.field_of(b);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] *= y[i];
    double const want = l == k && m == n ? (m > 0 ? 2 : 1) : 0;
    EXPECT_NEAR(sphere.mean(x), want, 1e-13) << l << " " << m << " " << k << " " << n;
  }
  // (P_1^0)^2 = 1 + 2/sqrt(5) P_2^0
  Spectrum one(sphere.spectrum_size());
  one[sphere.at(1, 0)] = 1;
  Field field = sphere.field_of(one);
  for (Lanes& value : field) value *= value;
  Spectrum want(sphere.spectrum_size());
  want[sphere.at(0, 0)] = 1;
  want[sphere.at(2, 0)] = 2 / std::sqrt(5);
  EXPECT_LT(worst_difference(sphere.spectrum_of(field), want), 1e-14);
}

TEST(Sphere, ProductsAreFreeOfAliasingUpToTheTwoThirdsRule) {
  // the same product on a grid that is far too fine
  Sphere coarse(64, 128, 42), fine(96, 192, 42), too_coarse(48, 96, 42);
  auto const product = [](Sphere& sphere) {
    Field a = sphere.field_of(random_spectrum(sphere, 1));
    Field const b = sphere.field_of(random_spectrum(sphere, 2));
    for (std::size_t i = 0; i < a.size(); ++i) a[i] *= b[i];
    return sphere.spectrum_of(a);
  };
  EXPECT_LT(worst_difference(product(coarse), product(fine)), 1e-13);
  EXPECT_GT(worst_difference(product(too_coarse), product(fine)), 1e-3);
}

TEST(Sphere, RefusesGridsThatCannotBe) {
  auto const refused = [](int lat, int lon, int truncation, char const* part) {
    return core::testing::wrong_outcome(core::ExitCode::bad_input, part,
                                        [=] { Sphere sphere(lat, lon, truncation); });
  };
  EXPECT_EQ(refused(-4, 128, 42, "-4 latitudes"), "");
  EXPECT_EQ(refused(0, 128, 42, "0 latitudes"), "");
  EXPECT_EQ(refused(1, 128, 1, "1 latitudes"), "");
  EXPECT_EQ(refused(100'000, 128, 42, "100000 latitudes"), "");
  EXPECT_EQ(refused(64, 127, 42, "127 longitudes"), "");
  EXPECT_EQ(refused(64, 2, 1, "2 longitudes"), "");
  EXPECT_EQ(refused(64, -128, 42, "-128 longitudes"), "");
  EXPECT_EQ(refused(64, 128, 64, "truncation 64"), "");
  EXPECT_EQ(refused(128, 64, 32, "truncation 32"), "");
  EXPECT_EQ(refused(64, 128, 0, "truncation 0"), "");
  EXPECT_EQ(refused(64, 128, -1, "truncation -1"), "");
}

}  // namespace
}  // namespace crossjoule::sim::weather
