// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/events/detector.hpp"
#include "sim/world/events/generator.hpp"

#include <gtest/gtest.h>
#include <map>
#include <string>
#include <vector>

namespace crossjoule::sim::events {
namespace {

int class_of_row(int row) {
  return row == 0 ? 1 : row < Event::first_muon ? 2 : row < Event::first_jet ? 3 : 4;
}

/// The first rule of the form that an event breaks, or "". Written from the description of the
/// format, not from the generator.
std::string broken_rule(Event const& event) {
  std::map<int, double> const limit = {{2, 3.0}, {3, 2.1}, {4, 4.0}};
  double leading_lepton = 0;
  for (int row = 0; row < Event::objects; ++row) {
    double const* const object = event.values.data() + row * Event::numbers;
    auto const [pt, eta, phi, kind] = std::array{object[0], object[1], object[2], object[3]};
    if (row > 0 && kind == 0) {
      if (pt != 0 || eta != 0 || phi != 0) return "padding is not 0";
      continue;
    }
    if (kind != class_of_row(row)) return "class";
    if (!(pt > 0)) return "pT";
    if (static_cast<float>(phi) > 3.1415925f || static_cast<float>(phi) < -3.1415925f) return "phi";
    if (row == 0 && eta != 0) return "MET eta";
    if (row == 0) continue;
    if (std::abs(eta) > limit.at(class_of_row(row)) + 1e-12) return "eta";
    bool const follows = class_of_row(row - 1) == class_of_row(row);
    if (follows && !(event.pt(row - 1) >= pt)) return "order";
    if (kind < 4) leading_lepton = std::max(leading_lepton, pt);
  }
  return leading_lepton > 23 ? "" : "filter";
}

TEST(Events, HaveTheFormOfADC2021) {
  for (auto const& name : mixture_names()) {
    Generator generator(mixture_from(name), 11);
    Event event;
    for (int i = 0; i < 1000; ++i) {
      generator.make(i, event);
      ASSERT_EQ(broken_rule(event), "") << name << " event " << i;
    }
  }
}

TEST(Events, CheckerNoticesEachBrokenRule) {
  Generator generator(mixture_from("ttbar"), 11);
  Event event;
  generator.make(0, event);
  while (event.pt(Event::first_jet + 2) == 0) generator.make(generator.collisions(), event);
  auto const after = [&](auto const& change) {
    Event changed = event;
    change(changed);
    return broken_rule(changed);
  };
  EXPECT_EQ(after([](Event& e) { e.values[1] = 0.5; }), "MET eta");
  EXPECT_EQ(after([](Event& e) { e.values[3] = 2; }), "class");
  EXPECT_EQ(after([](Event& e) { e.values[2] = 3.15; }), "phi");
  EXPECT_EQ(after([](Event& e) { e.values[9 * 4 + 1] = 4.5; }), "eta");
  EXPECT_EQ(after([](Event& e) { e.values[10 * 4] = 1e5; }), "order");
  EXPECT_EQ(after([](Event& e) { e.values[18 * 4 + 3] = 0, e.values[18 * 4] = 1; }),
            "padding is not 0");
  EXPECT_EQ(after([](Event& e) {
              for (int r = 1; r < 9; ++r) e.set(r, 0, 0, 0, 0);
            }),
            "filter");
}

TEST(Events, DependOnSeedIndexAndProcessAlone) {
  Generator first(background(), 1), again(background(), 1), other(background(), 2);
  Event a, b, c;
  first.make(12345, a);
  again.make(3, b);  // whatever was made before
  again.make(12345, b);
  other.make(12345, c);
  EXPECT_EQ(a.values, b.values);
  EXPECT_NE(a.values, c.values);
}

/// One muon at eta 0.5 and, against it, what is not seen.
std::vector<TruthParticle> muon_and_neutrino(double pt, double eta) {
  return {{from_pt_eta_phi(pt, eta, 1.0), Body::muon, 1},
          {from_pt_eta_phi(pt, 0, 1.0 - 3.14159265), Body::invisible, 1}};
}

TEST(Detector, MeasuresWithoutBiasAndBalances) {
  DetectorModel model;
  model.muon_efficiency = 1;
  model.soft_met = 1e-9;
  Detector detector(model);
  double sum = 0, squares = 0;
  constexpr int n = 10'000;
  for (int i = 0; i < n; ++i) {
    Draw draw(1, 1, static_cast<std::uint64_t>(i));
    Event event;
    auto const particles = muon_and_neutrino(50, 0.5);
    ASSERT_TRUE(detector.measure_leptons(particles, draw));
    detector.measure_rest(particles, draw, event);
    sum += event.pt(Event::first_muon), squares += std::pow(event.pt(Event::first_muon), 2);
    // the missing momentum balances what was measured, not what was true
    EXPECT_NEAR(event.pt(0), event.pt(Event::first_muon), 1e-6);
    EXPECT_NEAR(std::abs(event.phi(0) - event.phi(Event::first_muon)), 3.14159265, 1e-6);
  }
  double const mean = sum / n, spread = std::sqrt(squares / n - mean * mean);
  EXPECT_NEAR(mean, 50, 0.03);
  EXPECT_NEAR(spread / 50, std::hypot(0.01, 1e-4 * 50), 5e-4);
}

TEST(Detector, LosesWhatLiesOutsideAndTheFilterSaysSo) {
  Detector detector;
  Draw draw(1, 2, 0);
  EXPECT_FALSE(detector.measure_leptons(muon_and_neutrino(50, 2.2), draw));
  EXPECT_FALSE(detector.measure_leptons(muon_and_neutrino(20, 0), draw));
  EXPECT_FALSE(detector.measure_leptons({}, draw));
}

TEST(Detector, KeepsTheHardestTenJetsInOrder) {
  Detector detector;
  std::vector<TruthParticle> particles = muon_and_neutrino(50, 0);
  for (int i = 0; i < 16; ++i)
    particles.push_back({from_pt_eta_phi(40 + 37 * (i * 7 % 16), 0.1 * i, 0.3 * i), Body::jet, 0});
  for (std::uint64_t i = 0; i < 200; ++i) {
    Draw draw(1, 3, i);
    Event event;
    detector.measure_leptons(particles, draw);
    detector.measure_rest(particles, draw, event);
    for (int jet = Event::first_jet + 1; jet < Event::objects; ++jet)
      EXPECT_GE(event.pt(jet - 1), event.pt(jet));
    EXPECT_GT(event.pt(Event::objects - 1), 100);  // the soft ones were dropped, not the hard ones
  }
}

}  // namespace
}  // namespace crossjoule::sim::events
