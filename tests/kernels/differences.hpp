// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace crossjoule::kernels::testing {

/// d loss / d number by central differences; the number comes back as it was.
template <class Loss>
double central_difference(Loss const& loss, double& number, double step) {
  double const kept = number;
  number = kept + step;
  double const above = loss();
  number = kept - step;
  double const below = loss();
  number = kept;
  return (above - below) / (2 * step);
}

}  // namespace crossjoule::kernels::testing
