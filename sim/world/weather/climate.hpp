// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sim/world/weather/shallow_water.hpp"

#include <array>
#include <cstdint>

namespace crossjoule::sim::weather {

/// A smooth mountain: height exp(-(great-circle distance / width)^2).
struct Mountain {
  double latitude_deg, longitude_deg, height_m, width_deg;
};

/// The made-up planet whose weather networks learn: two unstable jets with seasons, a daily tide
/// and mountains, in the manner of PlanetSWE (McCabe et al., The Well, 2024). Deterministic.
struct ClimateOptions {
  double mean_depth_m = 5500;
  double day_h = 24;
  double year_days = 90;
  double tilt_rad = 0.4;       ///< the latitude of the sun at midsummer
  double tide_m_per_day = 30;  ///< source of depth under the sun, sink on the other side
  double jet_m_per_s = 110;    ///< of the wind that the planet relaxes to, yearly mean
  double jet_latitude_deg = 42;
  double jet_width_deg = 8;          ///< e-folding half width
  double season = 0.15;              ///< relative change of the jets: strong in winter
  double relaxation_days = 5;        ///< of the surface height
  double friction_days = 7;          ///< of the vorticity
  double divergence_damping_h = 12;  ///< keeps gravity waves weak
  double hyperdiffusion_h = 3;       ///< e-folding time at the truncation; grows as degree^-8
  std::vector<Mountain> mountains = {
      {40, 90, 1100, 14}, {45, 250, 900, 10}, {-20, 290, 950, 9}, {-35, 130, 550, 12}};
  double eddy_m_per_s = 8;  ///< root mean square wind of the random start
};

/// The forcing of that planet, and states to start from.
class Climate : public Forcing {
 public:
  Climate(Sphere& sphere, ClimateOptions const& options);

  /// For a solver; the climate must outlive it.
  Setup setup() const;
  /// The wind and surface the planet relaxes to at this time, with a random balanced disturbance
  /// keyed by (seed, item). Time 0 is the beginning of a year: midwinter in the north, midnight on
  /// the meridian of 0.
  State start(double time_s, std::uint64_t seed, std::uint64_t item);
  void add(double time_s, State const& state, State& tendency) const override;
  ClimateOptions const& options() const { return options_; }
  Spectrum const& mountains() const { return mountains_; }

 private:
  /// Relative strengths of the northern and the southern jet.
  std::array<double, 2> strengths(double time_s) const;
  void set_equilibria(ShallowWater& solver);
  void add_tide(double time_s, Spectrum& depth) const;
  Sphere& sphere_;
  ClimateOptions options_;
  Planet planet_;
  Spectrum mountains_;
  // equilibrium = sum of strengths times these; the height is quadratic in them
  std::array<Spectrum, 2> jets_;             ///< vorticity
  std::array<Spectrum, 2> linear_, square_;  ///< height
  Spectrum cross_;
  std::vector<double> tide_functions_;  ///< P_l^1, (lat, degrees from 1), weighted
};

}  // namespace crossjoule::sim::weather
