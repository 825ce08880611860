// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

namespace crossjoule::aimc {

/// What a sample takes at batch N: fixed / N + each (joules or seconds).
struct CostLaw {
  double fixed = 0, each = 0;
  double fit_error = 0;  ///< largest relative distance from a figure it was fitted to
  double at(double batch) const { return fixed / batch + each; }
};

/// Least squares of the relative errors with both constants >= 0. Needs one figure at least; of a
/// single batch the whole cost counts as `each`.
CostLaw fit_cost_law(std::vector<double> const& batches, std::vector<double> const& costs);

/// Where a device undercuts a chip as the batch grows.
struct Crossover {
  enum class When {
    from_batch,   ///< from `batch` on
    never,        ///< the chip takes less at every batch
    always,       ///< the device takes less from batch 1 on
    below_batch,  ///< only below `batch`: its fixed part is smaller, its other one larger
  };
  When when = When::never;
  double batch = 0;  ///< N*, not rounded
};
/// N* = (fixed of the device - fixed of the chip) / (each of the chip - each of the device).
Crossover crossover(CostLaw const& device, CostLaw const& chip);

}  // namespace crossjoule::aimc
