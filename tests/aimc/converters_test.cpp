// SPDX-License-Identifier: BSD-3-Clause
// DACs and converters as resources of the schedule: phases of a tile's product, or, where outputs
// are held, groups that tiles queue for.
#include "aimc/estimate.hpp"
#include "aimc/outcome.hpp"
#include "chips.hpp"
#include "closed_form.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <map>

namespace crossjoule::aimc {
namespace {

constexpr double rounding = 1e-9;

/// 1 us of DACs, 2 us of the array and 3 us of converters a product, on arrays of 256 x 256.
constexpr double dac = 1e-6, cells = 2e-6, adc = 3e-6;

std::string law(std::string const& key, std::string const& component, double value,
                std::string const& unit) {
  return fmt::format(
      "[[modes.normal.{}]]\nname = \"{}\"\ncomponent = \"{}\"\nvalue = {}\nlow = {}\nhigh = {}\n"
      "unit = \"{}\"\nkind = \"published\"\ncitation = \"A: table 1\"\n",
      key, component, component, value, value, value, unit);
}

/// `tiles_per_adc` of 0: no such design value, every tile waits for its own converters.
Chip chip_with(int tiles_per_adc) {
  std::string text = R"toml(
name = "converting"
default_mode = "normal"
[sources.A]
text = "A. Author, Journal (2030)"
[design]
rows = { value = 256, unit = "1", kind = "published", citation = "A: table 1" }
columns = { value = 256, unit = "1", kind = "published", citation = "A: table 1" }
input_bits = { value = 8, unit = "bit", kind = "published", citation = "A: table 1" }
output_bits = { value = 8, unit = "bit", kind = "published", citation = "A: table 1" }
)toml";
  if (tiles_per_adc > 0)
    text += fmt::format(
        "tiles_per_adc = {{ value = {}, least = 1, most = 64, unit = \"1\", kind = \"published\", "
        "citation = \"A: table 1\" }}\n",
        tiles_per_adc);
  text +=
      "[chip]\ntiles = { value = 64, unit = \"1\", kind = \"published\", citation = \"A: 1\" }\n";
  text += law("time", "dac", dac, "s") + law("time", "array", cells, "s") +
          law("time", "adc", adc, "s") + law("energy", "array", 1e-9, "J");
  return chip_from_text(text, "converting.toml");
}

/// `layers` of 8 tiles each (2048 inputs, 256 outputs), `tokens` vectors a sample.
models::Graph chain(std::int64_t tokens) {
  models::Graph graph{"chain", {}};
  auto const in = graph.add("in", {}, models::Input{{{{"token", tokens}, {"feature", 2048}}}});
  auto const first = graph.add("first", {in}, models::Linear{256, true});
  graph.add("second", {first}, models::Linear{2048, true});
  return graph;
}

Pipeline pipeline_of(models::Graph const& graph, Chip const& chip) {
  Case const at(graph, chip, chip.mode(""), {}, {});
  auto const all = at.pipelines_at({}, core::Boundary::device);
  EXPECT_EQ(all.size(), 1u);
  return all.front();
}

/// A tile that waits for its converters is one queue of the whole product's time.
TEST(Converters, ATileWithItsOwnIsBusyForTheWholeProduct) {
  auto const pipeline = pipeline_of(chain(5), chip_with(0));
  EXPECT_NEAR(simulate(pipeline, 1).latency(), closed_form_latency(2, 5, dac + cells + adc, 0),
              rounding * 1e-6);
  EXPECT_NEAR(interval(pipeline), 5 * (dac + cells + adc), rounding * 1e-6);
  EXPECT_EQ(bottleneck(pipeline), "first (tiles)");
}

/// Held outputs free the tile for the next product: two queues, and the slower one sets the pace.
/// With n tiles to a group, that is n conversions after one another.
TEST(Converters, AGroupThatTilesQueueForSetsThePace) {
  for (int n : {1, 2, 4, 8, 64}) {
    auto const pipeline = pipeline_of(chain(5), chip_with(n));
    auto const group = std::min(n, 8) * adc;
    EXPECT_NEAR(interval(pipeline), 5 * std::max(dac + cells, group), rounding * 1e-6) << n;
    EXPECT_EQ(bottleneck(pipeline), n == 1 && dac + cells >= adc ? "first (tiles)" : "first (adc)");
    EXPECT_NEAR(simulate(pipeline, 1).latency(), closed_form_latency(2, 5, dac + cells, group),
                rounding * 1e-6)
        << n;
    EXPECT_NEAR(BatchLatency(pipeline, 40)(40), closed_form_latency(2, 5 * 40, dac + cells, group),
                rounding * 1e-5)
        << n;
    double sum = 0;
    for (auto const& step : critical_path(pipeline)) sum += step.seconds;
    EXPECT_NEAR(sum, simulate(pipeline, 1).latency(), rounding * 1e-6);
  }
}

TEST(Converters, TheClosedFormNoticesAGroupOfAnotherSize) {
  auto const pipeline = pipeline_of(chain(5), chip_with(4));
  EXPECT_GT(std::abs(interval(pipeline) / (5 * 3 * adc) - 1), 0.1);
}

/// Every product has its DAC and its converter phase, at the ends of the tile's own time and as
/// long as the laws say; nothing is converted twice or by two at once.
TEST(Converters, ArePhasesInTheTrace) {
  for (int n : {0, 4}) {
    auto const pipeline = pipeline_of(chain(6), chip_with(n));
    auto const run = simulate(pipeline, 3, Keep::vectors);
    std::map<Resource, double> seconds;
    std::map<Resource, std::int64_t> count;
    std::map<std::pair<std::size_t, Resource>, double> free;
    for (auto const& event : run.events) {
      seconds[event.resource] += event.end - event.begin;
      count[event.resource] += event.vectors;
      auto& before = free[{event.stage, event.resource}];
      EXPECT_GE(event.begin, before * (1 - rounding)) << event.name;
      before = event.end;
    }
    auto const products = 2 * 6 * 3;
    for (auto resource : {Resource::dac, Resource::tiles, Resource::adc})
      EXPECT_EQ(count[resource], products) << to_string(resource);
    EXPECT_NEAR(seconds[Resource::dac], products * dac, rounding * 1e-4);
    EXPECT_NEAR(seconds[Resource::adc], products * adc * std::max(n, 1), rounding * 1e-4);
    EXPECT_NEAR(seconds[Resource::tiles], products * (dac + cells + (n == 0 ? adc : 0)),
                rounding * 1e-4);
  }
}

/// What the chip does at most follows the pace, so that no network passes its peak.
TEST(Converters, ThePeakIsThatOfThePace) {
  for (int n : {0, 1, 4}) {
    auto const chip = chip_with(n);
    auto const pace = n == 0 ? dac + cells + adc : std::max(dac + cells, n * adc);
    Workload workload{{100'000}, 0};
    auto const full = estimate(chain(64), chip, chip.mode(""), {}, workload);
    EXPECT_NEAR(full.peak.throughput.value.value * 1e12 / (64 * ops_per_mvm(chip) / pace), 1,
                rounding);
    auto const reached = full.merits(0, core::Boundary::device).throughput.value.value;
    EXPECT_LE(reached, full.peak.throughput.value.value * 16 / 64 * (1 + rounding));
    EXPECT_GT(reached, full.peak.throughput.value.value * 16 / 64 * 0.999) << "all rows in use";
    EXPECT_NEAR(tile_figures(chip, chip.mode("")).full_load_watts / (1e-9 / pace), 1, rounding);
  }
}

TEST(Converters, EnergyDoesNotDependOnWhoConverts) {
  auto const graph = chain(5);
  auto joules = [&](int n) {
    auto const chip = chip_with(n);
    return estimate(graph, chip, chip.mode(""), {}, {})
        .batches[0]
        .boundaries[0]
        .joules_per_sample()
        .value.value;
  };
  EXPECT_DOUBLE_EQ(joules(1), joules(0));
  EXPECT_DOUBLE_EQ(joules(8), joules(0));
}

/// Columns that share a converter (a preset's columns_per_adc) are inside the product's own time:
/// the read's, which is its converters' phase.
TEST(Converters, ColumnsThatShareOneTakeTurnsWithinTheProduct) {
  auto chip = preset("macro-sram");
  auto const& mode = chip.mode("");
  auto const at = [&](double columns) {
    chip.turn("columns_per_adc", columns);
    return tile_figures(chip, mode).seconds_of[static_cast<std::size_t>(Component::adc)];
  };
  auto const eight = at(8);
  EXPECT_GT(eight, 0);
  EXPECT_NEAR(at(16) / eight, 2, rounding);
  EXPECT_NEAR(at(1) / eight, 0.125, rounding);
}

TEST(Converters, SharingWithoutTheirTimeIsRefused) {
  EXPECT_NE(refusal([&] {
              chip_from_text(bent("[tile]",
                                  "[design]\ntiles_per_adc = { value = 4, unit = \"1\", "
                                  "kind = \"published\", citation = \"A: abstract\" }\n"
                                  "[tile]"),
                             "bent.toml");
            }).find("time law of component adc"),
            std::string::npos);
}

}  // namespace
}  // namespace crossjoule::aimc
