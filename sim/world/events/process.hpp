// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sim/world/events/hard_event.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace crossjoule::sim::events {

/// One kind of collision; the values are those of the dataset `process_id`.
enum class Process : std::uint8_t {
  w = 0,           ///< W -> lepton neutrino
  multijet = 1,    ///< QCD jets, one of which holds a lepton
  z = 2,           ///< Z -> two leptons
  ttbar = 3,       ///< top pair
  a4l = 4,         ///< neutral scalar of 50 GeV -> Z* Z* -> four leptons
  htautau = 5,     ///< neutral scalar of 60 GeV -> tau tau
  hplus = 6,       ///< charged scalar of 60 GeV -> tau neutrino
  leptoquark = 7,  ///< pair of leptoquarks of 80 GeV, each -> b tau
};
inline constexpr std::array all_processes = {Process::w,     Process::multijet,  Process::z,
                                             Process::ttbar, Process::a4l,       Process::htautau,
                                             Process::hplus, Process::leptoquark};

/// "w", "multijet", "z", "ttbar", "a4l", "htautau", "hplus", "leptoquark".
std::string_view to_string(Process process);

/// Shares of the processes in a file; need not add to 1.
struct Mixture {
  struct Part {
    Process process;
    double share;
  };
  std::string name;
  std::vector<Part> parts;

  Process pick(Draw& draw) const;
};

/// Shares of the selected background of ADC2021 (arXiv:2107.02157): W 59.2 %, QCD multijet 33.8 %,
/// Z 6.7 %, top pairs 0.3 %.
Mixture background();
/// The mixture called `name`: "background" or a single process. Error (bad_input) lists the names.
Mixture mixture_from(std::string_view name);
std::vector<std::string> mixture_names();

/// The resonances and their decay products. What recoils against them is added by add_radiation.
void make_hard_event(Process process, Draw& draw, HardEvent& event);

// One function per process; origins: see each.
void make_w(Draw& draw, HardEvent& event);           ///< 1 the W
void make_z(Draw& draw, HardEvent& event);           ///< 1 the Z
void make_ttbar(Draw& draw, HardEvent& event);       ///< 1, 2 the W bosons; 3, 4 their b quarks
void make_multijet(Draw& draw, HardEvent& event);    ///< 1 the jet with the lepton, 2 the other
void make_a4l(Draw& draw, HardEvent& event);         ///< 1, 2 the two Z*
void make_htautau(Draw& draw, HardEvent& event);     ///< 1, 2 the two taus
void make_hplus(Draw& draw, HardEvent& event);       ///< 1 the tau, 2 the neutrino beside it
void make_leptoquark(Draw& draw, HardEvent& event);  ///< 1, 2 the two leptoquarks

/// Jets that balance the hard process, and soft ones: origin 0.
void add_radiation(Process process, Draw& draw, HardEvent& event);

// Masses and widths in GeV (Particle Data Group, rounded), the same in the tests.
inline constexpr double w_mass = 80.377, w_width = 2.085;
inline constexpr double z_mass = 91.1876, z_width = 2.4952;
inline constexpr double top_mass = 172.69, top_width = 1.42;
inline constexpr double a_mass = 50, h0_mass = 60, hplus_mass = 60, leptoquark_mass = 80;

}  // namespace crossjoule::sim::events
