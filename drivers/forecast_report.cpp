// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/forecast_report.hpp"

#include "core/table.hpp"
#include "drivers/json.hpp"
#include "models/cost.hpp"

#include <fmt/core.h>
#include <algorithm>
#include <cmath>

namespace crossjoule::drivers {
namespace {

using runtime::SkillRow;

std::string digits(double value) { return std::isnan(value) ? "-" : fmt::format("{:.4g}", value); }

std::string with_interval(runtime::Interval const& figure) {
  if (std::isnan(figure.low)) return digits(figure.value);
  return fmt::format("{} [{}, {}]", digits(figure.value), digits(figure.low), digits(figure.high));
}

SkillRow const* find(std::vector<SkillRow> const& rows, SkillRow const& like,
                     std::string const& method, std::string const& quantity) {
  for (auto const& row : rows)
    if (row.method == method && row.quantity == quantity && row.channel == like.channel &&
        row.lead_h == like.lead_h)
      return &row;
  return nullptr;
}

Json skill_json(std::vector<SkillRow> const& rows) {
  Json list = Json::array();
  for (auto const& row : rows) {
    Json entry = Json::object();
    entry.set("method", row.method).set("quantity", row.quantity).set("channel", row.channel);
    entry.set("unit", row.unit).set("lead_h", row.lead_h).set("cases", row.cases);
    entry.set("value", row.figure.value).set("low", row.figure.low).set("high", row.figure.high);
    list.push(entry);
  }
  return list;
}

void print_json(models::Graph const& graph, ForecastReport const& report) {
  Json document = Json::object();
  document.set("network", to_json(models::identity(graph))).set("record", report.record.string());
  document.set("fields", report.fields.string()).set("energy_source", report.energy);
  document.set("cases", report.cases).set("steps", report.steps).set("members", report.members);
  document.set("seconds", report.seconds).set("seconds_per_step", report.seconds_per_step);
  document.set("skill", skill_json(report.skill));
  fmt::print("{}\n", document.dump());
}

/// Methods in the order of the table, the network first.
std::vector<std::string> methods_of(std::vector<SkillRow> const& rows) {
  std::vector<std::string> methods;
  for (auto const& row : rows)
    if (row.quantity == "rmse" && std::ranges::find(methods, row.method) == methods.end())
      methods.push_back(row.method);
  return methods;
}

core::Table skill_table(ForecastReport const& report) {
  auto const methods = methods_of(report.skill);
  bool const correlates =
      std::ranges::any_of(report.skill, [](SkillRow const& row) { return row.quantity == "acc"; });
  bool const scatters = report.members > 1;
  std::vector<std::string> headings{"channel", "lead h", "cases"};
  for (auto const& method : methods) headings.push_back(method + " RMSE");
  if (correlates) headings.emplace_back("ACC");
  if (scatters) headings.insert(headings.end(), {"spread", "CRPS"});
  headings.emplace_back("unit");
  core::Table table(headings);
  for (auto const& row : report.skill) {
    if (row.method != "network" || row.quantity != "rmse") continue;
    std::vector<std::string> cells{row.channel, fmt::format("{:g}", row.lead_h),
                                   std::to_string(row.cases)};
    auto const cell = [&](std::string const& method, std::string const& quantity) {
      auto const* found = find(report.skill, row, method, quantity);
      cells.push_back(found ? with_interval(found->figure) : "-");
    };
    for (auto const& method : methods) cell(method, "rmse");
    if (correlates) cell("network", "acc");
    if (scatters) cell("ensemble", "spread"), cell("ensemble", "crps");
    cells.push_back(row.unit.empty() ? "-" : row.unit);
    table.row(cells);
  }
  return table;
}

}  // namespace

void print_forecast(Call const& call, models::Graph const& graph, ForecastReport const& report) {
  if (call.format == Call::Format::json) return print_json(graph, report);
  fmt::print("{}", skill_table(report).text());
  fmt::print("{} forecasts of {} steps in {}, {} per step and state; energy: {}; record {}\n",
             report.cases * report.members, report.steps, core::si(report.seconds, "s"),
             core::si(report.seconds_per_step, "s"), report.energy, report.record.string());
  if (!report.fields.empty()) fmt::print("forecasts in {}\n", report.fields.string());
}

}  // namespace crossjoule::drivers
