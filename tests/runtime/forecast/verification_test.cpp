// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/forecast/verification.hpp"

#include "models/build.hpp"
#include "runtime/forecast/cases.hpp"
#include "runtime/forecast/forecaster.hpp"
#include "runtime/params.hpp"
#include "tests/runtime/fields/support.hpp"
#include "tests/runtime/session.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <filesystem>

namespace crossjoule::runtime {
namespace {

using testing::stamps;
using testing::TemporaryFolder;
using testing::write_fields;

FieldOptions every_step(std::filesystem::path const& file) {
  FieldOptions options;
  options.input.files = {file};
  options.targets = 0;
  options.pole_row = PoleRow::keep;
  return options;
}

/// Scores of persistence, and of a "network" that forecasts persistence: they must agree.
std::vector<SkillRow> persistence_skill(FieldSource const& source, Cases const& cases,
                                        std::vector<double> const& leads_h) {
  VerificationOptions const options{.baselines = {Baseline::persistence}};
  Verification verification(source, nullptr, options);
  SkillTable table{.columns = verification.columns(),
                   .leads_h = leads_h,
                   .channels = source.channels(Channels::out),
                   .units = source.units(Channels::out),
                   .cases = cases.size(),
                   .values = {}};
  auto const channels = table.channels.size();
  std::vector<float> start(static_cast<std::size_t>(source.kept_size(Channels::out)));
  std::vector<double> row(table.columns.size() * channels);
  for (std::int64_t one = 0; one < cases.size(); ++one) {
    auto const base = table.values.size();
    table.values.resize(base + table.case_size(), std::nan(""));
    auto const step0 = cases.starts[static_cast<std::size_t>(one)];
    verification.begin(step0);
    source.read_physical(step0, 0, Channels::out, start);
    for (std::size_t k = 0; k < leads_h.size(); ++k) {
      if (!cases.has_target[static_cast<std::size_t>(one)][k]) continue;
      verification.score(static_cast<std::int64_t>(k) + 1, start, row);
      for (std::size_t column = 0; column < table.columns.size(); ++column)
        for (std::size_t c = 0; c < channels; ++c)
          table.values[base + (column * leads_h.size() + k) * channels + c] =
              row[column * channels + c];
    }
  }
  return summarise(table, {.replicates = 20});
}

TEST(Verification, PersistenceOfTheUkTemperaturesIsThatOfTheirReadme) {
  std::filesystem::path const file =
      std::filesystem::path(CROSSJOULE_SHARED_DIR) / "data/era5/t2m-uk-2019-03.h5";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << file << " is not there";
  FieldSource const source(every_step(file));
  auto const cases =
      find_cases(source.files(), {.range = {.first = 576, .count = 168}, .lead = 1, .steps = 6});
  auto const rows = persistence_skill(source, cases, {1, 2, 3, 4, 5, 6});
  auto const rmse = [&](double lead, std::string const& quantity) {
    return *std::ranges::find_if(rows, [&](SkillRow const& row) {
      return row.method == "persistence" && row.quantity == quantity && row.lead_h == lead;
    });
  };
  EXPECT_NEAR(rmse(1, "rmse").figure.value, 0.5776, 5e-5);
  EXPECT_NEAR(rmse(3, "rmse").figure.value, 1.5681, 5e-5);
  EXPECT_NEAR(rmse(6, "rmse").figure.value, 2.7198, 5e-5);
  EXPECT_NEAR(rmse(6, "rmse_of_cases").figure.value, 2.4533, 5e-5);
  EXPECT_EQ(rmse(1, "rmse").cases, 167);
  EXPECT_EQ(rmse(6, "rmse").cases, 162);
  EXPECT_NEAR(rmse(6, "ratio").figure.value, 1, 1e-12);  // the "network" is persistence here
}

TEST(Forecaster, PerturbsAllMembersButTheFirstTheSameWayEveryTime) {
  auto const session = tests::session();
  TemporaryFolder const folder;
  write_fields(folder / "a.h5", {.steps = 6,
                                 .channels = 1,
                                 .rows = 2,
                                 .columns = 3,
                                 .names = {"u"},
                                 .times_s = stamps("2001-01-01", 6),
                                 .value = testing::noise});
  auto source = std::make_shared<FieldSource>(every_step(folder / "a.h5"));
  source->normalise_with({{"u"}, {0.5}, {2}, "test"});
  Preparation const preparation(*source, {});
  models::Graph graph{"image", {}};
  graph.add("input", {}, models::Input{{{{"channel", 1}, {"row", 2}, {"column", 3}}}});
  graph.add("layer", {0}, models::Linear{3});
  auto const parameters = initial_parameters<float>(ParamLayout(graph), graph, 1);
  auto const run = [&](std::int64_t members, std::int64_t batch) {
    Rollout<float> rollout(graph, std::span<float const>(parameters), kernels::Device::cpu, batch);
    Forecaster<float> forecaster(*source, preparation, rollout, {.members = members});
    std::vector<std::vector<float>> seen;
    forecaster.run(1, 3, [&](std::int64_t, std::span<float const> fields) {
      seen.emplace_back(fields.begin(), fields.end());
    });
    return seen;
  };
  auto const alone = run(1, 1), together = run(5, 2), again = run(5, 5);
  EXPECT_EQ(together, again);  // whatever goes through the network together
  for (std::size_t step = 0; step < 3; ++step) {
    std::vector<float> const first(together[step].begin(), together[step].begin() + 6);
    EXPECT_EQ(first, alone[step]);
    EXPECT_NE(first, (std::vector<float>(together[step].begin() + 6, together[step].begin() + 12)));
  }
}

}  // namespace
}  // namespace crossjoule::runtime
