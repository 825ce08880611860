// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/events/process.hpp"
#include "sim/world/events/spectra.hpp"

namespace crossjoule::sim::events {
namespace {

constexpr double jet_floor = 12;  ///< GeV: softer recoil stays unclustered
PowerLaw const soft_jet_pt{jet_floor, 400, 4.0};
constexpr Plateau jet_rapidity{2.6, 1.6};

/// Mean number of soft jets beside those that balance the hard process (underlying event, pile-up).
constexpr double soft_jets(Process process) {
  return process == Process::ttbar || process == Process::leptoquark ? 1.4
         : process == Process::multijet                              ? 1.2
                                                                     : 0.8;
}

}  // namespace

void add_radiation(Process process, Draw& draw, HardEvent& event) {
  FourVector const hard = event.sum();
  // what recoils against the hard process: one jet with most of it, a second one with the rest
  double const recoil = hard.pt(), share = draw.between(0.65, 1.0), along = 0.5 * hard.rapidity();
  for (double const part : {share, 1 - share})
    if (part * recoil > jet_floor)
      event.add(from_eta(-part * hard.x, -part * hard.y, along + jet_rapidity(draw)), Body::jet, 0);
  for (int jet = draw.poisson(soft_jets(process)); jet > 0; --jet) {
    double const pt = soft_jet_pt(draw), eta = jet_rapidity(draw);
    auto const [x, y] = draw.direction();
    event.add(from_eta(pt * x, pt * y, eta), Body::jet, 0);
  }
}

}  // namespace crossjoule::sim::events
