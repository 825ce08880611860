// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/events/decay.hpp"

namespace crossjoule::sim::events {

double decay_momentum(double mass, double first, double second) {
  double const sum = first + second, difference = first - second, square = mass * mass;
  double const lambda = (square - sum * sum) * (square - difference * difference);
  return lambda > 0 ? std::sqrt(lambda) / (2 * mass) : 0;
}

Pair two_body(FourVector parent, double mass, double first_mass, double second_mass, double cosine,
              Draw& draw) {
  double const p = decay_momentum(mass, first_mass, second_mass);
  double const across = p * std::sqrt(1 - cosine * cosine),
               energy = std::sqrt(p * p + first_mass * first_mass);
  auto const [x, y] = draw.direction();
  FourVector const in_rest{energy, across * x, across * y, p * cosine};
  FourVector const first = boost(in_rest, parent, mass);
  return {first, parent - first};
}

Pair two_body(FourVector parent, double mass, double first_mass, double second_mass, Draw& draw) {
  return two_body(parent, mass, first_mass, second_mass, 2 * draw.flat() - 1, draw);
}

namespace {

/// Lepton of tau -> lepton + two neutrinos in the rest frame: energy fraction x = 2 E / m with
/// density 2 x^2 (3 - 2 x) (Michel, massless lepton), by rejection.
FourVector michel_lepton(FourVector tau, Draw& draw) {
  double part;
  do part = draw.flat();
  while (draw.flat() > part * part * (3 - 2 * part));
  double const energy = 0.5 * part * tau_mass, cosine = 2 * draw.flat() - 1;
  double const across = energy * std::sqrt(1 - cosine * cosine);
  auto const [x, y] = draw.direction();
  return boost({energy, across * x, across * y, energy * cosine}, tau, tau_mass);
}

/// Mass of the visible system of a hadronic decay (GeV): one pion, rho, a1, with shares 0.17, 0.55,
/// 0.28 of the hadronic decays.
double hadron_mass(Draw& draw) {
  double const u = draw.flat();
  return u < 0.17 ? 0.1396 : u < 0.72 ? 0.7753 : 1.23;
}

}  // namespace

TauDecay decay_tau(FourVector tau, Draw& draw) {
  double const u = draw.flat();
  if (u < 0.352) {
    FourVector const lepton = michel_lepton(tau, draw);
    auto const seen = u < 0.178 ? TauDecay::Seen::electron : TauDecay::Seen::muon;
    return {seen, lepton, tau - lepton};
  }
  auto const [hadrons, neutrino] = two_body(tau, tau_mass, hadron_mass(draw), 0, draw);
  return {TauDecay::Seen::jet, hadrons, neutrino};
}

}  // namespace crossjoule::sim::events
