// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/h5file.hpp"
#include "runtime/metrics.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace crossjoule::runtime {

/// What is kept of one forecast of one case (initial time), per lead and channel.
enum class Score { squared_error, correlation, variance, crps, fair_crps };

/// A score of a method: "network", "persistence", "climatology", ...
struct ScoredMethod {
  std::string method;
  Score score = Score::squared_error;
  bool operator==(ScoredMethod const&) const = default;
};

/// The scores of many cases: values[((case * columns + column) * leads + lead) * channels +
/// channel], NaN where there is no target (or no such score).
struct SkillTable {
  std::vector<ScoredMethod> columns;
  std::vector<double> leads_h;
  std::vector<std::string> channels, units;
  std::int64_t cases = 0;
  std::vector<double> values;

  std::size_t case_size() const { return columns.size() * leads_h.size() * channels.size(); }
  double at(std::int64_t one, std::size_t column, std::size_t lead, std::size_t channel) const;
};

struct SkillOptions {
  std::int64_t replicates = 400;  ///< of the bootstrap; 0: no intervals
  /// Cases next to each other that are drawn together (circular blocks), as many as the weather
  /// needs to forget: forecasts that start hours apart are not independent.
  std::int64_t block = 1;
  double level = 0.95;
  std::uint64_t seed = 1;
};

/// One figure over all cases that have a target at this lead. Quantities:
///   rmse          sqrt(mean over cases of the area-mean squared error)
///   rmse_of_cases mean over cases of each one's root (FourCastNet's convention)
///   acc           mean over cases of the anomaly correlation
///   spread        sqrt(mean over cases of the area-mean variance over members)
///   crps, fair_crps  mean over cases
///   ratio         rmse of `network` over that of the method, same cases; below 1: the network wins
struct SkillRow {
  std::string method = {}, quantity = {}, channel = {}, unit = {};
  double lead_h = 0;
  std::int64_t cases = 0;
  Interval figure =
      {};  ///< percentile interval of the bootstrap over cases; NaN for fewer than two
};

/// All rows, by method, quantity, channel, lead. Replicates are keyed by (seed, replicate), and all
/// methods see the same resampled cases.
std::vector<SkillRow> summarise(SkillTable const& table, SkillOptions const& options);

/// How often each of `cases` stands in resampled set `replicate`: blocks of `block` neighbours, in
/// all `cases` of them; the first follows on the last, so that all are equally likely (circular
/// blocks: Politis & Romano 1992).
std::vector<int> resampled_cases(std::int64_t cases, std::int64_t block, std::uint64_t seed,
                                 std::int64_t replicate);

/// /result/skill: the rows as one array per column; /result/skill_cases: the scores of every case.
void write_skill(core::H5File& file, SkillTable const& table, std::vector<SkillRow> const& rows,
                 SkillOptions const& options);

}  // namespace crossjoule::runtime
