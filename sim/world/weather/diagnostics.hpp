// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sim/world/weather/shallow_water.hpp"

namespace crossjoule::sim::weather {

/// What one state is judged by; means are over the area of the sphere.
struct Diagnostics {
  double time_s = 0;
  double height_min_m = 0, height_max_m = 0, height_mean_m = 0;  ///< of the surface
  double depth_min_m = 0;
  double speed_max_m_per_s = 0;
  double vorticity_max_per_s = 0;  ///< largest magnitude
  double vorticity_rms_per_s = 0, divergence_rms_per_s = 0;
  double mass_m = 0;              ///< mean depth
  double energy_m3_per_s2 = 0;    ///< mean of (h V^2 + g ((h + ground)^2 - ground^2)) / 2
  double enstrophy_per_m_s2 = 0;  ///< mean of (vorticity + f)^2 / (2 h)
  /// Of the surface height against that of a reference, relative (Williamson et al., equations 82
  /// to 84); NaN where there is none.
  double error_l1 = 0, error_l2 = 0, error_linf = 0;
};

/// `reference_height` is a surface height on the grid, or null.
Diagnostics diagnose(ShallowWater& solver, double time_s, State const& state,
                     Field const* reference_height = nullptr);
/// Height of the surface: depth plus ground.
Field surface_height(ShallowWater& solver, State const& state);

}  // namespace crossjoule::sim::weather
