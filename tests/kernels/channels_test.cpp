// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/channels.hpp"

#include "kernels/reference/channels.hpp"
#include "tests/kernels/support.hpp"

#include <vector>

namespace crossjoule::kernels {
namespace {

using testing::Padded;
using Space = HostSpace;

template <class T>
class ChannelsTest : public ::testing::Test {};
using Numbers = ::testing::Types<float, double>;
TYPED_TEST_SUITE(ChannelsTest, Numbers);

/// Two and three images into one and back, in any samples, with gaps of NaN between rows.
TYPED_TEST(ChannelsTest, JoinedChannelsAreEquivalentToReference) {
  using T = TypeParam;
  for (int item = 0; item < testing::random_shapes; ++item) {
    core::Random random = testing::stream("tests/join_channels", item);
    std::int64_t const samples = 1 + item % 3, columns = testing::any_size(random);
    std::vector<Padded<T>> parts;
    std::int64_t whole = 0;
    for (int k = 0; k < 2 + item % 2; ++k) {
      std::int64_t const rows = 1 + static_cast<std::int64_t>(random.below(9));
      parts.emplace_back(samples * rows, columns, item % (3 + k));
      parts.back().fill(random);
      whole += rows;
    }
    Padded<T> y(samples * whole, columns, item % 5);
    std::vector<std::vector<double>> tight;
    for (auto& part : parts) tight.push_back(part.tight());
    std::vector<double> want(static_cast<std::size_t>(samples * whole * columns));
    reference::join_channels<double>(static_cast<std::size_t>(samples),
                                     {tight.begin(), tight.end()}, want);
    std::int64_t first_row = 0;
    for (auto& part : parts) {
      join_channels<Space, T>(Space(), samples, part.view(), first_row, y.view());
      first_row += part.rows / samples;
    }
    EXPECT_EQ(y.tight(), want) << item;
    first_row = 0;
    for (std::size_t k = 0; k < parts.size(); ++k) {
      std::vector<double> back(tight[k].size());
      reference::join_channels_gradient<double>(static_cast<std::size_t>(samples), want,
                                                static_cast<std::size_t>(first_row * columns),
                                                back);
      EXPECT_EQ(back, tight[k]) << item;  // what was joined comes back
      take_channels<Space, T>(Space(), samples, y.view(), first_row, Gradient::add,
                              parts[k].view());
      EXPECT_EQ(parts[k].at(0, 0), 2 * static_cast<T>(tight[k][0])) << item;
      take_channels<Space, T>(Space(), samples, y.view(), first_row, Gradient::replace,
                              parts[k].view());
      EXPECT_EQ(parts[k].tight(), back) << item;
      first_row += parts[k].rows / samples;
    }
  }
}

TEST(JoinedChannels, ComparisonNoticesASwap) {
  std::vector<double> const a{1, 2}, b{3, 4};
  std::vector<double> ab(4), ba(4);
  reference::join_channels<double>(1, {a, b}, ab);
  reference::join_channels<double>(1, {b, a}, ba);
  EXPECT_EQ(ab, (std::vector<double>{1, 2, 3, 4}));
  EXPECT_NE(ab, ba);
}

/// Some rows of each sample and back, in any samples, with gaps of NaN between rows.
TYPED_TEST(ChannelsTest, TakenChannelsAreEquivalentToReference) {
  using T = TypeParam;
  for (int item = 0; item < testing::random_shapes; ++item) {
    core::Random random = testing::stream("tests/take_channels", item);
    std::int64_t const samples = 1 + item % 3, columns = testing::any_size(random);
    auto const whole = 1 + static_cast<std::int64_t>(random.below(9));
    auto const first = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(whole)));
    auto const part =
        1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(whole - first)));
    Padded<T> x(samples * whole, columns, item % 3), y(samples * part, columns, item % 5);
    x.fill(random);
    auto const all = x.tight();
    auto const count = static_cast<std::size_t>(samples),
               before = static_cast<std::size_t>(first * columns);
    std::vector<double> want(static_cast<std::size_t>(samples * part * columns)), back(all.size());
    reference::take_channels<double>(count, all, before, want);
    take_channels<Space, T>(Space(), samples, x.view(), first, Gradient::replace, y.view());
    EXPECT_EQ(y.tight(), want) << item;

    reference::take_channels_gradient<double>(count, want, before, back);
    std::vector<double> sum = all;
    for (std::size_t n = 0; n < sum.size(); ++n)
      sum[n] = static_cast<T>(static_cast<T>(all[n]) + static_cast<T>(back[n]));
    take_channels_gradient<Space, T>(Space(), samples, y.view(), first, Gradient::add, x.view());
    EXPECT_EQ(x.tight(), sum) << item;
    take_channels_gradient<Space, T>(Space(), samples, y.view(), first, Gradient::replace,
                                     x.view());
    EXPECT_EQ(x.tight(), back) << item;
  }
}

TEST(TakenChannels, ByHand) {
  std::vector<double> const x{1, 2, 3, 4, 5, 6};  // two samples of three numbers
  std::vector<double> y(2), dx(6, 7);
  reference::take_channels<double>(2, x, 1, y);
  EXPECT_EQ(y, (std::vector<double>{2, 5}));
  reference::take_channels_gradient<double>(2, y, 1, dx);
  EXPECT_EQ(dx, (std::vector<double>{0, 2, 0, 0, 5, 0}));
}

}  // namespace
}  // namespace crossjoule::kernels
