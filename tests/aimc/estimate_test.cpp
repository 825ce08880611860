// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/estimate.hpp"

#include "chips.hpp"
#include "models/build.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace crossjoule::aimc {
namespace {

using core::Boundary, core::Joules, core::Kind;

Figure assumed(double value) {
  return {value / 2, value, value * 2, "", "assumed", "a test", "", Kind::assumed};
}

Terms all_terms() {
  Terms terms;
  terms[Term::digital_joules_per_output] = assumed(1e-12);
  terms[Term::digital_seconds_per_layer] = assumed(1e-8);
  terms[Term::link_joules_per_byte] = assumed(1e-13);
  terms[Term::static_watts_per_tile] = assumed(1e-2);
  terms[Term::host_link_joules_per_byte] = assumed(1e-11);
  terms[Term::host_link_seconds] = assumed(1e-6);
  terms[Term::host_idle_watts] = assumed(300);
  terms[Term::host_share] = assumed(0.5);
  return terms;
}

Estimate svdd_on(std::string const& name, Terms const& terms, Workload const& workload) {
  auto const chip = preset(name);
  return estimate(models::svdd(), chip, chip.mode(""), terms, workload);
}

TEST(Estimate, WithoutTermsTheWiderBoundariesArePartialAndSaySo) {
  auto const result = svdd_on("hermes-64", {}, {{1, 10}, 0});
  for (auto const& batch : result.batches) {
    auto const& [device, chip, system] = batch.boundaries;
    EXPECT_EQ(device.missing, "");
    EXPECT_NE(chip.missing, "");
    EXPECT_NE(system.missing.find("host_idle_watts"), std::string::npos);
    EXPECT_FALSE(chip.part(Part::digital).present()) << "absent is never zero";
    EXPECT_EQ(chip.part(Part::static_power).kind, Kind::assumed) << "never zero";
    EXPECT_GT(chip.part(Part::static_power).low.value, 0);
    EXPECT_GT(chip.joules_per_sample().value, device.joules_per_sample().value);
    EXPECT_FALSE(system.idle_joules_per_sample().present());
    EXPECT_EQ(device.joules_per_sample().kind, Kind::modelled);
  }
  EXPECT_FALSE(result.at_rate.has_value());
}

/// All parts by hand for SVDD z = 13 on hermes-core at batch 1.
TEST(Estimate, PartsAreThoseWorkedOutByHand) {
  auto const result = svdd_on("hermes-core", all_terms(), {{1}, 0});
  // outputs of columns in use: 512 + 2 x 256 + 128 + 13, and 13 numbers into the objective
  EXPECT_EQ(result.work.outputs, 512 + 512 + 128 + 13 + 13);
  // rows in use: 2 x 76 + 512 + 256 + 128 at 1 byte; columns at 2 bytes (9 bit)
  EXPECT_EQ(result.work.link_bytes, 152 + 512 + 256 + 128 + 2 * (512 + 512 + 128 + 13));
  EXPECT_EQ(result.work.host_bytes, 76 + 2 * 13);

  auto const product = 131072 / 1.008e12;
  auto const chip_latency = 4 * (product + 1e-8), system_latency = chip_latency + 1e-6;
  auto const& [device, chip, system] = result.batches[0].boundaries;
  EXPECT_NEAR(chip.latency.value.value, chip_latency, 1e-18);
  EXPECT_NEAR(system.latency.value.value, system_latency, 1e-18);
  auto expect_part = [](BoundaryEstimate const& line, Part part, double joules) {
    EXPECT_NEAR(line.part(part).value.value / joules, 1, 1e-12) << to_string(part);
  };
  expect_part(device, Part::mvm, 6 * 131072 / 10.5e12);
  expect_part(chip, Part::digital, 1178e-12);
  expect_part(chip, Part::links, 3378 * 1e-13);
  expect_part(chip, Part::static_power, 6 * 1e-2 * chip_latency);
  expect_part(system, Part::static_power, 6 * 1e-2 * system_latency);
  expect_part(system, Part::host_link, 102e-11);
  expect_part(system, Part::host_idle, 300 * 0.5 * system_latency);
  EXPECT_EQ(system.missing, "");
  EXPECT_EQ(system.joules_per_sample().kind, Kind::modelled);
  EXPECT_EQ(system.part(Part::host_idle).kind, Kind::assumed);
  EXPECT_NE(system.assumed.find("host_share"), std::string::npos);
}

TEST(Estimate, PartsAddUpToTheTotalAndIdleIsPartOfIt) {
  auto const result = svdd_on("hermes-64", all_terms(), {{1, 7, 1000}, 4e7});
  auto check = [](Boundaries const& lines) {
    double inner = 0;
    for (auto const& line : lines) {
      double low = 0, value = 0, high = 0;
      for (auto const& part : line.parts) {
        if (!part.present()) continue;
        low += part.low.value;
        value += part.value.value;
        high += part.high.value;
      }
      auto const total = line.joules_per_sample();
      EXPECT_NEAR(total.low.value / low, 1, 1e-12);
      EXPECT_NEAR(total.value.value / value, 1, 1e-12);
      EXPECT_NEAR(total.high.value / high, 1, 1e-12);
      EXPECT_LE(line.idle_joules_per_sample().value, total.value);
      EXPECT_GE(total.value.value, inner) << "a wider boundary holds no less";
      inner = total.value.value;
    }
  };
  for (auto const& batch : result.batches) check(batch.boundaries);
  check(result.at_rate->boundaries);
}

TEST(Estimate, LargerBatchesNeverCostMorePerSample) {
  std::vector<std::int64_t> batches;
  for (std::int64_t batch = 1; batch <= 1'000'000; batch *= 3) batches.push_back(batch);
  auto const result = svdd_on("hermes-64", all_terms(), {batches, 0});
  for (std::size_t k = 1; k < batches.size(); ++k)
    for (std::size_t b = 0; b < 3; ++b) {
      auto const &before = result.batches[k - 1].boundaries[b],
                 &now = result.batches[k].boundaries[b];
      EXPECT_LE(now.seconds_per_sample.value, before.seconds_per_sample.value);
      EXPECT_LE(now.joules_per_sample().value.value,
                before.joules_per_sample().value.value * (1 + 1e-12));
      EXPECT_GE(now.latency.value, before.latency.value);
    }
}

TEST(Estimate, EveryTermAddsAndNoneSubtracts) {
  auto const base = svdd_on("hermes-64", {}, {{10}, 0}).batches[0].boundaries[2];
  for (auto const& law : term_laws()) {
    if (law.need != Need::always) continue;  // others count where there is such work
    Terms terms = law.term == Term::host_share ? all_terms() : Terms{};
    terms[law.term] = assumed(law.term == Term::host_share              ? 0.1
                              : law.term == Term::static_watts_per_tile ? 1.0  // above the default
                                                                        : 1e-3);
    if (law.term == Term::host_idle_watts) terms[Term::host_share] = assumed(0.1);
    auto const line = svdd_on("hermes-64", terms, {{10}, 0}).batches[0].boundaries[2];
    EXPECT_GT(line.joules_per_sample().value.value + line.latency.value.value,
              base.joules_per_sample().value.value + base.latency.value.value)
        << law.name;
    EXPECT_EQ(("; " + line.missing + ";").find(fmt::format("; {};", law.name)), std::string::npos);
  }
}

/// The same network with its two branches listed in another order: joules and latency stay.
TEST(Estimate, TheOrderOfTheScheduleChangesNoEnergy) {
  auto diamond = [](bool left_first) {
    models::Graph graph{"diamond", {}};
    auto const in = graph.add("in", {}, models::Input{{{{"token", 5}, {"feature", 300}}}});
    models::NodeId left = 0, right = 0;
    auto add_left = [&] {
      left = graph.add("norm", {graph.add("left", {in}, models::Linear{70, true})},
                       models::LayerNorm{});
    };
    auto add_right = [&] { right = graph.add("right", {in}, models::Linear{70, true}); };
    if (left_first) add_left();
    add_right();
    if (!left_first) add_left();
    graph.add("last", {graph.add("sum", {left, right}, models::Add{})}, models::Linear{3, true});
    return graph;
  };
  auto terms = all_terms();
  terms[Term::digital_joules_per_flop] = assumed(1e-12);
  terms[Term::digital_flops_per_second] = assumed(1e9);
  for (auto const& each : presets()) {
    auto const chip = preset(each.name);
    auto const a = estimate(diamond(true), chip, chip.mode(""), terms, {{1, 10}, 4e7}),
               b = estimate(diamond(false), chip, chip.mode(""), terms, {{1, 10}, 4e7});
    for (std::size_t k = 0; k < 2; ++k)
      for (std::size_t line = 0; line < 3; ++line)
        EXPECT_NEAR(a.batches[k].boundaries[line].joules_per_sample().value.value /
                        b.batches[k].boundaries[line].joules_per_sample().value.value,
                    1, 1e-12)
            << each.name;
  }
}

/// A 300 W host that serves one stream at 40 MHz: 7.5 uJ per event.
TEST(Estimate, HostIdleAtAFixedRateIsPowerOverRate) {
  auto terms = all_terms();
  terms[Term::host_share] = assumed(1.0);
  auto const result = svdd_on("hermes-64", terms, {{1}, 4e7});
  auto const& system = result.at_rate->boundaries[2];
  EXPECT_NEAR(system.part(Part::host_idle).value.value, 7.5e-6, 1e-15);
  auto const copies = static_cast<double>(result.at_rate->replicas);
  EXPECT_NEAR(system.part(Part::static_power).value.value, 6 * copies * 1e-2 / 4e7, 1e-18)
      << "every copy is powered";
  EXPECT_EQ(result.at_rate->tiles, 6 * result.at_rate->replicas);
  EXPECT_EQ(result.at_rate->chips, (6 * result.at_rate->replicas + 63) / 64);
}

TEST(Estimate, IntervalsHoldTheirValue) {
  auto const result = svdd_on("hermes-64", all_terms(), {{1, 100}, 4e7});
  for (auto const& point : points(result)) {
    for (auto const& joules : {point.joules_per_sample, point.idle_joules_per_sample}) {
      EXPECT_LE(joules.low, joules.value);
      EXPECT_LE(joules.value, joules.high);
    }
    EXPECT_LT(point.latency.low, point.latency.high);
  }
}

TEST(Estimate, PointsCarryWhatComparisonNeeds) {
  auto const chip = preset("hermes-64");
  auto const result = estimate(models::svdd(), chip, chip.mode("one-phase"), {}, {{1, 10}, 4e7});
  auto const lines = points(result);
  ASSERT_EQ(lines.size(), 9u) << "two batches and a rate, three boundaries each";
  EXPECT_EQ(lines[0].platform, "hermes-64");
  EXPECT_EQ(lines[0].mode, "one-phase (peak)");
  EXPECT_EQ(lines[0].device, "analog");
  EXPECT_EQ(lines[0].boundary, Boundary::device);
  EXPECT_EQ(lines[0].missing_terms, "");
  EXPECT_EQ(lines[2].boundary, Boundary::system);
  EXPECT_NE(lines[2].missing_terms, "");
  EXPECT_EQ(lines[3].batch, 10);
  EXPECT_EQ(lines[8].ranks, 6) << "copies at 40 MHz";
  EXPECT_NE(lines[8].mode, lines[0].mode);
  EXPECT_FALSE(lines[8].seconds_per_sample.present()) << "the rate is given, so no ratio of times";
  for (auto const& line : lines) {
    EXPECT_FALSE(core::is_measured(line.joules_per_sample.kind)) << "an estimate measures nothing";
    EXPECT_FALSE(core::is_measured(line.latency.kind));
  }
}

}  // namespace
}  // namespace crossjoule::aimc
