// SPDX-License-Identifier: BSD-3-Clause
// `crossjoule estimate study.toml`: time and energy of a network on analog chips, all modelled.
#include "aimc/estimate.hpp"

#include "aimc/outcome.hpp"
#include "aimc/presets.hpp"
#include "aimc/record.hpp"
#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/record.hpp"
#include "core/text_file.hpp"
#include "drivers/crossover.hpp"
#include "drivers/estimate_print.hpp"
#include "drivers/estimate_what_if.hpp"
#include "drivers/network_groups.hpp"
#include "drivers/verbs.hpp"
#include "models/build.hpp"
#include "models/cost.hpp"
#include "models/text.hpp"

#include <fmt/core.h>

namespace crossjoule::drivers {
namespace {

struct Line {
  aimc::Chip chip;
  std::string mode;
};

void add_lines(std::vector<Line>& lines, aimc::Chip const& chip, std::string const& mode) {
  if (!mode.empty()) {
    lines.push_back({chip, chip.mode(mode).name});
    return;
  }
  for (auto const& each : chip.modes) lines.push_back({chip, each.name});
}

/// "hermes-64" stands for all its read modes, "hermes-64/four-phase" for one.
std::vector<Line> take_lines(core::Config chip) {
  auto const one = chip.take("preset", "", "one preset instead of the list");
  auto names =
      chip.take("presets", std::vector<std::string>{"hermes-64", "hermes-core"},
                "chips that come with the program; NAME is all read modes of it, NAME/MODE one");
  auto const files = chip.take("files", std::vector<std::string>{},
                               "chip files of your own (docs/how_to_add_a_chip.md)");
  if (!one.empty()) names = {one};
  std::vector<Line> lines;
  for (auto const& name : names) {
    auto const slash = std::min(name.find('/'), name.size());
    auto const mode = slash < name.size() ? name.substr(slash + 1) : std::string();
    add_lines(lines, aimc::preset(name.substr(0, slash)), mode);
  }
  for (auto const& file : files) add_lines(lines, aimc::chip_from_file(file), "");
  VALIDATE(!lines.empty(), "no chip to estimate (chip.presets and chip.files are empty) name one{}",
           chip.where("presets"));
  for (auto const& line : lines) {
    int named = 0;
    for (auto const& other : lines)
      named += other.chip.name == line.chip.name && other.mode == line.mode;
    VALIDATE(named == 1,
             "chip {} in mode {} is asked for {} times (the record holds each once) name it once{}",
             line.chip.name, line.mode, named, chip.where("presets"));
  }
  return lines;
}

/// `[design]`: values of a parametric chip turned away from its file's own, for every chip that has
/// them.
void turn(std::vector<Line>& lines, core::Config table) {
  for (auto const& law : aimc::knob_laws()) {
    if (!table.has(law.name)) continue;
    auto const value = table.take<double>(law.name, 0.0, law.meaning);
    for (auto& line : lines) line.chip.turn(law.name, value, table.where(law.name));
  }
}

aimc::MapOptions take_mapping(core::Config table) {
  aimc::MapOptions options;
  options.chips = table.take<std::int64_t>(
      "chips", std::int64_t{0}, "tile budget in chips; 0: as many as it takes", {0, 1'000'000'000});
  if (table.take_choice("overflow", "refuse",
                        "weights beyond the budget: refused, or written in turns for every batch",
                        {"refuse", "reprogram"}) == "reprogram")
    options.overflow = aimc::Overflow::reprogram;
  if (table.take_choice("replicas", "none",
                        "copies of busy layers: none, or as many as shorten the interval within "
                        "the budget",
                        {"none", "search"}) == "search")
    options.replication = aimc::Replication::search;
  if (table.take_choice("packing", "one-copy",
                        "small networks: one copy, or as many samples per product as fit the "
                        "diagonal of a tile",
                        {"one-copy", "packed"}) == "packed")
    options.packing = aimc::Packing::packed;
  if (table.take_choice(
          "complex", "real-pairs",
          "complex blocks: one pass over real pairs, each weight stored twice; or two "
          "passes",
          {"real-pairs", "two-passes"}) == "two-passes")
    options.complex = aimc::ComplexForm::two_passes;
  auto const unheld = table.take_choice(
      "unheld", "chip",
      "operations that no array and no column does (transforms, normalisations): the chip's "
      "digital unit takes them and a chip without one refuses; a digital unit on any chip; or "
      "none",
      {"chip", "digital-unit", "refuse"});
  if (unheld == "digital-unit") options.unheld = aimc::Unheld::digital_unit;
  if (unheld == "refuse") options.unheld = aimc::Unheld::refuse;
  return options;
}

aimc::Workload take_workload(core::Config table, core::Config mapping) {
  aimc::Workload workload;
  workload.map = take_mapping(std::move(mapping));
  workload.inferences = table.take<double>(
      "inferences", 1e9, "inferences that share one programming of the weights", {1, 1e30});
  workload.batches =
      table.take("batches", std::vector<std::int64_t>{1, 10, 100, 1000, 10000, 100000},
                 "samples per batch, one batch after another", {1, 1'000'000'000'000});
  workload.rate_hz =
      table.take<double>("rate_hz", 4e7,
                         "samples per second to keep up with, on as many copies as that takes; "
                         "0: none (the LHC crosses bunches at 40 MHz)",
                         {0, 1e15});
  workload.latency_budget = table.take<double>(
      "latency_budget_s", 12.5e-6,
      "what a sample may take at that rate; 0: no limit (CMS's first trigger level at the HL-LHC: "
      "12.5 us, CERN-LHCC-2020-004)",
      {0, 1e9});
  workload.iso_node_nm = table.take<double>(
      "iso_node_nm", 0.0,
      "a column with the digital parts at this process node, 1 to 130 nm, arrays and converters "
      "unscaled and scaled; 0: nothing is scaled",
      {0, 130});
  VALIDATE(!workload.batches.empty(),
           "estimate.batches is empty (nothing to estimate) give at least one{}",
           table.where("batches"));
  return workload;
}

/// The chips against what the records of `against` measured; Error (bad_input) for another network.
std::vector<CrossoverLine> crossovers_with(std::vector<aimc::Estimate> const& estimates,
                                           std::vector<std::string> const& against,
                                           models::Graph const& graph) {
  if (against.empty()) return {};
  std::vector<core::Point> all;
  for (auto const& each : estimates)
    for (auto const& point : aimc::points(each)) all.push_back(point);
  for (auto const& path : against) {
    auto const file = core::H5File::open(path);
    auto const network = core::read_network(file);
    VALIDATE(network.digest == models::digest(graph),
             "{} holds network {} ({}) and the estimate is of {} ({}) (a crossover compares one "
             "network with itself) name a record of the same network",
             path, network.name, network.digest, graph.name, models::digest(graph));
    for (auto const& point : core::read_points(file))
      if (point.device != "analog") all.push_back(point);
  }
  return crossovers(all);
}

/// One sample on the first line's chip, all times at their values: an event for every vector, or,
/// where that would be too many for a viewer, one for every run of them.
std::string trace_of(models::Graph const& graph, Line const& line, aimc::Terms const& assumed,
                     aimc::Workload const& workload) {
  constexpr double most_events = 2e5;
  aimc::Case const at(graph, line.chip, line.chip.mode(line.mode), assumed, workload);
  auto const pipelines = at.pipelines_at({}, core::Boundary::system);
  double vectors = 0;
  for (auto const& pipeline : pipelines)
    for (auto const& stage : pipeline.stages) vectors += 2 * static_cast<double>(stage.vectors);
  auto const events =
      aimc::schedule(pipelines, vectors <= most_events ? aimc::Keep::vectors : aimc::Keep::runs);
  return aimc::chrome_trace(events, line.chip.name + " " + line.mode);
}

}  // namespace

core::ExitCode estimate(Call& call, core::Comm const& comm) {
  auto const graph =
      models::build(call.config.section("network", "the network to lay on the chips"));
  auto lines = take_lines(call.config.section("chip", "the chips, each with its read modes"));
  turn(lines, call.config.section("design", "values of parametric chips other than their own"));
  auto const workload =
      take_workload(call.config.section("estimate", "what the chips are to do"),
                    call.config.section("mapping", "how the weights are laid on tiles"));
  auto const trace = call.config.take("trace", "",
                                      "write the first chip's schedule of one sample for "
                                      "chrome://tracing or Perfetto to this file");
  auto assumed_table = call.config.section(
      "assumed",
      "figures that the chip files leave open; an empty table gives none, and then the boundaries "
      "chip and system stay incomplete");
  auto const assumed = aimc::take_assumptions(assumed_table);
  auto const wanted = take_what_if(call.config);
  auto const against = call.config.take(
      "against", std::vector<std::string>{},
      "records of infer of the same network: from which batch on does the CPU or GPU take less?");
  auto const output = call.output_path("estimate.h5");
  for (auto const& record : against) refuse_to_replace(output, record);
  if (!call.go()) return core::ExitCode::ok;

  std::vector<WhatIfAnswers> answers;  // the only part that ranks share
  for (auto const& line : lines)
    answers.push_back(answer(wanted, graph, line.chip, line.mode, assumed, workload, comm));
  if (!comm.is_root()) return core::ExitCode::ok;
  core::Record record(output, "estimate", call.config, call.overwrite);
  auto const begin = core::steady_ns();
  std::vector<aimc::Estimate> estimates;
  for (auto const& line : lines)
    estimates.push_back(
        aimc::estimate(graph, line.chip, line.chip.mode(line.mode), assumed, workload));
  auto const crossing = crossovers_with(estimates, against, graph);
  if (!trace.empty())
    core::write_text_file(trace, trace_of(graph, lines.front(), assumed, workload), call.overwrite);
  auto const elapsed = core::seconds_between(begin, core::steady_ns());

  auto const identity = models::identity(graph);
  write_network(record, graph);
  aimc::write(record, estimates);
  write(record, answers);
  write(record, crossing);
  record.commit();
  if (call.format == Call::Format::json)
    fmt::print("{}\n", estimate_json(identity, models::cost(graph), estimates)
                           .set("what_if", what_if_json(answers))
                           .set("crossover", crossover_json(crossing))
                           .set("absent", absent_json(estimates, !crossing.empty()))
                           .dump());
  else
    fmt::print("{}{}{}{}", estimate_text(identity, models::cost(graph), estimates),
               crossover_text(crossing), what_if_text(answers),
               absent_text(estimates, !crossing.empty()));
  core::log("estimated in {:.2f} ms, see {}", elapsed.value * 1e3, output.string());
  return core::ExitCode::ok;
}

}  // namespace crossjoule::drivers
