// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/events/process.hpp"
#include "sim/world/events/spectra.hpp"

namespace crossjoule::sim::events {
namespace {

BreitWigner const top_line{top_mass, top_width, 130, 220};
BreitWigner const w_line{w_mass, w_width, 40, 120};
FallingSpectrum const top_pt{200, 4.5, 2000};  ///< mean 107 GeV
FallingSpectrum const pair_pt{25, 1.8, 1000};
constexpr Plateau pair_rapidity{1.0, 1.2}, half_difference{0.6, 0.4};
constexpr double leptonic_share = 0.326;  ///< W -> lepton neutrino, three flavours

void decay_top(FourVector top, double mass, int origin, Draw& draw, HardEvent& event) {
  double const boson_mass = w_line(draw);
  auto const [w, b] = two_body(top, mass, boson_mass, 0, draw);
  event.add(b, Body::jet, origin + 2);
  double const u = draw.flat();
  bool const is_tau = u < leptonic_share / 3;
  auto const [first, second] = two_body(w, boson_mass, is_tau ? tau_mass : 0, 0, draw);
  if (u >= leptonic_share) {
    event.add(first, Body::jet, origin);
    return event.add(second, Body::jet, origin);
  }
  event.add(second, Body::invisible, origin);
  if (is_tau) return event.add_tau(first, origin, draw);
  event.add(first, u < 2 * leptonic_share / 3 ? Body::electron : Body::muon, origin);
}

}  // namespace

void make_ttbar(Draw& draw, HardEvent& event) {
  double const kick = pair_pt(draw), pt = top_pt(draw);
  Direction const pushed = draw.direction(), along = draw.direction();
  double const middle = pair_rapidity(draw), apart = half_difference(draw);
  for (int sign : {1, -1}) {
    double const mass = top_line(draw);
    double const x = sign * pt * along.x + 0.5 * kick * pushed.x;
    double const y = sign * pt * along.y + 0.5 * kick * pushed.y;
    FourVector const top = from_rapidity(mass, x, y, middle + sign * apart);
    decay_top(top, mass, sign > 0 ? 1 : 2, draw, event);
  }
}

}  // namespace crossjoule::sim::events
