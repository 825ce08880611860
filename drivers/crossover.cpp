// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/crossover.hpp"

#include "core/table.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

namespace crossjoule::drivers {
namespace {

using aimc::CostLaw, aimc::Crossover, core::Point;

using Name = std::tuple<std::string, std::string, std::string>;  // platform, mode, precision
using Series = std::map<Name, std::vector<Point>>;

Series series(std::vector<Point> const& points, bool (*keep)(Point const&)) {
  Series all;
  for (auto const& point : points) {
    bool const at_rate = point.device == "analog" && !point.seconds_per_sample.present();
    if (point.boundary != core::Boundary::system || at_rate || !keep(point)) continue;
    all[{point.platform, point.mode, point.precision}].push_back(point);
  }
  return all;
}

/// Laws of one series at low, value and high, and what they rest on.
struct Laws {
  CostLaw low, value, high;
  std::size_t batches = 0;
  core::Kind kind = core::Kind::measured_counter;
};

template <class Of>
Laws laws_of(std::vector<Point> const& points, Of&& of) {
  std::vector<double> batches, low, value, high;
  Laws laws;
  for (auto const& point : points) {
    auto const& figure = of(point);
    if (!figure.present() || !(figure.low.value > 0)) continue;
    if (std::find(batches.begin(), batches.end(), static_cast<double>(point.batch)) ==
        batches.end())
      ++laws.batches;
    batches.push_back(static_cast<double>(point.batch));
    low.push_back(figure.low.value);
    value.push_back(figure.value.value);
    high.push_back(figure.high.value);
    laws.kind = core::worst(laws.kind, figure.kind);
  }
  if (batches.empty()) return laws;
  laws.low = aimc::fit_cost_law(batches, low);
  laws.value = aimc::fit_cost_law(batches, value);
  laws.high = aimc::fit_cost_law(batches, high);
  return laws;
}

CrossoverLine line_of(Series::value_type const& chip, Series::value_type const& device,
                      std::string const& quantity, Laws const& of_chip, Laws const& of_device) {
  CrossoverLine line;
  line.chip = std::get<0>(chip.first);
  line.mode = std::get<1>(chip.first);
  line.device = fmt::format("{}, {}, {}", std::get<0>(device.first), std::get<1>(device.first),
                            std::get<2>(device.first));
  line.quantity = quantity;
  line.missing = chip.second.front().missing_terms;
  line.batches = of_device.batches;
  if (line.batches < 2 || of_chip.batches == 0) {
    line.batches = 0;
    return line;
  }
  line.kind = of_device.kind;
  line.fit_error = of_device.value.fit_error;
  line.value = aimc::crossover(of_device.value, of_chip.value);
  line.early = aimc::crossover(of_device.low, of_chip.high);
  line.late = aimc::crossover(of_device.high, of_chip.low);
  return line;
}

std::string words(Crossover const& crossing) {
  switch (crossing.when) {
    case Crossover::When::from_batch: return fmt::format("{:.3g}", crossing.batch);
    case Crossover::When::never: return "never";
    case Crossover::When::always: return "1";
    case Crossover::When::below_batch: return fmt::format("only below {:.3g}", crossing.batch);
  }
  return "";
}

std::string_view name(Crossover::When when) {
  switch (when) {
    case Crossover::When::from_batch: return "from-batch";
    case Crossover::When::never: return "never";
    case Crossover::When::always: return "always";
    case Crossover::When::below_batch: return "below-batch";
  }
  return "";
}

Json crossing_json(Crossover const& crossing) {
  auto json = Json::object().set("when", name(crossing.when));
  return json.set("batch", crossing.when == Crossover::When::never ? Json() : Json(crossing.batch));
}

}  // namespace

std::vector<CrossoverLine> crossovers(std::vector<Point> const& points) {
  auto const chips = series(points, [](Point const& point) { return point.device == "analog"; });
  auto const devices = series(points, [](Point const& point) { return point.device != "analog"; });
  auto joules = [](Point const& point) -> auto const& { return point.joules_per_sample; };
  auto seconds = [](Point const& point) -> auto const& { return point.seconds_per_sample; };
  std::vector<CrossoverLine> lines;
  for (auto const& chip : chips)
    for (auto const& device : devices) {
      lines.push_back(line_of(chip, device, "energy", laws_of(chip.second, joules),
                              laws_of(device.second, joules)));
      lines.push_back(line_of(chip, device, "time", laws_of(chip.second, seconds),
                              laws_of(device.second, seconds)));
    }
  return lines;
}

std::string crossover_text(std::vector<CrossoverLine> const& lines) {
  if (lines.empty()) return "";
  core::Table table(
      {"chip", "mode", "against", "in", "N*", "earliest", "latest", "law of the device"});
  bool any_partial = false;
  for (auto const& line : lines) {
    if (line.batches == 0) {
      table.row({line.chip, line.mode, line.device, line.quantity, "-", "-", "-",
                 "fewer than two batches with figures"});
      continue;
    }
    any_partial |= !line.missing.empty();
    table.row({line.chip, line.mode, line.device, line.quantity,
               words(line.value) + (line.missing.empty() ? "" : " +"), words(line.early),
               words(line.late),
               fmt::format("{}, {} batches, within {:.1f} %", core::to_string(line.kind),
                           line.batches, 100 * line.fit_error)});
  }
  return "\nCrossover: batch N* from which the digital device takes less per sample (boundary "
         "system)\n" +
         table.text() +
         (any_partial ? "+ the chip's sum is partial: N* is an upper bound, and \"never\" is not "
                        "settled\n"
                      : "");
}

Json crossover_json(std::vector<CrossoverLine> const& lines) {
  auto all = Json::array();
  for (auto const& line : lines) {
    auto json = Json::object()
                    .set("chip", line.chip)
                    .set("mode", line.mode)
                    .set("against", line.device)
                    .set("quantity", line.quantity)
                    .set("kind", core::to_string(line.kind))
                    .set("missing_terms", line.missing)
                    .set("batches", static_cast<std::int64_t>(line.batches));
    if (line.batches > 0)
      json.set("fit_error", line.fit_error)
          .set("value", crossing_json(line.value))
          .set("earliest", crossing_json(line.early))
          .set("latest", crossing_json(line.late));
    all.push(json);
  }
  return all;
}

void write(core::Record& record, std::vector<CrossoverLine> const& lines) {
  if (lines.empty()) return;
  auto& file = record.file();
  std::string const group = "/result/crossover/";
  auto text = [&](char const* column, char const* what, auto&& of) {
    std::vector<std::string> values;
    for (auto const& line : lines) values.emplace_back(of(line));
    file.write_strings(group + column, values, what);
  };
  using Line = CrossoverLine;
  text("chip", "preset", [](Line const& l) { return l.chip; });
  text("mode", "read mode", [](Line const& l) { return l.mode; });
  text("against", "platform, mode, precision of the digital device",
       [](Line const& l) { return l.device; });
  text("quantity", "energy or time", [](Line const& l) { return l.quantity; });
  text("kind", "of the digital figures", [](Line const& l) { return core::to_string(l.kind); });
  text("missing_terms", "of the chip: its sum is partial, the batch an upper bound",
       [](Line const& l) { return l.missing; });
  text("when", "from-batch, never, always, below-batch; empty: fewer than two batches",
       [](Line const& l) { return l.batches == 0 ? std::string_view() : name(l.value.when); });
  auto number = [&](char const* column, char const* what, Crossover Line::*of) {
    std::vector<double> values;
    for (auto const& line : lines)
      values.push_back(line.batches == 0 || (line.*of).when == Crossover::When::never
                           ? std::numeric_limits<double>::quiet_NaN()
                           : (line.*of).batch);
    file.write(group + column, values, {"1", what});
  };
  number("batch", "N*; NaN: never", &Line::value);
  number("batch_earliest", "dear chip, cheap device; NaN: never", &Line::early);
  number("batch_latest", "cheap chip, dear device; NaN: never", &Line::late);
}

}  // namespace crossjoule::drivers
