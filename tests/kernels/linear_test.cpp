// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/linear.hpp"

#include "core/aligned_vector.hpp"
#include "kernels/portable/gemm.hpp"
#include "kernels/portable/pointwise.hpp"
#include "kernels/reference/activation.hpp"
#include "kernels/reference/linear.hpp"
#include "tests/kernels/differences.hpp"
#include "tests/kernels/support.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace crossjoule::kernels {
namespace {

using testing::Padded;
using Space = HostSpace;

/// One random layer and everything that belongs to it.
template <class T>
struct Layer {
  core::Random random;
  std::int64_t rows, inputs, outputs;
  Padded<T> x, weight, bias, y, dy, dx, dweight, dbias;
  std::vector<T> packed, packed_transposed, scratch;
  LinearWeights<Space, T> weights;
  Fused epilogue;

  explicit Layer(int item) : Layer(testing::stream("tests/linear", item)) {}
  explicit Layer(core::Random stream)
      : Layer(stream,
              {testing::any_size(stream), testing::any_size(stream), testing::any_size(stream)}) {}
  /// Rows, inputs, outputs.
  Layer(core::Random stream, std::array<std::int64_t, 3> sizes)
      : random(stream),
        rows(sizes[0]),
        inputs(sizes[1]),
        outputs(sizes[2]),
        x(rows, inputs, gap()),
        weight(outputs, inputs, 0),
        bias(1, outputs, 0),
        y(rows, outputs, gap()),
        dy(rows, outputs, gap()),
        dx(rows, inputs, gap()),
        dweight(outputs, inputs, gap()),
        dbias(1, outputs, 0),
        packed(packed_size<Space, T>(outputs, inputs)),
        packed_transposed(packed_size<Space, T>(inputs, outputs)),
        scratch(weight_gradient_scratch<Space, T>(Space())),
        epilogue{static_cast<Epilogue>(random.below(5)), random.uniform(0.2, 2)} {
    for (auto* matrix : {&x, &weight, &bias, &dy}) matrix->fill(random);
    weights.weight = weight.view();
    if (random.below(3) > 0) weights.bias = row_view<Space, T const>(bias.memory.data(), outputs);
    weights.packed = row_view<Space, T>(packed.data(), packed.size());
    weights.packed_transposed =
        row_view<Space, T>(packed_transposed.data(), packed_transposed.size());
    pack<Space, T>(Space(), weights);
  }
  std::int64_t gap() { return static_cast<std::int64_t>(random.below(2) * (1 + random.below(40))); }
  std::vector<double> bias_numbers() {
    return weights.bias.data() ? bias.tight() : std::vector<double>();
  }

  void forward() { linear<Space, T>(Space(), x.view(), weights, epilogue, y.view()); }
  std::vector<double> want_forward() {
    std::vector<double> want(rows * outputs), sums(rows * outputs);
    reference::linear<double>(rows, x.tight(), weight.tight(), bias_numbers(), sums);
    switch (epilogue.kind) {
      case Epilogue::relu: reference::relu<double>(sums, want); break;
      case Epilogue::elu: reference::elu<double>(sums, epilogue.alpha, want); break;
      case Epilogue::gelu: reference::gelu<double>(sums, want); break;
      case Epilogue::soft_shrink: reference::soft_shrink<double>(sums, epilogue.alpha, want); break;
      case Epilogue::leaky_relu: reference::leaky_relu<double>(sums, epilogue.alpha, want); break;
      default: return sums;
    }
    return want;
  }
};

template <class T>
class Linear : public ::testing::Test {};
using Numbers = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Linear, Numbers);

TYPED_TEST(Linear, ForwardIsEquivalentToReference) {
  for (int item = 0; item < testing::random_shapes; ++item) {
    Layer<TypeParam> layer(item);
    layer.forward();
    EXPECT_LE(testing::nmse(layer.y.tight(), layer.want_forward()),
              testing::allowed_nmse<TypeParam>)
        << layer.rows << " rows, " << layer.inputs << " -> " << layer.outputs;
  }
}

TYPED_TEST(Linear, ComparisonNoticesASwappedWeight) {
  Layer<TypeParam> layer(3);
  auto const want = layer.want_forward();
  auto& numbers = layer.weight.memory;
  std::swap(*std::min_element(numbers.begin(), numbers.end()),
            *std::max_element(numbers.begin(), numbers.end()));
  pack<Space, TypeParam>(Space(), layer.weights);
  layer.forward();
  EXPECT_GT(testing::nmse(layer.y.tight(), want), testing::allowed_nmse<TypeParam>);
}

/// The forms for other devices, run here: gemm and its epilogue.
TYPED_TEST(Linear, PortableFormIsEquivalentToReference) {
  for (int item = 0; item < 10; ++item) {
    Layer<TypeParam> layer(item);
    portable::gemm<Space, TypeParam>(Space(), portable::Operand::as_is, layer.x.view(),
                                     portable::Operand::transposed, layer.weights.weight,
                                     Gradient::replace, layer.y.view());
    portable::bias_and_epilogue<Space, TypeParam>(Space(), layer.weights.bias, layer.epilogue,
                                                  layer.y.view());
    EXPECT_LE(testing::nmse(layer.y.tight(), layer.want_forward()),
              testing::allowed_nmse<TypeParam>);
  }
}

/// Rows computed one by one, in pairs and all at once carry the same bits.
TYPED_TEST(Linear, BitsOfARowDependOnTheRowAlone) {
  for (int item = 0; item < testing::random_shapes; ++item) {
    Layer<TypeParam> layer(item);
    layer.forward();
    auto const whole = layer.y.tight();
    for (std::int64_t first = 0; first < layer.rows;) {
      auto const count = std::min<std::int64_t>(
          1 + static_cast<std::int64_t>(layer.random.below(9)), layer.rows - first);
      auto const part = [&](Padded<TypeParam>& matrix) {
        return rows_view<Space, TypeParam>(&matrix.at(first, 0), count, matrix.columns,
                                           matrix.stride);
      };
      linear<Space, TypeParam>(Space(), part(layer.x), layer.weights, layer.epilogue,
                               part(layer.y));
      first += count;
    }
    EXPECT_EQ(layer.y.tight(), whole) << item;
  }
}

/// Sizes beyond every block, piece and tile that the kernels cut a product into.
constexpr std::array<std::array<std::int64_t, 3>, 5> large_sizes{
    {{250, 1601, 35}, {121, 771, 50}, {367, 260, 17}, {13, 3100, 33}, {1100, 800, 197}}};

/// The sum over rising k of a product, one rounding a term, as plain loops:
/// sums[i, j] += sum_k a[i, k] b[j, k].
template <class T>
void add_chains(Padded<T>& a, Padded<T>& b, std::vector<T>& sums) {
  for (std::int64_t i = 0; i < a.rows; ++i)
    for (std::int64_t j = 0; j < b.rows; ++j) {
      T& sum = sums[i * b.rows + j];
      for (std::int64_t k = 0; k < a.columns; ++k) sum = std::fma(a.at(i, k), b.at(j, k), sum);
    }
}
template <class T>
Padded<T> turned(Padded<T>& matrix) {
  Padded<T> result(matrix.columns, matrix.rows, 0);
  for (std::int64_t r = 0; r < matrix.rows; ++r)
    for (std::int64_t k = 0; k < matrix.columns; ++k) result.at(k, r) = matrix.at(r, k);
  return result;
}

/// However a product is cut up, every sum is the chain of multiply-adds that the header promises.
TYPED_TEST(Linear, SumsOfLargeProductsAreOneChainToTheBit) {
#if !defined(__FMA__) && !defined(__aarch64__)
  GTEST_SKIP() << "this build multiplies and adds in two roundings";
#endif
  using T = TypeParam;
  for (auto const& sizes : large_sizes) {
    Layer<T> layer(testing::stream("tests/linear/chains", static_cast<int>(sizes[0])), sizes);
    auto const [rows, inputs, outputs] = sizes;
    std::vector<T> y(rows * outputs), dx(rows * inputs), dweight(outputs * inputs);
    for (std::size_t n = 0; n < y.size(); ++n)
      y[n] = layer.weights.bias.data() ? layer.bias.memory[n % outputs] : T{0};
    add_chains(layer.x, layer.weight, y);
    layer.epilogue = {};
    layer.forward();
    EXPECT_EQ(layer.y.tight(), std::vector<double>(y.begin(), y.end())) << rows;

    auto weight = turned(layer.weight), dy = turned(layer.dy), x = turned(layer.x);
    add_chains(layer.dy, weight, dx);
    linear_input_gradient<Space, T>(Space(), layer.dy.view(), layer.weights, {}, {},
                                    Gradient::replace, layer.dx.view());
    EXPECT_EQ(layer.dx.tight(), std::vector<double>(dx.begin(), dx.end())) << rows;
    add_chains(layer.dy, weight, dx);
    linear_input_gradient<Space, T>(Space(), layer.dy.view(), layer.weights, {}, {}, Gradient::add,
                                    layer.dx.view());
    EXPECT_EQ(layer.dx.tight(), std::vector<double>(dx.begin(), dx.end())) << rows;

    add_chains(dy, x, dweight);
    linear_weight_gradient<Space, T>(
        Space(), layer.x.view(), layer.dy.view(), layer.dweight.view(), {},
        row_view<Space, T>(layer.scratch.data(), layer.scratch.size()));
    EXPECT_EQ(layer.dweight.tight(), std::vector<double>(dweight.begin(), dweight.end())) << rows;
  }
}

/// Rows that lie as a plan lays them are read where they are: the chains are the same, and what
/// pads the rows takes no part.
TYPED_TEST(Linear, WeightGradientsOfRowsInPlaceAreTheSameChainsToTheBit) {
#if !defined(__FMA__) && !defined(__aarch64__)
  GTEST_SKIP() << "this build multiplies and adds in two roundings";
#endif
  using T = TypeParam;
  for (auto const& sizes : {std::array<std::int64_t, 3>{97, 250, 193},
                            {300, 405, 200},
                            {1000, 800, 197},
                            {520, 1040, 390}}) {
    auto const [rows, inputs, outputs] = sizes;
    Layer<T> layer(testing::stream("tests/linear/in_place", static_cast<int>(rows)), sizes);
    std::int64_t const stride = row_stride<Space, T>(inputs);
    core::AlignedVector<T> x(rows * stride, std::numeric_limits<T>::quiet_NaN());
    for (std::int64_t r = 0; r < rows; ++r) std::copy_n(&layer.x.at(r, 0), inputs, &x[r * stride]);
    auto dy = turned(layer.dy), turned_x = turned(layer.x);
    std::vector<T> dweight(outputs * inputs);
    for (Gradient const gradient : {Gradient::replace, Gradient::add}) {
      add_chains(dy, turned_x, dweight);
      linear_weight_gradient<Space, T>(
          Space(), rows_view<Space, T const>(x.data(), rows, inputs, stride), layer.dy.view(),
          layer.dweight.view(), {}, row_view<Space, T>(layer.scratch.data(), layer.scratch.size()),
          gradient);
      EXPECT_EQ(layer.dweight.tight(), std::vector<double>(dweight.begin(), dweight.end())) << rows;
    }
  }
}

/// The same with an epilogue at the end of the chain.
TYPED_TEST(Linear, EpiloguesOfLargeProductsAreEquivalentToReference) {
  for (auto const& sizes : large_sizes)
    for (Epilogue const kind : {Epilogue::gelu, Epilogue::soft_shrink, Epilogue::leaky_relu}) {
      Layer<TypeParam> layer(testing::stream("tests/linear/large", static_cast<int>(sizes[0])),
                             sizes);
      layer.epilogue = {kind, 0.5};
      layer.forward();
      EXPECT_LE(testing::nmse(layer.y.tight(), layer.want_forward()),
                testing::allowed_nmse<TypeParam>)
          << layer.rows << " rows, " << layer.inputs << " -> " << layer.outputs;
    }
}

TYPED_TEST(Linear, InputGradientIsEquivalentToReference) {
  for (int item = 0; item < testing::random_shapes; ++item) {
    Layer<TypeParam> layer(item);
    std::vector<double> want(layer.rows * layer.inputs);
    reference::linear_input_gradient<double>(layer.rows, layer.dy.tight(), layer.weight.tight(),
                                             want);
    linear_input_gradient<Space, TypeParam>(Space(), layer.dy.view(), layer.weights, {}, {},
                                            Gradient::replace, layer.dx.view());
    EXPECT_LE(testing::nmse(layer.dx.tight(), want), testing::allowed_nmse<TypeParam>) << item;

    linear_input_gradient<Space, TypeParam>(Space(), layer.dy.view(), layer.weights, {}, {},
                                            Gradient::add, layer.dx.view());
    for (double& value : want) value *= 2;
    EXPECT_LE(testing::nmse(layer.dx.tight(), want), testing::allowed_nmse<TypeParam>) << item;
  }
}

TYPED_TEST(Linear, FusedDerivativeIsEquivalentToReference) {
  for (int item = 0; item < testing::random_shapes; ++item) {
    Layer<TypeParam> layer(item);
    std::vector<double> product(layer.rows * layer.inputs), want(product.size());
    reference::linear_input_gradient<double>(layer.rows, layer.dy.tight(), layer.weight.tight(),
                                             product);
    Fused derivative{Epilogue::relu_gradient, 1.25};
    switch (item % 5) {
      case 0: reference::relu_backward<double>(layer.x.tight(), product, want); break;
      case 1:
        derivative.kind = Epilogue::elu_gradient;
        reference::elu_backward<double>(layer.x.tight(), product, 1.25, want);
        break;
      case 2:
        derivative.kind = Epilogue::gelu_gradient;
        reference::gelu_backward<double>(layer.x.tight(), product, want);
        break;
      case 3:
        derivative.kind = Epilogue::leaky_relu_gradient;
        reference::leaky_relu_backward<double>(layer.x.tight(), product, 1.25, want);
        break;
      default:
        derivative.kind = Epilogue::soft_shrink_gradient;
        for (std::int64_t r = 0; r < layer.rows; ++r) layer.x.at(r, r % layer.inputs) = 0;
        reference::soft_shrink_backward<double>(layer.x.tight(), product, want);
    }
    linear_input_gradient<Space, TypeParam>(Space(), layer.dy.view(), layer.weights, derivative,
                                            layer.x.view(), Gradient::replace, layer.dx.view());
    EXPECT_LE(testing::nmse(layer.dx.tight(), want), testing::allowed_nmse<TypeParam>) << item;
  }
}

TYPED_TEST(Linear, WeightGradientIsEquivalentToReference) {
  for (int item = 0; item < testing::random_shapes; ++item) {
    Layer<TypeParam> layer(item);
    std::vector<double> want(layer.outputs * layer.inputs), want_bias(layer.outputs);
    reference::linear_weight_gradient<double>(layer.rows, layer.x.tight(), layer.dy.tight(), want);
    reference::linear_bias_gradient<double>(layer.rows, layer.dy.tight(), want_bias);
    linear_weight_gradient<Space, TypeParam>(
        Space(), layer.x.view(), layer.dy.view(), layer.dweight.view(),
        row_view<Space, TypeParam>(layer.dbias.memory.data(), layer.outputs),
        row_view<Space, TypeParam>(layer.scratch.data(), layer.scratch.size()));
    EXPECT_LE(testing::nmse(layer.dweight.tight(), want), testing::allowed_nmse<TypeParam>) << item;
    EXPECT_LE(testing::nmse(layer.dbias.tight(), want_bias), testing::allowed_nmse<TypeParam>)
        << item;
  }
}

/// Parameters with several readers: the second call adds, and the sum goes on where it was, so that
/// two calls for parts of the rows leave the bits of one call for all.
TYPED_TEST(Linear, WeightGradientAddsOnToTheBit) {
  using T = TypeParam;
  for (int item = 0; item < testing::random_shapes; ++item) {
    Layer<T> layer(item);
    auto const scratch = row_view<Space, T>(layer.scratch.data(), layer.scratch.size());
    auto const dbias = row_view<Space, T>(layer.dbias.memory.data(), layer.outputs);
    auto const gradient = [&](std::int64_t first, std::int64_t last, auto... into) {
      auto const part = [&](Padded<T>& matrix) {
        return rows_view<Space, T>(matrix.memory.data() + first * matrix.stride, last - first,
                                   matrix.columns, matrix.stride);
      };
      linear_weight_gradient<Space, T>(Space(), part(layer.x), part(layer.dy), layer.dweight.view(),
                                       dbias, scratch, into...);
    };
    gradient(0, layer.rows);
    auto const want = layer.dweight.tight(), want_bias = layer.dbias.tight();
    auto const cut = static_cast<std::int64_t>(layer.random.below(layer.rows + 1));
    gradient(0, cut, Gradient::replace);
    gradient(cut, layer.rows, Gradient::add);
    EXPECT_EQ(layer.dweight.tight(), want) << item;
    EXPECT_EQ(layer.dbias.tight(), want_bias) << item;
    gradient(0, layer.rows, Gradient::add);
    auto twice = want;
    for (double& value : twice) value *= 2;
    EXPECT_LE(testing::nmse(layer.dweight.tight(), twice), testing::allowed_nmse<T>) << item;
  }
}

/// The gap after the last column of a gradient belongs to the next tensor.
TYPED_TEST(Linear, WeightGradientStaysInItsColumns) {
  for (int item = 0; item < 10; ++item) {
    Layer<TypeParam> layer(item);
    linear_weight_gradient<Space, TypeParam>(
        Space(), layer.x.view(), layer.dy.view(), layer.dweight.view(), {},
        row_view<Space, TypeParam>(layer.scratch.data(), layer.scratch.size()));
    for (std::int64_t n = 0; n < layer.outputs; ++n)
      for (std::int64_t k = layer.inputs; k < layer.dweight.stride; ++k)
        ASSERT_TRUE(std::isnan(layer.dweight.at(n, k)));
  }
}

/// Gradients of sum(weights of a random direction * y) against central differences.
TEST(LinearGradients, MatchDifferences) {
  constexpr double step = 1e-5, allowed = 1e-6;
  for (int item = 0; item < 12; ++item) {
    Layer<double> layer(item);
    auto const loss = [&] {
      pack<Space, double>(Space(), layer.weights);
      linear<Space, double>(Space(), layer.x.view(), layer.weights, {}, layer.y.view());
      auto const y = layer.y.tight(), direction = layer.dy.tight();
      double sum = 0;
      for (std::size_t n = 0; n < y.size(); ++n) sum += y[n] * direction[n];
      return sum;
    };
    linear_input_gradient<Space, double>(Space(), layer.dy.view(), layer.weights, {}, {},
                                         Gradient::replace, layer.dx.view());
    linear_weight_gradient<Space, double>(
        Space(), layer.x.view(), layer.dy.view(), layer.dweight.view(), {},
        row_view<Space, double>(layer.scratch.data(), layer.scratch.size()));
    auto const difference = [&](double& number) {
      return testing::central_difference(loss, number, step);
    };
    for (int pick = 0; pick < 4; ++pick) {
      auto const r = static_cast<std::int64_t>(layer.random.below(layer.rows));
      auto const n = static_cast<std::int64_t>(layer.random.below(layer.outputs));
      auto const k = static_cast<std::int64_t>(layer.random.below(layer.inputs));
      EXPECT_NEAR(layer.dx.at(r, k), difference(layer.x.at(r, k)),
                  allowed * (1 + std::abs(layer.dx.at(r, k))));
      EXPECT_NEAR(layer.dweight.at(n, k), difference(layer.weight.at(n, k)),
                  allowed * (1 + std::abs(layer.dweight.at(n, k))));
    }
  }
}

}  // namespace
}  // namespace crossjoule::kernels
