// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sim/world/weather/shallow_water.hpp"

#include <string_view>

namespace crossjoule::sim::weather {

/// A published initial state on the sphere, with what its authors fix.
struct StandardCase {
  std::string name;
  Setup setup;
  State state;
  double mean_depth_m = 0;  ///< of the initial state
  double largest_speed_m_per_s = 0;
  bool steady = false;  ///< the exact solution is the initial state
};

/// "williamson2", "williamson5", "williamson6", "galewsky".
std::vector<std::string> standard_case_names();
/// How long its authors run it.
double standard_days(std::string_view name);

struct CaseOptions {
  double angle_rad = 0;            ///< williamson2: axis of the flow against that of the grid
  double viscosity_m2_per_s = -1;  ///< negative: the case's own (galewsky 1e5, others none)
};

/// Williamson et al., J. Comput. Phys. 102 (1992), cases 2 (steady zonal flow), 5 (zonal flow over
/// an isolated mountain) and 6 (Rossby-Haurwitz wave); Galewsky et al., Tellus A 56 (2004), the
/// unstable jet with its bump, in the published form. Error (bad_input) for another name.
StandardCase standard_case(std::string_view name, Sphere& sphere, CaseOptions const& options);

/// The jet of Galewsky et al.: m/s at a latitude in radians.
double galewsky_wind(double latitude);
/// Its balanced height in m, zero at the south pole, by quadrature to about 1e-12 of its range.
double galewsky_height(double latitude, Planet const& planet);

/// The vorticity and divergence of winds given on the grid (m/s).
void set_winds(Sphere& sphere, Calculus const& calculus, Field const& u, Field const& v,
               State& state);

}  // namespace crossjoule::sim::weather
