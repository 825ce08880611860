// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/forecast/cases.hpp"

#include "core/error.hpp"

#include <algorithm>

namespace crossjoule::runtime {
namespace {

core::Share run_around(FieldFiles const& files, core::Share inside) {
  return *std::ranges::find_if(files.runs(), [&](core::Share const& run) {
    return run.first <= inside.first && inside.last <= run.last;
  });
}

/// Keep `most` of the cases, evenly spread.
void thin_out(Cases& cases, std::int64_t most) {
  if (most <= 0 || most >= cases.size()) return;
  Cases kept;
  for (std::int64_t i = 0; i < most; ++i) {
    auto const place = static_cast<std::size_t>(i * cases.size() / most);
    kept.starts.push_back(cases.starts[place]);
    kept.has_target.push_back(cases.has_target[place]);
  }
  cases = std::move(kept);
}

}  // namespace

std::int64_t Cases::steps_of(std::int64_t one) const {
  auto const& targets = has_target[static_cast<std::size_t>(one)];
  auto const last = std::find(targets.rbegin(), targets.rend(), true);
  return targets.rend() - last;
}

Cases find_cases(FieldFiles const& files, CaseOptions const& options) {
  EXPECT(options.lead >= 1 && options.steps >= 1 && options.stride >= 1 && options.history >= 1);
  auto const past = options.lead * (options.history - 1);
  Cases cases;
  for (auto const& inside : files.runs_within(options.range)) {
    bool const starts_anywhere = options.within == Within::targets;
    auto const first = starts_anywhere ? std::max(run_around(files, inside).first + past,
                                                  inside.first - options.steps * options.lead)
                                       : inside.first + past;
    for (auto start = first; start < inside.last; start += options.stride) {
      std::vector<bool> targets;
      for (std::int64_t k = 1; k <= options.steps; ++k) {
        auto const target = start + k * options.lead;
        targets.push_back(target >= inside.first && target < inside.last);
      }
      if (std::ranges::find(targets, true) == targets.end()) continue;
      cases.starts.push_back(start);
      cases.has_target.push_back(std::move(targets));
    }
  }
  VALIDATE(cases.size() > 0,
           "{}: no initial time (no unbroken run in the range has a target {} steps later{}) widen "
           "the range, or lower the lead",
           files.describe(), options.lead,
           past > 0 ? fmt::format(" and states up to {} steps earlier", past) : "");
  thin_out(cases, options.most);
  return cases;
}

std::vector<double> score_weights(Grid const& grid, std::string const& rule) {
  if (rule == "none") return std::vector<double>(static_cast<std::size_t>(grid.rows), 1.0);
  if (rule != "fourcastnet") return latitude_weights(grid);
  Grid global = grid;
  global.lat_degrees.clear();
  for (std::int64_t row = 0; row < grid.rows; ++row)
    global.lat_degrees.push_back(grid.rows == 1 ? 0
                                                : 90 - 180 * static_cast<double>(row) /
                                                           static_cast<double>(grid.rows - 1));
  return latitude_weights(global);
}

}  // namespace crossjoule::runtime
