// SPDX-License-Identifier: BSD-3-Clause
#include "core/points.hpp"

#include "core/error.hpp"

#include <fmt/ranges.h>
#include <array>
#include <limits>
#include <utility>

namespace crossjoule::core {
namespace {

constexpr std::array<std::string_view, 3> boundaries = {"device", "chip", "system"};
std::string const group = "/result/points/";

struct TextColumn {
  char const* name;
  std::string Point::*member;
  char const* description;
};
constexpr std::array<TextColumn, 7> text_columns = {{
    {"platform", &Point::platform, "what ran or was estimated"},
    {"mode", &Point::mode, "how it was used"},
    {"device", &Point::device, "cpu, cuda or analog"},
    {"precision", &Point::precision, "of the stationary products"},
    {"missing_terms", &Point::missing_terms,
     "terms of the boundary without a value; not empty: no ratio is formed"},
    {"assumed_terms", &Point::assumed_terms, "terms that are assumptions"},
    {"note", &Point::note, "a remark for the reader"},
}};

struct CountColumn {
  char const* name;
  std::int64_t Point::*member;
  char const* description;
};
constexpr std::array<CountColumn, 2> count_columns = {{
    {"batch", &Point::batch, "samples handed over at once"},
    {"ranks", &Point::ranks, "processes that took part"},
}};

/// Calls visit(name, member, description) for each figure.
template <class Visit>
void each_figure(Visit visit) {
  visit("latency", &Point::latency, "one batch, first sample in to last out (median)");
  visit("seconds_per_sample", &Point::seconds_per_sample,
        "reciprocal of the steady throughput of the whole platform");
  visit("joules_per_sample", &Point::joules_per_sample, "gross: idle power is part of it");
  visit("idle_joules_per_sample", &Point::idle_joules_per_sample,
        "the part that idle power alone would have taken");
}

template <class U>
void write_figure(H5File& file, std::vector<Point> const& points, std::string const& name,
                  Quantity<U> Point::*member, std::string const& description) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> value, low, high;
  std::vector<std::string> kind;
  for (Point const& point : points) {
    Quantity<U> const& figure = point.*member;
    value.push_back(figure.present() ? figure.value.value : none);
    low.push_back(figure.present() ? figure.low.value : none);
    high.push_back(figure.present() ? figure.high.value : none);
    kind.emplace_back(to_string(figure.kind));
  }
  std::string_view const unit = unit_symbol(U{});
  file.write(group + name, value, {unit, description});
  file.write(group + name + "_low", low, {unit, "low end of " + name});
  file.write(group + name + "_high", high, {unit, "high end of " + name});
  file.write_strings(group + name + "_kind", kind,
                     "where " + name + " comes from; absent: NaN, never 0");
}

template <class T>
void check_length(H5File const& file, std::string const& name, std::vector<T> const& column,
                  std::size_t length) {
  VALIDATE_AS(ExitCode::damaged, column.size() == length,
              "{}: {}{} has {} rows (the table has {}) write the record again",
              file.path().string(), group, name, column.size(), length);
}

template <class U>
void read_figure(H5File const& file, std::vector<Point>& points, std::string const& name,
                 Quantity<U> Point::*member) {
  auto const value = file.read<double>(group + name),
             low = file.read<double>(group + name + "_low"),
             high = file.read<double>(group + name + "_high");
  auto const kind = file.read_strings(group + name + "_kind");
  check_length(file, name, value, points.size());
  check_length(file, name + "_low", low, points.size());
  check_length(file, name + "_high", high, points.size());
  check_length(file, name + "_kind", kind, points.size());
  for (std::size_t i = 0; i < points.size(); ++i)
    if (Kind const origin = kind_from(kind[i]); origin != Kind::absent)
      points[i].*member = {U{low[i]}, U{value[i]}, U{high[i]}, origin};
}

}  // namespace

std::string_view to_string(Boundary boundary) {
  return boundaries[static_cast<std::size_t>(boundary)];
}

Boundary boundary_from(std::string_view text) {
  for (std::size_t i = 0; i < boundaries.size(); ++i)
    if (boundaries[i] == text) return static_cast<Boundary>(i);
  fail(ExitCode::bad_input, "'{}' is no boundary (must be one of {}) choose one", text,
       fmt::join(boundaries, ", "));
}

void write_points(H5File& file, std::vector<Point> const& points) {
  for (auto const& [name, member, description] : text_columns) {
    std::vector<std::string> column;
    for (Point const& point : points) column.push_back(point.*member);
    file.write_strings(group + name, column, description);
  }
  for (auto const& [name, member, description] : count_columns) {
    std::vector<std::int64_t> column;
    for (Point const& point : points) column.push_back(point.*member);
    file.write(group + name, column, {"1", description});
  }
  std::vector<std::string> boundary;
  for (Point const& point : points) boundary.emplace_back(to_string(point.boundary));
  file.write_strings(group + "boundary", boundary,
                     "what the figures include: device, chip or system");
  each_figure([&](std::string const& name, auto member, char const* description) {
    write_figure(file, points, name, member, description);
  });
}

std::vector<Point> read_points(H5File const& file) {
  VALIDATE(file.exists(group),
           "{} has no /result/points (it is no record of infer or estimate) give one of those",
           file.path().string());
  auto const boundary = file.read_strings(group + "boundary");
  std::vector<Point> points(boundary.size());
  for (std::size_t i = 0; i < points.size(); ++i) points[i].boundary = boundary_from(boundary[i]);
  for (auto const& [name, member, description] : text_columns) {
    auto const column = file.read_strings(group + name);
    check_length(file, name, column, points.size());
    for (std::size_t i = 0; i < points.size(); ++i) points[i].*member = column[i];
  }
  for (auto const& [name, member, description] : count_columns) {
    auto const column = file.read<std::int64_t>(group + name);
    check_length(file, name, column, points.size());
    for (std::size_t i = 0; i < points.size(); ++i) points[i].*member = column[i];
  }
  each_figure([&](std::string const& name, auto member, char const*) {
    read_figure(file, points, name, member);
  });
  return points;
}

}  // namespace crossjoule::core
