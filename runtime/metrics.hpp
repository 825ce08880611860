// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/comm.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace crossjoule::runtime {

/// A figure with an interval.
struct Interval {
  double value = 0, low = 0, high = 0;
};

/// Area under the ROC curve by the exact rank statistic of Mann and Whitney: the part of all
/// (signal, background) pairs in which the signal's score is higher, ties one half. Counted in
/// whole numbers: no rounding before the final division. Higher scores mean signal. Error
/// (non_finite) for a NaN score, (bad_input) where one of the two is empty.
double auc(std::span<double const> background, std::span<double const> signal);

/// Wilson's interval of a binomial share, `deviations` standard normal deviations wide (1.96: 95
/// %).
Interval binomial_interval(std::int64_t passed, std::int64_t trials, double deviations = 1.959964);

/// Share of the signal above the lowest cut that lets at most a part `false_positive_rate` of the
/// background through (an event passes when its score is above the cut).
struct TruePositiveRate {
  double false_positive_rate = 0;  ///< asked for
  double cut = 0;
  std::int64_t background_passed = 0, signal_passed = 0;
  Interval share;  ///< binomial interval of the signal alone: the cut is taken as known
  /// Not empty: why the rate is refused (fewer than ten background events above the cut); then the
  /// other fields mean nothing.
  std::string refused;
};
TruePositiveRate true_positive_rate(std::span<double const> background,
                                    std::span<double const> signal, double false_positive_rate);

struct BootstrapOptions {
  std::int64_t replicates = 200;  ///< 0: no interval, low = high = value
  std::uint64_t seed = 1;
  double level = 0.95;  ///< of the percentile interval
};

/// AUC and true-positive rates with bootstrap intervals: background and signal are resampled apart,
/// each event with a Poisson(1) weight drawn from (seed, replicate, event). The cut moves with the
/// background. Rates that true_positive_rate refuses have a NaN interval. Replicates are shared
/// over the ranks; the result is the same for any number of them. Collective.
struct Discrimination {
  Interval auc;
  std::vector<TruePositiveRate> rates;
  std::vector<Interval> bootstrap_rates;  ///< of each rate, the cut's own uncertainty included
};
Discrimination discriminate(std::span<double const> background, std::span<double const> signal,
                            std::vector<double> const& false_positive_rates,
                            BootstrapOptions const& options, core::Comm const& comm);

/// Scores of the same events by one method.
struct Scores {
  std::span<double const> background, signal;
};
/// AUC of `first` minus AUC of `second` with its paired bootstrap interval: in each replicate both
/// see the same resampled events. `first` beats `second` when low > 0. Collective.
Interval auc_difference(Scores first, Scores second, BootstrapOptions const& options,
                        core::Comm const& comm);

}  // namespace crossjoule::runtime
