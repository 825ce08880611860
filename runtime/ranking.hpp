// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace crossjoule::runtime {

/// How often each event counts in a resampled set: the background first, then the signal.
using Weights = std::vector<std::uint8_t>;

/// Scores of background and signal, sorted once, so that each resampled set takes one pass.
class Ranking {
 public:
  Ranking(std::span<double const> background, std::span<double const> signal);

  std::size_t background() const { return background_; }
  std::size_t signal() const { return order_.size() - background_; }

  /// Area under the ROC curve; each event counts `weights` times (once where it is empty).
  double auc(Weights const& weights = {}) const;

  struct Cut {
    double cut;
    std::int64_t background_passed, signal_passed, background, signal;
  };
  /// The lowest cut that lets at most a part `rate` of the weighted background through.
  Cut cut_at(double rate, Weights const& weights = {}) const;

 private:
  template <class Weight>
  double auc_of(Weight const& weight) const;
  template <class Weight>
  Cut cut_of(double rate, Weight const& weight) const;

  std::size_t background_;
  std::vector<std::uint32_t> order_;  ///< events by rising score; background has the low numbers
  std::vector<std::uint32_t> group_ends_;  ///< places after the last event of each tie
  std::vector<double> group_scores_;
};

}  // namespace crossjoule::runtime
