// SPDX-License-Identifier: BSD-3-Clause
// Sweeps, Monte Carlo and tornado of `crossjoule estimate`: keys, work, print.
#include "drivers/estimate_what_if.hpp"

#include "core/error.hpp"
#include "core/table.hpp"

#include <fmt/format.h>
#include <cmath>

namespace crossjoule::drivers {
namespace {

using aimc::SweepAxis, aimc::SweepPoint;

std::string label(SweepAxis const& axis, double value) {
  return axis.what == SweepAxis::What::mode ? axis.modes[static_cast<std::size_t>(value)]
                                            : fmt::format("{:g}", value);
}

std::string sweep_text(WhatIfAnswers const& each) {
  std::vector<std::string> headings;
  for (auto const& axis : each.axes) headings.push_back(axis.name);
  for (auto const* more : {"tiles", "cells used", "latency", "interval", "J/sample, device", "chip",
                           "system", "area", "op/J", "op/s/mm2"})
    headings.emplace_back(more);
  core::Table table(headings);
  std::size_t refused = 0;
  for (auto const& point : each.points) {
    refused += point.fits ? 0 : 1;
    if (!point.is_best) continue;
    std::vector<std::string> row;
    for (std::size_t k = 0; k < each.axes.size(); ++k)
      row.push_back(label(each.axes[k], point.at[k]));
    row.push_back(fmt::format("{:.0f}", point.tiles));
    row.push_back(fmt::format("{:.2f} %", 100 * point.utilisation));
    row.push_back(core::si(point.latency, "s"));
    row.push_back(core::si(point.interval, "s"));
    for (auto joules : point.joules) row.push_back(core::si(joules, "J"));
    row.push_back(core::si(point.area, "mm2"));
    row.push_back(core::si(point.ops / point.joules[2], "op/J"));
    row.push_back(core::si(point.ops / point.interval / point.area, "op/s/mm2"));
    table.row(row);
  }
  return fmt::format(
             "\nSweep of {} {}: {} points, {} refused (out of range or budget); those that no "
             "other "
             "beats in latency, joules and area\n",
             each.chip, each.mode, each.points.size(), refused) +
         table.text();
}

std::string drawn_text(WhatIfAnswers const& each) {
  constexpr std::array<char const*, 3> boundaries = {"device", "chip", "system"};
  core::Table table(
      {"batch", "boundary", "latency, 5 %", "median", "95 %", "J/sample, 5 %", "median", "95 %"});
  for (auto const& batch : each.drawn)
    for (std::size_t k = 0; k < boundaries.size(); ++k) {
      auto const &time = batch.latency[k], &joules = batch.joules[k];
      table.row({fmt::format("{}", batch.batch), boundaries[k], core::si(time.p05, "s"),
                 core::si(time.p50, "s"), core::si(time.p95, "s"), core::si(joules.p05, "J"),
                 core::si(joules.p50, "J"), core::si(joules.p95, "J")});
    }
  return fmt::format("\nMonte Carlo of {} {}: {} draws of every figure from its prior\n", each.chip,
                     each.mode, each.draws) +
         table.text();
}

std::string tornado_text(WhatIfAnswers const& each) {
  core::Table table({"figure", "J/sample at its low end", "at its high end", "latency", "to"});
  for (auto const& bar : each.bars)
    table.row({bar.figure, core::si(bar.joules_low, "J"), core::si(bar.joules_high, "J"),
               core::si(bar.latency_low, "s"), core::si(bar.latency_high, "s")});
  return fmt::format("\nWhat drives {} {} (first batch, boundary system), one figure at a time\n",
                     each.chip, each.mode) +
         table.text();
}

Json spread_json(aimc::Spread const& spread, char const* unit) {
  return Json::object()
      .set("mean", spread.mean)
      .set("p05", spread.p05)
      .set("p50", spread.p50)
      .set("p95", spread.p95)
      .set("unit", unit)
      .set("kind", "modelled");
}

Json point_json(std::vector<SweepAxis> const& axes, SweepPoint const& point) {
  auto at = Json::object();
  for (std::size_t k = 0; k < axes.size(); ++k) {
    if (axes[k].what == SweepAxis::What::mode)
      at.set("mode", label(axes[k], point.at[k]));
    else
      at.set(axes[k].name, point.at[k]);
  }
  return Json::object()
      .set("at", at)
      .set("fits", point.fits)
      .set("pareto", point.is_best)
      .set("latency_s", point.latency)
      .set("interval_s", point.interval)
      .set("joules_device", point.joules[0])
      .set("joules_chip", point.joules[1])
      .set("joules_system", point.joules[2])
      .set("area_mm2", point.area)
      .set("tops_per_watt", point.ops / point.joules[2] * 1e-12)
      .set("tops_per_mm2", point.ops / point.interval / point.area * 1e-12)
      .set("tiles", point.tiles)
      .set("chips", point.chips)
      .set("utilisation", point.utilisation);
}

Json drawn_json(aimc::DrawnBatch const& batch) {
  auto lines = Json::array();
  constexpr std::array<char const*, 3> boundaries = {"device", "chip", "system"};
  for (std::size_t k = 0; k < boundaries.size(); ++k)
    lines.push(Json::object()
                   .set("boundary", boundaries[k])
                   .set("latency", spread_json(batch.latency[k], "s"))
                   .set("joules_per_sample", spread_json(batch.joules[k], "J")));
  return Json::object().set("batch", batch.batch).set("boundaries", lines);
}

/// A chip without the design value or the read mode is an error, not a grid of refused points.
void require(SweepAxis const& axis, aimc::Chip const& chip) {
  for (auto const& mode : axis.modes) chip.mode(mode);
  if (axis.what != SweepAxis::What::knob) return;
  VALIDATE(chip.design.has(axis.name),
           "sweep.{} cannot be varied on chip {} (it has {}) sweep what it has", axis.name,
           chip.name, chip.design.names().empty() ? "no design values" : chip.design.names());
}

void write_sweep(core::H5File& file, std::string const& group, WhatIfAnswers const& each) {
  for (std::size_t k = 0; k < each.axes.size(); ++k) {
    std::vector<double> values;
    std::vector<std::string> words;
    for (auto const& point : each.points) {
      values.push_back(point.at[k]);
      words.push_back(label(each.axes[k], point.at[k]));
    }
    auto const path = group + "/" + each.axes[k].name;
    if (each.axes[k].what == SweepAxis::What::mode)
      file.write_strings(path, words, "read mode of each point");
    else
      file.write(path, values, {"1", "coordinate of each point, in the unit of the design value"});
  }
  auto column = [&](char const* name, char const* unit, char const* what, auto&& of) {
    std::vector<double> values;
    for (auto const& point : each.points) values.push_back(of(point));
    file.write(group + "/" + name, values, {unit, what});
  };
  using P = SweepPoint;
  column("latency", "s", "first batch, boundary system", [](P const& p) { return p.latency; });
  column("interval", "s", "between samples", [](P const& p) { return p.interval; });
  column("joules_device", "J", "per sample", [](P const& p) { return p.joules[0]; });
  column("joules_chip", "J", "per sample", [](P const& p) { return p.joules[1]; });
  column("joules_system", "J", "per sample", [](P const& p) { return p.joules[2]; });
  column("area", "mm2", "of all chips; NaN: unknown", [](P const& p) { return p.area; });
  column("ops_per_joule", "1/J", "ops of the network's products per joule, boundary system",
         [](P const& p) { return p.ops / p.joules[2]; });
  column("ops_per_second_mm2", "1/s/mm2", "ops of the network's products, pipeline full, per area",
         [](P const& p) { return p.ops / p.interval / p.area; });
  column("chips", "1", "chips of one copy", [](P const& p) { return p.chips; });
  column("tiles", "1", "tiles of one copy", [](P const& p) { return p.tiles; });
  column("pareto", "1", "1: no other point beats it",
         [](P const& p) { return p.is_best ? 1.0 : 0.0; });
}

}  // namespace

WhatIf take_what_if(core::Config& config) {
  WhatIf wanted;
  auto table = config.section(
      "sweep",
      "design values to vary together, a list each (adc_bits = [4, 6, 8]); also modes, "
      "chips, replicas and batches");
  wanted.most_points = table.take<std::int64_t>("most_points", std::int64_t{10000},
                                                "refuse a larger grid", {1, 100'000'000});
  for (auto const& law : aimc::knob_laws()) {
    auto const values = table.take(law.name, std::vector<double>{}, law.meaning, {0, 1e12});
    if (!values.empty())
      wanted.axes.push_back({SweepAxis::What::knob, std::string(law.name), values, {}});
  }
  auto const modes = table.take("modes", std::vector<std::string>{}, "read modes");
  if (!modes.empty()) {
    SweepAxis axis{SweepAxis::What::mode, "mode", {}, modes};
    for (std::size_t k = 0; k < modes.size(); ++k) axis.values.push_back(static_cast<double>(k));
    wanted.axes.push_back(std::move(axis));
  }
  auto numbers = [&](char const* key, SweepAxis::What what, char const* name, char const* comment) {
    auto const list = table.take(key, std::vector<std::int64_t>{}, comment, {1, 1'000'000'000'000});
    if (!list.empty())
      wanted.axes.push_back({what, name, std::vector<double>(list.begin(), list.end()), {}});
  };
  numbers("chips", SweepAxis::What::chips, "chips", "tile budgets in chips");
  numbers("replicas", SweepAxis::What::replicas, "replicas",
          "copies of the whole network that share a batch");
  numbers("batches", SweepAxis::What::batch, "batch", "samples per batch");
  auto draws = config.section("monte_carlo", "draw every figure from its prior");
  wanted.draws = draws.take<std::int64_t>("draws", std::int64_t{0}, "0: none", {0, 100'000'000});
  wanted.seed = static_cast<std::uint64_t>(draws.take<std::int64_t>(
      "seed", std::int64_t{1}, "same seed, same bits on any ranks", {0, std::int64_t{1} << 62}));
  wanted.wants_tornado =
      config.take("tornado", false, "what drives the result: one figure at a time");
  return wanted;
}

WhatIfAnswers answer(WhatIf const& wanted, models::Graph const& graph, aimc::Chip const& chip,
                     std::string const& mode, aimc::Terms const& assumed,
                     aimc::Workload const& workload, core::Comm const& comm) {
  WhatIfAnswers answers;
  answers.chip = chip.name;
  answers.mode = mode;
  if (!wanted.axes.empty()) {
    answers.axes = wanted.axes;
    for (auto const& axis : wanted.axes) require(axis, chip);
    answers.points =
        aimc::sweep(graph, chip, mode, assumed, workload, wanted.axes, wanted.most_points, comm);
  }
  if (wanted.draws == 0 && !wanted.wants_tornado) return answers;
  aimc::Case const at(graph, chip, chip.mode(mode), assumed, workload);
  answers.draws = wanted.draws;
  if (wanted.draws > 0) answers.drawn = aimc::monte_carlo(at, wanted.draws, wanted.seed, comm);
  if (!wanted.wants_tornado) return answers;
  answers.bars = aimc::tornado(at);
  auto const system = at.at({}).batches.front()[static_cast<std::size_t>(core::Boundary::system)];
  answers.joules = system.joules();
  answers.latency = system.latency;
  return answers;
}

std::string what_if_text(std::vector<WhatIfAnswers> const& answers) {
  std::string text;
  for (auto const& each : answers) {
    if (!each.points.empty()) text += sweep_text(each);
    if (!each.drawn.empty()) text += drawn_text(each);
    if (!each.bars.empty()) text += tornado_text(each);
  }
  return text;
}

Json what_if_json(std::vector<WhatIfAnswers> const& answers) {
  auto all = Json::array();
  for (auto const& each : answers) {
    if (each.empty()) continue;
    auto points = Json::array(), drawn = Json::array(), bars = Json::array();
    for (auto const& point : each.points) points.push(point_json(each.axes, point));
    for (auto const& batch : each.drawn) drawn.push(drawn_json(batch));
    for (auto const& bar : each.bars)
      bars.push(Json::object()
                    .set("figure", bar.figure)
                    .set("joules_low", bar.joules_low)
                    .set("joules_high", bar.joules_high)
                    .set("latency_low_s", bar.latency_low)
                    .set("latency_high_s", bar.latency_high));
    all.push(Json::object()
                 .set("chip", each.chip)
                 .set("mode", each.mode)
                 .set("sweep", points)
                 .set("draws", each.draws)
                 .set("monte_carlo", drawn)
                 .set("tornado_joules", each.joules)
                 .set("tornado", bars));
  }
  return all;
}

void write(core::Record& record, std::vector<WhatIfAnswers> const& answers) {
  auto& file = record.file();
  for (auto const& each : answers) {
    auto const group = "/result/what_if/" + each.chip + "/" + each.mode;
    if (!each.points.empty()) write_sweep(file, group + "/sweep", each);
    if (!each.bars.empty()) {
      std::vector<std::string> names;
      std::vector<double> low, high, fast, slow;
      for (auto const& bar : each.bars) {
        names.push_back(bar.figure);
        low.push_back(bar.joules_low);
        high.push_back(bar.joules_high);
        fast.push_back(bar.latency_low);
        slow.push_back(bar.latency_high);
      }
      file.attribute(group + "/tornado", "joules", each.joules);
      file.attribute(group + "/tornado", "latency", each.latency);
      file.write(group + "/tornado/latency_low", fast, {"s", "first batch, boundary system"});
      file.write(group + "/tornado/latency_high", slow, {"s", "first batch, boundary system"});
      file.write_strings(group + "/tornado/figure", names, "varied alone");
      file.write(group + "/tornado/joules_low", low, {"J", "per sample, boundary system"});
      file.write(group + "/tornado/joules_high", high, {"J", "per sample, boundary system"});
    }
    if (each.drawn.empty()) continue;
    std::vector<double> batches, p05, p50, p95;
    for (auto const& batch : each.drawn) {
      batches.push_back(static_cast<double>(batch.batch));
      p05.push_back(batch.joules[2].p05);
      p50.push_back(batch.joules[2].p50);
      p95.push_back(batch.joules[2].p95);
    }
    file.attribute(group + "/monte_carlo", "draws", each.draws);
    file.write(group + "/monte_carlo/batch", batches, {"1", "samples per batch"});
    file.write(group + "/monte_carlo/joules_p05", p05, {"J", "per sample, boundary system"});
    file.write(group + "/monte_carlo/joules_p50", p50, {"J", "per sample, boundary system"});
    file.write(group + "/monte_carlo/joules_p95", p95, {"J", "per sample, boundary system"});
  }
}

}  // namespace crossjoule::drivers
