// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/weather/cases.hpp"

#include "core/error.hpp"

#include <fmt/ranges.h>
#include <algorithm>
#include <cmath>
#include <numbers>

namespace crossjoule::sim::weather {
namespace {

using std::cos, std::sin, std::pow, std::numbers::pi;
using Function = std::function<double(double, double)>;

/// What a case prescribes as functions of (latitude, longitude) in radians.
struct Prescribed {
  Function u, v, surface, ground;
};

double square(double x) { return x * x; }

Prescribed williamson_2(Planet const& planet, double angle) {
  double const a = planet.radius_m, u0 = 2 * pi * a / (12 * 86400), g = planet.gravity_m_per_s2;
  double const h0 = 2.94e4 / g;
  double const c = cos(angle), s = sin(angle);
  return {[=](double lat, double lon) { return u0 * (cos(lat) * c + cos(lon) * sin(lat) * s); },
          [=](double, double lon) { return -u0 * sin(lon) * s; },
          [=, omega = planet.rotation_per_s](double lat, double lon) {
            return h0 - (a * omega * u0 + u0 * u0 / 2) *
                            square(sin(lat) * c - cos(lon) * cos(lat) * s) / g;
          },
          {}};
}

Prescribed williamson_5(Planet const& planet) {
  double const a = planet.radius_m, u0 = 20, g = planet.gravity_m_per_s2, h0 = 5960;
  constexpr double top_m = 2000, width = pi / 9, centre_lat = pi / 6, centre_lon = 3 * pi / 2;
  return {[=](double lat, double) { return u0 * cos(lat); },
          {},
          [=, omega = planet.rotation_per_s](double lat, double) {
            return h0 - (a * omega * u0 + u0 * u0 / 2) * square(sin(lat)) / g;
          },
          [=](double lat, double lon) {
            double const r2 = square(lon - centre_lon) + square(lat - centre_lat);
            return top_m * (1 - std::sqrt(std::min(width * width, r2)) / width);
          }};
}

Prescribed williamson_6(Planet const& planet) {
  constexpr double omega = 7.848e-6, k = 7.848e-6, h0 = 8000;
  constexpr int r = 4;
  double const a = planet.radius_m, g = planet.gravity_m_per_s2, rotation = planet.rotation_per_s;
  auto const height = [=](double lat, double lon) {
    double const c = cos(lat), c2 = c * c, c2r = pow(c, 2 * r);
    // c^(2r - 2) stands for c^2r / c^2, which is 0/0 at a pole
    double const mean =
        omega / 2 * (2 * rotation + omega) * c2 +
        k * k / 4 * (c2r * ((r + 1) * c2 + 2 * r * r - r - 2) - 2.0 * r * r * pow(c, 2 * r - 2));
    double const wave = 2 * (rotation + omega) * k / ((r + 1) * (r + 2)) * pow(c, r) *
                        (r * r + 2 * r + 2 - square(r + 1) * c2);
    double const double_wave = k * k / 4 * c2r * ((r + 1) * c2 - (r + 2));
    return h0 + a * a * (mean + wave * cos(r * lon) + double_wave * cos(2 * r * lon)) / g;
  };
  return {[=](double lat, double lon) {
            return a * omega * cos(lat) + a * k * pow(cos(lat), r - 1) *
                                              (r * square(sin(lat)) - square(cos(lat))) *
                                              cos(r * lon);
          },
          [=](double lat, double lon) {
            return -a * k * r * pow(cos(lat), r - 1) * sin(lat) * sin(r * lon);
          },
          height,
          {}};
}

/// Without the mean of the balanced height, which prepare() sets.
Prescribed galewsky(Planet const& planet) {
  return {[](double lat, double) { return galewsky_wind(lat); },
          {},
          [planet](double lat, double lon) {
            constexpr double top_m = 120, alpha = 1.0 / 3, beta = 1.0 / 15, centre = pi / 4;
            double const east = lon > pi ? lon - 2 * pi : lon;
            return galewsky_height(lat, planet) + top_m * cos(lat) *
                                                      std::exp(-square(east / alpha)) *
                                                      std::exp(-square((centre - lat) / beta));
          },
          {}};
}

Field sample(Sphere const& sphere, Function const& function) {
  return function ? sphere.sample(function) : Field(sphere.field_size(), Lanes{});
}

StandardCase prepare(std::string_view name, Sphere& sphere, Planet const& planet,
                     Prescribed const& given) {
  StandardCase made;
  made.name = name;
  made.setup.planet = planet;
  Calculus const calculus(sphere, planet.radius_m);
  Field const u = sample(sphere, given.u), v = sample(sphere, given.v);
  set_winds(sphere, calculus, u, v, made.state);
  made.state.depth = sphere.spectrum_of(sample(sphere, given.surface));
  if (given.ground) {
    made.setup.mountains = sphere.spectrum_of(sphere.sample(given.ground));
    for (std::size_t i = 0; i < made.state.depth.size(); ++i)
      made.state.depth[i] -= made.setup.mountains[i];
  }
  for (std::size_t i = 0; i < u.size(); ++i)
    for (int lane = 0; lane < lane_count; ++lane)
      made.largest_speed_m_per_s =
          std::max(made.largest_speed_m_per_s, std::hypot(u[i][lane], v[i][lane]));
  return made;
}

}  // namespace

void set_winds(Sphere& sphere, Calculus const& calculus, Field const& u, Field const& v,
               State& state) {
  std::vector<Field> over_cosine = {u, v};
  for (Field& field : over_cosine)
    for (std::size_t block = 0; block < sphere.blocks().size(); ++block)
      for (std::size_t i = 0; i < static_cast<std::size_t>(sphere.lon()); ++i)
        field[sphere.block_begin(block) + i] /= sphere.blocks()[block].cosine;
  std::vector<Spectrum> spectra(2);
  sphere.analyse(over_cosine, spectra);
  calculus.curl(spectra[0], spectra[1], state.vorticity);
  calculus.divergence(spectra[0], spectra[1], state.divergence);
}

std::vector<std::string> standard_case_names() {
  return {"williamson2", "williamson5", "williamson6", "galewsky"};
}

double standard_days(std::string_view name) {
  return name == "williamson2" ? 5 : name == "williamson5" ? 15 : name == "williamson6" ? 14 : 6;
}

StandardCase standard_case(std::string_view name, Sphere& sphere, CaseOptions const& options) {
  Planet const planet;
  bool const tilts = name == "williamson2";
  VALIDATE(tilts || options.angle_rad == 0,
           "an angle for {} (only williamson2 is defined for one) remove it", name);
  StandardCase made;
  double viscosity = 0;
  if (name == "williamson2") {
    made = prepare(name, sphere, planet, williamson_2(planet, options.angle_rad));
    made.steady = true;
  } else if (name == "williamson5") {
    made = prepare(name, sphere, planet, williamson_5(planet));
  } else if (name == "williamson6") {
    made = prepare(name, sphere, planet, williamson_6(planet));
  } else {
    VALIDATE(name == "galewsky", "{} is no case (there are {}) choose one of these", name,
             fmt::join(standard_case_names(), ", "));
    made = prepare(name, sphere, planet, galewsky(planet));
    viscosity = 1e5;
    // 10 km is the mean of the balanced height; the bump comes on top
    Field const balanced =
        sphere.sample([&](double lat, double) { return galewsky_height(lat, planet); });
    made.state.depth[0] += 10'000 - sphere.mean(balanced);
  }
  if (options.viscosity_m2_per_s >= 0) viscosity = options.viscosity_m2_per_s;
  if (viscosity > 0)
    made.setup.damping =
        laplacian_damping(Calculus(sphere, planet.radius_m), sphere.truncation(), viscosity);
  made.setup.coriolis = coriolis(sphere, planet, options.angle_rad);
  made.mean_depth_m = made.state.depth[0].real();
  return made;
}

}  // namespace crossjoule::sim::weather
