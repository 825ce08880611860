// SPDX-License-Identifier: BSD-3-Clause
// What a board's management controller shows of a load that is known: figures are renewed every
// `update`, and of each update a board of the H100's kind looks at the last `window` alone (Yang,
// Adamek, Armour, SC24, arXiv:2312.02741).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace crossjoule::meter {

struct GpuSchedule {
  std::vector<std::pair<double, double>> steps;  ///< from second on, watts; the first at 0
  double period = 0;                             ///< the steps repeat; 0: the last one holds
  double update = 0.1, window = 0.025;           ///< s
  std::optional<double> reset;                   ///< the counter begins anew at that second
  std::uint64_t first_millijoule = 7'000'000;    ///< on the counter at second 0

  /// Joules since second 0.
  double joule(double second) const {
    if (second <= 0) return 0;
    if (period <= 0) return within(second);
    double const turns = std::floor(second / period);
    return turns * within(period) + within(second - turns * period);
  }
  double renewed(double second) const { return std::floor(second / update + 1e-6) * update; }
  /// The counter: all joules up to the last update.
  std::uint64_t millijoule(double second) const {
    double const now = renewed(second);
    bool const is_anew = reset && now >= *reset;
    double const grown = joule(now) - (is_anew ? joule(*reset) : 0);
    return (is_anew ? 0 : first_millijoule) + static_cast<std::uint64_t>(std::llround(grown * 1e3));
  }
  /// The power: mean over the window before the last update.
  unsigned milliwatt(double second) const {
    double const now = std::max(renewed(second), window);
    return static_cast<unsigned>(std::llround((joule(now) - joule(now - window)) / window * 1e3));
  }

 private:
  double within(double second) const {
    double total = 0;
    for (std::size_t k = 0; k < steps.size() && steps[k].first < second; ++k) {
      double const end = k + 1 < steps.size() ? std::min(second, steps[k + 1].first) : second;
      total += steps[k].second * (end - steps[k].first);
    }
    return total;
  }
};

}  // namespace crossjoule::meter
