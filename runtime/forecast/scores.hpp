// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>

namespace crossjoule::runtime {

// Scores of one field (rows x columns, row-major) on one grid. `row_weights` has one number per
// row, with mean 1: latitude_weights(), for scores of an area. Sums run in fp64, row by row.

/// Mean over points of L(row) (forecast - truth)^2.
double mean_squared_error(std::span<double const> row_weights, std::span<float const> forecast,
                          std::span<float const> truth);

/// Anomaly correlation, not centred: sum L f' t' / sqrt(sum L f'^2 sum L t'^2), the anomalies f'
/// and t' being differences from the climatology. NaN where one of them is 0 everywhere (the
/// forecast is the climatology itself).
double anomaly_correlation(std::span<double const> row_weights, std::span<float const> forecast,
                           std::span<float const> truth, std::span<float const> climatology);

/// What an ensemble of M fields says of the truth, in area means.
struct EnsembleScores {
  double squared_error = 0;  ///< of the ensemble mean
  double variance = 0;       ///< over members, unbiased (M - 1); NaN for one member
  /// Continuous ranked probability score, mean |x_i - y| - sum_ij |x_i - x_j| / (2 M^2): that of
  /// the members as they are (Hersbach, Weather and Forecasting 15, 559, 2000). One member: |x -
  /// y|.
  double crps = 0;
  /// The same with M (M - 1) in place of M^2: what an ensemble of many members would have (Ferro,
  /// Q. J. R. Meteorol. Soc. 140, 1917, 2014). NaN for one member.
  double fair_crps = 0;
};
/// `members` are M whole fields one after the other, M >= 1.
EnsembleScores ensemble_scores(std::span<double const> row_weights, std::span<float const> members,
                               std::span<float const> truth);

/// Least-squares factor of a later anomaly on an earlier one, gathered field by field:
/// sum L a(t) a(t + lead) / sum L a(t)^2.
class DampingFit {
 public:
  void add(std::span<double const> row_weights, std::span<float const> earlier,
           std::span<float const> later);
  /// 0 where nothing, or nothing but zeros, was added.
  double factor() const { return squares_ > 0 ? products_ / squares_ : 0; }

 private:
  double products_ = 0, squares_ = 0;
};

}  // namespace crossjoule::runtime
