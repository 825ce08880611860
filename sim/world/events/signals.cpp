// SPDX-License-Identifier: BSD-3-Clause
// The four signals of ADC2021, with its masses. Production: falling spectra chosen by hand.
#include "sim/world/events/process.hpp"
#include "sim/world/events/spectra.hpp"

namespace crossjoule::sim::events {
namespace {

FallingSpectrum const scalar_pt{16, 1.8, 1500};
constexpr Plateau scalar_rapidity{2.4, 1.2};

FourVector make_scalar(double mass, Draw& draw) {
  double const pt = scalar_pt(draw), rapidity = scalar_rapidity(draw);
  auto const [x, y] = draw.direction();
  return from_rapidity(mass, pt * x, pt * y, rapidity);
}

/// Masses of the two virtual Z of A -> Z* Z*: density m1 m2 P1 P2 p with P the Z propagator and p
/// the decay momentum, by rejection (28 % pass).
struct PairOfMasses {
  double first, second;
};
PairOfMasses virtual_masses(Draw& draw) {
  constexpr double lowest = 4;    // above the light resonances, which the toy does not know
  constexpr double bound = 7500;  // GeV^3: the density's maximum over the square is 7427
  auto const propagator = [](double m) {
    double const off = (m * m - z_mass * z_mass) / (z_mass * z_mass);
    return 1 / (off * off + z_width * z_width / (z_mass * z_mass));
  };
  for (;;) {
    double const a = draw.between(lowest, a_mass - lowest),
                 b = draw.between(lowest, a_mass - lowest);
    if (a + b >= a_mass) continue;
    double const density = a * b * propagator(a) * propagator(b) * decay_momentum(a_mass, a, b);
    if (draw.flat() * bound < density) return {a, b};
  }
}

}  // namespace

void make_a4l(Draw& draw, HardEvent& event) {
  FourVector const scalar = make_scalar(a_mass, draw);
  auto const masses = virtual_masses(draw);
  auto const [first, second] = two_body(scalar, a_mass, masses.first, masses.second, draw);
  int origin = 0;
  for (auto const& [boson, mass] : {std::pair{first, masses.first}, {second, masses.second}}) {
    auto const [plus, minus] = two_body(boson, mass, 0, 0, draw);
    Body const body = draw.with_chance(0.5) ? Body::electron : Body::muon;
    event.add(plus, body, ++origin);
    event.add(minus, body, origin);
  }
}

void make_htautau(Draw& draw, HardEvent& event) {
  auto const taus = two_body(make_scalar(h0_mass, draw), h0_mass, tau_mass, tau_mass, draw);
  event.add_tau(taus.first, 1, draw);
  event.add_tau(taus.second, 2, draw);
}

void make_hplus(Draw& draw, HardEvent& event) {
  auto const [tau, neutrino] =
      two_body(make_scalar(hplus_mass, draw), hplus_mass, tau_mass, 0, draw);
  event.add_tau(tau, 1, draw);
  event.add(neutrino, Body::invisible, 2);
}

void make_leptoquark(Draw& draw, HardEvent& event) {
  static FallingSpectrum const leptoquark_pt{100, 4.0, 2000}, pair_pt{25, 1.8, 1000};
  static constexpr Plateau pair_rapidity{1.4, 1.2}, half_difference{0.7, 0.5};
  double const kick = pair_pt(draw), pt = leptoquark_pt(draw);
  Direction const pushed = draw.direction(), along = draw.direction();
  double const middle = pair_rapidity(draw), apart = half_difference(draw);
  for (int sign : {1, -1}) {
    double const x = sign * pt * along.x + 0.5 * kick * pushed.x;
    double const y = sign * pt * along.y + 0.5 * kick * pushed.y;
    FourVector const body = from_rapidity(leptoquark_mass, x, y, middle + sign * apart);
    int const origin = sign > 0 ? 1 : 2;
    auto const [b, tau] = two_body(body, leptoquark_mass, 0, tau_mass, draw);
    event.add(b, Body::jet, origin);
    event.add_tau(tau, origin, draw);
  }
}

}  // namespace crossjoule::sim::events
