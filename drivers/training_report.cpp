// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/training_report.hpp"

#include "core/digest.hpp"
#include "core/table.hpp"
#include "drivers/json.hpp"
#include "models/cost.hpp"

#include <fmt/core.h>
#include <string_view>

namespace crossjoule::drivers {
namespace {

std::string loss_digest(TrainingReport const& report) {
  core::Digester digester;
  digester.add(std::as_bytes(std::span(report.train_loss)));
  digester.add(std::as_bytes(std::span(report.validation_loss)));
  return digester.hex();
}

Json losses_json(std::vector<double> const& losses) {
  Json array = Json::array();
  for (double loss : losses) array.push(loss);
  return array;
}

void print_json(models::Graph const& graph, TrainingReport const& report) {
  Json document = Json::object();
  document.set("network", to_json(models::identity(graph))).set("record", report.record.string());
  document.set("train_loss", losses_json(report.train_loss));
  document.set("validation_loss", losses_json(report.validation_loss));
  document.set("best_epoch", report.best_epoch).set("seconds", report.seconds);
  document.set("weights_digest", report.weights_digest).set("loss_digest", loss_digest(report));
  fmt::print("{}\n", document.dump());
}

}  // namespace

void print_training(Call const& call, models::Graph const& graph, TrainingReport const& report) {
  if (call.format == Call::Format::json) return print_json(graph, report);
  core::Table table({"epoch", "train loss", "validation loss", ""});
  for (std::size_t i = 0; i < report.train_loss.size(); ++i)
    table.row({std::to_string(i + 1), fmt::format("{:.6g}", report.train_loss[i]),
               fmt::format("{:.6g}", report.validation_loss[i]),
               static_cast<std::int64_t>(i) + 1 == report.best_epoch ? "kept" : ""});
  fmt::print("{}{} trained in {}; record {}\n", table.text(), graph.name,
             core::si(report.seconds, "s"), report.record.string());
}

}  // namespace crossjoule::drivers
