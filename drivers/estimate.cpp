// SPDX-License-Identifier: BSD-3-Clause
// `crossjoule estimate study.toml`: time and energy of a network on analog chips, all modelled.
#include "aimc/estimate.hpp"

#include "aimc/presets.hpp"
#include "aimc/record.hpp"
#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/record.hpp"
#include "drivers/estimate_print.hpp"
#include "drivers/network_groups.hpp"
#include "drivers/verbs.hpp"
#include "models/build.hpp"
#include "models/cost.hpp"

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

aimc::Workload take_workload(core::Config table) {
  aimc::Workload workload;
  workload.batches =
      table.take("batches", std::vector<std::int64_t>{1, 10, 100, 1000, 10000, 100000},
                 "samples per batch, one batch after another", {1, 1'000'000'000'000});
  workload.rate_hz =
      table.take<double>("rate_hz", 4e7,
                         "samples per second to keep up with, on as many copies as that takes; "
                         "0: none (the LHC crosses bunches at 40 MHz)",
                         {0, 1e15});
  VALIDATE(!workload.batches.empty(),
           "estimate.batches is empty (nothing to estimate) give at least one{}",
           table.where("batches"));
  return workload;
}

}  // namespace

core::ExitCode estimate(Call& call, core::Comm const& comm) {
  auto const graph =
      models::build(call.config.section("network", "the network to lay on the chips"));
  auto const lines = take_lines(call.config.section("chip", "the chips, each with its read modes"));
  auto const workload = take_workload(call.config.section("estimate", "what the chips are to do"));
  auto assumed_table = call.config.section(
      "assumed",
      "figures that the chip files leave open; an empty table gives none, and then the boundaries "
      "chip and system stay incomplete");
  auto const assumed = aimc::take_assumptions(assumed_table);
  auto const output = call.output_path("estimate.h5");
  if (!call.go() || !comm.is_root()) return core::ExitCode::ok;

  core::Record record(output, "estimate", call.config, call.overwrite);
  auto const begin = core::steady_ns();
  std::vector<aimc::Estimate> estimates;
  for (auto const& line : lines)
    estimates.push_back(
        aimc::estimate(graph, line.chip, line.chip.mode(line.mode), assumed, workload));
  auto const elapsed = core::seconds_between(begin, core::steady_ns());

  auto const identity = models::identity(graph);
  write_network(record, graph);
  aimc::write(record, estimates);
  record.commit();
  if (call.format == Call::Format::json)
    fmt::print("{}\n", estimate_json(identity, models::cost(graph), estimates).dump());
  else
    fmt::print("{}", estimate_text(identity, models::cost(graph), estimates));
  core::log("estimated in {:.2f} ms, see {}", elapsed.value * 1e3, output.string());
  return core::ExitCode::ok;
}

}  // namespace crossjoule::drivers
