// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "runtime/fields/field_statistics.hpp"
#include "support.hpp"

#include <algorithm>
#include <map>

namespace crossjoule::runtime::testing {

/// Two plain passes in long double over what a file holds as float32.
struct BruteForce {
  std::vector<double> mean, deviation, minimum, maximum;
  std::map<std::int64_t, std::vector<double>> bins;  ///< by key
  std::vector<double> time_mean;
};

inline BruteForce brute_force(Made const& made, std::vector<std::int64_t> const& steps,
                              Cycle cycle) {
  BruteForce result;
  std::map<std::int64_t, std::int64_t> counts;
  auto const size = static_cast<std::size_t>(made.channels * made.rows * made.columns);
  auto const value = [&](auto t, auto c, auto r, auto k) {
    return static_cast<double>(static_cast<float>(made.value(t, c, r, k)));
  };
  result.time_mean.assign(size, 0);
  for (auto t : steps) {
    auto const time = made.times_s.empty() ? 0.0 : made.times_s[static_cast<std::size_t>(t)];
    auto const key = bin_key(cycle, static_cast<std::int64_t>(time));
    auto& bin = result.bins[key];
    bin.resize(size);
    ++counts[key];
    std::size_t i = 0;
    for (std::int64_t c = 0; c < made.channels; ++c)
      for (std::int64_t r = 0; r < made.rows; ++r)
        for (std::int64_t k = 0; k < made.columns; ++k, ++i) {
          bin[i] += value(t, c, r, k);
          result.time_mean[i] += value(t, c, r, k) / static_cast<double>(steps.size());
        }
  }
  for (auto& [key, bin] : result.bins)
    for (double& sum : bin) sum /= static_cast<double>(counts[key]);
  for (std::int64_t c = 0; c < made.channels; ++c) {
    long double sum = 0, squares = 0, count = 0;
    double low = 1e300, high = -1e300;
    for (auto t : steps)
      for (std::int64_t r = 0; r < made.rows; ++r)
        for (std::int64_t k = 0; k < made.columns; ++k, ++count) {
          sum += value(t, c, r, k);
          low = std::min(low, value(t, c, r, k));
          high = std::max(high, value(t, c, r, k));
        }
    long double const mean = sum / count;
    for (auto t : steps)
      for (std::int64_t r = 0; r < made.rows; ++r)
        for (std::int64_t k = 0; k < made.columns; ++k)
          squares += (value(t, c, r, k) - mean) * (value(t, c, r, k) - mean);
    result.mean.push_back(static_cast<double>(mean));
    result.deviation.push_back(static_cast<double>(std::sqrt(squares / count)));
    result.minimum.push_back(low);
    result.maximum.push_back(high);
  }
  return result;
}

/// The means of the bins in the order in which they come.
inline FieldStatistics with_bins(FieldFiles const& files, StatisticsPlan const& plan,
                                 core::Comm const& comm,
                                 std::map<std::int64_t, std::vector<float>>& bins) {
  StatisticsHooks hooks;
  hooks.on_bin = [&](StatisticsPlan::Bin const& bin, std::span<float const> mean) {
    bins[bin.key].assign(mean.begin(), mean.end());
  };
  return compute_statistics(files, plan, comm, hooks);
}

}  // namespace crossjoule::runtime::testing
