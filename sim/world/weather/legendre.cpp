// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/weather/legendre.hpp"

namespace crossjoule::sim::weather {

std::vector<double> legendre_functions(int m, int last, double mu) {
  auto const recurrence = [m](int l) {
    long double const l2 = static_cast<long double>(l) * l, m2 = static_cast<long double>(m) * m;
    return std::sqrt((l2 - m2) / (4 * l2 - 1));
  };
  long double const x = mu, cosine = std::sqrt(1 - x * x);
  long double sectoral = 1;
  for (int k = 1; k <= m; ++k) sectoral *= std::sqrt((2 * k + 1) / (2.0L * k)) * cosine;
  std::vector<double> values;
  long double before = 0, value = sectoral;
  for (int l = m; l <= last; ++l) {
    values.push_back(static_cast<double>(value));
    long double const below = l > m ? recurrence(l) * before : 0;
    before = value;
    value = (x * value - below) / recurrence(l + 1);
  }
  return values;
}

}  // namespace crossjoule::sim::weather
