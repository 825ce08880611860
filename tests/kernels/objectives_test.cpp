// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/objectives.hpp"

#include "kernels/portable/objectives.hpp"
#include "kernels/reference/loss.hpp"
#include "tests/kernels/support.hpp"

#include <algorithm>
#include <utility>

namespace crossjoule::kernels {
namespace {

using testing::Padded;
using Space = HostSpace;

/// Samples of one to three rows, numbers of the shape of a sample in a line for the reference.
template <class T>
struct Samples {
  core::Random random;
  int rows_per_sample;
  std::int64_t samples, columns;
  Padded<T> x, target, dx;
  std::vector<T> values;
  double centre;

  explicit Samples(int item)
      : random(testing::stream("tests/objectives", item)),
        rows_per_sample(1 + static_cast<int>(random.below(3))),
        samples(testing::any_size(random)),
        columns(testing::any_size(random)),
        x(samples * rows_per_sample, columns, item % 4),
        target(samples * rows_per_sample, columns, item % 3),
        dx(samples * rows_per_sample, columns, item % 5),
        values(static_cast<std::size_t>(samples)),
        centre(random.uniform(-1, 1)) {
    x.fill(random);
    target.fill(random);
  }
  Row<Space, T> out() { return row_view<Space, T>(values.data(), samples); }
  std::vector<double> got() const { return {values.begin(), values.end()}; }
};

template <class T>
class Objectives : public ::testing::Test {};
using Numbers = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Objectives, Numbers);

TYPED_TEST(Objectives, SquaredDistanceIsEquivalentToReference) {
  for (int item = 0; item < testing::random_shapes; ++item) {
    Samples<TypeParam> s(item);
    std::vector<double> want(s.samples), want_gradient(s.x.tight().size());
    reference::squared_distance<double>(s.x.tight(), s.centre, want);
    reference::squared_distance_gradient<double>(s.x.tight(), s.centre, want_gradient);
    squared_distance<Space, TypeParam>(Space(), s.x.view(), s.rows_per_sample, s.centre, s.out());
    EXPECT_LE(testing::nmse(s.got(), want), testing::allowed_nmse<TypeParam>) << item;
    squared_distance_gradient<Space, TypeParam>(Space(), s.x.view(), s.centre, s.dx.view());
    EXPECT_LE(testing::nmse(s.dx.tight(), want_gradient), testing::allowed_nmse<TypeParam>) << item;
    portable::squared_distance<Space, TypeParam>(Space(), s.x.view(), s.rows_per_sample, s.centre,
                                                 s.out());
    EXPECT_LE(testing::nmse(s.got(), want), testing::allowed_nmse<TypeParam>) << item;
  }
}

TYPED_TEST(Objectives, MeanSquaredErrorIsEquivalentToReference) {
  for (int item = 0; item < testing::random_shapes; ++item) {
    Samples<TypeParam> s(item);
    std::vector<double> want(s.samples), want_gradient(s.x.tight().size());
    reference::mean_squared_error<double>(s.x.tight(), s.target.tight(), want);
    reference::mean_squared_error_gradient<double>(s.rows_per_sample * s.columns, s.x.tight(),
                                                   s.target.tight(), want_gradient);
    mean_squared_error<Space, TypeParam>(Space(), s.x.view(), s.target.view(), s.rows_per_sample,
                                         s.out());
    EXPECT_LE(testing::nmse(s.got(), want), testing::allowed_nmse<TypeParam>) << item;
    mean_squared_error_gradient<Space, TypeParam>(Space(), s.x.view(), s.target.view(),
                                                  s.rows_per_sample, s.dx.view());
    EXPECT_LE(testing::nmse(s.dx.tight(), want_gradient), testing::allowed_nmse<TypeParam>) << item;
    portable::mean_squared_error<Space, TypeParam>(Space(), s.x.view(), s.target.view(),
                                                   s.rows_per_sample, s.out());
    EXPECT_LE(testing::nmse(s.got(), want), testing::allowed_nmse<TypeParam>) << item;
  }
}

TYPED_TEST(Objectives, ComparisonNoticesAWrongCentre) {
  Samples<TypeParam> s(2);
  std::vector<double> want(s.samples);
  reference::squared_distance<double>(s.x.tight(), s.centre, want);
  squared_distance<Space, TypeParam>(Space(), s.x.view(), s.rows_per_sample, s.centre + 1e-3,
                                     s.out());
  EXPECT_GT(testing::nmse(s.got(), want), testing::allowed_nmse<TypeParam>);
}

/// Images of a few channels; output and target in views of different row lengths.
template <class T>
struct Images {
  core::Random random;
  std::int64_t channels, rows, columns, samples, numbers;
  Padded<T> x, target, dx, weight;
  std::vector<T> values;
  RowWeights<Space, T> weights;

  explicit Images(int item)
      : random(testing::stream("tests/relative_error", item)),
        channels(1 + item % 3),
        rows(1 + static_cast<std::int64_t>(random.below(7))),
        columns(testing::any_size(random)),
        samples(1 + item % 4),
        numbers(channels * rows * columns),
        x(samples * numbers / length(item), length(item), item % 4),
        target(samples * numbers / length(item + 1), length(item + 1), item % 3),
        dx(x.rows, x.columns, item % 5),
        weight(1, rows, 0),
        values(static_cast<std::size_t>(samples)) {
    for (auto* matrix : {&x, &target, &dx}) matrix->fill(random);
    for (T& w : weight.memory) w = static_cast<T>(random.uniform(0, 2));
    if (item % 5 < 3) weights = {row_view<Space, T const>(weight.memory.data(), rows), columns};
  }
  std::int64_t length(int item) const {
    return std::array{columns, rows * columns, numbers}[item % 3];
  }
  Row<Space, T> out() { return row_view<Space, T>(values.data(), samples); }
  std::vector<double> got() const { return {values.begin(), values.end()}; }
  std::vector<double> weight_numbers() {
    return weights.weight.data() ? weight.tight() : std::vector<double>();
  }
  /// Value and gradient by the plain loops.
  std::pair<std::vector<double>, std::vector<double>> want() {
    std::vector<double> value(samples), squares(samples), ratios(samples),
        gradient(x.tight().size());
    auto const w = weight_numbers();
    reference::RowWeights<double> const by_row{w, static_cast<std::size_t>(columns)};
    reference::relative_error<double>(x.tight(), target.tight(), by_row, value, squares, ratios);
    reference::relative_error_gradient<double>(x.tight(), target.tight(), by_row, squares, ratios,
                                               gradient);
    return {value, gradient};
  }
};

TYPED_TEST(Objectives, RelativeErrorIsEquivalentToReferenceAndAddsUp) {
  for (int item = 0; item < testing::random_shapes; ++item) {
    Images<TypeParam> s(item);
    auto [value, gradient] = s.want();
    for (Gradient const mode : {Gradient::replace, Gradient::add}) {
      relative_error<Space, TypeParam>(Space(), s.samples, s.x.view(), s.target.view(), s.weights,
                                       mode, s.out());
      EXPECT_LE(testing::nmse(s.got(), value), testing::allowed_nmse<TypeParam>) << item;
      relative_error_gradient<Space, TypeParam>(Space(), s.samples, s.x.view(), s.target.view(),
                                                s.weights, mode, s.dx.view());
      EXPECT_LE(testing::nmse(s.dx.tight(), gradient), testing::allowed_nmse<TypeParam>) << item;
      for (auto* all : {&value, &gradient})
        for (double& number : *all) number *= 2;
    }
    EXPECT_GT(testing::nmse(s.got(), value), testing::allowed_nmse<TypeParam>);  // must fail
  }
}

TYPED_TEST(Objectives, PortableRelativeErrorIsEquivalentToReference) {
  for (int item = 0; item < 15; ++item) {
    Images<TypeParam> s(item);
    auto [value, gradient] = s.want();
    portable::SquaresOf<Space, TypeParam> const squares{s.x.view(), s.target.view(), s.weights,
                                                        s.samples};
    for (Gradient const mode : {Gradient::replace, Gradient::add}) {
      portable::relative_error<Space, TypeParam>(Space(), squares, mode, s.out());
      EXPECT_LE(testing::nmse(s.got(), value), testing::allowed_nmse<TypeParam>) << item;
      portable::relative_error_gradient<Space, TypeParam>(Space(), squares, mode, s.dx.view());
      EXPECT_LE(testing::nmse(s.dx.tight(), gradient), testing::allowed_nmse<TypeParam>) << item;
      for (auto* all : {&value, &gradient})
        for (double& number : *all) number *= 2;
    }
  }
}

/// The order of the sums is that of the numbers, whatever the rows of the views.
TYPED_TEST(Objectives, BitsOfARelativeErrorDoNotDependOnRowLengths) {
  Images<TypeParam> s(6), other(6);
  relative_error<Space, TypeParam>(Space(), s.samples, s.x.view(), s.target.view(), s.weights,
                                   Gradient::replace, s.out());
  auto const first = s.got();
  std::vector<TypeParam> line;
  for (double const value : s.x.tight()) line.push_back(static_cast<TypeParam>(value));
  relative_error<Space, TypeParam>(
      Space(), s.samples,
      rows_view<Space, TypeParam const>(line.data(), s.samples, s.numbers, s.numbers),
      s.target.view(), s.weights, Gradient::replace, s.out());
  EXPECT_EQ(s.got(), first);
}

TYPED_TEST(Objectives, RelativeErrorAtTheTargetHasGradientZeroAndATargetOfZeroIsNotFinite) {
  Images<TypeParam> s(0);
  s.target = s.x;
  relative_error_gradient<Space, TypeParam>(Space(), s.samples, s.x.view(), s.target.view(), {},
                                            Gradient::replace, s.dx.view());
  for (double const value : s.dx.tight()) EXPECT_EQ(value, 0);
  std::fill(s.target.memory.begin(), s.target.memory.end(), TypeParam{0});
  relative_error<Space, TypeParam>(Space(), s.samples, s.x.view(), s.target.view(), {},
                                   Gradient::replace, s.out());
  for (double const value : s.got()) EXPECT_FALSE(std::isfinite(value));
}

/// (3, 4) against (0, 4): 3 / 4, gradient (3, 0) / (3 * 4); with weights 4 and 1 by row: 6 / 4.
TEST(RelativeError, ByHand) {
  std::vector<double> const x{3, 4}, target{0, 4}, w{4, 1};
  std::vector<double> value(1), squares(1), ratios(1), gradient(2);
  reference::relative_error<double>(x, target, {}, value, squares, ratios);
  EXPECT_DOUBLE_EQ(value[0], 0.75);
  reference::relative_error_gradient<double>(x, target, {}, squares, ratios, gradient);
  EXPECT_DOUBLE_EQ(gradient[0], 0.25);
  EXPECT_EQ(gradient[1], 0);
  reference::relative_error<double>(x, target, {w, 1}, value, squares, ratios);
  EXPECT_DOUBLE_EQ(value[0], 0.75 + 1.5);  // added to what was there
}

}  // namespace
}  // namespace crossjoule::kernels
