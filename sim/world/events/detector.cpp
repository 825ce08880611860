// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/events/detector.hpp"

#include "sim/world/events/spectra.hpp"

#include <numbers>

namespace crossjoule::sim::events {
namespace {

/// Largest azimuth stored: the largest float below pi, so that no rounding leaves [-pi, pi].
constexpr double phi_limit = 3.14159250259399;

/// Cheaper than std::hypot, which guards against overflow no event comes near.
double quadrature(double a, double b) { return std::sqrt(a * a + b * b); }

double wrapped(double phi) {
  if (std::abs(phi) > std::numbers::pi) phi = std::remainder(phi, 2 * std::numbers::pi);
  return std::clamp(phi, -phi_limit, phi_limit);
}

}  // namespace

template <int max>
void Detector::List<max>::insert(Object object) {
  int place = count < max ? count++ : max;
  if (place == max && object.pt <= objects[max - 1].pt) return;
  place = std::min(place, max - 1);
  for (; place > 0 && objects[static_cast<std::size_t>(place - 1)].pt < object.pt; --place)
    objects[static_cast<std::size_t>(place)] = objects[static_cast<std::size_t>(place - 1)];
  objects[static_cast<std::size_t>(place)] = object;
}

void Detector::measure_electron(FourVector p, Draw& draw) {
  double const pt = p.pt(), eta = p.eta();
  // a lost electron still leaves its energy in the calorimeter: nothing is missing
  if (pt < model_.electron_pt || std::abs(eta) > model_.electron_eta) return;
  if (!draw.with_chance(model_.electron_efficiency)) return;
  double const resolution =
      quadrature(model_.electron_stochastic / std::sqrt(p.e), model_.electron_constant);
  double const scale = std::max(0.1, 1 + resolution * draw.normal());
  missing_x_ += (1 - scale) * p.x;
  missing_y_ += (1 - scale) * p.y;
  electrons_.insert({scale * pt, eta, p.phi()});
}

void Detector::measure_muon(FourVector p, Draw& draw) {
  double const pt = p.pt(), eta = p.eta();
  bool const seen = pt >= model_.muon_pt && std::abs(eta) <= model_.muon_eta &&
                    draw.with_chance(model_.muon_efficiency);
  // a lost muon is missing: it leaves next to nothing in the calorimeter
  double const resolution = quadrature(model_.muon_constant, model_.muon_curvature * pt);
  double const scale = seen ? std::max(0.1, 1 + resolution * draw.normal()) : 0;
  missing_x_ += (1 - scale) * p.x;
  missing_y_ += (1 - scale) * p.y;
  if (seen) muons_.insert({scale * pt, eta, p.phi()});
}

/// A lepton along the jet, with a soft part of its momentum.
void Detector::measure_lepton_of(FourVector jet, Draw& draw) {
  FourVector const lepton = beta_two(1, draw) * jet;
  draw.with_chance(0.5) ? measure_electron(lepton, draw) : measure_muon(lepton, draw);
}

void Detector::measure_jet(FourVector p, Draw& draw) {
  double const pt = p.pt();
  if (pt < 1) return;  // nothing a calorimeter could call a jet; also keeps eta finite
  double const resolution = quadrature(model_.jet_stochastic / std::sqrt(pt), model_.jet_constant);
  double const scale = std::max(0.1, 1 + resolution * draw.normal());
  missing_x_ += (1 - scale) * p.x;
  missing_y_ += (1 - scale) * p.y;
  double const eta = p.eta() + model_.jet_angle * draw.normal();
  double const phi = p.phi() + model_.jet_angle * draw.normal();
  if (scale * pt >= model_.jet_pt && std::abs(eta) <= model_.jet_eta)
    jets_.insert({scale * pt, eta, wrapped(phi)});
  if (draw.with_chance(model_.jet_lepton)) measure_lepton_of(p, draw);
}

bool Detector::measure_leptons(std::span<TruthParticle const> particles, Draw& draw) {
  electrons_.count = muons_.count = jets_.count = 0;
  missing_x_ = missing_y_ = 0;
  for (auto const& particle : particles) {
    if (particle.body == Body::electron) measure_electron(particle.momentum, draw);
    if (particle.body == Body::muon) measure_muon(particle.momentum, draw);
  }
  auto const leading = [](auto const& list) { return list.count ? list.objects[0].pt : 0.0; };
  return std::max(leading(electrons_), leading(muons_)) > model_.filter_pt;
}

void Detector::measure_rest(std::span<TruthParticle const> particles, Draw& draw, Event& event) {
  for (auto const& particle : particles) {
    if (particle.body == Body::jet) measure_jet(particle.momentum, draw);
    if (particle.body != Body::invisible) continue;
    missing_x_ += particle.momentum.x;
    missing_y_ += particle.momentum.y;
  }
  missing_x_ += model_.soft_met * draw.normal();
  missing_y_ += model_.soft_met * draw.normal();

  event.values.fill(0);
  event.set(0, quadrature(missing_x_, missing_y_), 0, wrapped(std::atan2(missing_y_, missing_x_)),
            1);
  auto const fill = [&event](auto const& list, int first, int object_class) {
    for (int i = 0; i < list.count; ++i) {
      Object const& object = list.objects[static_cast<std::size_t>(i)];
      event.set(first + i, object.pt, object.eta, wrapped(object.phi), object_class);
    }
  };
  fill(electrons_, Event::first_electron, 2);
  fill(muons_, Event::first_muon, 3);
  fill(jets_, Event::first_jet, 4);
}

}  // namespace crossjoule::sim::events
