// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/activation.hpp"

#include "kernels/portable/pointwise.hpp"
#include "kernels/reference/activation.hpp"
#include "tests/kernels/support.hpp"

#include <cmath>
#include <limits>

namespace crossjoule::kernels {
namespace {

using testing::Padded;
using Space = HostSpace;

template <class T>
class Activations : public ::testing::Test {
 protected:
  /// elu of one number through the vector path.
  static T elu(T x, double alpha = 1) { return result_of({Epilogue::elu, alpha}, x); }
  static T relu(T x) { return result_of({Epilogue::relu, 1}, x); }
  static T result_of(Fused epilogue, T x) {
    auto const view = rows_view<Space, T>(&x, 1, 1, 1);
    activate<Space, T>(Space(), epilogue, view, {}, view);
    return x;
  }
  /// The derivative at `operand`: a gradient epilogue of 1.
  static T derivative(Fused epilogue, T operand) {
    T one = 1;
    auto const view = rows_view<Space, T>(&one, 1, 1, 1);
    activate<Space, T>(Space(), epilogue, view, rows_view<Space, T>(&operand, 1, 1, 1), view);
    return one;
  }
};
using Numbers = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Activations, Numbers);

/// elu against libm in long double: the worst number of 20,000 within two units in the last place.
TYPED_TEST(Activations, EluIsAccurateToTwoUnitsInTheLastPlace) {
  using T = TypeParam;
  core::Random random = testing::stream("tests/elu", 0);
  double worst = 0;
  for (int n = 0; n < 20000; ++n) {
    T const x = static_cast<T>(-std::pow(10.0, random.uniform(-7, 2.5)));
    long double const want = std::expm1(static_cast<long double>(x));
    long double const unit = std::numeric_limits<T>::epsilon() * std::abs(want);
    worst = std::max(worst, static_cast<double>(std::abs(this->elu(x) - want) / unit));
  }
  EXPECT_LE(worst, 2);
}

/// gelu and its derivative against erfc of libm in long double. The scale of the errors: the result
/// is x times a number of at most 1, rounded some five times.
TYPED_TEST(Activations, GeluIsAccurateToThreeUnitsOfItsScale) {
  using T = TypeParam;
  core::Random random = testing::stream("tests/gelu", 0);
  long double const epsilon = std::numeric_limits<T>::epsilon();
  long double const root_half = std::sqrt(0.5L), root_two_pi = std::sqrt(2 * std::acos(-1.0L));
  double worst = 0, worst_derivative = 0;
  for (int n = 0; n < 20000; ++n) {
    T const x = static_cast<T>(
        n % 2 ? random.uniform(-8, 8)
              : std::copysign(std::pow(10.0, random.uniform(-7, 1.5)), random.uniform(-1, 1)));
    long double const z = x, cumulative = std::erfc(-z * root_half) / 2;
    long double const want = z * cumulative;
    long double const slope = cumulative + z * std::exp(-z * z / 2) / root_two_pi;
    T const got = this->result_of({Epilogue::gelu, 1}, x);
    T const got_slope = this->derivative({Epilogue::gelu_gradient, 1}, x);
    worst = std::max(worst, static_cast<double>(std::abs(got - want) / (epsilon * std::abs(z))));
    worst_derivative =
        std::max(worst_derivative, static_cast<double>(std::abs(got_slope - slope) / epsilon));
  }
  EXPECT_LE(worst, 2);             // largest seen: 1.93 (fp64), 1.53 (fp32)
  EXPECT_LE(worst_derivative, 3);  // absolute: the derivative is of size 1
}

/// No 1 + erf where that cancels: the lower tail keeps its leading digits.
TYPED_TEST(Activations, GeluKeepsDigitsInItsLowerTail) {
  using T = TypeParam;
  double const allowed = sizeof(T) == 4 ? 1e-4 : 1e-12;
  for (double x = -12; x < -1; x += 0.01) {
    long double const z = static_cast<T>(x);
    long double const want = z * std::erfc(-z * std::sqrt(0.5L)) / 2;
    long double const got = this->result_of({Epilogue::gelu, 1}, static_cast<T>(x));
    EXPECT_LE(static_cast<double>(std::abs(got - want) / std::abs(want)), allowed) << x;
  }
}

TYPED_TEST(Activations, SpecialNumbersOfGeluAndSoftShrink) {
  using T = TypeParam;
  T const infinity = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  T const most = std::numeric_limits<T>::max();
  Fused const gelu{Epilogue::gelu, 1}, slope{Epilogue::gelu_gradient, 1};
  EXPECT_EQ(this->result_of(gelu, 0), 0);
  EXPECT_EQ(this->result_of(gelu, infinity), infinity);
  EXPECT_EQ(this->result_of(gelu, most), most);
  EXPECT_EQ(this->result_of(gelu, -most), 0);
  EXPECT_EQ(this->result_of(gelu, T(-60)), 0);  // below every normal number in fp32; 1e-786 in fp64
  EXPECT_EQ(this->derivative(slope, most), 1);
  EXPECT_EQ(this->derivative(slope, -most), 0);
  EXPECT_EQ(this->derivative(slope, 0), T(0.5));
  EXPECT_TRUE(std::isnan(this->result_of(gelu, nan)));
  EXPECT_TRUE(std::isnan(this->derivative(slope, nan)));

  T const threshold = T(0.25);
  Fused const shrink{Epilogue::soft_shrink, 0.25}, passes{Epilogue::soft_shrink_gradient, 0.25};
  for (T const inside : {threshold, -threshold, T(0), -T(0)})
    EXPECT_EQ(this->result_of(shrink, inside), 0);
  T const above = std::nextafter(threshold, T(1));
  EXPECT_GT(this->result_of(shrink, above), 0);  // nothing above the threshold becomes 0
  EXPECT_EQ(this->result_of(shrink, -above), -this->result_of(shrink, above));
  EXPECT_EQ(this->result_of(shrink, T(-1)), T(-0.75));
  EXPECT_EQ(this->result_of(shrink, -infinity), -infinity);
  EXPECT_TRUE(std::isnan(this->result_of(shrink, nan)));
  EXPECT_EQ(this->result_of({Epilogue::soft_shrink, 0}, T(-3)), -3);
  EXPECT_EQ(this->derivative(passes, 0), 0);
  EXPECT_EQ(this->derivative(passes, -T(0)), 0);
  EXPECT_EQ(this->derivative(passes, std::numeric_limits<T>::denorm_min()), 1);
}

TYPED_TEST(Activations, SpecialNumbers) {
  using T = TypeParam;
  T const infinity = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  EXPECT_EQ(this->elu(-infinity), -1);
  EXPECT_EQ(this->elu(infinity), infinity);
  EXPECT_EQ(this->elu(0), 0);
  EXPECT_EQ(this->elu(std::numeric_limits<T>::max()), std::numeric_limits<T>::max());
  EXPECT_EQ(this->elu(std::numeric_limits<T>::lowest(), 0.5), T(-0.5));
  EXPECT_TRUE(std::isnan(this->elu(nan)));
  EXPECT_TRUE(std::isnan(this->relu(nan)));  // a NaN must not hide behind a relu
  EXPECT_EQ(this->relu(-infinity), 0);
}

/// What the twins in kernels/reference make of an epilogue.
std::vector<double> want_of(Fused epilogue, std::vector<double> const& x,
                            std::vector<double> const& operand) {
  std::vector<double> want(x.size());
  switch (epilogue.kind) {
    case Epilogue::none: return x;
    case Epilogue::relu: reference::relu<double>(x, want); break;
    case Epilogue::elu: reference::elu<double>(x, epilogue.alpha, want); break;
    case Epilogue::gelu: reference::gelu<double>(x, want); break;
    case Epilogue::soft_shrink: reference::soft_shrink<double>(x, epilogue.alpha, want); break;
    case Epilogue::relu_gradient: reference::relu_backward<double>(operand, x, want); break;
    case Epilogue::elu_gradient:
      reference::elu_backward<double>(operand, x, epilogue.alpha, want);
      break;
    case Epilogue::gelu_gradient: reference::gelu_backward<double>(operand, x, want); break;
    case Epilogue::soft_shrink_gradient:
      reference::soft_shrink_backward<double>(operand, x, want);
      break;
    case Epilogue::leaky_relu: reference::leaky_relu<double>(x, epilogue.alpha, want); break;
    case Epilogue::leaky_relu_gradient:
      reference::leaky_relu_backward<double>(operand, x, epilogue.alpha, want);
      break;
  }
  return want;
}

TYPED_TEST(Activations, AreEquivalentToReference) {
  using T = TypeParam;
  for (int item = 0; item < testing::random_shapes; ++item) {
    core::Random random = testing::stream("tests/activations", item);
    std::int64_t const rows = testing::any_size(random), columns = testing::any_size(random);
    Padded<T> x(rows, columns, item % 5), result(rows, columns, item % 3),
        y(rows, columns, item % 7);
    x.fill(random);
    result.fill(random);
    for (T& value : x.memory) value *= 3;  // NaN between rows stays NaN
    double const alpha = random.uniform(0.2, 2);
    std::vector<double> want;
    for (Epilogue const kind :
         {Epilogue::none, Epilogue::relu, Epilogue::elu, Epilogue::gelu, Epilogue::soft_shrink,
          Epilogue::relu_gradient, Epilogue::elu_gradient, Epilogue::gelu_gradient,
          Epilogue::soft_shrink_gradient, Epilogue::leaky_relu, Epilogue::leaky_relu_gradient}) {
      want = want_of({kind, alpha}, x.tight(), result.tight());
      activate<Space, T>(Space(), {kind, alpha}, x.view(), result.view(), y.view());
      EXPECT_LE(testing::nmse(y.tight(), want), testing::allowed_nmse<T>) << item;
      portable::activate<Space, T>(Space(), {kind, alpha}, x.view(), result.view(), y.view());
      EXPECT_LE(testing::nmse(y.tight(), want), testing::allowed_nmse<T>) << item;
    }
  }
}

TYPED_TEST(Activations, ComparisonNoticesASlip) {
  using T = TypeParam;
  core::Random random = testing::stream("tests/activations", 1);
  Padded<T> x(7, 13, 0), y(7, 13, 0);
  x.fill(random);
  std::vector<double> want(7 * 13);
  reference::elu<double>(x.tight(), 1, want);
  activate<Space, T>(Space(), {Epilogue::elu, 1.001}, x.view(), {}, y.view());
  EXPECT_GT(testing::nmse(y.tight(), want), testing::allowed_nmse<T>);
}

TEST(ActivationGradients, MatchDifferences) {
  constexpr double step = 1e-6, allowed = 1e-6;
  core::Random random = testing::stream("tests/activation_gradients", 0);
  Padded<double> x(5, 19, 1), above(5, 19, 0), below(5, 19, 0), y(5, 19, 0), dx(5, 19, 3),
      one(5, 19, 0);
  for (Epilogue const kind : {Epilogue::relu, Epilogue::elu, Epilogue::gelu, Epilogue::soft_shrink,
                              Epilogue::leaky_relu}) {
    x.fill(random);
    for (double& value : one.memory) value = 1;
    Fused const forward{kind, 0.75}, backward{gradient_of(kind), 0.75};
    activate<Space, double>(Space(), forward, x.view(), {}, y.view());
    auto const operand = gradient_reads_input(kind) ? x.view() : y.view();
    activate<Space, double>(Space(), backward, one.view(), operand, dx.view());
    for (double& value : x.memory) value += step;
    activate<Space, double>(Space(), forward, x.view(), {}, above.view());
    for (double& value : x.memory) value -= 2 * step;
    activate<Space, double>(Space(), forward, x.view(), {}, below.view());
    for (std::int64_t r = 0; r < 5; ++r)
      for (std::int64_t k = 0; k < 19; ++k)
        EXPECT_NEAR(dx.at(r, k), (above.at(r, k) - below.at(r, k)) / (2 * step), allowed);
  }
}

TYPED_TEST(Activations, AddIsASumAlsoInPlace) {
  using T = TypeParam;
  core::Random random = testing::stream("tests/add", 0);
  Padded<T> a(7, 31, 2), b(7, 31, 5);
  a.fill(random);
  b.fill(random);
  auto want = a.tight();
  auto const other = b.tight();
  for (std::size_t n = 0; n < want.size(); ++n)
    want[n] = static_cast<T>(static_cast<T>(want[n]) + static_cast<T>(other[n]));
  add<Space, T>(Space(), a.view(), b.view(), a.view());
  EXPECT_EQ(a.tight(), want);
}

}  // namespace
}  // namespace crossjoule::kernels
