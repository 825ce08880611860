// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/waterfall.hpp"

#include "core/error.hpp"
#include "core/h5file.hpp"
#include "core/table.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace crossjoule::drivers {
namespace {

using core::Boundary, core::Joules, core::Kind, core::Point, core::Quantity;

/// Digital lines with joules within the boundary system.
std::vector<Point> digital_lines(std::vector<Source> const& sources) {
  std::vector<Point> lines;
  for (auto const& source : sources)
    for (auto const& point : source.points)
      if (point.device != "analog" && point.boundary == Boundary::system &&
          point.joules_per_sample.present())
        lines.push_back(point);
  return lines;
}

template <class Keep, class Better>
Point const* best(std::vector<Point> const& lines, Keep&& keep, Better&& better) {
  Point const* found = nullptr;
  for (auto const& line : lines)
    if (keep(line) &&
        (!found || better(line.joules_per_sample.value, found->joules_per_sample.value)))
      found = &line;
  return found;
}

/// Parts of the last batch of one chip's mode, as the record's groups hold them.
struct Parts {
  core::H5File const& file;
  std::string group;
  std::size_t batch;

  Quantity<Joules> sum(std::vector<char const*> const& names) const {
    Quantity<Joules> total = Quantity<Joules>::exactly({0}, Kind::modelled);
    bool any = false;
    for (auto const* name : names) {
      auto const path = group + "/parts/system/" + name;
      if (!file.exists(path + "_value")) continue;
      auto number = [&](char const* end) { return file.read<double>(path + end).at(batch); };
      auto const value = number("_value");
      if (std::isnan(value)) continue;
      any = true;
      total =
          total + Quantity<Joules>{{number("_low")}, {value}, {number("_high")}, Kind::modelled};
    }
    return any ? total : Quantity<Joules>{};
  }
};

/// The parts in the order in which they are added.
struct Step {
  char const *assumption, *meaning;
  std::vector<char const*> parts;
};
std::vector<Step> const& steps() {
  static std::vector<Step> const all = {
      {"digital parts", "the chip's digital units count", {"digital"}},
      {"links", "moving activations on the chip counts", {"links"}},
      {"static", "every powered tile counts for the whole latency", {"static"}},
      {"amortisation", "programming and calibration count", {"programming", "calibration"}},
      {"host link", "moving inputs and outputs counts", {"host_link"}},
      {"host", "the host that waits counts", {"host_idle"}},
  };
  return all;
}

Waterfall of_chip(std::string const& path, core::H5File const& file, std::string const& chip,
                  std::vector<Point> const& digital) {
  auto const root = "/result/estimate/" + chip;
  std::string flattering, honest;
  for (auto const& mode : file.children(root)) {
    auto const group = root + "/" + mode;
    bool const is_peak = file.read_attribute_text(group, "standing") == "peak";
    (is_peak ? flattering : honest) = group;
  }
  if (honest.empty()) honest = flattering;
  if (flattering.empty()) flattering = honest;
  auto const batches = file.read<std::int64_t>(honest + "/parts/batch");
  auto const last =
      static_cast<std::size_t>(std::max_element(batches.begin(), batches.end()) - batches.begin());
  Waterfall result{path, chip, honest.substr(root.size() + 1), {}};

  auto less = [](Joules a, Joules b) { return a < b; };
  auto more = [](Joules a, Joules b) { return b < a; };
  auto single = [](Point const& point) { return point.batch == 1; };
  auto any = [](Point const&) { return true; };
  auto const* dearest = best(digital, single, more);
  if (!dearest) dearest = best(digital, any, more);
  auto same_precision = [&](Point const& point) { return point.precision == dearest->precision; };
  auto const* best_batch = best(digital, same_precision, less);
  auto const* best_line = best(digital, any, less);

  std::vector<char const*> const arrays = {"mvm", "array", "dac", "adc"};
  Parts const peak{file, flattering, last}, sustained{file, honest, last};
  auto bar = [&](std::string assumption, std::string meaning, Point const& line,
                 Quantity<Joules> const& analog) {
    result.bars.push_back(
        {std::move(assumption), std::move(meaning), ratio(line.joules_per_sample, analog)});
  };
  auto analog = peak.sum(arrays);
  bar("most flattering",
      fmt::format("{} {} at batch {} against arrays alone, {}", dearest->platform,
                  dearest->precision, dearest->batch, flattering.substr(root.size() + 1)),
      *dearest, analog);
  bar("batch", fmt::format("digital at its best batch, {}", best_batch->batch), *best_batch,
      analog);
  bar("precision", fmt::format("digital at its best precision, {}", best_line->precision),
      *best_line, analog);
  analog = sustained.sum(arrays);
  bar("read mode", "the mode whose accuracy was shown", *best_line, analog);
  for (auto const& step : steps()) {
    auto const added = sustained.sum(step.parts);
    if (added.present()) analog = analog + added;
    bar(step.assumption, added.present() ? step.meaning : "no figure: not counted", *best_line,
        analog);
  }
  return result;
}

}  // namespace

std::vector<Waterfall> waterfalls(std::vector<std::filesystem::path> const& records,
                                  std::vector<Source> const& sources) {
  auto const digital = digital_lines(sources);
  VALIDATE(!digital.empty(),
           "no record has a digital line with joules (a waterfall divides by the chip's) name a "
           "record of infer too");
  std::vector<Waterfall> all;
  for (auto const& path : records) {
    auto const file = core::H5File::open(path);
    if (!file.exists("/result/estimate")) continue;
    for (auto const& chip : file.children("/result/estimate"))
      all.push_back(of_chip(path.string(), file, chip, digital));
  }
  VALIDATE(!all.empty(),
           "no record holds an estimate (a waterfall is that of a chip) name a record "
           "of estimate too");
  return all;
}

std::string waterfall_text(std::vector<Waterfall> const& all) {
  std::string text;
  for (auto const& each : all) {
    core::Table table({"assumption made honest", "digital / analog joules", "from here on"});
    for (auto const& bar : each.bars)
      table.row({bar.assumption, core::with_interval(bar.ratio), bar.meaning});
    text += fmt::format(
                "\nFrom the most flattering to the most honest ratio, {} {} ({}), longest batch; "
                "analog joules are modelled\n",
                each.chip, each.mode, each.file) +
            table.text();
  }
  return text;
}

Json waterfall_json(std::vector<Waterfall> const& all) {
  auto list = Json::array();
  for (auto const& each : all) {
    auto bars = Json::array();
    for (auto const& bar : each.bars)
      bars.push(Json::object()
                    .set("assumption", bar.assumption)
                    .set("meaning", bar.meaning)
                    .set("ratio", to_json(bar.ratio)));
    list.push(Json::object()
                  .set("file", each.file)
                  .set("chip", each.chip)
                  .set("mode", each.mode)
                  .set("bars", bars));
  }
  return list;
}

}  // namespace crossjoule::drivers
