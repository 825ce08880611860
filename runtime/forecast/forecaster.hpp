// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "runtime/forecast/preparation.hpp"
#include "runtime/forecast/rollout.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace crossjoule::runtime {

/// Members beyond the first start from the analysis plus normal noise of `amplitude` (in units of
/// each channel's scale), drawn per member and initial time from (seed, start, member). Of a
/// history the newest state alone is perturbed.
struct EnsembleOptions {
  std::int64_t members = 1;
  double amplitude = 0.1;
  std::uint64_t seed = 1;
};

/// Forecasts from the fields of one initial time, step by step. A network that reads more fields
/// than it predicts is given the others from the files at every step (orography, insolation: known
/// in advance). One that reads a history is given the analyses before the start, and then its own
/// predictions, which shift by one state at every step.
template <class T>
class Forecaster {
 public:
  /// `source` has every file step as a sample (targets 0, stride 1, history 1); `history`: states
  /// that the network reads. Error (bad_input): channels_in does not begin with channels_out; the
  /// network's sizes are not those of the fields.
  Forecaster(FieldSource const& source, Preparation const& preparation, Rollout<T>& rollout,
             EnsembleOptions const& ensemble, std::int64_t history = 1);

  /// After each of `steps` network steps, `visit(step, fields)`: step from 1 on, fields (member,
  /// channel, row, column) of the kept points in the files' units. The states before `start` lie in
  /// its run. Error (non_finite) naming start,
  /// step, channel and member.
  using Visit = std::function<void(std::int64_t step, std::span<float const> fields)>;
  void run(std::int64_t start, std::int64_t steps, Visit const& visit);

  /// Seconds that the network alone has taken so far, and how often it was applied to a state.
  double network_seconds() const { return network_seconds_; }
  std::int64_t applications() const { return applications_; }
  /// Bytes of its buffers.
  static std::int64_t bytes(FieldSource const& source, Preparation const& preparation,
                            std::int64_t members, std::int64_t history = 1);

 private:
  std::int64_t time_at(std::int64_t start, std::int64_t step) const;
  void begin(std::int64_t start);
  void perturb(std::int64_t start, std::int64_t member, std::span<T> state) const;
  void read_history(std::int64_t start);
  void fill_forcing(std::int64_t start, std::int64_t step);
  void shift_history(std::int64_t first, std::int64_t count);
  void advance();
  void to_fields(std::int64_t start, std::int64_t step);

  FieldSource const& source_;
  Preparation const& preparation_;
  Rollout<T>& rollout_;
  EnsembleOptions ensemble_;
  std::int64_t more_fields_;  ///< numbers of fields that are read and not predicted
  std::int64_t past_;         ///< numbers of the states before, of one member
  std::vector<T> states_, forcing_;
  std::vector<T> history_;  ///< (member, state before from new to old, channel, row, column)
  std::vector<float> start_, one_, fields_;
  double network_seconds_ = 0;
  std::int64_t applications_ = 0;
};

extern template class Forecaster<float>;
extern template class Forecaster<double>;

}  // namespace crossjoule::runtime
