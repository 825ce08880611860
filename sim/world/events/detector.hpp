// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sim/world/events/event.hpp"
#include "sim/world/events/hard_event.hpp"

#include <array>
#include <span>

namespace crossjoule::sim::events {

/// Acceptance, efficiency and resolution of the toy detector. |eta| limits and the lepton filter
/// are those of ADC2021; the rest are round numbers of a general-purpose LHC detector.
struct DetectorModel {
  double electron_eta = 3.0, muon_eta = 2.1, jet_eta = 4.0;
  double electron_pt = 3, muon_pt = 3, jet_pt = 15;  ///< GeV, lowest that is kept
  double electron_efficiency = 0.90, muon_efficiency = 0.95;
  double filter_pt = 23;  ///< GeV: one lepton above it, or no event
  double electron_stochastic = 0.10, electron_constant = 0.01;  ///< of energy, GeV^1/2 and 1
  double muon_constant = 0.01, muon_curvature = 1e-4;           ///< of pT, 1 and 1/GeV
  double jet_stochastic = 0.8, jet_constant = 0.05;             ///< of pT, GeV^1/2 and 1
  double jet_angle = 0.03;                                      ///< eta and phi, radians
  double jet_lepton = 0.04;  ///< share of jets in which a lepton is found (heavy quark or fake)
  double soft_met = 8;       ///< GeV per component: unclustered energy and pile-up
};

/// What the detector makes of one hard event. Leptons come first, because the filter looks at them
/// alone: an event that fails it costs no jets.
class Detector {
 public:
  explicit Detector(DetectorModel const& model = {}) : model_(model) {}

  /// Measure the leptons of the hard process; false when the filter rejects the event.
  bool measure_leptons(std::span<TruthParticle const> particles, Draw& draw);
  /// Measure the jets among `particles`, the missing transverse energy of all, and fill `event`.
  void measure_rest(std::span<TruthParticle const> particles, Draw& draw, Event& event);

 private:
  struct Object {
    double pt, eta, phi;
  };
  /// The objects of one class in falling pT; what does not fit is dropped from the soft end.
  template <int max>
  struct List {
    std::array<Object, max> objects;
    int count = 0;
    void insert(Object object);
  };
  void measure_electron(FourVector p, Draw& draw);
  void measure_muon(FourVector p, Draw& draw);
  void measure_jet(FourVector p, Draw& draw);
  void measure_lepton_of(FourVector jet, Draw& draw);

  DetectorModel model_;
  List<Event::max_electrons> electrons_;
  List<Event::max_muons> muons_;
  List<Event::max_jets> jets_;
  double missing_x_ = 0, missing_y_ = 0;
};

}  // namespace crossjoule::sim::events
