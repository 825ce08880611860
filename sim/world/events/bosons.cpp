// SPDX-License-Identifier: BSD-3-Clause
// Single W and Z bosons. Spectra: shapes chosen by hand to resemble 13 TeV ones (docs/events.md).
#include "sim/world/events/process.hpp"
#include "sim/world/events/spectra.hpp"

namespace crossjoule::sim::events {
namespace {

/// 2 % above 100 GeV, peak near 7 GeV.
FallingSpectrum const boson_pt{11, 1.9, 1500};
constexpr Plateau boson_rapidity{3.0, 1.2};

FourVector make_boson(double mass, Draw& draw) {
  double const pt = boson_pt(draw), rapidity = boson_rapidity(draw);
  auto const [x, y] = draw.direction();
  return from_rapidity(mass, pt * x, pt * y, rapidity);
}

}  // namespace

void make_w(Draw& draw, HardEvent& event) {
  static BreitWigner const line{w_mass, w_width, 20, 250};
  double const mass = line(draw), u = 3 * draw.flat();
  FourVector const w = make_boson(mass, draw);
  double const cosine = vector_boson_cosine(draw);
  auto const [lepton, neutrino] = two_body(w, mass, u < 2 ? 0 : tau_mass, 0, cosine, draw);
  event.add(neutrino, Body::invisible, 1);
  if (u < 2) return event.add(lepton, u < 1 ? Body::electron : Body::muon, 1);
  event.add_tau(lepton, 1, draw);
}

void make_z(Draw& draw, HardEvent& event) {
  static BreitWigner const line{z_mass, z_width, 20, 250};
  double const mass = line(draw), u = 3 * draw.flat();
  double const daughter = u < 2 ? 0 : tau_mass;
  FourVector const z = make_boson(mass, draw);
  double const cosine = vector_boson_cosine(draw);
  auto const leptons = two_body(z, mass, daughter, daughter, cosine, draw);
  for (FourVector const& lepton : {leptons.first, leptons.second}) {
    if (u < 2)
      event.add(lepton, u < 1 ? Body::electron : Body::muon, 1);
    else
      event.add_tau(lepton, 1, draw);
  }
}

}  // namespace crossjoule::sim::events
