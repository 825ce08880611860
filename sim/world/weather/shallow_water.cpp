// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/weather/shallow_water.hpp"

#include <array>
#include <cmath>
#include <utility>

namespace crossjoule::sim::weather {
namespace {

constexpr std::array fields_of_state = {&State::vorticity, &State::divergence, &State::depth};

/// y = x + factor * slope
void advance(State& y, State const& x, double factor, State const& slope) {
  for (auto const field : fields_of_state) {
    Spectrum& to = y.*field;
    Spectrum const &from = x.*field, &change = slope.*field;
    to.resize(from.size());
    for (std::size_t i = 0; i < from.size(); ++i) to[i] = from[i] + factor * change[i];
  }
}

}  // namespace

Damping laplacian_damping(Calculus const& calculus, int truncation, double viscosity_m2_per_s) {
  std::vector<double> rates;
  for (int l = 0; l <= truncation; ++l)
    rates.push_back(-viscosity_m2_per_s * calculus.laplacian(l));
  return {rates, rates, rates};
}

Damping hyperdiffusion(int truncation, int power, double e_folding_s) {
  std::vector<double> rates;
  double const largest = static_cast<double>(truncation) * (truncation + 1);
  for (int l = 0; l <= truncation; ++l)
    rates.push_back(std::pow(static_cast<double>(l) * (l + 1) / largest, power) / e_folding_s);
  return {rates, rates, rates};
}

Field coriolis(Sphere const& sphere, Planet const& planet, double angle) {
  return sphere.sample([&](double latitude, double longitude) {
    return 2 * planet.rotation_per_s *
           (std::sin(latitude) * std::cos(angle) -
            std::cos(longitude) * std::cos(latitude) * std::sin(angle));
  });
}

ShallowWater::ShallowWater(Sphere& sphere, Setup setup)
    : sphere_(sphere),
      setup_(std::move(setup)),
      calculus_(sphere, setup_.planet.radius_m),
      in_spectra_(4, Spectrum(sphere.spectrum_size())),
      in_fields_(4, Field(sphere.field_size())),
      out_spectra_(5, Spectrum(sphere.spectrum_size())),
      out_fields_(5, Field(sphere.field_size())),
      slope_(zero()),
      sum_(zero()),
      stage_(zero()) {
  if (setup_.mountains.empty()) setup_.mountains.resize(sphere.spectrum_size());
}

State ShallowWater::zero() const {
  Spectrum const nothing(sphere_.spectrum_size());
  return {nothing, nothing, nothing};
}

void ShallowWater::multiply_on_grid() {
  auto const length = static_cast<std::size_t>(sphere_.lon());
  for (std::size_t block = 0; block < sphere_.blocks().size(); ++block) {
    Lanes const inverse = sphere_.blocks()[block].inverse_cosine_squared;
    std::size_t const begin = sphere_.block_begin(block);
    Lanes const* const f = setup_.coriolis.data();
    for (std::size_t i = begin; i < begin + length; ++i) {
      Lanes const u = in_fields_[0][i], v = in_fields_[1][i];
      Lanes const absolute = (in_fields_[2][i] + f[i]) * inverse;
      Lanes const depth = in_fields_[3][i] * inverse;
      out_fields_[0][i] = absolute * u;
      out_fields_[1][i] = absolute * v;
      out_fields_[2][i] = depth * u;
      out_fields_[3][i] = depth * v;
      out_fields_[4][i] = 0.5 * inverse * (u * u + v * v);
    }
  }
}

void ShallowWater::tendency(double time_s, State const& state, State& out) {
  calculus_.winds(state.vorticity, state.divergence, in_spectra_[0], in_spectra_[1]);
  in_spectra_[2] = state.vorticity;
  in_spectra_[3] = state.depth;
  sphere_.synthesise(in_spectra_, in_fields_);
  multiply_on_grid();
  sphere_.analyse(out_fields_, out_spectra_);

  calculus_.divergence(out_spectra_[0], out_spectra_[1], out.vorticity);
  for (Complex& value : out.vorticity) value = -value;
  calculus_.curl(out_spectra_[0], out_spectra_[1], out.divergence);
  calculus_.divergence(out_spectra_[2], out_spectra_[3], out.depth);
  for (Complex& value : out.depth) value = -value;
  double const g = setup_.planet.gravity_m_per_s2;
  for (int m = 0; m <= sphere_.truncation(); ++m)
    for (int l = m; l <= sphere_.truncation(); ++l) {
      std::size_t const i = sphere_.at(l, m);
      Complex const surface = state.depth[i] + setup_.mountains[i];
      out.divergence[i] -= calculus_.laplacian(l) * (out_spectra_[4][i] + g * surface);
    }
  add_damping(state, out);
  if (setup_.forcing) setup_.forcing->add(time_s, state, out);
}

void ShallowWater::add_damping(State const& state, State& out) const {
  auto const add = [&](std::vector<double> const& rates, auto&& value, Spectrum& slope) {
    if (rates.empty()) return;
    for (int m = 0; m <= sphere_.truncation(); ++m)
      for (int l = m; l <= sphere_.truncation(); ++l) {
        std::size_t const i = sphere_.at(l, m);
        slope[i] -= rates[static_cast<std::size_t>(l)] * value(i);
      }
  };
  auto const& damping = setup_.damping;
  add(
      damping.vorticity, [&](std::size_t i) { return state.vorticity[i]; }, out.vorticity);
  add(
      damping.divergence, [&](std::size_t i) { return state.divergence[i]; }, out.divergence);
  // the mean depth is what it is: degree 0 has rate 0
  add(
      damping.depth, [&](std::size_t i) { return state.depth[i] + setup_.mountains[i]; },
      out.depth);
}

void ShallowWater::step(double time_s, double step_s, State& state) {
  tendency(time_s, state, slope_);
  advance(sum_, state, step_s / 6, slope_);
  advance(stage_, state, step_s / 2, slope_);
  tendency(time_s + step_s / 2, stage_, slope_);
  advance(sum_, sum_, step_s / 3, slope_);
  advance(stage_, state, step_s / 2, slope_);
  tendency(time_s + step_s / 2, stage_, slope_);
  advance(sum_, sum_, step_s / 3, slope_);
  advance(stage_, state, step_s, slope_);
  tendency(time_s + step_s, stage_, slope_);
  advance(state, sum_, step_s / 6, slope_);
}

Spectrum ShallowWater::balanced_height(Spectrum const& vorticity) {
  State state = zero();
  state.vorticity = vorticity;
  // without depth and ground, what is left of d divergence/dt is what the surface must balance
  ShallowWater bare(sphere_, {setup_.planet, setup_.coriolis, {}, {}, nullptr});
  bare.tendency(0, state, bare.slope_);
  Spectrum height = bare.slope_.divergence;
  calculus_.apply_inverse_laplacian(height);
  for (Complex& value : height) value /= setup_.planet.gravity_m_per_s2;
  return height;
}

void ShallowWater::winds(State const& state, Field& u, Field& v) {
  std::vector<Spectrum> spectra(2);
  std::vector<Field> fields(2);
  calculus_.winds(state.vorticity, state.divergence, spectra[0], spectra[1]);
  sphere_.synthesise(spectra, fields);
  auto const length = static_cast<std::size_t>(sphere_.lon());
  for (std::size_t block = 0; block < sphere_.blocks().size(); ++block) {
    Lanes const cosine = sphere_.blocks()[block].cosine;
    std::size_t const begin = sphere_.block_begin(block);
    for (std::size_t i = begin; i < begin + length; ++i) {
      fields[0][i] /= cosine;
      fields[1][i] /= cosine;
    }
  }
  u = std::move(fields[0]);
  v = std::move(fields[1]);
}

std::string ShallowWater::non_finite_field(State const& state) {
  constexpr std::array names = {"vorticity", "divergence", "depth"};
  for (std::size_t k = 0; k < names.size(); ++k) {
    double total = 0;  // NaN and infinity survive every sum of magnitudes
    for (Complex const& value : state.*fields_of_state[k])
      total += std::abs(value.real()) + std::abs(value.imag());
    if (!std::isfinite(total)) return names[k];
  }
  return "";
}

double ShallowWater::longest_step_s(double depth_m, double speed_m_per_s) const {
  constexpr double stability_limit = 2.8;  // of the scheme, on the imaginary axis
  double const wave = std::sqrt(setup_.planet.gravity_m_per_s2 * depth_m) + speed_m_per_s;
  return stability_limit / (wave * std::sqrt(-calculus_.laplacian(sphere_.truncation())));
}

}  // namespace crossjoule::sim::weather
