// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <vector>

namespace crossjoule::sim::weather {

/// epsilon of the recurrence mu P_l = epsilon_{l+1} P_{l+1} + epsilon_l P_{l-1} of order m.
inline double epsilon(int l, int m) {
  double const l2 = static_cast<double>(l) * l, m2 = static_cast<double>(m) * m;
  return l > m ? std::sqrt((l2 - m2) / (4 * l2 - 1)) : 0;
}

/// Associated Legendre functions P_l^m(mu) of order m and degrees m .. last, without the
/// Condon-Shortley sign, normalised so that the mean of P^2 over mu in [-1, 1] is 1: P_0^0 = 1.
/// Extended precision inside; sound up to degree 1900, where sectoral values would underflow.
std::vector<double> legendre_functions(int m, int last, double mu);

}  // namespace crossjoule::sim::weather
