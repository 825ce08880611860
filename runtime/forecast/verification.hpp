// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "runtime/fields/baselines.hpp"
#include "runtime/forecast/skill.hpp"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace crossjoule::runtime {

struct VerificationOptions {
  std::vector<Baseline> baselines = {Baseline::persistence, Baseline::climatology};
  std::string weights = "cos";  ///< score_weights()
  std::int64_t members = 1;
  /// f of the damped anomaly, [step from 0][channel]; empty where it is no baseline.
  std::vector<std::vector<double>> factors = {};
};

/// Scores forecasts case by case against the files, beside baselines on the same targets. Columns
/// of its table: network (error, correlation), each baseline likewise, and for several members
/// "ensemble" (error of its mean, variance, CRPS, fair CRPS). Correlations need a climatology.
class Verification {
 public:
  /// `climatology` may be null where no baseline needs it (then there are no correlations).
  Verification(FieldSource const& source, std::shared_ptr<Climatology const> climatology,
               VerificationOptions const& options);

  std::vector<ScoredMethod> const& columns() const { return columns_; }
  /// Read the fields of an initial time.
  void begin(std::int64_t start);
  /// Scores of the forecast `step` network steps later: fields (member, channel, row, column) as
  /// Forecaster gives them, into (column, channel).
  void score(std::int64_t step, std::span<float const> fields, std::span<double> into);
  /// The target that was read last: (channel, row, column).
  std::span<float const> truth() const { return truth_; }

 private:
  bool needs_climatology() const;
  void read_climatology(std::int64_t file_step, std::vector<float>& into) const;
  void make_baseline(Baseline baseline, std::int64_t step, std::size_t channel,
                     std::span<float> into) const;

  FieldSource const& source_;
  std::shared_ptr<Climatology const> climatology_;
  VerificationOptions options_;
  std::vector<double> weights_;
  std::vector<std::int64_t> places_;  ///< in the climatology
  std::vector<ScoredMethod> columns_;
  std::size_t points_;
  std::int64_t start_ = 0;
  std::vector<float> analysis_, truth_, mean_at_start_, mean_, baseline_, members_;
};

}  // namespace crossjoule::runtime
