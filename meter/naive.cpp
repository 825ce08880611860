// SPDX-License-Identifier: BSD-3-Clause
#include "meter/naive.hpp"

#include "core/error.hpp"
#include "meter/values.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace crossjoule::meter {

double tdp_watt(double tdp, double) { return tdp; }
double constant_watt(double tdp, double) { return 0.5 * tdp; }
double codecarbon_watt(double tdp, double load) { return tdp * (0.1 + 0.9 * load * load * load); }
double linear_watt(double tdp, double load) { return tdp * (0.2 + 0.8 * load); }
double codecarbon_memory_watt(double gigabytes) { return 3 * gigabytes / 8; }

std::vector<Estimator> const& estimators() {
  static std::vector<Estimator> const all = {{"TDP x time", tdp_watt},
                                             {"CodeCarbon, constant (TDP / 2)", constant_watt},
                                             {"CodeCarbon, load (0.1 + 0.9 u^3)", codecarbon_watt},
                                             {"linear in the load, idle 20 %", linear_watt}};
  return all;
}

namespace {

struct Row {
  double rapl, estimate, load, wall;
};

EstimatorError error_of(std::string name, std::vector<Row> const& rows,
                        std::vector<double> const& estimate) {
  EstimatorError error{std::move(name), 0, 0};
  double off = 0, sum = 0;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    error.mean_absolute_share += std::abs(estimate[k] - rows[k].rapl) / rows[k].rapl;
    off += estimate[k] - rows[k].rapl, sum += rows[k].rapl;
  }
  error.mean_absolute_share /= static_cast<double>(rows.size());
  error.bias_share = off / sum;
  return error;
}

}  // namespace

LoadProfile read_load_profile(std::string_view text, std::string const& name, double tdp) {
  CsvReader reader(text);
  auto const heading = reader.next().value_or(std::vector<std::string>{});
  auto const at = [&](char const* column) {
    auto const found = std::find(heading.begin(), heading.end(), column);
    VALIDATE(found != heading.end(),
             "{} is no load profile (no column {}) give one of CodeCarbon's", name, column);
    return static_cast<std::size_t>(found - heading.begin());
  };
  auto const rapl = at("rapl_power"), estimate = at("estimated_power"), load = at("cpu_load"),
             wall = at("tapo_power"), cpu = at("cpu_name");
  LoadProfile profile;
  std::vector<Row> rows;
  for (bool is_first = true; auto const row = reader.next(); is_first = false) {
    ++profile.rows;
    auto const cell = [&](std::size_t k) {
      return k < row->size() ? parse_number((*row)[k]) : std::nullopt;
    };
    auto const r = cell(rapl), e = cell(estimate), u = cell(load), w = cell(wall);
    if (is_first || !r || !e || !u || *r <= 0) {
      ++profile.dropped;
      continue;
    }
    if (cpu < row->size()) profile.cpu = (*row)[cpu];
    bool const has_plug = w && *w > 0;  // it writes 0 where there was none
    rows.push_back({*r, *e, std::clamp(*u / 100, 0.0, 1.0),
                    has_plug ? *w : std::numeric_limits<double>::quiet_NaN()});
  }
  VALIDATE(!rows.empty(),
           "{} holds no rows behind the first (which is a start-up artefact) give a "
           "whole profile",
           name);
  std::vector<double> values;
  for (auto const& row : rows) {
    values.push_back(row.estimate);
    profile.rapl_watt.push_back(row.rapl), profile.wall_watt.push_back(row.wall);
  }
  profile.errors.push_back(error_of("the file's estimate", rows, values));
  for (auto const& estimator : estimators()) {
    if (!(tdp > 0)) break;
    values.clear();
    for (auto const& row : rows) values.push_back(estimator.watt(tdp, row.load));
    profile.errors.push_back(error_of(std::string(estimator.name), rows, values));
  }
  profile.wall = fit_wall({profile});
  return profile;
}

std::optional<LoadProfile::Line> fit_wall(std::vector<LoadProfile> const& profiles) {
  double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0, syy = 0;
  for (auto const& profile : profiles)
    for (std::size_t k = 0; k < profile.wall_watt.size(); ++k) {
      double const x = profile.rapl_watt[k], y = profile.wall_watt[k];
      if (!std::isfinite(y)) continue;
      n += 1, sx += x, sy += y, sxx += x * x, sxy += x * y, syy += y * y;
    }
  double const xx = n * sxx - sx * sx, yy = n * syy - sy * sy, xy = n * sxy - sx * sy;
  if (n < 3 || !(xx > 0) || !(yy > 0)) return {};
  LoadProfile::Line line;
  line.slope = xy / xx, line.offset_watt = (sy - line.slope * sx) / n;
  line.r2 = xy * xy / (xx * yy), line.rows = static_cast<std::int64_t>(n);
  return line;
}

}  // namespace crossjoule::meter
