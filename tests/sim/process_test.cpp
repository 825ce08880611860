// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/events/process.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <functional>
#include <vector>

namespace crossjoule::sim::events {
namespace {

constexpr int events = 4000;

/// Call `look` with that many hard events of a process, before any selection or detector effect.
void for_each_event(Process process, std::function<void(HardEvent const&)> const& look) {
  HardEvent event;
  for (int i = 0; i < events; ++i) {
    Draw draw(3, 1, static_cast<std::uint64_t>(i));
    make_hard_event(process, draw, event);
    look(event);
  }
}

double median(std::vector<double> values) {
  auto const middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Masses of everything of one origin, relative error allowed for far-forward boosts: 1e-5.
std::vector<double> masses(Process process, int origin) {
  std::vector<double> found;
  for_each_event(process,
                 [&](HardEvent const& event) { found.push_back(event.sum_of(origin).mass()); });
  return found;
}

TEST(Process, ZPairsPeakAtTheZMass) {
  auto const found = masses(Process::z, 1);
  EXPECT_NEAR(median(found), z_mass, 0.1);
  auto const near = std::count_if(found.begin(), found.end(),
                                  [](double m) { return std::abs(m - z_mass) < z_width; });
  // a Breit-Wigner holds 2/pi atan(2) = 0.705 within one full width on each side
  EXPECT_NEAR(near / double(events), 0.705, 0.03);
}

TEST(Process, WHasATransverseMassEdge) {
  int below = 0, at_edge = 0, beyond = 0;
  for_each_event(Process::w, [&](HardEvent const& event) {
    FourVector lepton{}, neutrino{};
    int visible = 0;
    for (auto const& particle : event.particles()) {
      if (particle.body == Body::invisible) neutrino += particle.momentum;
      if (particle.body == Body::electron || particle.body == Body::muon)
        lepton = particle.momentum, ++visible;
    }
    // taus aside: there two bodies are invisible
    if (visible != 1 || event.particles().size() != 2) return;
    double const square =
        2 * (lepton.pt() * neutrino.pt() - lepton.x * neutrino.x - lepton.y * neutrino.y);
    double const mass = std::sqrt(std::max(0.0, square));
    EXPECT_LE(mass, event.sum().mass() * (1 + 1e-9));  // the edge, event by event
    if (mass > 70 && mass < 75) ++below;
    if (mass > 77 && mass < 82) ++at_edge;
    if (mass > 86 && mass < 91) ++beyond;
  });
  // the Jacobian peak: more events at the edge than below it, few beyond
  EXPECT_GT(at_edge, below);
  EXPECT_GT(at_edge, 8 * beyond);
}

TEST(Process, FourLeptonsHaveTheMassOfTheScalar) {
  for_each_event(Process::a4l, [](HardEvent const& event) {
    ASSERT_EQ(event.particles().size(), 4u);
    EXPECT_NEAR(event.sum().mass(), a_mass, 1e-4);
    double const first = event.sum_of(1).mass(), second = event.sum_of(2).mass();
    EXPECT_LT(first + second, a_mass * (1 + 1e-6));
    EXPECT_GT(std::min(first, second), 3.9);
    EXPECT_EQ(event.particles()[0].body, event.particles()[1].body);
    EXPECT_EQ(event.particles()[2].body, event.particles()[3].body);
  });
}

TEST(Process, SignalsHaveTheirMasses) {
  for_each_event(Process::htautau, [](HardEvent const& event) {
    EXPECT_NEAR(event.sum().mass(), h0_mass, 1e-4);
    EXPECT_NEAR(event.sum_of(1).mass(), tau_mass, 1e-3);
  });
  for_each_event(Process::hplus,
                 [](HardEvent const& event) { EXPECT_NEAR(event.sum().mass(), hplus_mass, 1e-4); });
  for_each_event(Process::leptoquark, [](HardEvent const& event) {
    EXPECT_NEAR(event.sum_of(1).mass(), leptoquark_mass, 1e-4);
    EXPECT_NEAR(event.sum_of(2).mass(), leptoquark_mass, 1e-4);
  });
}

TEST(Process, TopsDecayIntoAWAndAB) {
  std::vector<double> tops, bosons;
  for_each_event(Process::ttbar, [&](HardEvent const& event) {
    tops.push_back((event.sum_of(1) + event.sum_of(3)).mass());
    bosons.push_back(event.sum_of(2).mass());
  });
  EXPECT_NEAR(median(tops), top_mass, 0.1);
  EXPECT_NEAR(median(bosons), w_mass, 0.2);
}

TEST(Process, MultijetLeptonsLieInTheirJet) {
  for_each_event(Process::multijet, [](HardEvent const& event) {
    auto const& lepton = event.particles()[0];
    EXPECT_TRUE(lepton.body == Body::electron || lepton.body == Body::muon);
    FourVector const jet = event.sum_of(1) - lepton.momentum;
    EXPECT_LT(std::abs(jet.eta() - lepton.momentum.eta()), 0.31);
    EXPECT_GT(lepton.momentum.pt(), 20.9);
  });
}

TEST(Process, RadiationBalancesTheHardProcess) {
  HardEvent event;
  double before = 0, after = 0;
  for (int i = 0; i < events; ++i) {
    Draw draw(3, 2, static_cast<std::uint64_t>(i));
    make_hard_event(Process::z, draw, event);
    if (event.sum().pt() < 40) continue;
    before += event.sum().pt();
    auto const bodies = event.particles().size();
    add_radiation(Process::z, draw, event);
    EXPECT_GT(event.particles().size(), bodies);
    after += event.sum().pt();
  }
  EXPECT_LT(after, 0.6 * before);  // soft jets remain
}

TEST(Mixture, PicksByShare) {
  Mixture const mixture = background();
  int w = 0, jets = 0, top = 0;
  constexpr int picks = 50'000;
  for (int i = 0; i < picks; ++i) {
    Draw draw(5, 1, static_cast<std::uint64_t>(i));
    Process const process = mixture.pick(draw);
    w += process == Process::w;
    jets += process == Process::multijet;
    top += process == Process::ttbar;
  }
  EXPECT_NEAR(w / double(picks), 0.592, 0.01);
  EXPECT_NEAR(jets / double(picks), 0.338, 0.01);
  EXPECT_NEAR(top / double(picks), 0.003, 0.001);
}

TEST(Mixture, NamesComeBackAndStrangersAreRefused) {
  for (auto const& name : mixture_names()) EXPECT_EQ(mixture_from(name).name, name);
  try {
    mixture_from("higgs");
    FAIL() << "no error";
  } catch (core::Error const& error) {
    EXPECT_EQ(error.code(), core::ExitCode::bad_input);
    EXPECT_NE(std::string(error.what()).find("htautau"), std::string::npos);
  }
}

}  // namespace
}  // namespace crossjoule::sim::events
