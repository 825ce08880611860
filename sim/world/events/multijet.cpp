// SPDX-License-Identifier: BSD-3-Clause
// QCD jets with a lepton from a heavy quark or a fake. Only one jet in some thousands holds a
// lepton above the filter's threshold, so the lepton is drawn first: if jets fall as pT^-n and the
// lepton takes a part z of its jet with density f(z), leptons fall as pT^-n too, and given the
// lepton the part has density z^(n-1) f(z). With f = Beta(a, 2) that is Beta(a + n - 1, 2): exact,
// no waste.
#include "sim/world/events/process.hpp"
#include "sim/world/events/spectra.hpp"

namespace crossjoule::sim::events {
namespace {

constexpr double jet_power = 5;                 ///< n
PowerLaw const lepton_pt{21, 1000, jet_power};  ///< 21: below the filter by four resolutions
constexpr double fragmentation = 1;             ///< a: f(z) = 2 (1 - z)
FallingSpectrum const imbalance{14, 2.2, 400};  ///< of the two leading jets, GeV
constexpr Plateau pair_rapidity{1.4, 1.0}, half_difference{0.8, 0.6};
constexpr double cone = 0.3;  ///< largest lepton-jet distance drawn
constexpr double neutrino_share =
    0.5;  ///< largest part of the rest of the jet that a neutrino takes

}  // namespace

void make_multijet(Draw& draw, HardEvent& event) {
  double const pt = lepton_pt(draw), part = beta_two(fragmentation + jet_power - 1, draw);
  double const jet_pt = pt / part, middle = pair_rapidity(draw), apart = half_difference(draw);
  Direction const along = draw.direction(), around = draw.direction();

  // the lepton lies off the jet's axis by `distance`, uniform over the cone's area
  double const distance = cone * std::sqrt(draw.flat());
  double const c = std::cos(distance * around.x), s = std::sin(distance * around.x);
  Body const lepton = draw.with_chance(0.5) ? Body::electron : Body::muon;
  event.add(from_eta(pt * (c * along.x - s * along.y), pt * (s * along.x + c * along.y),
                     middle + apart + distance * around.y),
            lepton, 1);
  double const rest = jet_pt - pt, unseen = neutrino_share * draw.flat() * rest,
               left = rest - unseen;
  event.add(from_eta(unseen * along.x, unseen * along.y, middle + apart), Body::invisible, 1);
  event.add(from_eta(left * along.x, left * along.y, middle + apart), Body::jet, 1);

  double const kick = imbalance(draw);
  Direction const pushed = draw.direction();
  event.add(from_eta(kick * pushed.x - jet_pt * along.x, kick * pushed.y - jet_pt * along.y,
                     middle - apart),
            Body::jet, 2);
}

}  // namespace crossjoule::sim::events
