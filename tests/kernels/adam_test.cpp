// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/adam.hpp"

#include "kernels/reference/adam.hpp"
#include "tests/kernels/support.hpp"

namespace crossjoule::kernels {
namespace {

using Space = HostSpace;

/// Norm-wise squared error of the parameters after ten steps, the kernel's rate off by `slip`.
template <class T>
double error_after_ten_steps(std::int64_t count, double slip = 0) {
  core::Random random = testing::stream("tests/adam", static_cast<int>(count));
  std::vector<T> p(count), g(count), m(count), v(count);
  std::vector<double> want(count), slope(count), m_want(count), v_want(count);
  for (std::int64_t i = 0; i < count; ++i) want[i] = p[i] = static_cast<T>(random.uniform(-1, 1));
  for (std::int64_t step = 1; step <= 10; ++step) {
    for (std::int64_t i = 0; i < count; ++i)
      slope[i] = g[i] = static_cast<T>(random.uniform(-1, 1));
    reference::adam<double>({2e-3, 0.9, 0.99, 1e-8}, step, 0.25, want, slope, m_want, v_want);
    EXPECT_TRUE((adam<Space, T>(
        Space(), {2e-3 + slip, 0.9, 0.99, 1e-8, step, 0.25}, row_view<Space, T>(p.data(), count),
        row_view<Space, T const>(g.data(), count), row_view<Space, T>(m.data(), count),
        row_view<Space, T>(v.data(), count))));
  }
  return testing::nmse(std::vector<double>(p.begin(), p.end()), want);
}

TEST(Adam, IsEquivalentToReference) {
  for (std::int64_t const count : {1, 3, 17, 4099, 9001}) {
    EXPECT_LE(error_after_ten_steps<float>(count), testing::allowed_nmse<float>) << count;
    EXPECT_LE(error_after_ten_steps<double>(count), testing::allowed_nmse<double>) << count;
  }
}

TEST(Adam, ComparisonNoticesAWrongRate) {
  EXPECT_GT(error_after_ten_steps<float>(17, 1e-4), testing::allowed_nmse<float>);
}

TEST(Adam, SaysWhenAParameterIsNotFinite) {
  std::vector<float> p(5000, 1), g(5000, 1), m(5000), v(5000);
  auto const step = [&] {
    return adam<Space, float>(
        Space(), {1e-3, 0.9, 0.999, 1e-8, 1, 1}, row_view<Space, float>(p.data(), 5000),
        row_view<Space, float const>(g.data(), 5000), row_view<Space, float>(m.data(), 5000),
        row_view<Space, float>(v.data(), 5000));
  };
  EXPECT_TRUE(step());
  g[4999] = INFINITY;
  EXPECT_FALSE(step());
}

}  // namespace
}  // namespace crossjoule::kernels
