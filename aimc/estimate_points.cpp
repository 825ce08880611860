// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/estimate.hpp"

#include "core/table.hpp"

#include <fmt/format.h>

namespace crossjoule::aimc {
namespace {

core::Point point_of(Estimate const& estimate, BoundaryEstimate const& line) {
  core::Point point;
  point.platform = estimate.chip;
  point.mode = estimate.mode;
  if (estimate.tiles.samples_per_product > 1)  // another line than that of one copy
    point.mode += fmt::format(", {} packed", estimate.tiles.samples_per_product);
  point.device = "analog";
  point.precision = estimate.precision;
  point.boundary = line.boundary;
  point.latency = line.latency;
  point.seconds_per_sample = line.seconds_per_sample;
  point.joules_per_sample = line.joules_per_sample();
  point.idle_joules_per_sample = line.idle_joules_per_sample();
  point.missing_terms = line.missing;
  point.assumed_terms = line.assumed;
  return point;
}

}  // namespace

std::vector<core::Point> points(Estimate const& estimate) {
  std::vector<core::Point> all;
  for (auto const& batch : estimate.batches)
    for (auto const& line : batch.boundaries) {
      auto point = point_of(estimate, line);
      point.batch = batch.batch;
      point.note = "one copy, batches one after another";
      all.push_back(std::move(point));
    }
  if (!estimate.at_rate) return all;
  auto const& rate = *estimate.at_rate;
  for (auto const& line : rate.boundaries) {
    auto point = point_of(estimate, line);
    point.mode += ", at " + core::si(rate.rate_hz, "Hz");
    point.ranks = rate.replicas;
    point.seconds_per_sample = {};  // asked for, not achieved: no ratio may be made of it
    point.note = fmt::format("single samples at a fixed rate on {} powered copies", rate.replicas);
    all.push_back(std::move(point));
  }
  return all;
}

}  // namespace crossjoule::aimc
