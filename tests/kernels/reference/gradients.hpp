// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "tests/kernels/differences.hpp"

#include <cmath>
#include <functional>
#include <numeric>
#include <span>
#include <vector>

namespace crossjoule::kernels::reference {

using Vector = std::vector<double>;
using View = std::span<double const>;

inline constexpr double allowed_error = 1e-6;  ///< of differences: step^2 and rounding / step

inline double dot(View a, View b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }

/// Norm-wise difference of `gradient` and the central differences of `loss` over x, relative.
inline double gradient_error(Vector const& gradient, Vector x,
                             std::function<double(Vector const&)> const& loss) {
  double difference = 0, norm = 0;
  for (std::size_t n = 0; n < x.size(); ++n) {
    double const want = testing::central_difference([&] { return loss(x); }, x[n], 1e-5);
    difference += (gradient[n] - want) * (gradient[n] - want);
    norm += want * want;
  }
  return std::sqrt(difference / (norm > 0 ? norm : 1e-6));
}

}  // namespace crossjoule::kernels::reference
