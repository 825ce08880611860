// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sim/world/events/draw.hpp"
#include "sim/world/events/four_vector.hpp"

namespace crossjoule::sim::events {

/// Momentum (GeV) of the two daughters in the rest frame of `mass`; 0 at and below threshold.
double decay_momentum(double mass, double first, double second);

struct Pair {
  FourVector first, second;
};

/// Decay of `parent` (of this mass) into two bodies at polar angle `cosine` in its rest frame, the
/// azimuth uniform. The sum of the two is the parent to rounding.
Pair two_body(FourVector parent, double mass, double first_mass, double second_mass, double cosine,
              Draw& draw);
/// The same with a uniform direction.
Pair two_body(FourVector parent, double mass, double first_mass, double second_mass, Draw& draw);

/// What is seen of a tau: an electron (17.8 %), a muon (17.4 %) or a narrow jet (64.8 %; Particle
/// Data Group averages, rounded). The tau is unpolarised; leptons follow the Michel spectrum, jets
/// are two-body decays into a pion, a rho or an a1 and a neutrino.
struct TauDecay {
  enum class Seen { electron, muon, jet };
  Seen seen;
  FourVector visible, invisible;
};
TauDecay decay_tau(FourVector tau, Draw& draw);

inline constexpr double tau_mass = 1.77686;  ///< GeV

}  // namespace crossjoule::sim::events
