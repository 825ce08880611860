// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sim/world/events/decay.hpp"

#include <array>
#include <span>

namespace crossjoule::sim::events {

/// What a final-state body is to the detector.
enum class Body { electron, muon, jet, invisible };

/// A body before any detector effect. `origin` numbers the resonance it comes from (1, 2, ... per
/// event, as the process says); 0 is radiation.
struct TruthParticle {
  FourVector momentum;
  Body body;
  int origin;
};

/// The hard process: what the resonances decayed into. No allocation: events are made by the
/// million.
class HardEvent {
 public:
  static constexpr int capacity = 48;

  /// One body more; beyond the capacity it is dropped (soft radiation comes last).
  void add(FourVector momentum, Body body, int origin) {
    if (count_ < capacity)
      particles_[static_cast<std::size_t>(count_++)] = {momentum, body, origin};
  }
  void clear() { count_ = 0; }
  std::span<TruthParticle const> particles() const {
    return std::span(particles_).first(static_cast<std::size_t>(count_));
  }
  /// Sum over the bodies of one origin.
  FourVector sum_of(int origin) const {
    FourVector total;
    for (auto const& particle : particles())
      if (particle.origin == origin) total += particle.momentum;
    return total;
  }
  FourVector sum() const {
    FourVector total;
    for (auto const& particle : particles()) total += particle.momentum;
    return total;
  }

  /// Decay a tau at once and add what is seen and what is not.
  void add_tau(FourVector tau, int origin, Draw& draw) {
    TauDecay const decay = decay_tau(tau, draw);
    using Seen = TauDecay::Seen;
    Body const body = decay.seen == Seen::electron ? Body::electron
                      : decay.seen == Seen::muon   ? Body::muon
                                                   : Body::jet;
    add(decay.visible, body, origin);
    add(decay.invisible, Body::invisible, origin);
  }
  /// An electron, a muon or a tau with equal chance.
  void add_charged_lepton(FourVector lepton, int origin, Draw& draw) {
    double const u = 3 * draw.flat();
    if (u < 1) return add(lepton, Body::electron, origin);
    if (u < 2) return add(lepton, Body::muon, origin);
    add_tau(lepton, origin, draw);
  }

 private:
  std::array<TruthParticle, capacity> particles_;
  int count_ = 0;
};

}  // namespace crossjoule::sim::events
