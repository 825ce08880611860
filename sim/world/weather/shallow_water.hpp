// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sim/world/weather/calculus.hpp"

#include <string>

namespace crossjoule::sim::weather {

/// The constants of Williamson et al., J. Comput. Phys. 102 (1992).
struct Planet {
  double radius_m = 6.37122e6;
  double rotation_per_s = 7.292e-5;
  double gravity_m_per_s2 = 9.80616;
};

/// What is integrated in time: relative vorticity (1/s), divergence (1/s), depth of the fluid (m).
struct State {
  Spectrum vorticity, divergence, depth;
};

/// Sources and sinks beside the equations of motion.
class Forcing {
 public:
  virtual ~Forcing() = default;
  /// Add d(state)/dt at this time.
  virtual void add(double time_s, State const& state, State& tendency) const = 0;
};

/// Linear damping per second and degree l; empty: none. Depth is damped towards a level surface.
struct Damping {
  std::vector<double> vorticity, divergence, depth;
};
/// Viscosity nu of the Laplacian on all three fields, as Galewsky et al. (2004) have it.
Damping laplacian_damping(Calculus const& calculus, int truncation, double viscosity_m2_per_s);
/// Rate of (l (l + 1) / (T (T + 1)))^power / e-folding time, on all three fields.
Damping hyperdiffusion(int truncation, int power, double e_folding_s);

struct Setup {
  Planet planet;
  Field coriolis;      ///< f in 1/s
  Spectrum mountains;  ///< height of the ground in m; empty: none
  Damping damping;
  Forcing const* forcing = nullptr;  ///< outlives the solver
};

/// f = 2 Omega sin(latitude), the axis of the flow tilted by `angle` against that of the grid.
Field coriolis(Sphere const& sphere, Planet const& planet, double angle = 0);

/// The shallow-water equations in vorticity-divergence form (Williamson et al., equations 5 to 7),
/// by the spectral transform method, in time by the classical Runge-Kutta scheme of fourth order:
///   d vorticity/dt = -div((vorticity + f) V)
///   d divergence/dt = curl((vorticity + f) V) - laplacian(g (depth + ground) + |V|^2 / 2)
///   d depth/dt = -div(depth V)
class ShallowWater {
 public:
  ShallowWater(Sphere& sphere, Setup setup);

  void tendency(double time_s, State const& state, State& out);
  void step(double time_s, double step_s, State& state);
  /// Surface height (m, zero mean) that keeps a wind of this vorticity and no divergence from
  /// diverging: nonlinear balance.
  Spectrum balanced_height(Spectrum const& vorticity);
  /// "vorticity", "divergence" or "depth" if it is not finite, else "".
  static std::string non_finite_field(State const& state);
  /// About the longest stable step: 2.8 over the fastest gravity wave and advection the grid holds.
  double longest_step_s(double depth_m, double speed_m_per_s) const;

  Sphere& sphere() { return sphere_; }
  Setup const& setup() const { return setup_; }
  Calculus const& calculus() const { return calculus_; }
  State zero() const;
  /// Winds of a state on the grid, m/s.
  void winds(State const& state, Field& u, Field& v);

 private:
  void multiply_on_grid();
  void add_damping(State const& state, State& out) const;
  Sphere& sphere_;
  Setup setup_;
  Calculus calculus_;
  // synthesised: u cos, v cos, vorticity, depth
  std::vector<Spectrum> in_spectra_;
  std::vector<Field> in_fields_;
  // analysed: absolute vorticity times wind, depth times wind (over cos each), kinetic energy
  std::vector<Spectrum> out_spectra_;
  std::vector<Field> out_fields_;
  State slope_, sum_, stage_;
};

}  // namespace crossjoule::sim::weather
