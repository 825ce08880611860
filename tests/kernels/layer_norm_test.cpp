// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/layer_norm.hpp"

#include "kernels/portable/layer_norm.hpp"
#include "kernels/reference/layer_norm.hpp"
#include "tests/kernels/differences.hpp"
#include "tests/kernels/support.hpp"

#include <algorithm>

namespace crossjoule::kernels {
namespace {

using testing::Padded;
using Space = HostSpace;

constexpr double epsilon = 1e-6;

/// A random normalisation, what came back to it, and what the twins make of it.
template <class T>
struct Layer {
  core::Random random;
  std::int64_t rows, columns;
  Padded<T> x, gain, bias, y, dy, dx, dgain, dbias;
  std::vector<T> scratch;
  std::vector<double> want, want_dx, want_dgain, want_dbias;

  explicit Layer(int item) : Layer(item, testing::stream("tests/layer_norm", item)) {}
  Layer(int item, core::Random stream)
      : Layer(stream, testing::any_size(stream), item % 7 == 0 ? 1 : testing::any_size(stream)) {}
  Layer(core::Random stream, std::int64_t rows_, std::int64_t columns_)
      : random(stream),
        rows(rows_),
        columns(columns_),
        x(rows, columns, gap()),
        gain(1, columns, 0),
        bias(1, columns, 0),
        y(rows, columns, gap()),
        dy(rows, columns, gap()),
        dx(rows, columns, gap()),
        dgain(1, columns, 0),
        dbias(1, columns, 0),
        scratch(layer_norm_scratch<Space, T>(Space(), columns), T(NAN)) {
    for (auto* matrix : {&x, &gain, &bias, &dy, &dx, &dgain, &dbias}) matrix->fill(random);
  }
  std::int64_t gap() { return static_cast<std::int64_t>(random.below(2) * (1 + random.below(40))); }
  Row<Space, T> vector(Padded<T>& numbers) {
    return row_view<Space, T>(numbers.memory.data(), numbers.columns);
  }
  Row<Space, T> scratch_view() { return row_view<Space, T>(scratch.data(), scratch.size()); }

  void forward() {
    layer_norm<Space, T>(Space(), x.view(), vector(gain), vector(bias), T(epsilon), y.view());
  }
  void backward(Gradient into_dx = Gradient::replace, Gradient into_both = Gradient::replace) {
    layer_norm_gradient<Space, T>(Space(), x.view(), vector(gain), T(epsilon), dy.view(), into_dx,
                                  dx.view(), into_both, vector(dgain), vector(dbias),
                                  scratch_view());
  }
  void compute_wants() {
    for (auto* numbers : {&want, &want_dx}) numbers->resize(rows * columns);
    for (auto* numbers : {&want_dgain, &want_dbias}) numbers->resize(columns);
    std::vector<double> mean(rows), rstd(rows);
    reference::layer_norm<double>(x.tight(), gain.tight(), bias.tight(), epsilon, want, mean, rstd);
    reference::layer_norm_input_gradient<double>(x.tight(), gain.tight(), mean, rstd, dy.tight(),
                                                 want_dx);
    reference::layer_norm_parameter_gradients<double>(x.tight(), mean, rstd, dy.tight(), want_dgain,
                                                      want_dbias);
  }
};

/// Largest error over the largest number that was wanted. dx of two columns is a difference of
/// nearly equal numbers, and of one column nothing but rounding, so its scale is that of rstd dy.
double worst(std::vector<double> const& got, std::vector<double> const& want, double scale) {
  double error = 0;
  for (std::size_t n = 0; n < want.size(); ++n) {
    error = std::max(error, std::abs(got[n] - want[n]));
    scale = std::max(scale, std::abs(want[n]));
  }
  return error / scale;
}
/// Two columns 0.01 apart have rstd 200 and lose as much: hence not some units in the last place.
template <class T>
constexpr double allowed_error = sizeof(T) == 4 ? 2e-4 : 1e-12;

template <class T>
class LayerNorm : public ::testing::Test {};
using Numbers = ::testing::Types<float, double>;
TYPED_TEST_SUITE(LayerNorm, Numbers);

TYPED_TEST(LayerNorm, IsEquivalentToReference) {
  for (int item = 0; item < testing::random_shapes; ++item) {
    Layer<TypeParam> layer(item);
    layer.compute_wants();
    layer.forward();
    EXPECT_LE(worst(layer.y.tight(), layer.want, 1), allowed_error<TypeParam>)
        << layer.rows << " x " << layer.columns;
    portable::layer_norm<Space, TypeParam>(Space(), layer.x.view(), layer.vector(layer.gain),
                                           layer.vector(layer.bias), TypeParam(epsilon),
                                           layer.y.view());
    EXPECT_LE(worst(layer.y.tight(), layer.want, 1), allowed_error<TypeParam>) << item;
  }
}

/// At the sizes that networks have, errors are of rounding alone.
TYPED_TEST(LayerNorm, IsAccurateForWideRows) {
  Layer<TypeParam> layer(testing::stream("tests/layer_norm/wide", 0), 33, 768);
  layer.compute_wants();
  layer.forward();
  layer.backward();
  EXPECT_LE(testing::nmse(layer.y.tight(), layer.want), testing::allowed_nmse<TypeParam>);
  EXPECT_LE(testing::nmse(layer.dx.tight(), layer.want_dx), testing::allowed_nmse<TypeParam>);
  EXPECT_LE(testing::nmse(layer.dgain.tight(), layer.want_dgain), testing::allowed_nmse<TypeParam>);
}

/// Numbers far from 0: the variance must not come from a difference of squares.
TYPED_TEST(LayerNorm, KeepsTheDigitsOfNumbersFarFromZero) {
  Layer<TypeParam> layer(testing::stream("tests/layer_norm/far", 0), 5, 401);
  for (TypeParam& value : layer.x.memory) value += 1000;
  layer.compute_wants();
  layer.forward();  // a thousand times the spread: three digits go, not six
  EXPECT_LE(worst(layer.y.tight(), layer.want, 1), 10 * allowed_error<TypeParam>);
}

TYPED_TEST(LayerNorm, ComparisonNoticesAnotherEpsilon) {
  Layer<TypeParam> layer(testing::stream("tests/layer_norm/slip", 0), 7, 13);
  layer.compute_wants();
  layer_norm<Space, TypeParam>(Space(), layer.x.view(), layer.vector(layer.gain),
                               layer.vector(layer.bias), TypeParam(1e-3), layer.y.view());
  EXPECT_GT(worst(layer.y.tight(), layer.want, 1), allowed_error<TypeParam>);
}

TYPED_TEST(LayerNorm, GradientIsEquivalentToReference) {
  using T = TypeParam;
  for (int item = 0; item < testing::random_shapes; ++item) {
    Layer<T> layer(item);
    layer.compute_wants();
    double const scale = layer.columns <= 2 ? 1 / std::sqrt(epsilon) : 1;
    auto const check = [&](char const* form) {
      EXPECT_LE(worst(layer.dx.tight(), layer.want_dx, scale), allowed_error<T>) << form << item;
      EXPECT_LE(worst(layer.dgain.tight(), layer.want_dgain, 1), allowed_error<T>) << form << item;
      EXPECT_LE(worst(layer.dbias.tight(), layer.want_dbias, 1), allowed_error<T>) << form << item;
    };
    layer.backward();
    check("own ");
    std::vector<T> sums(2 * 3 * layer.columns, T(NAN));
    auto const blocks = rows_view<Space, T>(sums.data(), 3, 2 * layer.columns, 2 * layer.columns);
    portable::layer_norm_gradient<Space, T>(Space(), layer.x.view(), layer.vector(layer.gain),
                                            T(epsilon), layer.dy.view(), Gradient::replace,
                                            layer.dx.view(), 3, blocks);
    portable::join_layer_norm_sums<Space, T>(Space(), blocks, Gradient::replace,
                                             layer.vector(layer.dgain), layer.vector(layer.dbias));
    check("portable ");
  }
}

TYPED_TEST(LayerNorm, GradientsAddUp) {
  using T = TypeParam;
  Layer<T> layer(testing::stream("tests/layer_norm/add", 0), 37, 57);
  layer.backward();
  auto twice = layer.dx.tight(), twice_gain = layer.dgain.tight(), twice_bias = layer.dbias.tight();
  for (auto* numbers : {&twice, &twice_gain, &twice_bias})
    for (double& value : *numbers) value *= 2;
  layer.backward(Gradient::add, Gradient::add);
  EXPECT_LE(worst(layer.dx.tight(), twice, 1), allowed_error<T>);
  EXPECT_LE(worst(layer.dgain.tight(), twice_gain, 1), allowed_error<T>);
  EXPECT_LE(worst(layer.dbias.tight(), twice_bias, 1), allowed_error<T>);
}

/// What is not wanted stays as it was, and what is wanted has the same bits.
TYPED_TEST(LayerNorm, GradientsCanBeLeftOut) {
  using T = TypeParam;
  Layer<T> layer(testing::stream("tests/layer_norm/left_out", 0), 37, 57), other = layer;
  layer.backward();
  layer_norm_gradient<Space, T>(Space(), other.x.view(), other.vector(other.gain), T(epsilon),
                                other.dy.view(), Gradient::replace, other.dx.view(),
                                Gradient::replace, {}, {}, {});
  EXPECT_EQ(layer.dx.tight(), other.dx.tight());
  EXPECT_NE(layer.dgain.tight(), other.dgain.tight());
  other.dx.fill(other.random);
  auto const kept = other.dx.tight();
  layer_norm_gradient<Space, T>(Space(), other.x.view(), other.vector(other.gain), T(epsilon),
                                other.dy.view(), Gradient::replace, {}, Gradient::replace,
                                other.vector(other.dgain), other.vector(other.dbias),
                                other.scratch_view());
  EXPECT_EQ(layer.dgain.tight(), other.dgain.tight());
  EXPECT_EQ(layer.dbias.tight(), other.dbias.tight());
  EXPECT_EQ(other.dx.tight(), kept);
}

TYPED_TEST(LayerNorm, WorksInPlace) {
  using T = TypeParam;
  Layer<T> layer(testing::stream("tests/layer_norm/in_place", 0), 19, 31), other = layer;
  layer.forward();
  layer.backward();
  layer_norm_gradient<Space, T>(Space(), other.x.view(), other.vector(other.gain), T(epsilon),
                                other.dy.view(), Gradient::replace, other.dy.view(),
                                Gradient::replace, other.vector(other.dgain),
                                other.vector(other.dbias), other.scratch_view());
  EXPECT_EQ(other.dy.tight(), layer.dx.tight());
  EXPECT_EQ(other.dgain.tight(), layer.dgain.tight());
  layer_norm<Space, T>(Space(), other.x.view(), other.vector(other.gain), other.vector(other.bias),
                       T(epsilon), other.x.view());
  EXPECT_EQ(other.x.tight(), layer.y.tight());
}

/// The gap after the last column belongs to the next row: nothing is written there.
TYPED_TEST(LayerNorm, StaysInItsColumns) {
  for (int item = 0; item < 20; ++item) {
    Layer<TypeParam> layer(item);
    layer.forward();
    layer.backward();
    for (auto* matrix : {&layer.y, &layer.dx})
      for (std::int64_t r = 0; r < layer.rows; ++r)
        for (std::int64_t k = layer.columns; k < matrix->stride; ++k)
          ASSERT_TRUE(std::isnan(matrix->at(r, k)));
  }
}

TYPED_TEST(LayerNorm, BitsOfARowDependOnTheRowAlone) {
  using T = TypeParam;
  for (int item = 0; item < testing::random_shapes; ++item) {
    Layer<T> layer(item);
    layer.forward();
    layer.backward();
    auto const whole = layer.y.tight(), whole_dx = layer.dx.tight();
    for (std::int64_t r = 0; r < layer.rows; ++r) {
      auto const row = [&](Padded<T>& matrix) {
        return rows_view<Space, T>(&matrix.at(r, 0), 1, matrix.columns, matrix.stride);
      };
      layer_norm<Space, T>(Space(), row(layer.x), layer.vector(layer.gain),
                           layer.vector(layer.bias), T(epsilon), row(layer.y));
      layer_norm_gradient<Space, T>(Space(), row(layer.x), layer.vector(layer.gain), T(epsilon),
                                    row(layer.dy), Gradient::replace, row(layer.dx),
                                    Gradient::replace, {}, {}, {});
    }
    EXPECT_EQ(layer.y.tight(), whole) << item;
    EXPECT_EQ(layer.dx.tight(), whole_dx) << item;
  }
}

/// A row of equal numbers has no direction: the result is the bias.
TYPED_TEST(LayerNorm, OfEqualNumbersIsTheBias) {
  Layer<TypeParam> layer(testing::stream("tests/layer_norm/equal", 0), 3, 48);
  for (TypeParam& value : layer.x.memory) value = TypeParam(0.75);
  layer.forward();
  for (std::int64_t k = 0; k < layer.columns; ++k) EXPECT_EQ(layer.y.at(1, k), layer.bias.at(0, k));
}

TEST(LayerNormGradients, MatchDifferences) {
  constexpr double step = 1e-5, allowed = 1e-6;
  for (int item = 0; item < 12; ++item) {
    Layer<double> layer(testing::stream("tests/layer_norm/differences", item), 1 + 5 * item,
                        3 + 7 * item);
    layer.backward();
    auto const difference = [&](double& number) {
      auto const loss = [&] {
        layer.forward();
        auto const y = layer.y.tight(), direction = layer.dy.tight();
        double sum = 0;
        for (std::size_t n = 0; n < y.size(); ++n) sum += y[n] * direction[n];
        return sum;
      };
      return testing::central_difference(loss, number, step);
    };
    for (int pick = 0; pick < 4; ++pick) {
      auto const r = static_cast<std::int64_t>(layer.random.below(layer.rows));
      auto const k = static_cast<std::int64_t>(layer.random.below(layer.columns));
      for (auto [gradient, number] : {std::pair{&layer.dx.at(r, k), &layer.x.at(r, k)},
                                      {&layer.dgain.at(0, k), &layer.gain.at(0, k)},
                                      {&layer.dbias.at(0, k), &layer.bias.at(0, k)}})
        EXPECT_NEAR(*gradient, difference(*number), allowed * (1 + std::abs(*gradient)));
    }
  }
}

}  // namespace
}  // namespace crossjoule::kernels
