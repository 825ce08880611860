// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/validate_print.hpp"

#include "core/table.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cmath>

namespace crossjoule::drivers {
namespace {

using aimc::Evidence, aimc::ValidationResult, aimc::TableOnly;

struct Summary {
  Evidence evidence = Evidence::identity;
  std::int64_t rows = 0, failed = 0, covered = 0;
  double mean = 0, worst = 0;  ///< of |error|
};

std::vector<Summary> summaries(std::vector<ValidationResult> const& results) {
  std::vector<Summary> all;
  for (std::size_t k = 0; k < aimc::evidence_count; ++k) {
    Summary summary{static_cast<Evidence>(k), 0, 0, 0, 0, 0};
    for (auto const& result : results) {
      if (result.row.evidence != summary.evidence) continue;
      ++summary.rows;
      summary.failed += result.passed() ? 0 : 1;
      summary.covered += result.is_covered() ? 1 : 0;
      summary.mean += std::abs(result.error());
      summary.worst = std::max(summary.worst, std::abs(result.error()));
    }
    if (summary.rows == 0) continue;
    summary.mean /= static_cast<double>(summary.rows);
    all.push_back(summary);
  }
  return all;
}

std::string class_of(ValidationResult const& result) {
  std::string name(aimc::to_string(result.row.evidence));
  bool const says_so = result.row.evidence == Evidence::fitted;
  if (result.row.is_fitted && !says_so) name += ", fitted";
  return result.row.band_is_fitted ? name + ", band fitted" : name;
}

std::string percent(double share) { return fmt::format("{:.2f} %", 100 * share); }
/// "+0.00 %" has no sign of its own.
std::string signed_percent(double share) {
  auto const text = fmt::format("{:+.2f} %", 100 * share);
  return text == "-0.00 %" || text == "+0.00 %" ? "0.00 %" : text;
}
std::string figure(double value, std::string const& unit) {
  return fmt::format("{:.6g} {}", value, unit == "1" ? "" : unit);
}

std::string verdict(std::vector<ValidationResult> const& results) {
  auto const failed = std::count_if(results.begin(), results.end(),
                                    [](ValidationResult const& each) { return !each.passed(); });
  if (failed == 0) return fmt::format("all {} rows within their bands", results.size());
  return fmt::format("{} of {} rows left their bands", failed, results.size());
}

std::vector<std::string> cells(ValidationResult const& result) {
  return {result.row.id,
          figure(result.row.published, result.row.unit),
          figure(result.computed, result.row.unit),
          signed_percent(result.error()),
          percent(result.row.band),
          result.is_covered() ? "yes" : "no",
          class_of(result),
          result.passed() ? "ok" : "LEFT ITS BAND"};
}

std::string bar(std::vector<std::string> const& parts) {
  std::string text = "|";
  for (auto const& part : parts) text += fmt::format(" {} |", part);
  return text + "\n";
}

}  // namespace

bool all_passed(std::vector<ValidationResult> const& results) {
  return std::all_of(results.begin(), results.end(),
                     [](ValidationResult const& each) { return each.passed(); });
}

std::string validation_text(std::vector<ValidationResult> const& results,
                            std::vector<TableOnly> const& table_only) {
  core::Table table(
      {"row", "published", "computed", "error", "band", "in our interval", "class", "verdict"});
  for (auto const& result : results) table.row(cells(result));
  core::Table classes(
      {"class", "rows", "mean |error|", "largest", "in our interval", "left their band"});
  for (auto const& each : summaries(results))
    classes.row({std::string(aimc::to_string(each.evidence)), fmt::format("{}", each.rows),
                 percent(each.mean), percent(each.worst), fmt::format("{}", each.covered),
                 fmt::format("{}", each.failed)});
  auto text = table.text() + "\nOnly blind-silicon counts as fidelity.\n" + classes.text();
  if (!table_only.empty()) text += "\nPublished, not recomputed\n";
  for (auto const& each : table_only)
    text += fmt::format("  {}: {} ({})\n", each.id, each.figure, each.reason);
  return text + "\n" + verdict(results) + "\n";
}

Json validation_json(std::vector<ValidationResult> const& results,
                     std::vector<TableOnly> const& table_only) {
  auto rows = Json::array(), classes = Json::array(), others = Json::array();
  for (auto const& result : results) {
    auto design = Json::object();
    for (auto const& [knob, value] : result.row.design) design.set(knob, value);
    rows.push(Json::object()
                  .set("id", result.row.id)
                  .set("chip", result.row.chip)
                  .set("mode", result.row.mode)
                  .set("design", design)
                  .set("network", result.row.network)
                  .set("quantity", result.row.quantity)
                  .set("unit", result.row.unit)
                  .set("published", result.row.published)
                  .set("computed", result.computed)
                  .set("error", result.error())
                  .set("low", result.low)
                  .set("high", result.high)
                  .set("in_interval", result.is_covered())
                  .set("band", result.row.band)
                  .set("band_fitted", result.row.band_is_fitted)
                  .set("class", aimc::to_string(result.row.evidence))
                  .set("fitted", result.row.is_fitted)
                  .set("passed", result.passed())
                  .set("citation", result.row.citation));
  }
  for (auto const& each : summaries(results))
    classes.push(Json::object()
                     .set("class", aimc::to_string(each.evidence))
                     .set("rows", each.rows)
                     .set("mean_error", each.mean)
                     .set("largest_error", each.worst)
                     .set("in_interval", each.covered)
                     .set("failed", each.failed));
  for (auto const& each : table_only)
    others.push(Json::object()
                    .set("id", each.id)
                    .set("figure", each.figure)
                    .set("reason", each.reason)
                    .set("citation", each.citation));
  return Json::object()
      .set("verb", "validate")
      .set("kind", "modelled")
      .set("passed", all_passed(results))
      .set("rows", rows)
      .set("classes", classes)
      .set("table_only", others);
}

std::string validation_markdown(std::vector<ValidationResult> const& results,
                                std::vector<TableOnly> const& table_only) {
  std::string text =
      "<!-- SPDX-License-Identifier: BSD-3-Clause -->\n"
      "<!-- Made by crossjoule validate --set markdown=docs/validation_table.md --force; do not "
      "edit. -->\n"
      "# Published figures, recomputed\n\n"
      "What the classes mean and how to add a row: docs/validation.md. Only blind-silicon counts "
      "as "
      "fidelity. A band guards against change and claims nothing: the error does.\n\n";
  text += bar({"class", "rows", "mean error", "largest", "in our interval", "left their band"}) +
          "|---|---|---|---|---|---|\n";
  for (auto const& each : summaries(results))
    text += bar({std::string(aimc::to_string(each.evidence)), fmt::format("{}", each.rows),
                 percent(each.mean), percent(each.worst), fmt::format("{}", each.covered),
                 fmt::format("{}", each.failed)});
  text += "\n";
  text += bar({"row", "published", "computed", "error", "band", "in our interval", "class",
               "verdict"}) +
          "|---|---|---|---|---|---|---|---|\n";
  for (auto const& result : results) text += bar(cells(result));
  text += "\n## Published, not recomputed\n\n" + bar({"row", "figure", "why not", "source"}) +
          "|---|---|---|---|\n";
  for (auto const& each : table_only)
    text += bar({each.id, each.figure, each.reason, each.citation});
  return text;
}

}  // namespace crossjoule::drivers
