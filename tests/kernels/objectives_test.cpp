// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/objectives.hpp"

#include "kernels/portable/objectives.hpp"
#include "kernels/reference/loss.hpp"
#include "tests/kernels/support.hpp"

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

}  // namespace
}  // namespace crossjoule::kernels
