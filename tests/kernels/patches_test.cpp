// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/patches.hpp"

#include "core/error.hpp"
#include "kernels/portable/patches.hpp"
#include "kernels/reference/patches.hpp"
#include "tests/kernels/differences.hpp"
#include "tests/kernels/support.hpp"

#include <algorithm>

namespace crossjoule::kernels {
namespace {

using testing::Padded;
using Space = HostSpace;

/// Images in any of the views the header allows: a pixel row, a channel or a sample per row.
template <class T>
struct Patches {
  core::Random random;
  PatchGrid grid;
  std::int64_t samples, out, pixels_per_row;
  Padded<T> images, dimages, y, dy, weight, bias, dweight, dbias, position, dposition, x, dx;
  std::vector<T> packed, packed_transposed, scratch;
  LinearWeights<Space, T> weights;

  explicit Patches(int item)
      : random(testing::stream("tests/patches", item)),
        grid(any_grid(item)),
        samples(1 + item % 3),
        out(testing::any_size(random)),
        pixels_per_row(grid.columns *
                       std::array{std::int64_t{1}, grid.rows, grid.channels * grid.rows}[item % 3]),
        images(size() / pixels_per_row, pixels_per_row, item % 4),
        dimages(size() / pixels_per_row, pixels_per_row, item % 5),
        y(samples * grid.tokens(), out, gap()),
        dy(samples * grid.tokens(), out, gap()),
        weight(out, grid.features(), 0),
        bias(1, out, 0),
        dweight(out, grid.features(), gap()),
        dbias(1, out, 0),
        position(1, grid.tokens() * out, 0),
        dposition(1, grid.tokens() * out, 0),
        x(samples * grid.tokens(), grid.features(), gap()),
        dx(samples * grid.tokens(), grid.features(), gap()),
        packed(packed_size<Space, T>(out, grid.features())),
        packed_transposed(packed_size<Space, T>(grid.features(), out)),
        scratch(patch_embed_scratch<Space, T>(Space(), grid, samples), T(NAN)) {
    for (auto* matrix : {&images, &dy, &weight, &bias, &position, &x, &dimages, &dx, &dweight})
      matrix->fill(random);
    weights = {.weight = weight.view(),
               .bias = row(bias),
               .packed = row_view<Space, T>(packed.data(), packed.size()),
               .packed_transposed =
                   row_view<Space, T>(packed_transposed.data(), packed_transposed.size())};
    pack<Space, T>(Space(), weights);
  }
  /// Every tenth grid has more tokens than one tile holds.
  PatchGrid any_grid(int item) {
    auto const below = [&](std::int64_t n) {
      return static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(n)));
    };
    std::int64_t const patch = std::array{1, 2, 3, 4, 5, 8}[random.below(6)];
    std::int64_t const most = item % 10 == 0 ? 29 : 5;
    return {.channels = 1 + below(4),
            .rows = patch * (1 + below(most)),
            .columns = patch * (1 + below(most)),
            .patch = patch};
  }
  std::int64_t size() const { return samples * grid.tokens() * grid.features(); }
  std::int64_t gap() { return static_cast<std::int64_t>(random.below(2) * (1 + random.below(40))); }
  Row<Space, T> row(Padded<T>& all) { return row_view<Space, T>(all.memory.data(), all.columns); }
  Row<Space, T> room() { return row_view<Space, T>(scratch.data(), scratch.size()); }
  std::string text() const {
    return fmt::format("{} x {} pixels, {} channels, patch {} -> {}", grid.rows, grid.columns,
                       grid.channels, grid.patch, out);
  }
};

template <class T>
class PatchesTest : public ::testing::Test {};
using Numbers = ::testing::Types<float, double>;
TYPED_TEST_SUITE(PatchesTest, Numbers);

TYPED_TEST(PatchesTest, EmbeddingIsEquivalentToReference) {
  for (int item = 0; item < testing::random_shapes; ++item) {
    Patches<TypeParam> p(item);
    bool const has_position = item % 4 != 1;
    std::vector<double> want(p.y.tight().size());
    reference::patch_embed<double>(p.samples, p.grid, p.images.tight(), p.weight.tight(),
                                   p.bias.tight(),
                                   has_position ? p.position.tight() : std::vector<double>(), want);
    Row<Space, TypeParam const> position;
    if (has_position) position = p.row(p.position);
    patch_embed<Space, TypeParam>(Space(), p.samples, p.grid, p.images.view(), p.weights, position,
                                  p.y.view(), p.room());
    EXPECT_LE(testing::nmse(p.y.tight(), want), testing::allowed_nmse<TypeParam>) << p.text();
    want[want.size() / 2] += 1;  // the twin that must fail
    EXPECT_GT(testing::nmse(p.y.tight(), want), testing::allowed_nmse<TypeParam>);
  }
}

TYPED_TEST(PatchesTest, GradientsAreEquivalentToReferenceAndAddUp) {
  for (int item = 0; item < testing::random_shapes; ++item) {
    Patches<TypeParam> p(item);
    std::vector<double> dimages(p.size()), dweight(p.weight.tight().size()), dbias(p.out),
        dposition(p.position.tight().size());
    reference::patch_embed_parameter_gradients<double>(p.samples, p.grid, p.images.tight(),
                                                       p.dy.tight(), dposition, dweight, dbias);
    reference::patch_embed_input_gradient<double>(p.samples, p.grid, p.dy.tight(), p.weight.tight(),
                                                  dimages);
    for (Gradient const mode : {Gradient::replace, Gradient::add}) {
      patch_embed_gradient<Space, TypeParam>(
          Space(), p.samples, p.grid, p.images.view(), p.weights, p.dy.view(), mode,
          p.row(p.dposition), p.dweight.view(), p.row(p.dbias), p.dimages.view(), mode, p.room());
      EXPECT_LE(testing::nmse(p.dweight.tight(), dweight), testing::allowed_nmse<TypeParam>)
          << p.text();
      EXPECT_LE(testing::nmse(p.dbias.tight(), dbias), testing::allowed_nmse<TypeParam>);
      EXPECT_LE(testing::nmse(p.dposition.tight(), dposition), testing::allowed_nmse<TypeParam>);
      EXPECT_LE(testing::nmse(p.dimages.tight(), dimages), testing::allowed_nmse<TypeParam>)
          << p.text();
      for (auto* all : {&dweight, &dbias, &dposition, &dimages})
        for (double& value : *all) value *= 2;
    }
  }
}

/// What nobody wants is not computed.
TYPED_TEST(PatchesTest, GradientsOfImagesAndPositionMayBeAbsent) {
  Patches<TypeParam> p(4);
  patch_embed_gradient<Space, TypeParam>(Space(), p.samples, p.grid, p.images.view(), p.weights,
                                         p.dy.view(), Gradient::replace, {}, p.dweight.view(),
                                         p.row(p.dbias), {}, Gradient::replace, p.room());
  std::vector<double> dweight(p.weight.tight().size()), dbias(p.out);
  reference::patch_embed_parameter_gradients<double>(p.samples, p.grid, p.images.tight(),
                                                     p.dy.tight(), {}, dweight, dbias);
  EXPECT_LE(testing::nmse(p.dweight.tight(), dweight), testing::allowed_nmse<TypeParam>);
}

TYPED_TEST(PatchesTest, RestoringIsEquivalentToReference) {
  for (int item = 0; item < testing::random_shapes; ++item) {
    Patches<TypeParam> p(item);
    std::vector<double> images(p.size()), dx(p.size());
    reference::patch_restore<double>(p.samples, p.grid, p.x.tight(), images);
    patch_restore<Space, TypeParam>(Space(), p.samples, p.grid, p.x.view(), p.dimages.view());
    EXPECT_EQ(p.dimages.tight(), images) << p.text();
    reference::patch_restore_gradient<double>(p.samples, p.grid, p.images.tight(), dx);
    patch_restore_gradient<Space, TypeParam>(Space(), p.samples, p.grid, p.images.view(),
                                             Gradient::replace, p.dx.view());
    EXPECT_EQ(p.dx.tight(), dx) << p.text();
    patch_restore_gradient<Space, TypeParam>(Space(), p.samples, p.grid, p.images.view(),
                                             Gradient::add, p.dx.view());
    for (double& value : dx) value *= 2;
    EXPECT_EQ(p.dx.tight(), dx) << p.text();
  }
}

/// Two channels of 2 x 4 pixels, patch 2, by hand: the channel is the fastest feature.
TEST(PatchRestore, ByHand) {
  PatchGrid const grid{.channels = 2, .rows = 2, .columns = 4, .patch = 2};
  std::vector<double> const x{0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17};
  std::vector<double> images(16);
  reference::patch_restore<double>(1, grid, x, images);
  EXPECT_EQ(images, (std::vector<double>{0, 2, 10, 12, 4, 6, 14, 16, 1, 3, 11, 13, 5, 7, 15, 17}));
}

TYPED_TEST(PatchesTest, BitsOfASampleDependOnTheSampleAlone) {
  for (int item = 2; item < 30; item += 3) {
    Patches<TypeParam> p(item);
    patch_embed<Space, TypeParam>(Space(), p.samples, p.grid, p.images.view(), p.weights,
                                  p.row(p.position), p.y.view(), p.room());
    auto const whole = p.y.tight();
    for (std::int64_t s = 0; s < p.samples; ++s) {
      auto const part = [&](Padded<TypeParam>& all) {
        std::int64_t const rows = all.rows / p.samples;
        return rows_view<Space, TypeParam>(&all.at(s * rows, 0), rows, all.columns, all.stride);
      };
      patch_embed<Space, TypeParam>(Space(), 1, p.grid, part(p.images), p.weights,
                                    p.row(p.position), part(p.y), p.room());
    }
    EXPECT_EQ(p.y.tight(), whole) << p.text();
  }
}

/// The forms for other devices, run here.
TYPED_TEST(PatchesTest, PortableFormsAreEquivalentToReference) {
  for (int item = 0; item < 12; ++item) {
    Patches<TypeParam> p(item);
    std::vector<TypeParam> scratch(p.size());
    auto const room = row_view<Space, TypeParam>(scratch.data(), scratch.size());
    std::vector<double> y(p.y.tight().size()), dimages(p.size()), dweight(p.weight.tight().size()),
        dbias(p.out), dposition(p.position.tight().size()), images(p.size());
    reference::patch_embed<double>(p.samples, p.grid, p.images.tight(), p.weight.tight(),
                                   p.bias.tight(), p.position.tight(), y);
    portable::patch_embed<Space, TypeParam>(Space(), p.samples, p.grid, p.images.view(), p.weights,
                                            p.row(p.position), p.y.view(), room);
    EXPECT_LE(testing::nmse(p.y.tight(), y), testing::allowed_nmse<TypeParam>) << p.text();
    reference::patch_embed_parameter_gradients<double>(p.samples, p.grid, p.images.tight(),
                                                       p.dy.tight(), dposition, dweight, dbias);
    reference::patch_embed_input_gradient<double>(p.samples, p.grid, p.dy.tight(), p.weight.tight(),
                                                  dimages);
    portable::patch_embed_gradient<Space, TypeParam>(
        Space(), p.samples, p.grid, p.images.view(), p.weights, p.dy.view(), Gradient::replace,
        p.row(p.dposition), p.dweight.view(), p.row(p.dbias), p.dimages.view(), Gradient::replace,
        room);
    EXPECT_LE(testing::nmse(p.dweight.tight(), dweight), testing::allowed_nmse<TypeParam>);
    EXPECT_LE(testing::nmse(p.dposition.tight(), dposition), testing::allowed_nmse<TypeParam>);
    EXPECT_LE(testing::nmse(p.dimages.tight(), dimages), testing::allowed_nmse<TypeParam>);
    reference::patch_restore<double>(p.samples, p.grid, p.x.tight(), images);
    portable::patch_restore<Space, TypeParam>(Space(), p.grid, p.x.view(), p.dimages.view());
    EXPECT_EQ(p.dimages.tight(), images);
    portable::patch_restore_gradient<Space, TypeParam>(Space(), p.grid, p.dimages.view(),
                                                       Gradient::replace, p.dx.view());
    EXPECT_EQ(p.dx.tight(), p.x.tight());
  }
}

/// Gradients of sum(direction * y) against central differences.
TEST(PatchGradients, MatchDifferences) {
  constexpr double step = 1e-5, allowed = 1e-6;
  for (int item = 1; item < 12; ++item) {
    Patches<double> p(item);
    auto const loss = [&] {
      pack<Space, double>(Space(), p.weights);
      patch_embed<Space, double>(Space(), p.samples, p.grid, p.images.view(), p.weights,
                                 p.row(p.position), p.y.view(), p.room());
      auto const y = p.y.tight(), direction = p.dy.tight();
      double sum = 0;
      for (std::size_t n = 0; n < y.size(); ++n) sum += y[n] * direction[n];
      return sum;
    };
    patch_embed_gradient<Space, double>(Space(), p.samples, p.grid, p.images.view(), p.weights,
                                        p.dy.view(), Gradient::replace, p.row(p.dposition),
                                        p.dweight.view(), p.row(p.dbias), p.dimages.view(),
                                        Gradient::replace, p.room());
    auto const check = [&](Padded<double>& numbers, Padded<double>& gradient) {
      auto const r = static_cast<std::int64_t>(p.random.below(numbers.rows));
      auto const k = static_cast<std::int64_t>(p.random.below(numbers.columns));
      EXPECT_NEAR(gradient.at(r, k), testing::central_difference(loss, numbers.at(r, k), step),
                  allowed * (1 + std::abs(gradient.at(r, k))))
          << p.text();
    };
    for (int pick = 0; pick < 4; ++pick) {
      check(p.images, p.dimages);
      check(p.weight, p.dweight);
      check(p.bias, p.dbias);
      check(p.position, p.dposition);
    }
  }
}

}  // namespace
}  // namespace crossjoule::kernels
