// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/inspect_table.hpp"

#include "core/error.hpp"
#include "core/points.hpp"
#include "drivers/inspect_check.hpp"

#include <cmath>
#include <set>

namespace crossjoule::drivers {
namespace {

std::vector<std::string> cells_of(core::H5File const& file, std::string const& name) {
  if (file.type_name(name) == "text") return file.read_strings(name);
  std::vector<std::string> cells;
  if (file.is_floating(name))
    for (double value : file.read<double>(name))
      cells.push_back(std::isnan(value) ? "" : fmt::format("{}", value));
  else
    for (std::int64_t value : file.read<std::int64_t>(name))
      cells.push_back(fmt::format("{}", value));
  return cells;
}

bool is_column(core::H5File const& file, std::string const& name) {
  if (file.is_group(name) || file.shape(name).size() != 1) return false;
  std::string const type = file.type_name(name);
  if (type == "uint8" && file.has_attribute(name, "description")) return false;  // text as bytes
  return type == "text" || type.starts_with("float") || type.starts_with("int") ||
         type.starts_with("uint");
}

std::string heading(core::H5File const& file, std::string const& group, std::string const& column) {
  std::string const name = group + "/" + column;
  std::string const unit =
      file.has_attribute(name, "unit") ? file.attribute_text(name, "unit") : "";
  return unit.empty() || unit == "1" ? column : fmt::format("{} [{}]", column, unit);
}

/// Columns of the length that the first one has; groups of mixed lengths are no table.
std::vector<std::string> columns_of(core::H5File const& file, std::string const& group) {
  std::vector<std::string> columns;
  std::int64_t rows = -1;
  for (std::string const& child : file.children(group)) {
    std::string const name = group + "/" + child;
    if (!file.exists(name) || !is_column(file, name)) continue;
    std::int64_t const length = file.shape(name)[0];
    if (rows >= 0 && length != rows) return {};
    rows = length;
    columns.push_back(child);
  }
  return columns;
}

core::Table read_table(core::H5File const& file, std::string const& group,
                       std::vector<std::string> const& columns) {
  std::vector<std::string> headings;
  std::vector<std::vector<std::string>> cells;
  for (std::string const& column : columns) {
    headings.push_back(heading(file, group, column));
    cells.push_back(cells_of(file, group + "/" + column));
  }
  core::Table table(headings);
  for (std::size_t row = 0; row < cells.front().size(); ++row) {
    std::vector<std::string> line;
    for (auto const& column : cells) line.push_back(column[row]);
    table.row(line);
  }
  return table;
}

}  // namespace

std::vector<NamedTable> find_tables(core::H5File const& file) {
  std::vector<std::string> groups;
  if (!is_record(file)) {
    groups = file.all_names();
    groups.insert(groups.begin(), "");
  } else if (file.exists("/result/points")) {
    groups = {"/result/points"};
  } else {
    for (std::string const& name : file.all_names())
      if (name == "/result" || name.starts_with("/result/")) groups.push_back(name);
  }
  std::vector<NamedTable> tables;
  for (std::string const& group : groups) {
    if (!file.is_group(group)) continue;
    if (auto const columns = columns_of(file, group); !columns.empty())
      tables.push_back({group.empty() ? "/" : group, read_table(file, group, columns)});
  }
  return tables;
}

std::string points_text(core::H5File const& file) {
  core::Table table({"platform", "mode", "device", "precision", "batch", "ranks", "boundary",
                     "latency", "s/sample", "J/sample", "kind of J"});
  std::set<std::string> missing, assumed;
  for (core::Point const& point : core::read_points(file)) {
    bool const partial = !point.missing_terms.empty();
    // a sum that lacks a term must not look like a total
    auto marked = [&](auto const& figure) {
      return core::with_interval(figure) + (partial && figure.present() ? " +" : "");
    };
    table.row({point.platform, point.mode, point.device, point.precision,
               fmt::format("{}", point.batch), fmt::format("{}", point.ranks),
               std::string(core::to_string(point.boundary)), marked(point.latency),
               marked(point.seconds_per_sample), marked(point.joules_per_sample),
               std::string(core::to_string(point.joules_per_sample.kind))});
    if (partial)
      missing.insert(fmt::format("{}: {}", core::to_string(point.boundary), point.missing_terms));
    if (!point.assumed_terms.empty())
      assumed.insert(fmt::format("{}: {}", core::to_string(point.boundary), point.assumed_terms));
  }
  std::string text = table.text();
  for (std::string const& terms : missing)
    text += "+ partial, terms without a value, " + terms + '\n';
  for (std::string const& terms : assumed) text += "assumed, " + terms + '\n';
  return text;
}

}  // namespace crossjoule::drivers
