// SPDX-License-Identifier: BSD-3-Clause
#include "core/table.hpp"
#include "drivers/json.hpp"
#include "drivers/statistics.hpp"

#include <fmt/format.h>

namespace crossjoule::drivers {
namespace {

std::string number(double value) { return value == value ? fmt::format("{:.5g}", value) : "-"; }

Json channels_json(StatisticsReport const& report) {
  Json list = Json::array();
  auto const& found = report.statistics;
  for (std::size_t i = 0; i < found.mean.size(); ++i)
    list.push(Json::object()
                  .set("name", report.files->channels()[i])
                  .set("unit", report.files->units()[i])
                  .set("mean", found.mean[i])
                  .set("deviation", found.deviation[i])
                  .set("minimum", found.minimum[i])
                  .set("maximum", found.maximum[i]));
  return list;
}

Json baselines_json(StatisticsReport const& report) {
  Json list = Json::array();
  for (auto const& score : report.baselines)
    list.push(Json::object()
                  .set("method", runtime::to_string(score.baseline))
                  .set("channel", score.channel)
                  .set("unit", score.unit)
                  .set("lead", score.lead)
                  .set("targets", score.targets)
                  .set("rmse", score.rmse)
                  .set("rmse_per_target", score.rmse_per_target)
                  .set("acc", score.acc)
                  .set("factor", score.factor));
  return list;
}

}  // namespace

std::string statistics_json(StatisticsReport const& report) {
  Json document = Json::object();
  document.set("verb", "statistics").set("folder", report.folder.string());
  document.set("source", report.files->describe()).set("steps", report.plan.steps);
  document.set("first", report.files->time_text(report.plan.first_step));
  document.set("last", report.files->time_text(report.plan.last_step));
  document.set("climatology", runtime::to_string(report.plan.cycle));
  document.set("bins", static_cast<std::int64_t>(report.plan.bins.size()));
  document.set("channels", channels_json(report)).set("baselines", baselines_json(report));
  return document.dump() + "\n";
}

std::string statistics_table(StatisticsReport const& report) {
  auto const& found = report.statistics;
  core::Table channels({"channel", "unit", "mean", "std", "min", "max"});
  for (std::size_t i = 0; i < found.mean.size(); ++i)
    channels.row({report.files->channels()[i], report.files->units()[i], number(found.mean[i]),
                  number(found.deviation[i]), number(found.minimum[i]), number(found.maximum[i])});
  std::string text = channels.text();
  if (!report.baselines.empty()) {
    core::Table baselines({"lead", "channel", "unit", "method", "targets", "RMSE",
                           "RMSE per target", "ACC", "factor"});
    for (auto const& score : report.baselines)
      baselines.row(
          {std::to_string(score.lead), score.channel, score.unit,
           std::string(runtime::to_string(score.baseline)), std::to_string(score.targets),
           number(score.rmse), number(score.rmse_per_target), number(score.acc),
           score.baseline == runtime::Baseline::damped_anomaly ? number(score.factor) : "-"});
    text += fmt::format("\n{}", baselines.text());
  }
  text += fmt::format("\n{}: statistics.h5{}, global_means.npy, global_stds.npy, time_means.npy\n",
                      report.folder.string(), report.baselines.empty() ? "" : ", baselines.h5");
  return text;
}

}  // namespace crossjoule::drivers
