// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/weather/climate.hpp"

#include "core/philox.hpp"
#include "sim/world/weather/cases.hpp"
#include "sim/world/weather/legendre.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace crossjoule::sim::weather {
namespace {

using std::numbers::pi;
constexpr double degree = pi / 180, day_s = 86400, hour_s = 3600;

double square(double x) { return x * x; }

double mountain_height(Mountain const& mountain, double latitude, double longitude) {
  double const there = mountain.latitude_deg * degree;
  double const cosine =
      std::sin(latitude) * std::sin(there) +
      std::cos(latitude) * std::cos(there) * std::cos(longitude - mountain.longitude_deg * degree);
  double const distance = std::acos(std::clamp(cosine, -1.0, 1.0));
  return mountain.height_m * std::exp(-square(distance / (mountain.width_deg * degree)));
}

Spectrum scaled_sum(double a, Spectrum const& x, double b, Spectrum const& y) {
  Spectrum sum(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) sum[i] = a * x[i] + b * y[i];
  return sum;
}

}  // namespace

Climate::Climate(Sphere& sphere, ClimateOptions const& options)
    : sphere_(sphere), options_(options) {
  mountains_ = sphere.spectrum_of(sphere.sample([&](double latitude, double longitude) {
    double height = 0;
    for (auto const& mountain : options_.mountains)
      height += mountain_height(mountain, latitude, longitude);
    return height;
  }));
  ShallowWater solver(sphere, {planet_, coriolis(sphere, planet_), {}, {}, nullptr});
  set_equilibria(solver);
  auto const& nodes = sphere.nodes();
  for (std::size_t j = 0; j < nodes.mu.size(); ++j)
    for (double const value : legendre_functions(1, sphere.truncation(), nodes.mu[j]))
      tide_functions_.push_back(value * nodes.weight[j] / 2);
}

void Climate::set_equilibria(ShallowWater& solver) {
  for (std::size_t side : {0, 1}) {
    double const centre = (side == 0 ? 1 : -1) * options_.jet_latitude_deg * degree;
    double const width = options_.jet_width_deg * degree;
    Field const u = sphere_.sample([&](double latitude, double) {
      // the cosine makes it smooth at the poles
      return options_.jet_m_per_s * std::cos(latitude) / std::cos(centre) *
             std::exp(-square((latitude - centre) / width));
    });
    State jet = solver.zero();
    set_winds(sphere_, solver.calculus(), u, Field(u.size(), Lanes{}), jet);
    jets_[side] = jet.vorticity;
    Spectrum const plus = solver.balanced_height(jets_[side]);
    Spectrum const minus = solver.balanced_height(scaled_sum(-1, jets_[side], 0, jets_[side]));
    linear_[side] = scaled_sum(0.5, plus, -0.5, minus);
    square_[side] = scaled_sum(0.5, plus, 0.5, minus);
  }
  cross_ = solver.balanced_height(scaled_sum(1, jets_[0], 1, jets_[1]));
  for (std::size_t side : {0, 1})
    cross_ = scaled_sum(1, cross_, -1, scaled_sum(1, linear_[side], 1, square_[side]));
}

Setup Climate::setup() const {
  Setup setup;
  setup.planet = planet_;
  setup.coriolis = coriolis(sphere_, planet_);
  setup.mountains = mountains_;
  if (options_.hyperdiffusion_h > 0)
    setup.damping = hyperdiffusion(sphere_.truncation(), 4, options_.hyperdiffusion_h * hour_s);
  setup.damping.divergence.resize(static_cast<std::size_t>(sphere_.truncation()) + 1);
  if (options_.divergence_damping_h > 0)
    for (double& rate : setup.damping.divergence)
      rate += 1 / (options_.divergence_damping_h * hour_s);
  setup.forcing = this;
  return setup;
}

std::array<double, 2> Climate::strengths(double time_s) const {
  double const phase = std::cos(2 * pi * time_s / (options_.year_days * day_s));
  return {1 + options_.season * phase, 1 - options_.season * phase};
}

State Climate::start(double time_s, std::uint64_t seed, std::uint64_t item) {
  ShallowWater solver(sphere_, {planet_, coriolis(sphere_, planet_), {}, {}, nullptr});
  constexpr int lowest = 3, highest = 12;
  core::Random random(seed, core::purpose("weather/start"), item);
  State state = solver.zero();
  double wind = 0;  // mean square: half the sum of |vorticity|^2 over -laplacian
  for (int l = lowest; l <= highest; ++l)
    for (int m = 0; m <= l; ++m) {
      Complex const draw{random.normal(), m > 0 ? random.normal() : 0};
      if (l > sphere_.truncation()) continue;
      state.vorticity[sphere_.at(l, m)] = draw;
      wind += (m > 0 ? 2 : 1) * std::norm(draw) / -solver.calculus().laplacian(l);
    }
  double const scale = wind > 0 ? options_.eddy_m_per_s / std::sqrt(wind) : 0;
  auto const strength = strengths(time_s);
  for (std::size_t i = 0; i < state.vorticity.size(); ++i)
    state.vorticity[i] =
        scale * state.vorticity[i] + strength[0] * jets_[0][i] + strength[1] * jets_[1][i];
  state.depth = scaled_sum(1, solver.balanced_height(state.vorticity), -1, mountains_);
  state.depth[0] = options_.mean_depth_m;
  return state;
}

void Climate::add(double time_s, State const& state, State& tendency) const {
  auto const [north, south] = strengths(time_s);
  double const height_rate = 1 / (options_.relaxation_days * day_s);
  double const friction = 1 / (options_.friction_days * day_s);
  for (std::size_t i = 0; i < state.depth.size(); ++i) {
    Complex const wind = north * jets_[0][i] + south * jets_[1][i];
    Complex const height = north * linear_[0][i] + south * linear_[1][i] +
                           north * north * square_[0][i] + south * south * square_[1][i] +
                           north * south * cross_[i];
    tendency.vorticity[i] += friction * (wind - state.vorticity[i]);
    // degree 0 comes first: mass is neither made nor lost
    if (i > 0) tendency.depth[i] += height_rate * (height - state.depth[i] - mountains_[i]);
  }
  add_tide(time_s, tendency.depth);
}

// F = amplitude cos(lat) cos(lon - sun) exp(-(lat - lat_sun)^2 / (pi/2)^2): that of PlanetSWE with
// a cosine, without which it would jump at the poles, and a sun that moves westward.
void Climate::add_tide(double time_s, Spectrum& depth) const {
  double const longitude = pi - 2 * pi * time_s / (options_.day_h * hour_s);
  double const latitude =
      -options_.tilt_rad * std::cos(2 * pi * time_s / (options_.year_days * day_s));
  Complex const phase =
      std::polar(options_.tide_m_per_day / day_s / 2, -longitude);  // cos = half of m = 1 and -1
  auto const& nodes = sphere_.nodes();
  auto const degrees = static_cast<std::size_t>(sphere_.truncation());
  std::size_t const first = sphere_.at(1, 1);
  for (std::size_t j = 0; j < nodes.mu.size(); ++j) {
    double const here = std::asin(nodes.mu[j]);
    double const strength = std::cos(here) * std::exp(-square((here - latitude) / (pi / 2)));
    double const* const functions = tide_functions_.data() + j * degrees;
    for (std::size_t l = 0; l < degrees; ++l) depth[first + l] += phase * strength * functions[l];
  }
}

}  // namespace crossjoule::sim::weather
