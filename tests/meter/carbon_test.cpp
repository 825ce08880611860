// SPDX-License-Identifier: BSD-3-Clause
#include "meter/carbon.hpp"

#include "core/testing/expect_error.hpp"
#include "core/testing/temporary_folder.hpp"
#include "meter/account.hpp"
#include "meter/values.hpp"
#include "tests/meter/fixtures.hpp"

namespace crossjoule::meter {
namespace {

using core::testing::wrong_outcome;

constexpr std::int64_t hour_ns = 3'600'000'000'000;
constexpr double joule_per_kwh = 3.6e6;

EnergyTimeline constant(std::int64_t begin, std::int64_t end, double joule) {
  EnergyTimeline timeline;
  timeline.slices = {{begin, end, joule}};
  timeline.total = {{0.9 * joule}, {joule}, {1.1 * joule}, core::Kind::measured_counter};
  return timeline;
}

TEST(Grid, ReadsTheThreeForms) {
  auto const maps = parse_grid(
      "Datetime (UTC),Country,Zone Name,Zone Id,Carbon Intensity gCO\u2082eq/kWh (direct),Carbon "
      "Intensity gCO\u2082eq/kWh (LCA),Data Estimated\n"
      "2022-01-01 00:00:00,Spain,Spain,ES,100,150,false\n2022-01-01 "
      "01:00:00,Spain,Spain,ES,200,250,"
      "true\n2022-01-01 01:00:00,Spain,Spain,ES,9,9,true\n2022-01-01 "
      "02:00:00,Spain,Spain,ES,,,false\n",
      "es.csv");
  EXPECT_EQ(maps.kind, Intensity::average);
  EXPECT_EQ(maps.g_per_kwh, (std::vector<double>{100, 200}));
  EXPECT_EQ(maps.estimated, (std::vector<std::uint8_t>{0, 1}));
  EXPECT_EQ(maps.dropped, 2);
  EXPECT_EQ(maps.place, "ES");
  auto const later = parse_grid(
      "datetime (utc),Carbon intensity gCO\u2082eq/kWh (direct),Carbon "
      "intensity gCO\u2082eq/kWh (Life cycle)\n2022-01-01,1,2\n",
      "new.csv", "lca");
  EXPECT_EQ(later.g_per_kwh, std::vector<double>{2});
  auto const watttime = parse_grid(
      "timestamp,MOER,MOER version,frequency\n"
      "2022-01-01T00:00:00+00:00,1000,3.0,300\n",
      "moer.csv");
  EXPECT_EQ(watttime.kind, Intensity::marginal);
  EXPECT_DOUBLE_EQ(watttime.g_per_kwh[0], 453.59237);
  auto const plain = parse_grid("Time,Carbon Intensity\n2020-01-01 00:00:00,300.5\n", "lwa.csv");
  EXPECT_DOUBLE_EQ(plain.g_per_kwh[0], 300.5);
  for (char const* text : {"", "a,b\n1,2\n", "Time,Carbon Intensity\nx,y\n"})
    EXPECT_EQ(wrong_outcome(core::ExitCode::bad_input, "intensity", [&] { parse_grid(text, "x"); }),
              "")
        << text;
}

TEST(Grid, RealFilesHaveTheMeansOfTheirReadme) {
  std::filesystem::path const folder = std::filesystem::path(CROSSJOULE_SHARED_DIR) / "data/grid";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no " << folder.string();
  for (auto const& [file, direct, lca, estimated] :
       {std::tuple{"US-CAL-CISO_2022_hourly.csv", "194.599", "261.281", 8},
        {"ES_2022_hourly.csv", "166.757", "219.280", 124}})
    for (std::string const column : {"direct", "lca"}) {
      auto const series = read_grid(folder / file, column);
      double sum = 0;
      long marked = 0;
      for (double const value : series.g_per_kwh) sum += value;
      for (auto const one : series.estimated) marked += one;
      EXPECT_EQ(series.g_per_kwh.size(), 8760u);
      EXPECT_EQ(fmt::format("{:.3f}", sum / 8760), column == "lca" ? lca : direct);
      EXPECT_EQ(marked, estimated);
    }
}

GridSeries steps(Intensity kind, std::vector<double> values) {
  GridSeries series;
  series.kind = kind, series.g_per_kwh = std::move(values);
  for (std::size_t k = 0; k < series.g_per_kwh.size(); ++k)
    series.time_ns.push_back(static_cast<std::int64_t>(k) * hour_ns), series.estimated.push_back(0);
  return series;
}

TEST(Carbon, IsASumOfProductsByStepHold) {
  auto const series = steps(Intensity::average, {100, 400, 200});
  // half an hour in the first step, one and a half behind it, constant power: 4 kWh
  auto const carbon =
      carbon_of(constant(hour_ns / 2, 5 * hour_ns / 2, 4 * joule_per_kwh), {series}, 1.5, {});
  EXPECT_NEAR(*carbon.average_g, 1.5 * (1 * 100 + 2 * 400 + 1 * 200), 1e-9);
  EXPECT_NEAR(carbon.average_high_g, 1.1 * *carbon.average_g, 1e-9);
  EXPECT_NEAR(carbon.covered_average, 1, 1e-12);
  EXPECT_FALSE(carbon.marginal_g.has_value()) << "the two are never mixed";
}

TEST(Carbon, PartialCoverIsToldAndNoneIsAbsent) {
  auto const series = steps(Intensity::average, {100, 100});
  auto const half = carbon_of(constant(hour_ns, 3 * hour_ns, joule_per_kwh), {series}, 1, {});
  EXPECT_NEAR(half.covered_average, 0.5, 1e-12);
  EXPECT_NEAR(*half.average_g, 100, 1e-9);
  auto const none = carbon_of(constant(9 * hour_ns, 10 * hour_ns, joule_per_kwh), {series}, 1, {});
  EXPECT_FALSE(none.average_g.has_value());
}

TEST(Carbon, EmbodiedShareIsThatOfSci) {
  Embodied embodied{1000, 2000, 3000, 1000, 0.25};
  auto const carbon = carbon_of(constant(0, 10 * hour_ns, 1), {}, 1, embodied);
  EXPECT_NEAR(carbon.embodied_g, 2000e3 * 10 / 1000 * 0.25, 1e-6);
  EXPECT_NEAR(carbon.embodied_low_g, carbon.embodied_g / 2, 1e-6);
}

TEST(Timeline, IsTheRecordsJoulesOverTheirOwnTime) {
  core::testing::TemporaryFolder const folder;
  FakeRoot root;
  auto const clock = std::make_shared<ScriptedClock>();
  fixtures::dual_socket(root);
  StepLoad load(0.0);
  load.at(0.5, 100).at(3, 300);
  for (char const* name : {"intel-rapl:0", "intel-rapl:1", "intel-rapl:0/intel-rapl:0:0",
                           "intel-rapl:1/intel-rapl:1:0"})
    root.feed(*clock, name, StepLoad(10).at(3, 300), 1'000'000, usual_modulus_uj);
  Meter meter({}, parts_for(root, clock));
  for (int k = 0; k < 60; ++k) clock->pass(0.1), meter.sample();
  {
    auto file = core::H5File::create(folder / "r.h5");
    meter.write(file);
    file.commit();
  }
  auto const timeline = read_timeline(core::H5File::open(folder / "r.h5"));
  EXPECT_FALSE(timeline.is_spread);
  double sum = 0;
  for (auto const& slice : timeline.slices) sum += slice.joule;
  EXPECT_NEAR(sum, timeline.total.value.value, 1e-6 * sum);
  EXPECT_NEAR(sum, meter.total().system.value.value, 1e-3 * sum);
}

}  // namespace
}  // namespace crossjoule::meter
