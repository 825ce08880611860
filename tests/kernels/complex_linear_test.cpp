// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/complex_linear.hpp"

#include "core/error.hpp"
#include "kernels/portable/complex_linear.hpp"
#include "kernels/reference/activation.hpp"
#include "kernels/reference/complex_linear.hpp"
#include "tests/kernels/differences.hpp"
#include "tests/kernels/support.hpp"

#include <complex>

namespace crossjoule::kernels {
namespace {

using testing::Padded;
using Space = HostSpace;

/// One random layer and everything that belongs to it.
template <class T>
struct Layer {
  core::Random random;
  reference::ComplexShape shape;
  Padded<T> x, y, dy, dx, weight, bias, dweight, dbias;
  std::vector<T> packed, packed_transposed, scratch;
  ComplexWeights<Space, T> weights;
  Fused epilogue;

  explicit Layer(int item)
      : random(testing::stream("tests/complex_linear", item)),
        shape(any_shape()),
        x(rows(), 2 * shape.inputs, gap()),
        y(rows(), 2 * shape.outputs, gap()),
        dy(rows(), 2 * shape.outputs, gap()),
        dx(rows(), 2 * shape.inputs, gap()),
        weight(1, 2 * shape.weight_size(), 0),
        bias(1, 2 * shape.blocks * shape.outputs, 0),
        dweight(1, 2 * shape.weight_size(), 0),
        dbias(1, 2 * shape.blocks * shape.outputs, 0),
        packed(complex_packed_size<Space, T>(shape.blocks, shape.inputs, shape.outputs)),
        packed_transposed(
            complex_transposed_size<Space, T>(shape.blocks, shape.inputs, shape.outputs)),
        scratch(complex_weight_gradient_scratch<Space, T>(Space(), shape.blocks, shape.inputs,
                                                          shape.outputs),
                T(NAN)),
        epilogue(std::array<Fused, 3>{Fused{}, Fused{Epilogue::relu},
                                      Fused{Epilogue::soft_shrink, 0.3}}[random.below(3)]) {
    for (auto* matrix : {&x, &dy, &weight, &bias, &dweight, &dbias}) matrix->fill(random);
    weights = {.blocks = static_cast<std::int64_t>(shape.blocks),
               .inputs = static_cast<std::int64_t>(shape.inputs),
               .outputs = static_cast<std::int64_t>(shape.outputs),
               .weight = row_view<Space, T const>(weight.memory.data(), weight.columns),
               .bias = row_view<Space, T const>(bias.memory.data(), bias.columns),
               .packed = row_view<Space, T>(packed.data(), packed.size()),
               .packed_transposed =
                   row_view<Space, T>(packed_transposed.data(), packed_transposed.size())};
    pack<Space, T>(Space(), weights);
  }
  reference::ComplexShape any_shape() {
    constexpr std::array<std::size_t, 9> sizes{1, 2, 3, 5, 8, 16, 17, 24, 48};
    auto const size = [&] { return sizes[random.below(sizes.size())]; };
    return {.rows = static_cast<std::size_t>(testing::any_size(random)),
            .blocks = 1 + static_cast<std::size_t>(random.below(5)),
            .inputs = size(),
            .outputs = size()};
  }
  std::int64_t rows() const { return static_cast<std::int64_t>(shape.rows * shape.blocks); }
  std::int64_t gap() { return static_cast<std::int64_t>(random.below(2) * (1 + random.below(40))); }
  Row<Space, T> room() { return row_view<Space, T>(scratch.data(), scratch.size()); }
  Row<Space, T> all(Padded<T>& matrix) {
    return row_view<Space, T>(matrix.memory.data(), matrix.columns);
  }
  std::string text() const {
    return fmt::format("{} rows, {} blocks, {} -> {}", shape.rows, shape.blocks, shape.inputs,
                       shape.outputs);
  }

  std::vector<double> forward() {
    complex_linear<Space, T>(Space(), x.view(), weights, epilogue, y.view());
    return y.tight();
  }
  std::vector<double> want_forward() {
    std::vector<double> sums(y.tight().size()), want(sums.size());
    reference::complex_linear<double>(shape, x.tight(), weight.tight(), bias.tight(), sums);
    if (epilogue.kind == Epilogue::none) return sums;
    if (epilogue.kind == Epilogue::relu)
      reference::relu<double>(sums, want);
    else
      reference::soft_shrink<double>(sums, epilogue.alpha, want);
    return want;
  }
};

/// y = x W + b with complex numbers.
TEST(ComplexLinearReference, AgreesWithComplexArithmetic) {
  using Complex = std::complex<double>;
  for (int item = 0; item < 20; ++item) {
    Layer<double> layer(item);
    auto const [rows, blocks, in, out] = layer.shape;
    auto const x = layer.x.tight(), w = layer.weight.tight(), b = layer.bias.tight();
    std::vector<double> got(layer.y.tight().size()), want(got.size());
    reference::complex_linear<double>(layer.shape, x, w, b, got);
    for (std::size_t n = 0; n < rows * blocks; ++n)
      for (std::size_t o = 0; o < out; ++o) {
        std::size_t const block = n % blocks;
        Complex sum(b[block * out + o], b[(blocks + block) * out + o]);
        for (std::size_t i = 0; i < in; ++i)
          sum += Complex(x[n * 2 * in + i], x[n * 2 * in + in + i]) *
                 Complex(w[(block * in + i) * out + o], w[((blocks + block) * in + i) * out + o]);
        want[n * 2 * out + o] = sum.real();
        want[n * 2 * out + out + o] = sum.imag();
      }
    EXPECT_LE(testing::nmse(got, want), 1e-28) << layer.text();
  }
}

template <class T>
class ComplexLinear : public ::testing::Test {};
using Numbers = ::testing::Types<float, double>;
TYPED_TEST_SUITE(ComplexLinear, Numbers);

TYPED_TEST(ComplexLinear, ForwardIsEquivalentToReference) {
  for (int item = 0; item < testing::random_shapes; ++item) {
    Layer<TypeParam> layer(item);
    auto const want = layer.want_forward();
    EXPECT_LE(testing::nmse(layer.forward(), want), testing::allowed_nmse<TypeParam>)
        << layer.text();
    auto& numbers = layer.weight.memory;  // the twin that must fail
    numbers.front() += 2;
    pack<Space, TypeParam>(Space(), layer.weights);
    layer.epilogue = {};
    auto const undamaged = layer.want_forward();
    numbers.front() -= 2;
    layer.forward();
    EXPECT_GT(testing::nmse(layer.want_forward(), undamaged), testing::allowed_nmse<TypeParam>);
  }
}

/// Nothing but the columns of y is touched where rows are too close for whole vectors.
TYPED_TEST(ComplexLinear, StaysInItsColumns) {
  for (int item = 0; item < testing::random_shapes; ++item) {
    Layer<TypeParam> layer(item);
    if (layer.y.stride >= 2 * static_cast<std::int64_t>(layer.shape.outputs) + 16) continue;
    layer.forward();
    for (std::int64_t r = 0; r < layer.y.rows; ++r)
      for (std::int64_t k = 0; k < layer.y.columns; ++k)
        ASSERT_TRUE(std::isfinite(layer.y.at(r, k))) << layer.text();
  }
}

TYPED_TEST(ComplexLinear, BitsOfARowDependOnTheRowAlone) {
  for (int item = 0; item < testing::random_shapes; ++item) {
    Layer<TypeParam> layer(item);
    auto const whole = layer.forward();
    auto const blocks = static_cast<std::int64_t>(layer.shape.blocks);
    for (std::int64_t first = 0; first < layer.rows();) {
      auto const count = std::min<std::int64_t>(
          blocks * (1 + static_cast<std::int64_t>(layer.random.below(9))), layer.rows() - first);
      auto const part = [&](Padded<TypeParam>& matrix) {
        return rows_view<Space, TypeParam>(&matrix.at(first, 0), count, matrix.columns,
                                           matrix.stride);
      };
      complex_linear<Space, TypeParam>(Space(), part(layer.x), layer.weights, layer.epilogue,
                                       part(layer.y));
      first += count;
    }
    EXPECT_EQ(layer.y.tight(), whole) << layer.text();
  }
}

TYPED_TEST(ComplexLinear, InputGradientIsEquivalentToReference) {
  for (int item = 0; item < testing::random_shapes; ++item) {
    Layer<TypeParam> layer(item);
    std::vector<double> product(layer.x.tight().size()), want(product.size());
    reference::complex_linear_input_gradient<double>(layer.shape, layer.dy.tight(),
                                                     layer.weight.tight(), product);
    reference::relu_backward<double>(layer.x.tight(), product, want);
    complex_linear_input_gradient<Space, TypeParam>(Space(), layer.dy.view(), layer.weights,
                                                    {Epilogue::relu_gradient}, layer.x.view(),
                                                    Gradient::replace, layer.dx.view());
    EXPECT_LE(testing::nmse(layer.dx.tight(), want), testing::allowed_nmse<TypeParam>)
        << layer.text();
    complex_linear_input_gradient<Space, TypeParam>(Space(), layer.dy.view(), layer.weights, {}, {},
                                                    Gradient::add, layer.dx.view());
    for (std::size_t n = 0; n < want.size(); ++n) want[n] += product[n];
    EXPECT_LE(testing::nmse(layer.dx.tight(), want), testing::allowed_nmse<TypeParam>)
        << layer.text();
  }
}

TYPED_TEST(ComplexLinear, WeightGradientIsEquivalentToReferenceAndAddsUp) {
  for (int item = 0; item < testing::random_shapes; ++item) {
    Layer<TypeParam> layer(item);
    std::vector<double> want(layer.weight.columns), want_bias(layer.bias.columns);
    reference::complex_linear_weight_gradient<double>(layer.shape, layer.x.tight(),
                                                      layer.dy.tight(), want);
    reference::complex_linear_bias_gradient<double>(layer.shape, layer.dy.tight(), want_bias);
    for (Gradient const mode : {Gradient::replace, Gradient::add}) {
      complex_linear_weight_gradient<Space, TypeParam>(
          Space(), layer.x.view(), layer.dy.view(), layer.weights, mode, layer.all(layer.dweight),
          layer.all(layer.dbias), layer.room());
      EXPECT_LE(testing::nmse(layer.dweight.tight(), want), testing::allowed_nmse<TypeParam>)
          << layer.text();
      EXPECT_LE(testing::nmse(layer.dbias.tight(), want_bias), testing::allowed_nmse<TypeParam>)
          << layer.text();
      for (auto* all : {&want, &want_bias})
        for (double& value : *all) value *= 2;
    }
  }
}

/// The forms for other devices, run here.
TYPED_TEST(ComplexLinear, PortableFormsAreEquivalentToReference) {
  for (int item = 0; item < 12; ++item) {
    Layer<TypeParam> layer(item);
    auto const [rows, blocks, in, out] = layer.shape;
    std::vector<TypeParam> packed(portable::complex_packed_size(blocks, in, out));
    std::vector<TypeParam> scratch((2 * in + 1) * 2 * out);
    auto weights = layer.weights;
    weights.packed = row_view<Space, TypeParam>(packed.data(), packed.size());
    portable::pack<Space, TypeParam>(Space(), weights);
    portable::complex_linear<Space, TypeParam>(Space(), layer.x.view(), weights, layer.epilogue,
                                               layer.y.view());
    EXPECT_LE(testing::nmse(layer.y.tight(), layer.want_forward()),
              testing::allowed_nmse<TypeParam>);
    std::vector<double> dx(layer.x.tight().size()), dw(layer.weight.columns),
        db(layer.bias.columns);
    reference::complex_linear_input_gradient<double>(layer.shape, layer.dy.tight(),
                                                     layer.weight.tight(), dx);
    portable::complex_linear_input_gradient<Space, TypeParam>(
        Space(), layer.dy.view(), weights, {}, {}, Gradient::replace, layer.dx.view());
    EXPECT_LE(testing::nmse(layer.dx.tight(), dx), testing::allowed_nmse<TypeParam>);
    reference::complex_linear_weight_gradient<double>(layer.shape, layer.x.tight(),
                                                      layer.dy.tight(), dw);
    reference::complex_linear_bias_gradient<double>(layer.shape, layer.dy.tight(), db);
    for (Gradient const mode : {Gradient::replace, Gradient::add})
      portable::complex_linear_weight_gradient<Space, TypeParam>(
          Space(), layer.x.view(), layer.dy.view(), weights, mode, layer.all(layer.dweight),
          layer.all(layer.dbias), row_view<Space, TypeParam>(scratch.data(), scratch.size()));
    for (auto* all : {&dw, &db})
      for (double& value : *all) value *= 2;
    EXPECT_LE(testing::nmse(layer.dweight.tight(), dw), testing::allowed_nmse<TypeParam>);
    EXPECT_LE(testing::nmse(layer.dbias.tight(), db), testing::allowed_nmse<TypeParam>);
  }
}

/// Gradients of sum(direction * y) against central differences.
TEST(ComplexLinearGradients, MatchDifferences) {
  constexpr double step = 1e-5, allowed = 1e-6;
  for (int item = 0; item < 12; ++item) {
    Layer<double> layer(item);
    layer.epilogue = {};
    auto const loss = [&] {
      pack<Space, double>(Space(), layer.weights);
      auto const y = layer.forward(), direction = layer.dy.tight();
      double sum = 0;
      for (std::size_t n = 0; n < y.size(); ++n) sum += y[n] * direction[n];
      return sum;
    };
    complex_linear_input_gradient<Space, double>(Space(), layer.dy.view(), layer.weights, {}, {},
                                                 Gradient::replace, layer.dx.view());
    complex_linear_weight_gradient<Space, double>(
        Space(), layer.x.view(), layer.dy.view(), layer.weights, Gradient::replace,
        layer.all(layer.dweight), layer.all(layer.dbias), layer.room());
    auto const check = [&](Padded<double>& numbers, Padded<double>& gradient) {
      auto const r = static_cast<std::int64_t>(layer.random.below(numbers.rows));
      auto const k = static_cast<std::int64_t>(layer.random.below(numbers.columns));
      EXPECT_NEAR(gradient.at(r, k), testing::central_difference(loss, numbers.at(r, k), step),
                  allowed * (1 + std::abs(gradient.at(r, k))))
          << layer.text();
    };
    for (int pick = 0; pick < 4; ++pick) {
      check(layer.x, layer.dx);
      check(layer.weight, layer.dweight);
      check(layer.bias, layer.dbias);
    }
  }
}

}  // namespace
}  // namespace crossjoule::kernels
