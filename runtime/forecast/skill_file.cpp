// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/forecast/skill.hpp"

namespace crossjoule::runtime {
namespace {

std::string name_of(Score score) {
  switch (score) {
    case Score::squared_error: return "squared_error";
    case Score::correlation: return "correlation";
    case Score::variance: return "variance";
    case Score::crps: return "crps";
    case Score::fair_crps: return "fair_crps";
  }
  return {};
}

/// One array per column of the table, all of equal length.
void write_rows_of(core::H5File& file, std::vector<SkillRow> const& rows) {
  std::vector<std::string> method, quantity, channel, unit;
  std::vector<double> lead, value, low, high;
  std::vector<std::int64_t> cases;
  for (auto const& row : rows) {
    method.push_back(row.method);
    quantity.push_back(row.quantity);
    channel.push_back(row.channel);
    unit.push_back(row.unit);
    lead.push_back(row.lead_h);
    cases.push_back(row.cases);
    value.push_back(row.figure.value);
    low.push_back(row.figure.low);
    high.push_back(row.figure.high);
  }
  std::string const group = "/result/skill/";
  file.write_strings(group + "method", method, "what made the forecast");
  file.write_strings(group + "quantity", quantity,
                     "rmse, rmse_of_cases, acc, spread, crps, fair_crps, ratio");
  file.write_strings(group + "channel", channel, "the field");
  file.write_strings(group + "unit", unit, "of value, low and high");
  file.write(group + "lead", lead, {"h", "time from the start of the forecast"});
  file.write(group + "cases", cases, {"1", "initial times with a target at this lead"});
  file.write(group + "value", value, {"1", "the figure, in the row's unit"});
  file.write(group + "low", low, {"1", "lower end of the interval over initial times"});
  file.write(group + "high", high, {"1", "upper end of the interval over initial times"});
}

}  // namespace

void write_skill(core::H5File& file, SkillTable const& table, std::vector<SkillRow> const& rows,
                 SkillOptions const& options) {
  write_rows_of(file, rows);
  std::string const group = "/result/skill";
  file.attribute(group, "level", options.level);
  file.attribute(group, "replicates", options.replicates);
  file.attribute(group, "block", options.block);
  std::vector<std::string> methods, scores;
  for (auto const& [method, score] : table.columns) {
    methods.push_back(method);
    scores.push_back(name_of(score));
  }
  auto const length = [](auto const& list) { return static_cast<std::int64_t>(list.size()); };
  std::string const cases = "/result/skill_cases/";
  file.write_strings(cases + "method", methods, "second axis of values");
  file.write_strings(cases + "score", scores, "second axis of values");
  file.write(cases + "lead", table.leads_h, {"h", "third axis of values"});
  file.write_strings(cases + "channel", table.channels, "fourth axis of values");
  file.write<double>(
      cases + "values", table.values,
      {table.cases, length(table.columns), length(table.leads_h), length(table.channels)},
      {"1",
       "area-mean scores (case, method and score, lead, channel) in the channel's unit or its "
       "square; NaN: no target"});
}

}  // namespace crossjoule::runtime
