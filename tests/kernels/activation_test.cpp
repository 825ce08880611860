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
  static T elu(T x, double alpha = 1) {
    auto const view = rows_view<Space, T>(&x, 1, 1, 1);
    activate<Space, T>(Space(), {Epilogue::elu, alpha}, view, {}, view);
    return x;
  }
  static T relu(T x) {
    auto const view = rows_view<Space, T>(&x, 1, 1, 1);
    activate<Space, T>(Space(), {Epilogue::relu, 1}, view, {}, view);
    return x;
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

TYPED_TEST(Activations, AreEquivalentToReference) {
  using T = TypeParam;
  for (int item = 0; item < testing::random_shapes; ++item) {
    core::Random random = testing::stream("tests/activations", item);
    std::int64_t const rows = testing::any_size(random), columns = testing::any_size(random);
    Padded<T> x(rows, columns, item % 5), result(rows, columns, item % 3),
        y(rows, columns, item % 7);
    x.fill(random);
    result.fill(random);
    double const alpha = random.uniform(0.2, 2);
    std::vector<double> want(rows * columns);
    for (Epilogue const kind : {Epilogue::none, Epilogue::relu, Epilogue::elu,
                                Epilogue::relu_gradient, Epilogue::elu_gradient}) {
      switch (kind) {
        case Epilogue::none: want = x.tight(); break;
        case Epilogue::relu: reference::relu<double>(x.tight(), want); break;
        case Epilogue::elu: reference::elu<double>(x.tight(), alpha, want); break;
        case Epilogue::relu_gradient:
          reference::relu_backward<double>(result.tight(), x.tight(), want);
          break;
        case Epilogue::elu_gradient:
          reference::elu_backward<double>(result.tight(), x.tight(), alpha, want);
          break;
      }
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
  for (Epilogue const kind : {Epilogue::relu, Epilogue::elu}) {
    x.fill(random);
    for (double& value : one.memory) value = 1;
    Fused const forward{kind, 0.75}, backward{gradient_of(kind), 0.75};
    activate<Space, double>(Space(), forward, x.view(), {}, y.view());
    activate<Space, double>(Space(), backward, one.view(), y.view(), dx.view());
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
