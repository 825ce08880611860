// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/fourier.hpp"

#include "core/error.hpp"
#include "kernels/reference/fourier.hpp"
#include "tests/kernels/support.hpp"

#include <algorithm>
#include <complex>
#include <numbers>

namespace crossjoule::kernels {
namespace {

using testing::Padded;
using Space = HostSpace;

/// A random window of a random grid: 1, odd, prime and even sizes, taller than wide and wider than
/// tall; windows that start anywhere and go round; more features than one strip holds.
FourierGrid random_grid(core::Random& random) {
  constexpr std::array<std::int64_t, 14> extents{1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 16, 20};
  constexpr std::array<std::int64_t, 8> sizes{1, 2, 3, 5, 8, 16, 17, 48};
  FourierGrid g;
  g.rows = extents[random.below(extents.size())];
  g.columns = extents[random.below(extents.size())];
  g.first_row = static_cast<std::int64_t>(random.below(g.rows));
  g.kept_rows = random.below(3) ? 1 + static_cast<std::int64_t>(random.below(g.rows)) : g.rows;
  g.kept_columns = 1 + static_cast<std::int64_t>(random.below(g.columns / 2 + 1));
  g.blocks = 1 + static_cast<std::int64_t>(random.below(5));
  g.features = g.blocks * sizes[random.below(sizes.size())];
  return g;
}

template <class T>
struct Transform {
  core::Random random;
  FourierGrid grid;
  std::int64_t samples, points, modes;
  Padded<T> x, spectrum, y, spectrum_out;
  FourierTables<Space, T> tables;
  std::vector<T> scratch;

  explicit Transform(int item) : Transform(item, testing::stream("tests/fourier", item)) {}
  Transform(int item, core::Random stream) : Transform(item, stream, random_grid(stream)) {}
  Transform(int item, core::Random stream, FourierGrid const& g)
      : random(stream),
        grid(g),
        samples(1 + item % 3),
        points(samples * g.rows * g.columns),
        modes(samples * g.kept_rows * g.kept_columns * g.blocks),
        x(points, g.features, item % 4),
        spectrum(modes, 2 * g.features / g.blocks, item % 5),
        y(points, g.features, item % 3),
        spectrum_out(modes, 2 * g.features / g.blocks, item % 2),
        tables(Space(), g),
        scratch(fourier_scratch<Space, T>(Space(), g, samples), T(NAN)) {
    x.fill(random);
    spectrum.fill(random);
  }
  Row<Space, T> room() { return row_view<Space, T>(scratch.data(), scratch.size()); }
  std::string text() const {
    return fmt::format("{} x {}, rows {} from {}, columns {}, {} features in {} blocks", grid.rows,
                       grid.columns, grid.kept_rows, grid.first_row, grid.kept_columns,
                       grid.features, grid.blocks);
  }
  std::vector<double> forward() {
    fourier_transform<Space, T>(Space(), tables, samples, x.view(), spectrum_out.view(), room());
    return spectrum_out.tight();
  }
  std::vector<double> inverse() {
    inverse_fourier_transform<Space, T>(Space(), tables, samples, spectrum.view(), y.view(),
                                        room());
    return y.tight();
  }
};

using Complex = std::complex<double>;
Complex turn(std::int64_t steps, std::int64_t points) {
  return std::polar(1.0, 2 * std::numbers::pi * static_cast<double>(steps % points) /
                             static_cast<double>(points));
}

/// rfft2 as numpy defines it, then the window: complex numbers throughout.
std::vector<double> brute_force_forward(FourierGrid const& g, std::int64_t samples,
                                        std::vector<double> const& x) {
  std::vector<double> all;
  for (std::int64_t s = 0; s < samples; ++s)
    for (std::int64_t r = 0; r < g.kept_rows; ++r)
      for (std::int64_t k = 0; k < g.kept_columns; ++k)
        for (std::int64_t block = 0; block < g.blocks; ++block) {
          std::vector<double> imaginary;
          for (std::int64_t f = 0; f < g.features / g.blocks; ++f) {
            Complex sum = 0;
            std::int64_t const u = (g.first_row + r) % g.rows;
            for (std::int64_t i = 0; i < g.rows; ++i)
              for (std::int64_t j = 0; j < g.columns; ++j)
                sum += x[((s * g.rows + i) * g.columns + j) * g.features +
                         block * (g.features / g.blocks) + f] *
                       std::conj(turn(u * i, g.rows) * turn(k * j, g.columns));
            sum /= std::sqrt(static_cast<double>(g.rows * g.columns));
            all.push_back(sum.real());
            imaginary.push_back(sum.imag());
          }
          all.insert(all.end(), imaginary.begin(), imaginary.end());
        }
  return all;
}

/// irfft2 as numpy and CPU libraries do it: an inverse complex transform of every column, then of
/// each row the real numbers whose half spectrum it is, the imaginary part of column 0 and of the
/// Nyquist column being dropped.
std::vector<double> brute_force_inverse(FourierGrid const& g, std::int64_t samples,
                                        std::vector<double> const& spectrum) {
  std::int64_t const half = g.columns / 2 + 1, size = g.features / g.blocks;
  std::vector<double> y(samples * g.rows * g.columns * g.features);
  for (std::int64_t s = 0; s < samples; ++s)
    for (std::int64_t f = 0; f < g.features; ++f)
      for (std::int64_t i = 0; i < g.rows; ++i) {
        std::vector<Complex> row(half);
        for (std::int64_t k = 0; k < g.kept_columns; ++k)
          for (std::int64_t r = 0; r < g.kept_rows; ++r) {
            std::int64_t const at = ((s * g.kept_rows + r) * g.kept_columns + k) * g.blocks;
            double const* const part = &spectrum[(at + f / size) * 2 * size];
            row[k] += Complex(part[f % size], part[size + f % size]) *
                      turn((g.first_row + r) * i, g.rows);
          }
        row[0] = row[0].real();
        if (g.columns % 2 == 0) row[half - 1] = row[half - 1].real();
        for (std::int64_t j = 0; j < g.columns; ++j) {
          Complex sum = 0;
          for (std::int64_t k = 0; k < g.columns; ++k)  // the other half mirrors this one
            sum += (k < half ? row[k] : std::conj(row[g.columns - k])) * turn(k * j, g.columns);
          y[((s * g.rows + i) * g.columns + j) * g.features + f] =
              sum.real() / std::sqrt(static_cast<double>(g.rows * g.columns));
        }
      }
  return y;
}

/// The oracle's oracle: complex numbers and numpy's two steps against the sums of the header.
TEST(FourierReference, AgreesWithComplexArithmetic) {
  for (int item = 0; item < 25; ++item) {
    Transform<double> t(item);
    std::vector<double> spectrum(t.spectrum.tight().size()), y(t.x.tight().size());
    reference::fourier_transform<double>(t.grid, t.samples, t.x.tight(), spectrum);
    EXPECT_LE(testing::nmse(spectrum, brute_force_forward(t.grid, t.samples, t.x.tight())), 1e-28)
        << t.text();
    reference::inverse_fourier_transform<double>(t.grid, t.samples, t.spectrum.tight(), y);
    EXPECT_LE(testing::nmse(y, brute_force_inverse(t.grid, t.samples, t.spectrum.tight())), 1e-28)
        << t.text();
  }
}

template <class T>
class Fourier : public ::testing::Test {};
using Numbers = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Fourier, Numbers);

TYPED_TEST(Fourier, TransformsAreEquivalentToReference) {
  for (int item = 0; item < testing::random_shapes; ++item) {
    Transform<TypeParam> t(item);
    std::vector<double> spectrum(t.spectrum.tight().size()), y(t.x.tight().size());
    reference::fourier_transform<double>(t.grid, t.samples, t.x.tight(), spectrum);
    EXPECT_LE(testing::nmse(t.forward(), spectrum), testing::allowed_nmse<TypeParam>) << t.text();
    reference::inverse_fourier_transform<double>(t.grid, t.samples, t.spectrum.tight(), y);
    EXPECT_LE(testing::nmse(t.inverse(), y), testing::allowed_nmse<TypeParam>) << t.text();
  }
}

TYPED_TEST(Fourier, GradientsAreEquivalentToReferenceAndAddUp) {
  for (int item = 0; item < testing::random_shapes; ++item) {
    Transform<TypeParam> t(item);
    std::vector<double> spectrum(t.spectrum.tight().size()), y(t.x.tight().size());
    reference::fourier_transform_gradient<double>(t.grid, t.samples, t.spectrum.tight(), y);
    reference::inverse_fourier_transform_gradient<double>(t.grid, t.samples, t.x.tight(), spectrum);
    for (int times = 1; times <= 2; ++times) {
      Gradient const mode = times == 1 ? Gradient::replace : Gradient::add;
      fourier_transform_gradient<Space, TypeParam>(Space(), t.tables, t.samples, t.spectrum.view(),
                                                   mode, t.y.view(), t.room());
      EXPECT_LE(testing::nmse(t.y.tight(), y), testing::allowed_nmse<TypeParam>) << t.text();
      inverse_fourier_transform_gradient<Space, TypeParam>(Space(), t.tables, t.samples, t.x.view(),
                                                           mode, t.spectrum_out.view(), t.room());
      EXPECT_LE(testing::nmse(t.spectrum_out.tight(), spectrum), testing::allowed_nmse<TypeParam>)
          << t.text();
      for (auto* all : {&y, &spectrum})
        for (double& value : *all) value *= 2;
    }
  }
}

TYPED_TEST(Fourier, PortableFormIsEquivalentToReference) {
  for (int item = 0; item < 15; ++item) {
    Transform<TypeParam> t(item);
    portable::FourierTables<Space, TypeParam> const tables(Space(), t.grid);
    std::vector<TypeParam> scratch(portable::fourier_scratch(t.grid, t.samples));
    auto const room = row_view<Space, TypeParam>(scratch.data(), scratch.size());
    for (InnerColumns const inner : {InnerColumns::once, InnerColumns::twice}) {
      std::vector<double> spectrum(t.spectrum.tight().size()), y(t.x.tight().size());
      reference::fourier_analysis<double>(t.grid, t.samples, inner, t.x.tight(), spectrum);
      portable::fourier_analysis<Space, TypeParam>(Space(), tables, inner, t.samples, t.x.view(),
                                                   Gradient::replace, t.spectrum_out.view(), room);
      EXPECT_LE(testing::nmse(t.spectrum_out.tight(), spectrum), testing::allowed_nmse<TypeParam>);
      reference::fourier_synthesis<double>(t.grid, t.samples, inner, t.spectrum.tight(), y);
      for (Gradient const mode : {Gradient::replace, Gradient::add})
        portable::fourier_synthesis<Space, TypeParam>(Space(), tables, inner, t.samples,
                                                      t.spectrum.view(), mode, t.y.view(), room);
      for (double& value : y) value *= 2;
      EXPECT_LE(testing::nmse(t.y.tight(), y), testing::allowed_nmse<TypeParam>) << t.text();
    }
  }
}

TYPED_TEST(Fourier, ComparisonNoticesOneDamagedMode) {
  Transform<TypeParam> t(7);
  std::vector<double> spectrum(t.spectrum.tight().size());
  reference::fourier_transform<double>(t.grid, t.samples, t.x.tight(), spectrum);
  double largest = 0;
  for (double const value : spectrum) largest = std::max(largest, std::abs(value));
  spectrum[spectrum.size() / 2] += 1e-2 * largest;
  EXPECT_GT(testing::nmse(t.forward(), spectrum), testing::allowed_nmse<TypeParam>);
}

/// Bits of a sample do not depend on the batch it comes in.
TYPED_TEST(Fourier, BitsOfASampleDependOnTheSampleAlone) {
  for (int item = 2; item < 30; item += 3) {
    Transform<TypeParam> t(item);
    auto const spectrum = t.forward(), y = t.inverse();
    std::int64_t const points = t.points / t.samples, modes = t.modes / t.samples;
    for (std::int64_t s = 0; s < t.samples; ++s) {
      auto const part = [&](Padded<TypeParam>& all, std::int64_t rows) {
        return rows_view<Space, TypeParam>(&all.at(s * rows, 0), rows, all.columns, all.stride);
      };
      fourier_transform<Space, TypeParam>(Space(), t.tables, 1, part(t.x, points),
                                          part(t.spectrum_out, modes), t.room());
      inverse_fourier_transform<Space, TypeParam>(Space(), t.tables, 1, part(t.spectrum, modes),
                                                  part(t.y, points), t.room());
    }
    EXPECT_EQ(t.spectrum_out.tight(), spectrum) << t.text();
    EXPECT_EQ(t.y.tight(), y) << t.text();
  }
}

double dot(std::vector<double> const& a, std::vector<double> const& b) {
  double sum = 0;
  for (std::size_t n = 0; n < a.size(); ++n) sum += a[n] * b[n];
  return sum;
}

/// <F x, s> = <x, F* s>, and the same for the inverse: what gradients of linear maps are.
TEST(FourierGradients, AreAdjoint) {
  for (int item = 0; item < testing::random_shapes; ++item) {
    Transform<double> t(item);
    double const forward = dot(t.forward(), t.spectrum.tight());
    fourier_transform_gradient<Space, double>(Space(), t.tables, t.samples, t.spectrum.view(),
                                              Gradient::replace, t.y.view(), t.room());
    double const size = 1e-13 * static_cast<double>(t.points * t.grid.features);
    EXPECT_NEAR(dot(t.x.tight(), t.y.tight()), forward, size) << t.text();
    double const inverse = dot(t.inverse(), t.x.tight());
    inverse_fourier_transform_gradient<Space, double>(Space(), t.tables, t.samples, t.x.view(),
                                                      Gradient::replace, t.spectrum_out.view(),
                                                      t.room());
    EXPECT_NEAR(dot(t.spectrum.tight(), t.spectrum_out.tight()), inverse, size) << t.text();
  }
}

/// With nothing cut the inverse takes the transform back, for every size along either axis.
TEST(FourierPair, GivesBackWhatCameIn) {
  for (std::int64_t rows = 1; rows <= 13; ++rows)
    for (std::int64_t columns = 1; columns <= 13; ++columns) {
      FourierGrid const grid{.rows = rows,
                             .columns = columns,
                             .first_row = rows / 3,
                             .kept_rows = rows,
                             .kept_columns = columns / 2 + 1,
                             .blocks = 1,
                             .features = 3};
      Transform<double> t(0, testing::stream("tests/fourier/pair", 0), grid);
      t.forward();
      t.spectrum.memory = t.spectrum_out.memory;
      EXPECT_LE(testing::nmse(t.inverse(), t.x.tight()), 1e-28) << t.text();
    }
}

/// Column 0 and the Nyquist column may be anything: only (X[u] + conj X[-u]) / 2 of them counts.
TEST(FourierInverse, SymmetrisesTheFirstAndTheNyquistColumn) {
  for (std::int64_t const rows : {1, 2, 5, 6, 9}) {
    FourierGrid const g{.rows = rows,
                        .columns = 8,
                        .first_row = 0,
                        .kept_rows = rows,
                        .kept_columns = 5,
                        .blocks = 2,
                        .features = 6};
    Transform<double> t(0, testing::stream("tests/fourier/nyquist", 0), g);
    auto const plain = t.inverse();
    Padded<double> const before = t.spectrum;
    auto const row = [&](std::int64_t u, std::int64_t k, std::int64_t block) {
      return (u * g.kept_columns + k) * g.blocks + block;
    };
    for (std::int64_t u = 0; u < rows; ++u)
      for (std::int64_t const k : {std::int64_t{0}, std::int64_t{4}})
        for (std::int64_t block = 0; block < 2; ++block)
          for (std::int64_t f = 0; f < 6; ++f) {
            Padded<double> from = before;
            double const here = from.at(row(u, k, block), f);
            double const there = from.at(row((rows - u) % rows, k, block), f);
            t.spectrum.at(row(u, k, block), f) = (f < 3 ? here + there : here - there) / 2;
          }
    EXPECT_NE(t.spectrum.tight(), Padded<double>(before).tight());
    EXPECT_LE(testing::nmse(t.inverse(), plain), 1e-28) << rows;
  }
}

}  // namespace
}  // namespace crossjoule::kernels
