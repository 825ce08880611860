// SPDX-License-Identifier: BSD-3-Clause
// Convolution, pools, flattening, folded norms and log cosh against the plain loops.
#include "kernels/convolution.hpp"
#include "kernels/pooling.hpp"
#include "kernels/portable/row_functions.hpp"
#include "kernels/reference/batch_norm.hpp"
#include "kernels/reference/convolution.hpp"
#include "kernels/reference/log_cosh_sum.hpp"
#include "kernels/reference/pooling.hpp"
#include "kernels/row_functions.hpp"
#include "tests/kernels/support.hpp"

#include <limits>

namespace crossjoule::kernels {
namespace {

using testing::Padded;
using Space = HostSpace;

/// An image, its results and their gradients, with gaps of NaN between rows.
template <class T>
struct Windows {
  core::Random random;
  WindowGrid grid;
  std::int64_t samples, out;
  Padded<T> x, dx, y, dy, pooled, dpooled, weight, bias, dweight, dbias;
  std::vector<T> packed, packed_transposed, scratch;
  LinearWeights<Space, T> weights;

  explicit Windows(int item)
      : random(testing::stream("tests/windows", item)),
        grid(any_grid()),
        samples(1 + item % 3),
        out(1 + static_cast<std::int64_t>(random.below(19))),
        x(samples * grid.rows * grid.columns, grid.features, gap()),
        dx(samples * grid.rows * grid.columns, grid.features, gap()),
        y(samples * grid.places(), out, gap()),
        dy(samples * grid.places(), out, gap()),
        pooled(samples * grid.places(), grid.features, gap()),
        dpooled(samples * grid.places(), grid.features, gap()),
        weight(out, grid.taps(), 0),
        bias(1, out, 0),
        dweight(out, grid.taps(), 0),
        dbias(1, out, 0),
        packed(packed_size<Space, T>(out, grid.taps())),
        packed_transposed(packed_size<Space, T>(grid.taps(), out)),
        scratch(conv2d_scratch<Space, T>(Space(), grid), T(NAN)) {
    for (auto* matrix : {&x, &dx, &dy, &dpooled, &weight, &bias, &dweight, &dbias})
      matrix->fill(random);
    weights = {.weight = weight.view(),
               .bias = row_view<Space, T const>(bias.memory.data(), out),
               .packed = row_view<Space, T>(packed.data(), packed.size()),
               .packed_transposed =
                   row_view<Space, T>(packed_transposed.data(), packed_transposed.size())};
    pack<Space, T>(Space(), weights);
  }
  std::int64_t upto(std::int64_t most) {
    return 1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most)));
  }
  std::int64_t gap() { return upto(9) - 1; }
  WindowGrid any_grid() {
    WindowGrid g{.rows = upto(9), .columns = upto(9), .features = upto(18)};
    g.kernel_rows = upto(std::min<std::int64_t>(g.rows, 4));
    g.kernel_columns = upto(std::min<std::int64_t>(g.columns, 4));
    g.stride_rows = upto(3);
    g.stride_columns = upto(3);
    g.padding_rows = upto(g.kernel_rows) - 1;
    g.padding_columns = upto(g.kernel_columns) - 1;
    return g;
  }
  Row<Space, T> room() { return row_view<Space, T>(scratch.data(), scratch.size()); }
};

/// What was there before, where a gradient adds to it.
std::vector<double> sum(std::vector<double> a, std::vector<double> const& before, Gradient mode) {
  for (std::size_t n = 0; mode == Gradient::add && n < a.size(); ++n) a[n] += before[n];
  return a;
}

template <class T>
class WindowKernels : public ::testing::Test {};
using Numbers = ::testing::Types<float, double>;
TYPED_TEST_SUITE(WindowKernels, Numbers);

TYPED_TEST(WindowKernels, ConvolutionIsEquivalentToReference) {
  using T = TypeParam;
  for (int item = 0; item < testing::random_shapes; ++item) {
    Windows<T> w(item);
    std::vector<double> want(w.samples * w.grid.places() * w.out);
    reference::conv2d<double>(w.samples, w.grid, w.x.tight(), w.weight.tight(), w.bias.tight(),
                              want);
    conv2d<Space, T>(Space(), w.samples, w.grid, w.x.view(), w.weights, w.y.view(), w.room());
    EXPECT_LE(testing::nmse(w.y.tight(), want), testing::allowed_nmse<T>) << item;
  }
}

TYPED_TEST(WindowKernels, ConvolutionGradientIsEquivalentToReference) {
  using T = TypeParam;
  for (int item = 0; item < testing::random_shapes; ++item) {
    Windows<T> w(item);
    Gradient const sums = item % 2 ? Gradient::add : Gradient::replace;
    Gradient const mode = item % 3 ? Gradient::add : Gradient::replace;
    std::vector<double> dweight(w.weight.tight().size()), dbias(w.out), dx(w.x.tight().size());
    reference::conv2d_parameter_gradients<double>(w.samples, w.grid, w.x.tight(), w.dy.tight(),
                                                  dweight, dbias);
    reference::conv2d_input_gradient<double>(w.samples, w.grid, w.dy.tight(), w.weight.tight(), dx);
    dweight = sum(dweight, w.dweight.tight(), sums);
    dbias = sum(dbias, w.dbias.tight(), sums);
    dx = sum(dx, w.dx.tight(), mode);
    conv2d_gradient<Space, T>(Space(), w.samples, w.grid, w.x.view(), w.weights, w.dy.view(), sums,
                              w.dweight.view(), row_view<Space, T>(w.dbias.memory.data(), w.out),
                              mode, w.dx.view(), w.room());
    EXPECT_LE(testing::nmse(w.dweight.tight(), dweight), testing::allowed_nmse<T>) << item;
    EXPECT_LE(testing::nmse(w.dbias.tight(), dbias), testing::allowed_nmse<T>) << item;
    EXPECT_LE(testing::nmse(w.dx.tight(), dx), testing::allowed_nmse<T>) << item;
  }
}

TYPED_TEST(WindowKernels, ComparisonNoticesASlip) {
  using T = TypeParam;
  Windows<T> w(1);
  std::vector<double> want(w.samples * w.grid.places() * w.out);
  reference::conv2d<double>(w.samples, w.grid, w.x.tight(), w.weight.tight(), w.bias.tight(), want);
  w.x.at(0, 0) += T(0.01);
  conv2d<Space, T>(Space(), w.samples, w.grid, w.x.view(), w.weights, w.y.view(), w.room());
  EXPECT_GT(testing::nmse(w.y.tight(), want), testing::allowed_nmse<T>);
}

TYPED_TEST(WindowKernels, PoolsAreEquivalentToReference) {
  using T = TypeParam;
  for (int item = 0; item < testing::random_shapes; ++item) {
    Windows<T> w(item);
    std::vector<double> want(w.samples * w.grid.places() * w.grid.features), dx(w.x.tight().size());
    Gradient const mode = item % 2 ? Gradient::add : Gradient::replace;

    reference::max_pool<double>(w.samples, w.grid, w.x.tight(), want);
    max_pool<Space, T>(Space(), w.grid, w.x.view(), w.pooled.view());
    EXPECT_EQ(w.pooled.tight(), want) << item;
    reference::max_pool_gradient<double>(w.samples, w.grid, w.x.tight(), w.dpooled.tight(), dx);
    dx = sum(dx, w.dx.tight(), mode);
    max_pool_gradient<Space, T>(Space(), w.samples, w.grid, w.x.view(), w.dpooled.view(), mode,
                                w.dx.view());
    EXPECT_LE(testing::nmse(w.dx.tight(), dx), testing::allowed_nmse<T>) << item;

    reference::average_pool<double>(w.samples, w.grid, w.x.tight(), want);
    average_pool<Space, T>(Space(), w.grid, w.x.view(), w.pooled.view());
    EXPECT_LE(testing::nmse(w.pooled.tight(), want), testing::allowed_nmse<T>) << item;
    reference::average_pool_gradient<double>(w.samples, w.grid, w.dpooled.tight(), dx);
    dx = sum(dx, w.dx.tight(), mode);
    average_pool_gradient<Space, T>(Space(), w.samples, w.grid, w.dpooled.view(), mode,
                                    w.dx.view());
    EXPECT_LE(testing::nmse(w.dx.tight(), dx), testing::allowed_nmse<T>) << item;
  }
}

TYPED_TEST(WindowKernels, ANaNComesThroughAMaxPool) {
  using T = TypeParam;
  WindowGrid const grid{.rows = 1, .columns = 3, .kernel_columns = 3};
  for (std::int64_t place = 0; place < 3; ++place) {
    Padded<T> x(3, 1, 0), y(1, 1, 0);
    for (std::int64_t n = 0; n < 3; ++n) x.at(n, 0) = n == place ? T(NAN) : static_cast<T>(n);
    max_pool<Space, T>(Space(), grid, x.view(), y.view());
    EXPECT_TRUE(std::isnan(y.at(0, 0)));
  }
}

/// Large numbers of either sign, infinities and NaN; rows of one and of many numbers.
TYPED_TEST(WindowKernels, LogCoshOfAnyNumber) {
  using T = TypeParam;
  T const infinity = std::numeric_limits<T>::infinity();
  auto const of = [](T value, std::int64_t columns) {
    Padded<T> x(1, columns, 3), y(1, 1, 0);
    for (std::int64_t k = 0; k < columns; ++k) x.at(0, k) = value;
    log_cosh_sum<Space, T>(Space(), x.view(), y.view());
    return y.at(0, 0);
  };
  for (std::int64_t const columns : {1, 3, 16, 17, 513, 5000}) {
    auto const n = static_cast<T>(columns);
    for (T const value : {T(0), T(1e-3), T(-0.5), T(2), T(-20), T(300)}) {
      T const want = n * (std::abs(value) + std::log1p(std::exp(-2 * std::abs(value))));
      EXPECT_NEAR(of(value, columns), want, want * 20 * std::numeric_limits<T>::epsilon())
          << value << " x " << columns;
    }
    EXPECT_EQ(of(-infinity, columns), infinity);
    EXPECT_TRUE(std::isnan(of(T(NAN), columns)));
  }
}

TYPED_TEST(WindowKernels, FlattenAndBack) {
  using T = TypeParam;
  core::Random random = testing::stream("tests/flatten", 0);
  Padded<T> x(6, 5, 2), y(2, 15, 3), back(6, 5, 1);
  x.fill(random);
  flatten<Space, T>(Space(), x.view(), y.view());
  EXPECT_EQ(y.tight(), x.tight());
  flatten_gradient<Space, T>(Space(), y.view(), Gradient::replace, back.view());
  EXPECT_EQ(back.tight(), x.tight());
  flatten_gradient<Space, T>(Space(), y.view(), Gradient::add, back.view());
  EXPECT_EQ(back.at(5, 4), 2 * x.at(5, 4));
}

TYPED_TEST(WindowKernels, RowFunctionsAreEquivalentToReference) {
  using T = TypeParam;
  for (int item = 0; item < testing::random_shapes; ++item) {
    core::Random random = testing::stream("tests/row_functions", item);
    std::int64_t const rows = testing::any_size(random), columns = testing::any_size(random);
    Padded<T> x(rows, columns, item % 5), y(rows, columns, item % 3), dy(rows, columns, item % 4),
        dx(rows, columns, item % 2), scale(1, columns, 0), shift(1, columns, 0),
        dscale(1, columns, 0), dshift(1, columns, 0), sums(rows, 1, item % 3);
    for (auto* matrix : {&x, &dy, &dx, &scale, &shift, &dscale, &dshift, &sums})
      matrix->fill(random);
    auto const row = [&](Padded<T>& one) { return row_view<Space, T>(one.memory.data(), columns); };
    Gradient const mode = item % 2 ? Gradient::add : Gradient::replace;
    std::vector<double> want(rows * columns), of_scale(columns), of_shift(columns), of_sums(rows);

    reference::batch_norm<double>(x.tight(), scale.tight(), shift.tight(), want);
    batch_norm<Space, T>(Space(), x.view(), row(scale), row(shift), y.view());
    EXPECT_LE(testing::nmse(y.tight(), want), testing::allowed_nmse<T>) << item;
    portable::batch_norm<Space, T>(Space(), x.view(), row(scale), row(shift), y.view());
    EXPECT_LE(testing::nmse(y.tight(), want), testing::allowed_nmse<T>) << item;
    reference::batch_norm_input_gradient<double>(scale.tight(), dy.tight(), want);
    want = sum(want, dx.tight(), mode);
    reference::batch_norm_parameter_gradients<double>(x.tight(), dy.tight(), of_scale, of_shift);
    of_scale = sum(of_scale, dscale.tight(), mode);
    of_shift = sum(of_shift, dshift.tight(), mode);
    batch_norm_gradient<Space, T>(Space(), x.view(), row(scale), dy.view(), mode, dx.view(), mode,
                                  row(dscale), row(dshift));
    EXPECT_LE(testing::nmse(dx.tight(), want), testing::allowed_nmse<T>) << item;
    EXPECT_LE(testing::nmse(dscale.tight(), of_scale), testing::allowed_nmse<T>) << item;
    EXPECT_LE(testing::nmse(dshift.tight(), of_shift), testing::allowed_nmse<T>) << item;

    reference::log_cosh_sum_gradient<double>(x.tight(), sums.tight(), want);
    want = sum(want, dx.tight(), mode);
    log_cosh_sum_gradient<Space, T>(Space(), x.view(), sums.view(), mode, dx.view());
    EXPECT_LE(testing::nmse(dx.tight(), want), testing::allowed_nmse<T>) << item;
    reference::log_cosh_sum<double>(x.tight(), of_sums);
    log_cosh_sum<Space, T>(Space(), x.view(), sums.view());
    EXPECT_LE(testing::nmse(sums.tight(), of_sums), testing::allowed_nmse<T>) << item;
    portable::log_cosh_sum<Space, T>(Space(), x.view(), sums.view());
    EXPECT_LE(testing::nmse(sums.tight(), of_sums), testing::allowed_nmse<T>) << item;
  }
}

}  // namespace
}  // namespace crossjoule::kernels
