// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/weather/channels.hpp"

#include "core/error.hpp"
#include "sim/world/weather/diagnostics.hpp"

#include <fmt/ranges.h>
#include <algorithm>
#include <cmath>

namespace crossjoule::sim::weather {
namespace {

constexpr double day_s = 86400;

/// The inverse Laplacian of a spectrum, on the grid.
Field potential(ShallowWater& solver, Spectrum spectrum) {
  solver.calculus().apply_inverse_laplacian(spectrum);
  return solver.sphere().field_of(spectrum);
}

/// What the forcing does to the depth, in m per day.
Field heating(ShallowWater& solver, double time_s, State const& state) {
  State source = solver.zero();
  if (solver.setup().forcing) solver.setup().forcing->add(time_s, state, source);
  for (Complex& value : source.depth) value *= day_s;
  return solver.sphere().field_of(source.depth);
}

Field potential_vorticity(ShallowWater& solver, State const& state) {
  Field vorticity = solver.sphere().field_of(state.vorticity);
  Field const depth = solver.sphere().field_of(state.depth);
  for (std::size_t i = 0; i < depth.size(); ++i)
    vorticity[i] = (vorticity[i] + solver.setup().coriolis[i]) /
                   (depth[i] == 0 ? Lanes{} + 1 : depth[i]);  // lanes that fill up a block
  return vorticity;
}

Field speed(Field u, Field const& v) {
  for (std::size_t i = 0; i < u.size(); ++i)
    for (int lane = 0; lane < lane_count; ++lane) u[i][lane] = std::hypot(u[i][lane], v[i][lane]);
  return u;
}

}  // namespace

std::vector<Channel> const& all_channels() {
  static std::vector<Channel> const all = {
      {"u", "m s-1", "eastward wind"},
      {"v", "m s-1", "northward wind"},
      {"height", "m", "height of the surface"},
      {"vorticity", "s-1", "relative vorticity"},
      {"divergence", "s-1", "divergence of the wind"},
      {"heating", "m day-1", "source of depth by sun and relaxation"},
      {"depth", "m", "depth of the fluid"},
      {"speed", "m s-1", "wind speed"},
      {"pv", "m-1 s-1", "potential vorticity"},
      {"psi", "m2 s-1", "stream function"},
      {"chi", "m2 s-1", "velocity potential"}};
  return all;
}

std::vector<std::string> default_channels() {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < 6; ++i) names.push_back(all_channels()[i].name);
  return names;
}

std::vector<Channel> channels_from(std::vector<std::string> const& names) {
  VALIDATE(!names.empty(), "channels = [] (a data set has at least one) name some");
  std::vector<Channel> chosen;
  for (std::string const& name : names) {
    auto const same = [&](Channel const& channel) { return channel.name == name; };
    auto const found = std::ranges::find_if(all_channels(), same);
    std::vector<std::string> known;
    for (auto const& channel : all_channels()) known.push_back(channel.name);
    VALIDATE(found != all_channels().end(), "channels: '{}' is none (there are {}) rename it", name,
             fmt::join(known, ", "));
    VALIDATE(std::ranges::none_of(chosen, same),
             "channels: '{}' stands twice (once is enough) remove one", name);
    chosen.push_back(*found);
  }
  return chosen;
}

void fill_channels(ShallowWater& solver, double time_s, State const& state,
                   std::vector<Channel> const& channels, std::span<float> out) {
  Sphere& sphere = solver.sphere();
  Field u, v;
  solver.winds(state, u, v);
  auto const field_of = [&](std::string const& name) {
    if (name == "u") return u;
    if (name == "v") return v;
    if (name == "height") return surface_height(solver, state);
    if (name == "vorticity") return sphere.field_of(state.vorticity);
    if (name == "divergence") return sphere.field_of(state.divergence);
    if (name == "heating") return heating(solver, time_s, state);
    if (name == "depth") return sphere.field_of(state.depth);
    if (name == "speed") return speed(u, v);
    if (name == "pv") return potential_vorticity(solver, state);
    return potential(solver, name == "psi" ? state.vorticity : state.divergence);
  };
  auto to = out.begin();
  for (Channel const& channel : channels)
    for (double const value : sphere.rows(field_of(channel.name)))
      *to++ = static_cast<float>(value);
}

}  // namespace crossjoule::sim::weather
