// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/crossover.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <cmath>

namespace crossjoule::aimc {

CostLaw fit_cost_law(std::vector<double> const& batches, std::vector<double> const& costs) {
  EXPECT(batches.size() == costs.size() && !batches.empty());
  // with u = 1 / (N y) and v = 1 / y the relative error is fixed u + each v - 1
  double uu = 0, uv = 0, vv = 0, u1 = 0, v1 = 0;
  for (std::size_t k = 0; k < batches.size(); ++k) {
    auto const v = 1 / costs[k], u = v / batches[k];
    uu += u * u;
    uv += u * v;
    vv += v * v;
    u1 += u;
    v1 += v;
  }
  auto const determinant = uu * vv - uv * uv;
  CostLaw law{0, v1 / vv, 0};
  if (determinant > 1e-12 * uu * vv) {
    law.fixed = (u1 * vv - v1 * uv) / determinant;
    law.each = (v1 * uu - u1 * uv) / determinant;
    if (law.fixed < 0) law = {0, v1 / vv, 0};
    if (law.each < 0) law = {u1 / uu, 0, 0};
  }
  for (std::size_t k = 0; k < batches.size(); ++k)
    law.fit_error = std::max(law.fit_error, std::abs(law.at(batches[k]) / costs[k] - 1));
  return law;
}

Crossover crossover(CostLaw const& device, CostLaw const& chip) {
  using When = Crossover::When;
  auto const fixed = device.fixed - chip.fixed, each = chip.each - device.each;
  if (each > 0) {
    auto const batch = fixed / each;
    return batch > 1 ? Crossover{When::from_batch, batch} : Crossover{When::always, 1};
  }
  if (fixed >= 0) return {When::never, 0};
  if (each == 0) return {When::always, 1};
  auto const batch = fixed / each;
  return batch > 1 ? Crossover{When::below_batch, batch} : Crossover{When::never, 0};
}

}  // namespace crossjoule::aimc
