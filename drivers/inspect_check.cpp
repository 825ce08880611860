// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/inspect_check.hpp"

#include "core/error.hpp"
#include "core/points.hpp"
#include "core/quantity.hpp"
#include "core/record.hpp"
#include "drivers/network_groups.hpp"

#include <array>
#include <cmath>
#include <utility>

namespace crossjoule::drivers {
namespace {

using Problems = std::vector<std::string>;

void require_attributes(core::H5File const& file, std::string const& group,
                        std::vector<std::string> const& names, Problems& problems) {
  for (std::string const& name : names)
    if (!file.has_attribute(group, name))
      problems.push_back(fmt::format("{} has no attribute {}", group, name));
    else if (name != "path" && file.attribute_text(group, name).empty())
      problems.push_back(fmt::format("attribute {} of {} is empty", name, group));
}

void check_version(core::H5File const& file, Problems& problems) {
  if (!file.has_attribute("/meta", "format_version")) return;
  std::int64_t const version = file.read_attribute_integer("/meta", "format_version");
  if (version < 1 || version > core::Record::format_version)
    problems.push_back(
        fmt::format("format version {} is not known (this program knows 1 to {}): use a newer one",
                    version, core::Record::format_version));
}

void check_array(core::H5File const& file, std::string const& name, Problems& problems) {
  for (char const* label : {"unit", "description"})
    if (!file.has_attribute(name, label) || file.attribute_text(name, label).empty())
      problems.push_back(fmt::format("{} has no {}", name, label));
  if (!file.has_attribute(name, "xxh3_128")) problems.push_back(name + " has no digest");
}

bool is_kind(std::string const& text) {
  try {
    core::kind_from(text);
    return true;
  } catch (core::Error const&) {
    return false;
  }
}

/// A group with attributes `kind` and `unit` is a figure: numbers with a unit, or none at all. (A
/// sensor's channel has them too, with a `backend`: the kind and unit of its readings.)
void check_figure(core::H5File const& file, std::string const& name, Problems& problems) {
  if (!file.has_attribute(name, "kind") || !file.has_attribute(name, "unit")) return;
  if (file.has_attribute(name, "backend")) return;
  std::string const kind = file.attribute_text(name, "kind");
  if (!is_kind(kind)) {
    problems.push_back(fmt::format("{} is of the unknown kind '{}'", name, kind));
    return;
  }
  bool const present = core::kind_from(kind) != core::Kind::absent;
  for (char const* part : {"low", "value", "high"})
    if (file.has_attribute(name, part) != present)
      problems.push_back(
          fmt::format("{} is {} but {} {}", name, kind, present ? "has no" : "has a", part));
  if (!present || !file.has_attribute(name, "low") || !file.has_attribute(name, "high") ||
      !file.has_attribute(name, "value"))
    return;
  double const low = file.read_attribute_number(name, "low"),
               value = file.read_attribute_number(name, "value"),
               high = file.read_attribute_number(name, "high");
  if (!(low <= value && value <= high))  // also false for NaN
    problems.push_back(
        fmt::format("{} is out of order: low {}, value {}, high {}", name, low, value, high));
}

template <class U>
void check_interval(std::size_t row, char const* name, core::Quantity<U> const& figure,
                    Problems& problems) {
  if (!figure.present()) return;
  bool const ordered = figure.low <= figure.value && figure.value <= figure.high;
  if (!ordered || !(figure.low.value >= 0) || !std::isfinite(figure.high.value))
    problems.push_back(
        fmt::format("row {} of /result/points: {} is out of order (low {}, value {}, high {})", row,
                    name, figure.low.value, figure.value.value, figure.high.value));
}

void check_points(core::H5File const& file, Problems& problems) try {
  if (!file.exists("/result/points")) return;
  std::vector<core::Point> const points = core::read_points(file);
  for (std::size_t row = 0; row < points.size(); ++row) {
    core::Point const& point = points[row];
    check_interval(row, "latency", point.latency, problems);
    check_interval(row, "seconds_per_sample", point.seconds_per_sample, problems);
    check_interval(row, "joules_per_sample", point.joules_per_sample, problems);
    check_interval(row, "idle_joules_per_sample", point.idle_joules_per_sample, problems);
    if (point.batch < 1 || point.ranks < 1)
      problems.push_back(fmt::format("row {} of /result/points: batch {} on {} ranks", row,
                                     point.batch, point.ranks));
    if (point.platform.empty())
      problems.push_back(fmt::format("row {} of /result/points names no platform", row));
  }
} catch (core::Error const& error) {
  problems.push_back(error.what());
}

}  // namespace

bool is_record(core::H5File const& file) {
  return file.has_attribute("/meta", "format") &&
         file.attribute_text("/meta", "format") == "crossjoule-record";
}

std::vector<std::string> find_problems(core::H5File const& file) {
  Problems problems;
  if (!is_record(file)) return problems;
  require_attributes(file, "/meta", {"format", "format_version", "verb", "created_utc", "command"},
                     problems);
  require_attributes(file, "/input", {"path"}, problems);
  require_attributes(file, "/build",
                     {"version", "commit", "compiler", "host_tuning", "mpi", "hdf5"}, problems);
  require_attributes(file, "/system", {"host", "cpu_model", "memory_bytes", "kernel"}, problems);
  if (!file.exists("/input/config"))
    problems.push_back("/input/config, the configuration, is missing");
  if (file.exists("/graph")) {
    require_attributes(file, "/graph", {"name", "digest", "params", "macs"}, problems);
    if (auto const wrong = graph_contradiction(file); !wrong.empty()) problems.push_back(wrong);
  }
  check_version(file, problems);
  if (file.exists("/error"))
    problems.push_back("the run failed: " + (file.has_attribute("/error", "message")
                                                 ? file.attribute_text("/error", "message")
                                                 : std::string("(no message)")));
  for (std::string const& name : file.all_names()) {
    if (file.is_group(name))
      check_figure(file, name, problems);
    else
      check_array(file, name, problems);
  }
  check_points(file, problems);
  return problems;
}

}  // namespace crossjoule::drivers
