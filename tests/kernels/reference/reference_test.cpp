// SPDX-License-Identifier: BSD-3-Clause
// The oracle has an oracle too: hand-worked values, and gradients against central differences.
#include "core/philox.hpp"
#include "kernels/reference/activation.hpp"
#include "kernels/reference/adam.hpp"
#include "kernels/reference/layer_norm.hpp"
#include "kernels/reference/linear.hpp"
#include "kernels/reference/loss.hpp"
#include "tests/kernels/reference/gradients.hpp"

#include <gtest/gtest.h>
#include <array>
#include <cmath>
#include <functional>
#include <vector>

namespace crossjoule::kernels::reference {
namespace {

constexpr int random_shapes = 50;

/// Odd sizes and primes find what powers of two hide.
struct Shape {
  std::size_t rows, in, out;
};
Shape random_shape(core::Random& random) {
  constexpr std::array<std::size_t, 9> sizes{1, 2, 3, 5, 7, 8, 11, 13, 17};
  auto const size = [&] { return sizes[random.below(sizes.size())]; };
  return {size(), size(), size()};
}

core::Random stream(char const* name, int item) {
  return core::Random(1, core::purpose(name), static_cast<std::uint64_t>(item));
}

/// Numbers in (-1, 1), none nearer to a kink at 0 than 0.01.
Vector draw(core::Random& random, std::size_t count) {
  Vector values(count);
  for (double& value : values) {
    double const u = random.uniform(-0.99, 0.99);
    value = u + std::copysign(0.01, u);
  }
  return values;
}

TEST(Linear, ByHand) {
  Vector const x{1, 2, 3, 4}, weight{1, 0, 0, 1, 1, 1}, bias{10, 20, 30};
  Vector y(6);
  linear<double>(2, x, weight, bias, y);
  EXPECT_EQ(y, (Vector{11, 22, 33, 13, 24, 37}));
  linear<double>(2, x, weight, {}, y);
  EXPECT_EQ(y, (Vector{1, 2, 3, 3, 4, 7}));
}

TEST(Linear, GradientMatchesDifferences) {
  for (int item = 0; item < random_shapes; ++item) {
    auto random = stream("tests/linear", item);
    auto const [rows, in, out] = random_shape(random);
    Vector const x = draw(random, rows * in), weight = draw(random, out * in),
                 bias = draw(random, out);
    Vector const dy = draw(random, rows * out);
    auto const loss = [&, rows = rows, out = out](Vector const& x, Vector const& w,
                                                  Vector const& b) {
      Vector y(rows * out);
      linear<double>(rows, x, w, b, y);
      return dot(y, dy);
    };
    Vector dx(x.size()), dw(weight.size()), db(bias.size());
    linear_input_gradient<double>(rows, dy, weight, dx);
    linear_weight_gradient<double>(rows, x, dy, dw);
    linear_bias_gradient<double>(rows, dy, db);
    EXPECT_LE(gradient_error(dx, x, [&](auto const& v) { return loss(v, weight, bias); }),
              allowed_error);
    EXPECT_LE(gradient_error(dw, weight, [&](auto const& v) { return loss(x, v, bias); }),
              allowed_error);
    EXPECT_LE(gradient_error(db, bias, [&](auto const& v) { return loss(x, weight, v); }),
              allowed_error);
    dw[0] += 1e-4;  // the twin that must fail
    EXPECT_GT(gradient_error(dw, weight, [&](auto const& v) { return loss(x, v, bias); }),
              allowed_error);
  }
}

TEST(Relu, AtTheKinkIsZeroWithDerivativeZero) {
  Vector const x{-1, 0, 2}, dy{5, 6, 7};
  Vector y(3), dx(3);
  relu<double>(x, y);
  relu_backward<double>(y, dy, dx);
  EXPECT_EQ(y, (Vector{0, 0, 2}));
  EXPECT_EQ(dx, (Vector{0, 0, 7}));
}

TEST(Elu, ByHand) {
  Vector const x{-1, 0, 2, -1e-12, 800};
  Vector y(5);
  elu<double>(x, 1.0, y);
  EXPECT_DOUBLE_EQ(y[0], std::exp(-1.0) - 1);
  EXPECT_EQ(y[1], 0);
  EXPECT_EQ(y[2], 2);
  EXPECT_NEAR(y[3], -1e-12, 1e-24);  // exp(x) - 1 would lose four digits here
  EXPECT_EQ(y[4], 800);              // and the unused branch may overflow
}

TEST(Activations, GradientMatchesDifferences) {
  for (int item = 0; item < random_shapes; ++item) {
    auto random = stream("tests/activation", item);
    auto const [rows, in, out] = random_shape(random);
    Vector const x = draw(random, rows * in), dy = draw(random, rows * in);
    double const alpha = random.uniform(0.1, 2);
    Vector y(x.size()), dx(x.size());
    elu<double>(x, alpha, y);
    elu_backward<double>(y, dy, alpha, dx);
    auto const through_elu = [&](Vector const& v) { return elu<double>(v, alpha, y), dot(y, dy); };
    EXPECT_LE(gradient_error(dx, x, through_elu), allowed_error);
    relu<double>(x, y);
    relu_backward<double>(y, dy, dx);
    auto const through_relu = [&](Vector const& v) { return relu<double>(v, y), dot(y, dy); };
    EXPECT_LE(gradient_error(dx, x, through_relu), allowed_error);
    dx[0] += 1e-4 * (1 + std::abs(dx[0])) * static_cast<double>(dx.size());
    EXPECT_GT(gradient_error(dx, x, through_relu), allowed_error);
  }
}

TEST(Activations, GeluAndSoftShrinkByHand) {
  Vector const x{-1.5, -0.25, 0, 0.25, 1};
  Vector y(5), dx(5);
  gelu<double>(x, y);
  // tables of the normal distribution: P(N <= 1) = 0.841344746068543, P(N <= -1.5) = 0.066807...
  EXPECT_NEAR(y[4], 0.841344746068543, 1e-15);
  EXPECT_NEAR(y[0], -1.5 * 0.0668072012688581, 1e-15);
  EXPECT_EQ(y[2], 0);
  gelu_backward<double>(x, Vector(5, 1.0), dx);
  EXPECT_EQ(dx[2], 0.5);
  EXPECT_NEAR(dx[4], 0.841344746068543 + 0.241970724519143, 1e-15);
  soft_shrink<double>(x, 0.25, y);
  EXPECT_EQ(y, (Vector{-1.25, 0, 0, 0, 0.75}));
  soft_shrink_backward<double>(y, Vector(5, 3.0), dx);
  EXPECT_EQ(dx, (Vector{3, 0, 0, 0, 3}));
}

TEST(Activations, GradientsOfGeluAndSoftShrinkMatchDifferences) {
  for (int item = 0; item < random_shapes; ++item) {
    auto random = stream("tests/gelu", item);
    auto const [rows, in, out] = random_shape(random);
    Vector const x = draw(random, rows * in), dy = draw(random, rows * in);
    Vector y(x.size()), dx(x.size());
    gelu_backward<double>(x, dy, dx);
    auto const through_gelu = [&](Vector const& v) { return gelu<double>(v, y), dot(y, dy); };
    EXPECT_LE(gradient_error(dx, x, through_gelu), allowed_error);
    double const threshold = 0.005;  // no number of draw() is near it
    soft_shrink<double>(x, threshold, y);
    soft_shrink_backward<double>(y, dy, dx);
    auto const through_shrink = [&](Vector const& v) {
      return soft_shrink<double>(v, threshold, y), dot(y, dy);
    };
    EXPECT_LE(gradient_error(dx, x, through_shrink), allowed_error);
  }
}

TEST(LayerNorm, ByHand) {
  Vector const x{1, 3, 5, 5}, gain{2, 4}, bias{10, 20};
  Vector y(4), mean(2), rstd(2);
  layer_norm<double>(x, gain, bias, 3, y, mean, rstd);
  EXPECT_EQ(mean, (Vector{2, 5}));
  EXPECT_NEAR(rstd[0], 0.5, 1e-16);               // variance 1, epsilon 3
  EXPECT_NEAR(rstd[1], 1 / std::sqrt(3), 1e-16);  // variance 0
  EXPECT_EQ(y, (Vector{9, 22, 10, 20}));
}

TEST(LayerNorm, GradientMatchesDifferences) {
  for (int item = 0; item < random_shapes; ++item) {
    auto random = stream("tests/layer_norm", item);
    auto const [rows, in, out] = random_shape(random);
    Vector const x = draw(random, rows * in), dy = draw(random, rows * in);
    Vector const gain = draw(random, in), bias = draw(random, in);
    Vector y(x.size()), dx(x.size()), dgain(in), dbias(in), mean(rows), rstd(rows);
    auto const loss = [&](Vector const& v, Vector const& g, Vector const& b) {
      return layer_norm<double>(v, g, b, 1e-2, y, mean, rstd), dot(y, dy);
    };
    loss(x, gain, bias);
    layer_norm_input_gradient<double>(x, gain, mean, rstd, dy, dx);
    layer_norm_parameter_gradients<double>(x, mean, rstd, dy, dgain, dbias);
    EXPECT_LE(gradient_error(dx, x, [&](auto const& v) { return loss(v, gain, bias); }),
              10 * allowed_error);
    EXPECT_LE(gradient_error(dgain, gain, [&](auto const& v) { return loss(x, v, bias); }),
              allowed_error);
    EXPECT_LE(gradient_error(dbias, bias, [&](auto const& v) { return loss(x, gain, v); }),
              allowed_error);
    dbias[0] += 1e-4 * (1 + std::abs(dbias[0])) * static_cast<double>(rows * in);
    EXPECT_GT(gradient_error(dbias, bias, [&](auto const& v) { return loss(x, gain, v); }),
              allowed_error);
  }
}

TEST(Add, GradientOfBothSidesIsTheOutputs) {
  auto random = stream("tests/add", 0);
  Vector const a = draw(random, 13), b = draw(random, 13), dy = draw(random, 13);
  Vector y(13);
  EXPECT_LE(gradient_error(dy, a, [&](auto const& v) { return add<double>(v, b, y), dot(y, dy); }),
            allowed_error);
  EXPECT_LE(gradient_error(dy, b, [&](auto const& v) { return add<double>(a, v, y), dot(y, dy); }),
            allowed_error);
}

TEST(Losses, ByHand) {
  Vector const x{1, 2, 3, 4}, target{1, 0, 0, 0};
  Vector value(2);
  squared_distance<double>(x, 0.5, value);
  EXPECT_EQ(value, (Vector{0.25 + 2.25, 6.25 + 12.25}));
  mean_squared_error<double>(x, target, value);
  EXPECT_EQ(value, (Vector{2, 12.5}));
}

TEST(Losses, GradientMatchesDifferences) {
  for (int item = 0; item < random_shapes; ++item) {
    auto random = stream("tests/loss", item);
    auto const [rows, in, out] = random_shape(random);
    Vector const x = draw(random, rows * in), target = draw(random, rows * in), ones(rows, 1.0);
    double const centre = random.uniform(-1, 1);
    Vector value(rows), dx(x.size());
    squared_distance_gradient<double>(x, centre, dx);
    auto const distance = [&](Vector const& v) {
      return squared_distance<double>(v, centre, value), dot(value, ones);
    };
    EXPECT_LE(gradient_error(dx, x, distance), allowed_error);
    mean_squared_error_gradient<double>(in, x, target, dx);
    auto const error = [&](Vector const& v) {
      return mean_squared_error<double>(v, target, value), dot(value, ones);
    };
    EXPECT_LE(gradient_error(dx, x, error), allowed_error);
    dx[0] += 1e-4 * static_cast<double>(dx.size());
    EXPECT_GT(gradient_error(dx, x, error), allowed_error);
  }
}

/// First steps have a closed form: m / (1 - b1) = g and v / (1 - b2) = g^2, so p moves by
/// rate * g / (|g| + epsilon), whatever the betas.
TEST(Adam, FirstStepMovesByTheLearningRate) {
  AdamConstants const constants{
      .learning_rate = 0.01, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-8};
  Vector p{1, 1, 1}, m(3), v(3);
  Vector const g{4, -0.5, 0};
  adam<double>(constants, 1, 0.5, p, g, m, v);
  EXPECT_NEAR(p[0], 1 - 0.01 * 2 / (2 + 1e-8), 1e-15);
  EXPECT_NEAR(p[1], 1 + 0.01 * 0.25 / (0.25 + 1e-8), 1e-15);
  EXPECT_EQ(p[2], 1);
}

/// A constant gradient keeps moving p by the learning rate: the bias corrections cancel exactly.
TEST(Adam, ConstantGradientMovesAtConstantSpeed) {
  Vector p{0}, m(1), v(1);
  for (int step = 1; step <= 100; ++step) adam<double>({.epsilon = 0}, step, 1, p, Vector{3}, m, v);
  EXPECT_NEAR(p[0], -100 * 1e-3, 1e-12);
}

TEST(Adam, FindsTheMinimumOfAParabola) {
  Vector p{5}, m(1), v(1);
  for (int step = 1; step <= 3000; ++step)
    adam<double>({.learning_rate = 0.02}, step, 1, p, Vector{2 * (p[0] - 1.5)}, m, v);
  EXPECT_NEAR(p[0], 1.5, 1e-3);
}

}  // namespace
}  // namespace crossjoule::kernels::reference
