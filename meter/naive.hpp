// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crossjoule::meter {

// What the usual estimators say without reading a sensor, to be held against a measurement.

/// Watts of a CPU of that TDP at load u in [0, 1].
double tdp_watt(double tdp, double load);         ///< TDP x time
double constant_watt(double tdp, double load);    ///< CodeCarbon's constant mode: half the TDP
double codecarbon_watt(double tdp, double load);  ///< CodeCarbon's load mode: TDP (0.1 + 0.9 u^3)
double linear_watt(double tdp, double load);      ///< idle 20 %, linear in the load
inline constexpr double unknown_cpu_watt = 85;    ///< CodeCarbon's TDP of a CPU it does not know
double codecarbon_memory_watt(double gigabytes);  ///< 3 W per 8 GB

struct Estimator {
  std::string_view name;
  double (*watt)(double tdp, double load);
};
std::vector<Estimator> const& estimators();

/// An estimator's error against measured power over rows: mean |e - r| / r and sum(e - r) / sum r.
struct EstimatorError {
  std::string name;
  double mean_absolute_share = 0, bias_share = 0;
};

/// CodeCarbon's profiling tables: a CPU stepped through loads, its counter beside an estimate.
struct LoadProfile {
  std::string cpu;
  std::int64_t rows = 0, dropped = 0;  ///< the first row is a start-up artefact and always dropped
  std::vector<EstimatorError>
      errors;  ///< "the file's estimate" first; the rest where a TDP is given
  /// Wall power = offset + slope x RAPL power by least squares where there was a plug (0 means
  /// none).
  struct Line {
    double offset_watt = 0, slope = 0, r2 = 0;
    std::int64_t rows = 0;
  };
  std::optional<Line> wall;
  std::vector<double> rapl_watt, wall_watt;  ///< of the rows used; wall NaN where absent
};
/// `tdp` 0: unknown. Error (bad_input) for another kind of table.
LoadProfile read_load_profile(std::string_view text, std::string const& name, double tdp);
/// The same line over several profiles.
std::optional<LoadProfile::Line> fit_wall(std::vector<LoadProfile> const& profiles);

}  // namespace crossjoule::meter
