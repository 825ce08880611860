// SPDX-License-Identifier: BSD-3-Clause
// Convolution, pooling, norms and log cosh: against PyTorch 2 (its numbers stand below, exact in
// binary), brute force, closed forms, and central differences.
#include "core/philox.hpp"
#include "kernels/reference/activation.hpp"
#include "kernels/reference/batch_norm.hpp"
#include "kernels/reference/convolution.hpp"
#include "kernels/reference/linear.hpp"
#include "kernels/reference/log_cosh_sum.hpp"
#include "kernels/reference/pooling.hpp"
#include "tests/kernels/reference/gradients.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

namespace crossjoule::kernels::reference {
namespace {

/// Multiples of 1/8 without a pattern: sums of products of them are exact.
Vector fill(std::int64_t count, std::int64_t a, std::int64_t b) {
  Vector values;
  for (std::int64_t n = 0; n < count; ++n)
    values.push_back(static_cast<double>(n * a % b - b / 2) / 8);
  return values;
}
/// A sum with weights -3 ... 3, so that a swap of two numbers shows.
double probe(View values) {
  double sum = 0;
  for (std::size_t n = 0; n < values.size(); ++n)
    sum += values[n] * (static_cast<double>(n % 7) - 3);
  return sum;
}

std::int64_t size(WindowGrid const& g) { return g.rows * g.columns * g.features; }

struct Convolution {
  std::int64_t samples;
  WindowGrid grid;
  std::int64_t out;
  double y, dx, dweight, dbias;  ///< probes of what PyTorch says
};
/// torch.nn.functional.conv2d and its autograd in fp64 on fill(…, 37, 23), (…, 29, 19), (…, 5, 7),
/// dy = fill(…, 41, 17), images with features last.
constexpr Convolution convolutions[] = {
    {2, {5, 7, 3, 3, 3, 1, 1, 1, 1}, 4, 7.578125, 1.59375, 40.515625, 3.125},
    {1, {8, 6, 2, 3, 2, 2, 1, 0, 1}, 5, -16.359375, -1.0, -9.703125, 9.875},
    {3, {4, 9, 1, 1, 4, 1, 3, 0, 2}, 2, -11.09375, -1.796875, -14.03125, 1.5},
    {2, {7, 7, 4, 5, 5, 2, 2, 2, 2}, 3, -55.71875, 32.28125, 94.25, 3.0},
    {1, {3, 3, 2, 1, 1, 2, 2, 1, 1}, 2, 4.65625, 0.078125, 0.703125, 1.125},
};

TEST(Conv2d, GivesPyTorchsNumbers) {
  for (Convolution const& c : convolutions) {
    auto const x = fill(c.samples * size(c.grid), 37, 23);
    auto const weight = fill(c.out * c.grid.taps(), 29, 19), bias = fill(c.out, 5, 7);
    auto const dy = fill(c.samples * c.grid.places() * c.out, 41, 17);
    Vector y(dy.size()), dx(x.size()), dweight(weight.size()), dbias(bias.size());
    conv2d<double>(c.samples, c.grid, x, weight, bias, y);
    conv2d_input_gradient<double>(c.samples, c.grid, dy, weight, dx);
    conv2d_parameter_gradients<double>(c.samples, c.grid, x, dy, dweight, dbias);
    EXPECT_EQ(probe(y), c.y);
    EXPECT_EQ(probe(dx), c.dx);
    EXPECT_EQ(probe(dweight), c.dweight);
    EXPECT_EQ(probe(dbias), c.dbias);
  }
}

TEST(Conv2d, ProbeNoticesATransposedKernel) {
  Convolution const& c = convolutions[0];
  auto const x = fill(c.samples * size(c.grid), 37, 23), bias = fill(c.out, 5, 7);
  auto weight = fill(c.out * c.grid.taps(), 29, 19);
  std::swap(weight[1], weight[3]);
  Vector y(c.samples * c.grid.places() * c.out);
  conv2d<double>(c.samples, c.grid, x, weight, bias, y);
  EXPECT_NE(probe(y), c.y);
}

/// Written apart from the reference: each output by its definition, the image padded beforehand.
TEST(Conv2d, IsTheSumOfItsDefinition) {
  for (int item = 0; item < 60; ++item) {
    core::Random random(3, core::purpose("tests/conv2d"), static_cast<std::uint64_t>(item));
    auto const upto = [&](std::int64_t most) {
      return 1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most)));
    };
    WindowGrid g{upto(7), upto(7), upto(3),     upto(4),    upto(4),
                 upto(3), upto(3), upto(6) - 1, upto(6) - 1};  // padding may exceed the kernel
    if (g.kernel_rows > g.rows + 2 * g.padding_rows ||
        g.kernel_columns > g.columns + 2 * g.padding_columns)
      continue;
    std::int64_t const out = upto(3), H = g.rows + 2 * g.padding_rows,
                       W = g.columns + 2 * g.padding_columns;
    auto const x = fill(size(g), 37, 23), weight = fill(out * g.taps(), 29, 19);
    Vector padded(H * W * g.features, 0.0), y(g.places() * out);
    for (std::int64_t r = 0; r < g.rows; ++r)
      for (std::int64_t k = 0; k < g.columns; ++k)
        for (std::int64_t c = 0; c < g.features; ++c)
          padded[((r + g.padding_rows) * W + k + g.padding_columns) * g.features + c] =
              x[(r * g.columns + k) * g.features + c];
    conv2d<double>(1, g, x, weight, {}, y);
    std::size_t place = 0;
    for (std::int64_t top = 0; top + g.kernel_rows <= H; top += g.stride_rows)
      for (std::int64_t left = 0; left + g.kernel_columns <= W; left += g.stride_columns, ++place)
        for (std::int64_t o = 0; o < out; ++o) {
          double want = 0;
          for (std::int64_t c = 0; c < g.features; ++c)
            for (std::int64_t a = 0; a < g.kernel_rows; ++a)
              for (std::int64_t b = 0; b < g.kernel_columns; ++b)
                want += padded[((top + a) * W + left + b) * g.features + c] *
                        weight[((o * g.features + c) * g.kernel_rows + a) * g.kernel_columns + b];
          ASSERT_EQ(y[place * out + o], want) << item;
        }
    EXPECT_EQ(place * out, y.size());
    // the same as a product
    Vector columns(g.places() * g.taps()), product(y.size());
    im2col<double>(g, x, columns);
    linear<double>(g.places(), columns, weight, {}, product);
    EXPECT_EQ(product, y);
  }
}

struct Pooling {
  std::int64_t samples;
  WindowGrid grid;
  double largest, largest_gradient, mean, mean_gradient;
};
/// torch.nn.functional.max_pool2d and avg_pool2d on the same numbers; several are equal, so that
/// the choice among equals shows.
constexpr Pooling poolings[] = {
    {2, {6, 6, 3, 2, 2, 2, 2, 0, 0}, -3.25, 3.0, -9.1875, 0.65625},
    {1, {7, 5, 2, 3, 3, 2, 2, 1, 1}, -7.0, -6.0, -1.1527777777777777, 0.875},
    {2, {4, 9, 1, 1, 3, 1, 2, 0, 1}, -8.875, -4.125, -4.916666666666667, -1.2500000000000004},
    {1, {5, 5, 4, 3, 2, 1, 3, 1, 0}, -0.5, -15.25, 2.729166666666667, -2.6249999999999996},
};

TEST(Pool, GivesPyTorchsNumbers) {
  for (Pooling const& p : poolings) {
    auto const x = fill(p.samples * size(p.grid), 37, 23);
    auto const dy = fill(p.samples * p.grid.places() * p.grid.features, 41, 17);
    Vector y(dy.size()), dx(x.size());
    max_pool<double>(p.samples, p.grid, x, y);
    EXPECT_EQ(probe(y), p.largest);
    max_pool_gradient<double>(p.samples, p.grid, x, dy, dx);
    EXPECT_EQ(probe(dx), p.largest_gradient);
    average_pool<double>(p.samples, p.grid, x, y);
    EXPECT_NEAR(probe(y), p.mean, 1e-13);
    average_pool_gradient<double>(p.samples, p.grid, dy, dx);
    EXPECT_NEAR(probe(dx), p.mean_gradient, 1e-13);
  }
}

TEST(Pool, NotANumberIsTheLargest) {
  WindowGrid const g{.rows = 1, .columns = 3, .kernel_columns = 3};
  double const nan = std::numeric_limits<double>::quiet_NaN();
  for (Vector const& x : {Vector{nan, 2, 1}, {2, nan, 1}, {2, 1, nan}}) {
    Vector y(1);
    max_pool<double>(1, g, x, y);
    EXPECT_TRUE(std::isnan(y[0]));
  }
}

/// torch.nn.functional.batch_norm with running statistics, epsilon 1e-5.
TEST(BatchNorm, FoldedGivesPyTorchsNumbers) {
  auto const x = fill(12, 37, 23), gain = fill(3, 5, 7), bias = fill(3, 3, 5),
             mean = fill(3, 11, 13);
  Vector variance = fill(3, 7, 11), scale(3), shift(3), y(12);
  for (double& v : variance) v = v * v + 0.25;
  fold_batch_norm<double>(gain, bias, mean, variance, 1e-5, scale, shift);
  batch_norm<double>(x, scale, shift, y);
  Vector const want{0.04282351809820663, 0.013198389936461156, -0.125,
                    -1.0699058506749783, -0.21040483019061654, -0.125,
                    -0.8356470361964132, -0.43400805031769424, -0.125,
                    -0.6013882217178479, -0.657611270444772,   -0.125};
  for (std::size_t n = 0; n < 12; ++n) EXPECT_NEAR(y[n], want[n], 1e-14) << n;
}

TEST(LogCoshSum, IsTheLogarithmAndNeverOverflows) {
  Vector const x{0, 1, -2, 0.5};
  Vector y(1);
  log_cosh_sum<double>(x, y);
  double want = 0;
  for (double const v : x) want += std::log(2 * std::cosh(v));
  EXPECT_NEAR(y[0], want, 1e-15 * 8);
  log_cosh_sum<double>(Vector{1000}, y);
  EXPECT_EQ(y[0], 1000);
  log_cosh_sum<double>(Vector{-1e300}, y);
  EXPECT_EQ(y[0], 1e300);
}

TEST(LeakyRelu, Values) {
  Vector const x{-2, 0, 3};
  Vector y(3), dx(3);
  leaky_relu<double>(x, 0.25, y);
  EXPECT_EQ(y, (Vector{-0.5, 0, 3}));
  leaky_relu_backward<double>(y, Vector{1, 1, 1}, 0.25, dx);
  EXPECT_EQ(dx, (Vector{0.25, 0.25, 1}));
}

/// Numbers in (-1, 1), all of them different.
Vector draw(core::Random& random, std::int64_t count) {
  Vector values;
  for (std::int64_t n = 0; n < count; ++n) values.push_back(random.uniform(-1, 1));
  return values;
}

TEST(Conv2d, GradientMatchesDifferences) {
  for (Convolution const& c : convolutions) {
    core::Random random(4, core::purpose("tests/conv2d_gradient"), c.out);
    auto const x = draw(random, c.samples * size(c.grid));
    auto const weight = draw(random, c.out * c.grid.taps()), bias = draw(random, c.out);
    auto const dy = draw(random, c.samples * c.grid.places() * c.out);
    Vector y(dy.size()), dx(x.size()), dweight(weight.size()), dbias(bias.size());
    auto const loss = [&](Vector const& at, Vector const& w, Vector const& b) {
      conv2d<double>(c.samples, c.grid, at, w, b, y);
      return dot(y, dy);
    };
    conv2d_input_gradient<double>(c.samples, c.grid, dy, weight, dx);
    conv2d_parameter_gradients<double>(c.samples, c.grid, x, dy, dweight, dbias);
    EXPECT_LE(gradient_error(dx, x, [&](auto const& v) { return loss(v, weight, bias); }),
              allowed_error);
    EXPECT_LE(gradient_error(dweight, weight, [&](auto const& v) { return loss(x, v, bias); }),
              allowed_error);
    EXPECT_LE(gradient_error(dbias, bias, [&](auto const& v) { return loss(x, weight, v); }),
              allowed_error);
  }
}

TEST(Pool, GradientMatchesDifferences) {
  for (Pooling const& p : poolings) {
    core::Random random(5, core::purpose("tests/pool_gradient"), size(p.grid));
    auto const x = draw(random, p.samples * size(p.grid));
    auto const dy = draw(random, p.samples * p.grid.places() * p.grid.features);
    Vector y(dy.size()), dx(x.size());
    max_pool_gradient<double>(p.samples, p.grid, x, dy, dx);
    EXPECT_LE(gradient_error(dx, x,
                             [&](Vector const& v) {
                               max_pool<double>(p.samples, p.grid, v, y);
                               return dot(y, dy);
                             }),
              allowed_error);
    average_pool_gradient<double>(p.samples, p.grid, dy, dx);
    EXPECT_LE(gradient_error(dx, x,
                             [&](Vector const& v) {
                               average_pool<double>(p.samples, p.grid, v, y);
                               return dot(y, dy);
                             }),
              allowed_error);
  }
}

TEST(RowFunctions, GradientsMatchDifferences) {
  core::Random random(6, core::purpose("tests/row_gradients"), 0);
  auto const x = draw(random, 21), scale = draw(random, 7), shift = draw(random, 7),
             dy = draw(random, 21);
  Vector y(21), dx(21), dscale(7), dshift(7);
  auto const normed = [&](Vector const& at, Vector const& w, Vector const& b) {
    batch_norm<double>(at, w, b, y);
    return dot(y, dy);
  };
  batch_norm_input_gradient<double>(scale, dy, dx);
  batch_norm_parameter_gradients<double>(x, dy, dscale, dshift);
  EXPECT_LE(gradient_error(dx, x, [&](auto const& v) { return normed(v, scale, shift); }),
            allowed_error);
  EXPECT_LE(gradient_error(dscale, scale, [&](auto const& v) { return normed(x, v, shift); }),
            allowed_error);
  EXPECT_LE(gradient_error(dshift, shift, [&](auto const& v) { return normed(x, scale, v); }),
            allowed_error);

  Vector sums(3), dsums = draw(random, 3);
  log_cosh_sum_gradient<double>(x, dsums, dx);
  EXPECT_LE(gradient_error(dx, x,
                           [&](Vector const& v) {
                             log_cosh_sum<double>(v, sums);
                             return dot(sums, dsums);
                           }),
            allowed_error);
  leaky_relu<double>(x, 0.3, y);
  leaky_relu_backward<double>(y, dy, 0.3, dx);
  EXPECT_LE(gradient_error(dx, x,
                           [&](Vector const& v) {
                             leaky_relu<double>(v, 0.3, y);
                             return dot(y, dy);
                           }),
            allowed_error);
}

}  // namespace
}  // namespace crossjoule::kernels::reference
