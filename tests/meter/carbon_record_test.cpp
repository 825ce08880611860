// SPDX-License-Identifier: BSD-3-Clause
#include "core/amend.hpp"
#include "core/error.hpp"
#include "core/testing/expect_error.hpp"
#include "core/testing/temporary_folder.hpp"
#include "meter/account.hpp"
#include "meter/carbon.hpp"
#include "tests/meter/fixtures.hpp"

namespace crossjoule::meter {
namespace {

using core::testing::wrong_outcome;

constexpr std::int64_t hour_ns = 3'600'000'000'000;

/// 2018-01-20T12:00Z.
constexpr std::int64_t noon_ns = 1'516'449'600'000'000'000;

TEST(GridJson, ReadsTheAnswersOfFourServices) {
  auto const watttime = parse_grid(
      R"({"data": [{"point_time": "2018-01-20T12:05:00+00:00", "value": 500},
                   {"point_time": "2018-01-20T12:00:00+00:00", "value": 1000.0}],
          "meta": {"region": "CAISO_NORTH", "signal_type": "co2_moer", "units": "lbs_co2_per_mwh"}})",
      "w.json");
  EXPECT_EQ(watttime.kind, Intensity::marginal);
  EXPECT_EQ(watttime.place, "CAISO_NORTH");
  ASSERT_EQ(watttime.g_per_kwh.size(), 2u) << "newest first is an order, too";
  EXPECT_DOUBLE_EQ(watttime.g_per_kwh[0], 453.59237);
  EXPECT_EQ(watttime.time_ns[0], noon_ns);
  EXPECT_DOUBLE_EQ(watttime.step_second, 300);

  auto const britain = parse_grid(
      R"({"data":[{"from":"2018-01-20T12:00Z","to":"2018-01-20T12:30Z",
                   "intensity":{"forecast":266,"actual":263,"index":"moderate"}},
                  {"from":"2018-01-20T12:30Z","to":"2018-01-20T13:00Z",
                   "intensity":{"forecast":270,"actual":null,"index":"moderate"}}]})",
      "uk.json");
  EXPECT_EQ(britain.kind, Intensity::average);
  EXPECT_EQ(britain.g_per_kwh, (std::vector<double>{263, 270}));
  EXPECT_EQ(britain.estimated, (std::vector<std::uint8_t>{0, 1})) << "a forecast is an estimate";
  EXPECT_EQ(britain.time_ns[0], noon_ns);

  auto const aware = parse_grid(
      R"({"Emissions":[{"Location":"westus","Time":"2018-01-20T12:00:00Z","Rating":65.5}]})",
      "sdk.json");
  EXPECT_EQ(aware.g_per_kwh, std::vector<double>{65.5});
  EXPECT_EQ(aware.place, "westus");

  auto const maps = parse_grid(
      R"({"zone":"DE","history":[{"carbonIntensity":302,"datetime":"2018-01-20T12:00:00.000Z",
          "isEstimated":true},{"carbonIntensity":null,"datetime":"2018-01-20T13:00:00.000Z"}]})",
      "em.json");
  EXPECT_EQ(maps.place, "DE");
  EXPECT_EQ(maps.estimated, std::vector<std::uint8_t>{1});
  EXPECT_EQ(maps.dropped, 1);
}

TEST(GridJson, OtherDocumentsAreRefused) {
  for (char const* text : {"{", "{}", "[]", "[1, 2]", R"({"data": 3})", R"({"data": [{"x": 1}]})",
                           R"({"data":[{"point_time":"2018-01-20T12:00:00Z","value":-4}]})"})
    EXPECT_EQ(wrong_outcome(core::ExitCode::bad_input, "intensity", [&] { parse_grid(text, "x"); }),
              "")
        << text;
  EXPECT_EQ(wrong_outcome(core::ExitCode::bad_input, "units",
                          [&] {
                            parse_grid(
                                R"({"data":[{"point_time":"2018-01-20T12:00:00Z","value":4}],
                              "meta":{"signal_type":"health_damage","units":"usd"}})",
                                "x");
                          }),
            "");
}

/// A record of 100 W for two hours of UTC from `begin_ns`.
void make_record(std::filesystem::path const& path, std::int64_t begin_ns) {
  NodeAccount account;
  account.host = "n01", account.is_reader = true, account.utc_minus_steady_ns = begin_ns;
  SensorInfo info = package_info("package-0");
  account.ledger.devices.push_back({info, core::Kind::measured_counter, Use::counted});
  core::Quantity<core::Joules> const joules = {
      {0.95 * 720e3}, {720e3}, {1.05 * 720e3}, core::Kind::measured_counter};
  account.ledger.total.push_back(joules), account.ledger.flows.emplace_back();
  account.ledger.largest_term.emplace_back("gain");
  for (auto& phase : account.ledger.joules)
    phase.push_back(core::Quantity<core::Joules>::exactly({0}, core::Kind::measured_counter));
  account.ledger.joules[static_cast<std::size_t>(Phase::train)][0] = joules;
  Series series;
  series.time_ns = {0, 2 * hour_ns}, series.counter = {0, 720'000'000'000};
  account.series.push_back(series);
  auto file = core::H5File::create(path);
  write(file, {account});
  file.commit();
}

TEST(CarbonRecord, FiguresCanBeComputedAnewFromTheRecordAlone) {
  core::testing::TemporaryFolder const folder;
  auto const path = folder / "r.h5";
  make_record(path, noon_ns + hour_ns / 2);
  CarbonInputs inputs;
  GridSeries series;
  for (int k = -20; k < 20; ++k) {
    series.time_ns.push_back(noon_ns + k * hour_ns), series.g_per_kwh.push_back(100.0 + k);
    series.estimated.push_back(k == 1);
  }
  series.file = "es.csv", series.place = "ES", series.digest = "00ff", series.column = "direct";
  inputs.series = {series}, inputs.pue = 1.2, inputs.units = 10;
  inputs.embodied = {1000, 2000, 3000, 35040, 0.5};
  auto const timeline = read_timeline(core::H5File::open(path));
  auto const carbon = carbon_of(timeline, inputs.series, inputs.pue, inputs.embodied);
  // a quarter of the joules at 100, half at 101, a quarter at 102 g/kWh
  EXPECT_NEAR(*carbon.average_g, 1.2 * 0.2 * 101, 1e-9);
  std::string const group = "/energy/carbon/default";
  core::amend(path, group, [&](core::H5File& file) { write_carbon(file, group, carbon, inputs); });

  auto const file = core::H5File::open(path);
  file.check_digests();
  EXPECT_DOUBLE_EQ(file.read_attribute_number(group + "/average", "value"), *carbon.average_g);
  EXPECT_EQ(file.read_attribute_text(group + "/average", "kind"), "measured-counter");
  EXPECT_EQ(file.read_attribute_text(group + "/marginal", "kind"), "absent");
  EXPECT_FALSE(file.has_attribute(group + "/marginal", "value")) << "absent is never 0";
  EXPECT_EQ(file.read_attribute_text(group + "/embodied", "kind"), "assumed");
  EXPECT_DOUBLE_EQ(file.read_attribute_number(group, "sci_g_per_unit"),
                   (*carbon.average_g + carbon.embodied_g) / 10);
  auto const stored = read_stored_grids(file, group);
  ASSERT_EQ(stored.size(), 1u);
  EXPECT_LT(stored[0].time_ns.size(), 6u) << "the part that the run needs";
  EXPECT_EQ(stored[0].digest, "00ff");
  auto const again = carbon_of(read_timeline(file), stored, 2.4, inputs.embodied);
  EXPECT_NEAR(*again.average_g, 2 * *carbon.average_g, 1e-9);
  EXPECT_DOUBLE_EQ(again.covered_average, carbon.covered_average);
  EXPECT_DOUBLE_EQ(again.estimated_share, carbon.estimated_share);
}

TEST(CarbonRecord, ASeriesBesideTheRunStaysBesideIt) {
  core::testing::TemporaryFolder const folder;
  auto const path = folder / "r.h5";
  make_record(path, noon_ns);
  CarbonInputs inputs;
  GridSeries series;
  series.time_ns = {noon_ns + 100 * hour_ns}, series.g_per_kwh = {5}, series.estimated = {0};
  inputs.series = {series};
  auto const carbon = carbon_of(read_timeline(core::H5File::open(path)), inputs.series, 1, {});
  EXPECT_FALSE(carbon.average_g.has_value());
  core::amend(path, "/energy/carbon/a",
              [&](core::H5File& file) { write_carbon(file, "/energy/carbon/a", carbon, inputs); });
  auto const file = core::H5File::open(path);
  file.check_digests();
  EXPECT_EQ(file.read_attribute_text("/energy/carbon/a/average", "kind"), "absent");
}

}  // namespace
}  // namespace crossjoule::meter
