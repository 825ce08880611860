// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>

namespace crossjoule::sim::events {

/// The form of one event in the dataset `Particles` of ADC2021: 19 objects of four numbers (pT in
/// GeV, eta, phi in radians, class). Row 0 is the missing transverse energy (eta 0, class 1), rows
/// 1-4 electrons (2), 5-8 muons (3), 9-18 jets (4), each class in falling pT; absent objects are 0.
struct Event {
  static constexpr int objects = 19, numbers = 4;
  static constexpr int first_electron = 1, first_muon = 5, first_jet = 9;
  static constexpr int max_electrons = 4, max_muons = 4, max_jets = 10;

  std::array<double, objects * numbers> values{};
  std::uint8_t process = 0;  ///< a Process

  void set(int object, double pt, double eta, double phi, int object_class) {
    double* const row = values.data() + object * numbers;
    row[0] = pt, row[1] = eta, row[2] = phi, row[3] = object_class;
  }
  double pt(int object) const { return values[static_cast<std::size_t>(object * numbers)]; }
  double eta(int object) const { return values[static_cast<std::size_t>(object * numbers + 1)]; }
  double phi(int object) const { return values[static_cast<std::size_t>(object * numbers + 2)]; }
};

}  // namespace crossjoule::sim::events
