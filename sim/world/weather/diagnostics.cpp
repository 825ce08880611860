// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/weather/diagnostics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace crossjoule::sim::weather {
namespace {

/// A field of function(index into fields).
template <class Function>
Field made(std::size_t size, Function const& function) {
  Field field(size);
  for (std::size_t i = 0; i < size; ++i) field[i] = function(i);
  return field;
}

struct Extremes {
  double least = std::numeric_limits<double>::infinity(), most = -least;
};

/// Over the rows of the grid: lanes that fill up a block do not count.
Extremes extremes(Sphere const& sphere, Field const& field) {
  Extremes found;
  for (double const value : sphere.rows(field)) {
    found.least = std::min(found.least, value);
    found.most = std::max(found.most, value);
  }
  return found;
}

Field magnitude(Field const& field) {
  return made(field.size(), [&](std::size_t i) { return field[i] < 0 ? -field[i] : field[i]; });
}

double root_mean_square(Sphere const& sphere, Field const& field) {
  return std::sqrt(
      sphere.mean(made(field.size(), [&](std::size_t i) { return field[i] * field[i]; })));
}

void compare(Sphere const& sphere, Field const& height, Field const& reference,
             Diagnostics& result) {
  Field const error = made(height.size(), [&](std::size_t i) { return height[i] - reference[i]; });
  result.error_l1 = sphere.mean(magnitude(error)) / sphere.mean(magnitude(reference));
  result.error_l2 = root_mean_square(sphere, error) / root_mean_square(sphere, reference);
  result.error_linf =
      extremes(sphere, magnitude(error)).most / extremes(sphere, magnitude(reference)).most;
}

}  // namespace

Field surface_height(ShallowWater& solver, State const& state) {
  Spectrum height = state.depth;
  for (std::size_t i = 0; i < height.size(); ++i) height[i] += solver.setup().mountains[i];
  return solver.sphere().field_of(height);
}

Diagnostics diagnose(ShallowWater& solver, double time_s, State const& state,
                     Field const* reference_height) {
  Sphere& sphere = solver.sphere();
  double const g = solver.setup().planet.gravity_m_per_s2;
  Field u, v;
  solver.winds(state, u, v);
  Field const depth = sphere.field_of(state.depth), vorticity = sphere.field_of(state.vorticity);
  Field const divergence = sphere.field_of(state.divergence);
  Field const height = surface_height(solver, state);
  auto const square_speed = [&](std::size_t i) { return u[i] * u[i] + v[i] * v[i]; };

  Diagnostics result;
  result.time_s = time_s;
  auto const [lowest, highest] = extremes(sphere, height);
  result.height_min_m = lowest;
  result.height_max_m = highest;
  result.height_mean_m = sphere.mean(height);
  result.depth_min_m = extremes(sphere, depth).least;
  result.speed_max_m_per_s = std::sqrt(extremes(sphere, made(u.size(), square_speed)).most);
  result.vorticity_max_per_s = extremes(sphere, magnitude(vorticity)).most;
  result.vorticity_rms_per_s = root_mean_square(sphere, vorticity);
  result.divergence_rms_per_s = root_mean_square(sphere, divergence);
  result.mass_m = sphere.mean(depth);
  result.energy_m3_per_s2 = sphere.mean(made(u.size(), [&](std::size_t i) {
    // (h + ground)^2 - ground^2 = depth (height + ground)
    Lanes const ground = height[i] - depth[i];
    return 0.5 * depth[i] * (square_speed(i) + g * (height[i] + ground));
  }));
  Field const& f = solver.setup().coriolis;
  result.enstrophy_per_m_s2 = sphere.mean(made(u.size(), [&](std::size_t i) {
    Lanes const absolute = vorticity[i] + f[i];
    // lanes that fill up a block have no depth and no weight
    Lanes const safe_depth = depth[i] == 0 ? Lanes{} + 1 : depth[i];
    return 0.5 * absolute * absolute / safe_depth;
  }));
  result.error_l1 = result.error_l2 = result.error_linf = std::nan("");
  if (reference_height) compare(sphere, height, *reference_height, result);
  return result;
}

}  // namespace crossjoule::sim::weather
