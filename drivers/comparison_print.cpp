// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/comparison_print.hpp"

#include "core/table.hpp"

#include <fmt/format.h>

namespace crossjoule::drivers {
namespace {

using core::with_interval;

std::string title(Comparison const& table) {
  auto const idle = table.rules.idle == IdleRule::gross
                        ? "gross (idle power is part of every figure)"
                        : "idle power subtracted everywhere";
  return fmt::format("{}network {} ({}), {} MACs per sample; boundary {}; joules {}\n",
                     table.any_joule_measured ? "" : "NO JOULE IN THIS TABLE WAS MEASURED\n",
                     table.network.name, table.network.digest, table.network.macs,
                     core::to_string(table.rules.boundary), idle);
}

std::string describe(ComparisonLine const& line) {
  auto const& point = line.point;
  return fmt::format("{}, {}, {}, {}, batch {} [{}]", point.platform, point.mode, point.device,
                     point.precision, point.batch, line.file);
}

std::string figures(Comparison const& table) {
  core::Table cells({"platform", "mode", "device", "precision", "ranks", "batch", "latency",
                     "time/sample", "energy/sample", "kind of joule"});
  for (auto k : table.table_lines()) {
    auto const& line = table.lines[k];
    auto const& point = line.point;
    cells.row({point.platform, point.mode, point.device, point.precision,
               fmt::format("{}", point.ranks), fmt::format("{}", point.batch),
               with_interval(point.latency), with_interval(point.seconds_per_sample),
               with_interval(line.joules) + (line.is_complete() ? "" : " + missing terms"),
               std::string(core::to_string(line.joules.kind))});
  }
  return cells.text();
}

std::string times_text(Ratio const& ratio) {
  if (!ratio.present()) return "-";
  auto digits = [](double value) {
    return value >= 999.5 && value < 1e6 ? fmt::format("{:.0f}", value)
                                         : fmt::format("{:.3g}", value);
  };
  return fmt::format("{} [{}, {}] {}", digits(ratio.value.value), digits(ratio.low.value),
                     digits(ratio.high.value), verdict(ratio));
}

std::string reference_text(Comparison const& table) {
  std::string text =
      "\nRatios: how many times less a line takes than the best digital line (below 1 it takes "
      "MORE).\n";
  if (table.most_efficient)
    text += "most efficient digital: " + describe(table.lines[*table.most_efficient]) + "\n";
  if (table.most_efficient_batch_1)
    text +=
        "  at batch 1:           " + describe(table.lines[*table.most_efficient_batch_1]) + "\n";
  if (table.fastest)
    text += "fastest digital:        " + describe(table.lines[*table.fastest]) + "\n";
  if (table.fastest_batch_1)
    text += "  at batch 1:           " + describe(table.lines[*table.fastest_batch_1]) + "\n";
  return text;
}

std::string ratios(Comparison const& table) {
  if (!table.most_efficient && !table.fastest) return "";
  auto const boundary = core::to_string(table.rules.boundary);
  core::Table cells(
      {"platform", "mode", "batch", fmt::format("energy, {}: vs best digital", boundary),
       "vs digital at same batch", fmt::format("time/sample, {}: vs fastest digital", boundary),
       "vs digital at same batch"});
  for (auto k : table.table_lines()) {
    auto const& line = table.lines[k];
    cells.row({line.point.platform, line.point.mode, fmt::format("{}", line.point.batch),
               times_text(line.energy.to_best), times_text(line.energy.to_same_batch),
               times_text(line.time.to_best), times_text(line.time.to_same_batch)});
  }
  return reference_text(table) + cells.text();
}

std::string published_text(Comparison const& table, std::vector<PublishedRow> const& published) {
  if (published.empty()) return "";
  core::Table cells({"published, not joined", "network", "", "precision", "latency", "time/sample",
                     "energy/sample", "boundary", "reading"});
  for (auto const& row : published)
    cells.row({row.platform, row.network,
               row.same_network(table.network.digest) ? "same network" : "different network",
               row.precision, with_interval(row.latency), with_interval(row.seconds_per_sample),
               with_interval(row.joules_per_sample), row.boundary, row.reading});
  std::string text = "\n";
  text += cells.text();
  for (auto const& row : published)
    text += fmt::format("  {}: {}{}{}\n", row.platform, row.citation, row.note.empty() ? "" : ". ",
                        row.note);
  return text;
}

/// Shortest text that reads back to the same bits; "" for what is absent.
template <class U>
void add_cells(std::vector<std::string>& cells, core::Quantity<U> const& figure) {
  for (auto number : {figure.low, figure.value, figure.high})
    cells.push_back(figure.present() ? fmt::format("{}", number.value) : "");
  cells.emplace_back(core::to_string(figure.kind));
}

void add_headings(std::vector<std::string>& headings, std::string const& name) {
  for (auto part : {"_low", "", "_high", "_kind"}) headings.push_back(name + part);
}

Json point_json(ComparisonLine const& line) {
  auto const& point = line.point;
  return Json::object()
      .set("file", line.file)
      .set("platform", point.platform)
      .set("mode", point.mode)
      .set("device", point.device)
      .set("precision", point.precision)
      .set("batch", point.batch)
      .set("ranks", point.ranks)
      .set("latency", to_json(point.latency))
      .set("seconds_per_sample", to_json(point.seconds_per_sample))
      .set("joules_per_sample", to_json(line.joules))
      .set("gross_joules_per_sample", to_json(point.joules_per_sample))
      .set("idle_joules_per_sample", to_json(point.idle_joules_per_sample))
      .set("energy_ratio_to_best_digital", to_json(line.energy.to_best))
      .set("energy_ratio_at_same_batch", to_json(line.energy.to_same_batch))
      .set("time_ratio_to_fastest_digital", to_json(line.time.to_best))
      .set("time_ratio_at_same_batch", to_json(line.time.to_same_batch))
      .set("missing_terms", point.missing_terms)
      .set("assumed_terms", point.assumed_terms)
      .set("note", point.note);
}

Json reference_json(Comparison const& table, std::optional<std::size_t> index) {
  return index ? point_json(table.lines[*index]) : Json();
}

Json published_json(Comparison const& table, PublishedRow const& row) {
  return Json::object()
      .set("platform", row.platform)
      .set("network", row.network)
      .set("same_network", row.same_network(table.network.digest))
      .set("precision", row.precision)
      .set("latency", to_json(row.latency))
      .set("seconds_per_sample", to_json(row.seconds_per_sample))
      .set("joules_per_sample", to_json(row.joules_per_sample))
      .set("boundary", row.boundary)
      .set("reading", row.reading)
      .set("note", row.note)
      .set("citation", row.citation);
}

}  // namespace

std::string_view verdict(Ratio const& ratio) {
  if (!ratio.present()) return "";
  if (ratio.low.value > 1) return "less";
  return ratio.high.value < 1 ? "MORE" : "undecided";
}

std::string comparison_text(Comparison const& table, std::vector<PublishedRow> const& published) {
  auto text = title(table) + "\n" + figures(table) + ratios(table);
  if (!table.remarks.empty()) text += "\n";
  for (auto const& remark : table.remarks) text += remark + "\n";
  return text + published_text(table, published);
}

std::string comparison_csv(Comparison const& table) {
  std::vector<std::string> headings = {"file",      "platform", "mode",  "device",
                                       "precision", "batch",    "ranks", "boundary"};
  for (auto name :
       {"latency_s", "seconds_per_sample", "joules_per_sample", "idle_joules_per_sample",
        "energy_ratio_to_best_digital", "energy_ratio_at_same_batch",
        "time_ratio_to_fastest_digital", "time_ratio_at_same_batch"})
    add_headings(headings, name);
  headings.insert(headings.end(), {"joules", "missing_terms", "assumed_terms", "note"});
  core::Table rows(headings);
  for (auto const& line : table.lines) {
    auto const& point = line.point;
    std::vector<std::string> cells = {line.file,
                                      point.platform,
                                      point.mode,
                                      point.device,
                                      point.precision,
                                      fmt::format("{}", point.batch),
                                      fmt::format("{}", point.ranks),
                                      std::string(core::to_string(point.boundary))};
    add_cells(cells, point.latency);
    add_cells(cells, point.seconds_per_sample);
    add_cells(cells, line.joules);
    add_cells(cells, point.idle_joules_per_sample);
    for (auto const* ratio : {&line.energy.to_best, &line.energy.to_same_batch, &line.time.to_best,
                              &line.time.to_same_batch})
      add_cells(cells, *ratio);
    cells.insert(cells.end(), {table.rules.idle == IdleRule::gross ? "gross" : "idle subtracted",
                               point.missing_terms, point.assumed_terms, point.note});
    rows.row(cells);
  }
  return rows.csv();
}

Json comparison_json(Comparison const& table, std::vector<PublishedRow> const& published) {
  auto lines = Json::array(), remarks = Json::array(), rows = Json::array();
  for (auto const& line : table.lines) lines.push(point_json(line));
  for (auto const& remark : table.remarks) remarks.push(remark);
  for (auto const& row : published) rows.push(published_json(table, row));
  return Json::object()
      .set("verb", "compare")
      .set("network", to_json(table.network))
      .set("boundary", core::to_string(table.rules.boundary))
      .set("idle", table.rules.idle == IdleRule::gross ? "gross" : "subtracted")
      .set("any_joule_measured", table.any_joule_measured)
      .set("title", table.any_joule_measured ? "" : "NO JOULE IN THIS TABLE WAS MEASURED")
      .set("most_efficient_digital", reference_json(table, table.most_efficient))
      .set("most_efficient_digital_at_batch_1", reference_json(table, table.most_efficient_batch_1))
      .set("fastest_digital", reference_json(table, table.fastest))
      .set("fastest_digital_at_batch_1", reference_json(table, table.fastest_batch_1))
      .set("lines", lines)
      .set("remarks", remarks)
      .set("published", rows);
}

}  // namespace crossjoule::drivers
