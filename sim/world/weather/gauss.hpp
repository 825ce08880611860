// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

namespace crossjoule::sim::weather {

/// Nodes of Gauss-Legendre quadrature: exact for polynomials up to degree 2 count - 1.
struct GaussNodes {
  std::vector<double> mu;      ///< sin(latitude), north to south
  std::vector<double> weight;  ///< sum to 2
};

/// Newton's method on P_count in extended precision; errors below 1e-16. No node is a pole.
GaussNodes gauss_nodes(int count);

}  // namespace crossjoule::sim::weather
