// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/config.hpp"
#include "runtime/fields/baselines.hpp"
#include "runtime/fields/field_statistics.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace crossjoule::drivers {

/// What `crossjoule statistics` is asked for.
struct StatisticsRequest {
  runtime::FieldFilesOptions input;
  runtime::TimeRange range;
  std::optional<runtime::Cycle> cycle;  ///< none: the suitable one
  runtime::BaselineOptions baselines;   ///< no leads: none
};
/// Takes [data], climatology and [baselines]; `files` of the command line stand for data.files.
StatisticsRequest take_statistics_request(core::Config& config,
                                          std::vector<std::filesystem::path> const& files);

/// What it found, for table and JSON.
struct StatisticsReport {
  std::filesystem::path folder;
  std::shared_ptr<runtime::FieldFiles const> files;
  runtime::StatisticsPlan plan;
  runtime::FieldStatistics statistics;
  std::vector<runtime::BaselineScore> baselines;
};
std::string statistics_json(StatisticsReport const& report);
std::string statistics_table(StatisticsReport const& report);

}  // namespace crossjoule::drivers
