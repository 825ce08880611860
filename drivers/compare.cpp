// SPDX-License-Identifier: BSD-3-Clause
// `crossjoule compare A.h5 B.h5 …`: records of one network in one table.
#include "core/points.hpp"
#include "core/record.hpp"
#include "core/text_file.hpp"
#include "drivers/comparison.hpp"
#include "drivers/comparison_print.hpp"
#include "drivers/crossover.hpp"
#include "drivers/network_groups.hpp"
#include "drivers/published.hpp"
#include "drivers/verbs.hpp"
#include "drivers/waterfall.hpp"

#include <fmt/core.h>
#include <limits>

namespace crossjoule::drivers {
namespace {

Source read_source(std::filesystem::path const& path) {
  auto const file = core::H5File::open(path);
  Source source;
  source.file = path.string();
  source.network = core::read_network(file);
  VALIDATE(file.exists("/result/points"),
           "{} has no /result/points (it holds nothing to compare) make it with infer or estimate",
           source.file);
  auto const wrong = graph_contradiction(file);
  VALIDATE_AS(ExitCode::damaged, wrong.empty(), "{}: {} (the record was changed) use another copy",
              source.file, wrong);
  source.graph_text = file.read_text("/graph/text");
  source.points = core::read_points(file);
  return source;
}

ComparisonRules take_rules(core::Config& config) {
  ComparisonRules rules;
  rules.boundary = core::boundary_from(config.take_choice(
      "boundary", "system", "what every figure includes; ratios are formed within it alone",
      {"device", "chip", "system"}));
  rules.idle = config.take_choice("idle", "gross",
                                  "idle power: part of every figure, or subtracted from all",
                                  {"gross", "subtracted"}) == "gross"
                   ? IdleRule::gross
                   : IdleRule::subtracted;
  rules.mixing = config.take("allow_mixed", false,
                             "let measured and modelled digital joules stand in one ratio")
                     ? Mixing::allowed
                     : Mixing::refused;
  return rules;
}

/// The ratios of all lines, one array per column; NaN where there is none.
void write_ratios(core::H5File& file, Comparison const& table) {
  auto column = [&](std::string const& name, std::string_view what, auto&& of) {
    std::vector<double> low, value, high;
    for (auto const& line : table.lines) {
      Ratio const& ratio = of(line);
      auto number = [&](Times times) {
        return ratio.present() ? times.value : std::numeric_limits<double>::quiet_NaN();
      };
      low.push_back(number(ratio.low));
      value.push_back(number(ratio.value));
      high.push_back(number(ratio.high));
    }
    file.write("/result/comparison/" + name + "_low", low, {"1", what});
    file.write("/result/comparison/" + name + "_value", value, {"1", what});
    file.write("/result/comparison/" + name + "_high", high, {"1", what});
  };
  using Line = ComparisonLine;
  column("energy_to_best",
         "joules of the most efficient digital line / of this line; NaN: no ratio",
         [](Line const& line) { return line.energy.to_best; });
  column("energy_at_same_batch", "the same against the best digital line at this batch",
         [](Line const& line) { return line.energy.to_same_batch; });
  column("time_to_best",
         "seconds per sample of the fastest digital line / of this line; NaN: no ratio",
         [](Line const& line) { return line.time.to_best; });
  column("time_at_same_batch", "the same against the fastest digital line at this batch",
         [](Line const& line) { return line.time.to_same_batch; });
  std::vector<std::string> files;
  for (auto const& line : table.lines) files.push_back(line.file);
  file.write_strings("/result/comparison/file", files, "the record a line comes from");
}

void write_record(std::filesystem::path const& path, Call const& call, Comparison const& table,
                  std::vector<CrossoverLine> const& crossing) {
  core::Record record(path, "compare", call.config, call.overwrite);
  record.network(table.network, table.graph_text);
  std::vector<core::Point> points;
  for (auto const& line : table.lines) points.push_back(line.point);
  core::write_points(record.file(), points);
  write_ratios(record.file(), table);
  write(record, crossing);
  record.commit();
}

}  // namespace

core::ExitCode compare(Call& call, core::Comm const& comm) {
  auto const rules = take_rules(call.config);
  auto const published_path =
      call.config.take("published", "", "TOML file of cited figures, printed under the table");
  auto const wants_waterfall = call.config.take(
      "waterfall", false, "from the most flattering ratio to the most honest one, step by step");
  auto const wants_crossover =
      call.config.take("crossover", false,
                       "from which batch on a digital device takes less than a chip, by its law "
                       "fixed / N + each");
  auto const output = call.output_path("");
  if (!call.go() || !comm.is_root()) return core::ExitCode::ok;

  std::vector<Source> sources;
  for (auto const& file : call.files) sources.push_back(read_source(file));
  auto const table = join(sources, rules);
  auto const published =
      published_path.empty() ? std::vector<PublishedRow>{} : read_published(published_path);
  if (!call.csv.empty()) core::write_text_file(call.csv, comparison_csv(table), call.overwrite);
  std::vector<Waterfall> falls;
  if (wants_waterfall) falls = waterfalls(call.files, sources);
  std::vector<core::Point> points;
  if (wants_crossover)
    for (auto const& source : sources)
      points.insert(points.end(), source.points.begin(), source.points.end());
  auto const crossing = crossovers(points);
  VALIDATE(!wants_crossover || !crossing.empty(),
           "the records hold no chip and digital device side by side (a crossover needs both) name "
           "one of estimate and one of infer");
  if (!output.empty()) write_record(output, call, table, crossing);
  if (call.format == Call::Format::json)
    fmt::print("{}\n", comparison_json(table, published)
                           .set("waterfall", waterfall_json(falls))
                           .set("crossover", crossover_json(crossing))
                           .dump());
  else
    fmt::print("{}{}{}", comparison_text(table, published), waterfall_text(falls),
               crossover_text(crossing));
  return core::ExitCode::ok;
}

}  // namespace crossjoule::drivers
