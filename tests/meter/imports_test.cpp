// SPDX-License-Identifier: BSD-3-Clause
#include "meter/imports.hpp"

#include "core/testing/expect_error.hpp"
#include "core/testing/temporary_folder.hpp"
#include "meter/impact_tracker.hpp"
#include "meter/json_lines.hpp"
#include "meter/naive.hpp"
#include "meter/values.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <array>
#include <cmath>
#include <fstream>
#include <map>

namespace crossjoule::meter {
namespace {

using core::testing::wrong_outcome;

double joule(Import const& import, std::size_t node, std::size_t device) {
  return import.nodes.at(node).ledger.total.at(device).value.value;
}
Import read(std::string const& text, LogFormat format, ImportOptions const& options = {}) {
  return import_text(text, format, "log", options);
}

TEST(NvidiaSmi, PowersOfTwoBoardsAreIntegrated) {
  std::string log = "timestamp, index, power.draw [W]\n";
  for (int k = 0; k <= 10; ++k)
    log += fmt::format(
        "2023/01/30 14:25:{:02}.000, 0, 100.00 W\n"
        "2023/01/30 14:25:{:02}.001, 1, {:.2f} W\n",
        10 + k, 10 + k, 50.0 + 10 * k);  // a ramp: the trapezium is exact
  log += "2023/01/30 14:25:15.000, 0, 999 W\nrubbish\n2023/01/30 14:25:30.000, 0, [N/A]\n";
  auto const import = read(log, LogFormat::nvidia_smi);
  ASSERT_EQ(import.nodes.size(), 1u);
  EXPECT_NEAR(joule(import, 0, 0), 1000, 1e-6);
  EXPECT_NEAR(joule(import, 0, 1), 1000, 1e-6);
  EXPECT_EQ(import.nodes[0].ledger.devices[1].info.id, "gpu-1");
  auto const& series = import.nodes[0].series;
  std::int64_t const utc = import.nodes[0].utc_minus_steady_ns;
  EXPECT_EQ(series[0].time_ns.front() + utc, *parse_time_ns("2023-01-30 14:25:10"));
  EXPECT_EQ(series[1].time_ns.front() - series[0].time_ns.front(), 1'000'000)
      << "a channel that starts later keeps its place";
  EXPECT_EQ(import.nodes[0].ledger.devices[1].kind, core::Kind::measured_sampled);
  EXPECT_GE(import.remarks.size(), 2u) << "what was dropped is told";
}

TEST(NvidiaSmi, UnitsOfTheHeadingAndGaps) {
  auto const milliwatt = read(
      "timestamp, uuid, power.draw [mW]\n2023/01/30 14:25:10, GPU-a, 100000\n"
      "2023/01/30 14:25:11, GPU-a, 100000\n2023/01/30 14:25:12, GPU-a, 100000\n"
      "2023/01/30 14:26:12, GPU-a, 100000\n",
      LogFormat::nvidia_smi);
  EXPECT_NEAR(joule(milliwatt, 0, 0), 6200, 1e-6);
  EXPECT_EQ(milliwatt.nodes[0].ledger.flows[0].gaps, 1);
  EXPECT_GT(milliwatt.nodes[0].ledger.total[0].high.value, 6500) << "a gap widens the interval";
}

TEST(Sacct, JobLineCountsAndSentinelsAreAbsent) {
  auto const import = read(
      "JobID|Elapsed|ConsumedEnergyRaw|NodeList\n"
      "77|01:00:00|3600000|n[01-02]\n77.batch|01:00:00|1000000|n01\n77.0|00:59:00|2600000|n[01-02]"
      "\n"
      "78|1-00:00:00||n03\n78.0|1-00:00:00|500|n03\n78.1|00:01|700|n03\n78.extern|10|9999|n03\n"
      "79|00:10:00|0|n04\n80|00:10:00|18446744073709551614|n05\n",
      LogFormat::sacct);
  ASSERT_EQ(import.nodes.size(), 2u);
  EXPECT_EQ(import.nodes[0].host, "n[01-02]");
  EXPECT_NEAR(joule(import, 0, 0), 3.6e6, 1e-3);
  EXPECT_NEAR(joule(import, 1, 0), 1200, 1e-6) << "numbered steps where the job has no line";
  EXPECT_NEAR(import.nodes[1].ledger.seconds[9].value, 86400, 1e-6);
  EXPECT_EQ(wrong_outcome(core::ExitCode::bad_input, "no energy",
                          [] { read("JobID|ConsumedEnergyRaw\n1|0\n", LogFormat::sacct); }),
            "");
}

TEST(Sacct, RoundedFiguresHavePrefixesOfAThousand) {
  auto const import = read(
      "JobID|Elapsed|ConsumedEnergy|NodeList\n1|00:10:00|532|n1\n2|00:10:00|12.50K|n2\n"
      "3|00:10:00|1.05M|n3\n4|00:10:00|2G|n4\n5|00:10:00|7Q|n5\n6|00:10:00|K|n6\n",
      LogFormat::sacct);
  ASSERT_EQ(import.nodes.size(), 4u);
  double const truth[] = {532, 12'500, 1'050'000, 2e9};
  for (std::size_t k = 0; k < 4; ++k) EXPECT_NEAR(joule(import, k, 0), truth[k], 1e-3);
  EXPECT_NE(fmt::format("{}", fmt::join(import.remarks, "\n")).find("ask for ConsumedEnergyRaw"),
            std::string::npos);
}

TEST(NvidiaSmi, BoardsAreToldApartByTheBestColumnThereIs) {
  std::string const bus =
      "power.draw [W], pci.bus_id, timestamp\n100.00 W, 00000000:3B:00.0, 2024/03/01 "
      "12:00:00.000\n[N/A], 00000000:D8:00.0, 2024/03/01 12:00:00.001\n50.00 W, "
      "00000000:D8:00.0, 2024/03/01 12:00:00.500\n100.00 W, 00000000:3B:00.0, 2024/03/01 "
      "12:00:01.000\n50.00 W, 00000000:D8:00.0, 2024/03/01 12:00:01.500\n";
  auto const import = read(bus, LogFormat::nvidia_smi);
  ASSERT_EQ(import.nodes[0].ledger.devices.size(), 2u);
  EXPECT_NEAR(joule(import, 0, 0), 100, 1e-9);
  EXPECT_NEAR(joule(import, 0, 1), 50, 1e-9);
  auto const alone = read(
      "timestamp, power.draw [W]\n2024/03/01 12:00:00.000, 100.00 W\n"
      "2024/03/01 12:00:01.000, 100.00 W\n",
      LogFormat::nvidia_smi);
  EXPECT_NE(fmt::format("{}", fmt::join(alone.remarks, "\n")).find("no column tells boards apart"),
            std::string::npos);
}

TEST(Sacct, FiguresBeyondAnyMachineDoNotOverflow) {
  auto const import = import_text(
      "JobID|Elapsed|ConsumedEnergyRaw|NodeList\n1|1.02:03:0477777777777777777|500|n1\n"
      "2|10:00:00|2000000000000|big\n",
      LogFormat::sacct, "s", {});
  ASSERT_EQ(import.nodes.size(), 2u);
  EXPECT_NEAR(joule(import, 0, 0), 500, 1e-3);
  EXPECT_NEAR(joule(import, 1, 0), 2e12, 1) << "a day of the largest machine is not cut off";
}

TEST(Tegrastats, InputRailIsTheSum) {
  std::string log;
  for (int k = 0; k < 5; ++k)
    log +=
        "RAM 2100/7846MB (lfb 4x4MB) CPU [5%@729,0%@729] GR3D_FREQ 0% VDD_IN 5000mW/4900mW "
        "VDD_CPU_GPU_CV 1000mW/990mW VDD_SOC 1500mW/1400mW\n";
  auto const import = read(log, LogFormat::tegrastats);
  auto const& ledger = import.nodes[0].ledger;
  ASSERT_EQ(ledger.devices.size(), 3u);
  for (std::size_t k = 0; k < 3; ++k) {
    bool const is_input = ledger.devices[k].info.id == "rail-VDD_IN";
    EXPECT_EQ(ledger.devices[k].use == Use::counted, is_input);
    if (is_input) {
      EXPECT_NEAR(ledger.total[k].value.value, 20, 1e-9);
    }
  }
  auto const old = read(
      "01-30-2023 14:25:10 RAM 1/2MB POM_5V_IN 2500/2400 POM_5V_GPU 40/40\n"
      "01-30-2023 14:25:12 RAM 1/2MB POM_5V_IN 2500/2400 POM_5V_GPU 40/40\n",
      LogFormat::tegrastats);
  EXPECT_NEAR(joule(old, 0, 1), 5, 1e-9);
}

TEST(CodeCarbon, RowsAreModelledAndDoubleCountingIsTold) {
  std::string const heading =
      "timestamp,project_name,run_id,duration,emissions,cpu_power,cpu_energy,gpu_energy,ram_energy,"
      "energy_consumed\n";
  auto const import = read(heading +
                               "2026-01-01T00:00:10,p,run-a,10.0,0,7,1e-5,0,2e-5,3e-5\n"
                               "2026-01-01T00:00:10,p,run-b,10.1,0,7,1e-5,0,2e-5,3e-5\n",
                           LogFormat::codecarbon);
  ASSERT_EQ(import.nodes.size(), 2u);
  EXPECT_EQ(import.nodes[0].ledger.devices.size(), 2u) << "0 kWh of GPU is no GPU";
  EXPECT_EQ(import.nodes[0].ledger.total[0].kind, core::Kind::modelled);
  EXPECT_NEAR(joule(import, 0, 0), 36, 1e-6);
  bool is_told = false;
  for (auto const& remark : import.remarks)
    is_told = is_told || remark.find("twice") != std::string::npos;
  EXPECT_TRUE(is_told);
}

TEST(Imports, LedgerClosesAndFormatsAreGuessed) {
  core::testing::TemporaryFolder const folder;
  auto const put = [&](char const* name, char const* text) {
    std::ofstream(folder / name) << text;
    return folder / name;
  };
  EXPECT_EQ(guess_log_format(put("a", "timestamp, power.draw [W]\n")), LogFormat::nvidia_smi);
  EXPECT_EQ(guess_log_format(put("b", "JobID|ConsumedEnergyRaw\n")), LogFormat::sacct);
  EXPECT_EQ(guess_log_format(put("c", "\n{\"timestamp\": 1}\n")), LogFormat::impact_tracker);
  EXPECT_EQ(guess_log_format(put("d", "RAM 1/2MB VDD_IN 1/1\n")), LogFormat::tegrastats);
  EXPECT_EQ(guess_log_format(put("e", "# device = node\n")), LogFormat::trace);
  EXPECT_EQ(wrong_outcome(core::ExitCode::bad_input, "no known form",
                          [&] { guess_log_format(put("f", "hello\n")); }),
            "");
  auto const import = read("t_ns,watts\n0,5\n1000000000,5\n", LogFormat::trace);
  auto const& ledger = import.nodes[0].ledger;
  EXPECT_DOUBLE_EQ(ledger.sum().value.value, 5);
  EXPECT_DOUBLE_EQ(ledger.sum(Phase::unattributed).value.value, 5);
}

/// JSON lines as experiment-impact-tracker writes them, and the same by a plain loop.
TEST(ImpactTracker, IsTheAuthorsRuleToTheDigit) {
  std::string log;
  std::int64_t const start = *parse_time_ns("2019-10-31 12:01:10.769862", -7 * 3600);
  std::int64_t const end = *parse_time_ns("2019-10-31 12:20:26.421328", -7 * 3600);
  long double cpu = 0, gpu = 0, kg = 0, mean = 0;
  std::int64_t before = start;
  for (int k = 0; k < 100; ++k) {
    double const second = 5.25 + 11.4 * k + 0.001 * (k % 7);
    double const p = 40.125 + k % 13, g = 60.5 - k % 5;
    double const ci = k < 3 ? 201.5 : 195 + k / 10;  // the first three lack one
    log += fmt::format(
        "{{\"timestamp\": {:.6f}, \"rapl_estimated_attributable_power_draw\": {}, "
        "\"nvidia_estimated_attributable_power_draw\": {}, \"cpu_time_seconds\": {{\"17\": "
        "{{\"user\": {}, \"system\": 1.0}}}}, \"average_gpu_estimated_utilization_absolute\": 0.5, "
        "\"per_gpu_power_draw\": {{\"0\": 60}}, \"realtime_carbon_intensity\": {}}}\n",
        static_cast<double>(start / 1000) * 1e-6 + second, p, g, 10 * k,
        k < 3 ? "null" : fmt::format("{}", ci));
    double const filled = k < 3 ? 195.0 : ci;
    std::int64_t const time =
        *parse_time_ns(fmt::format("{:.6f}", static_cast<double>(start / 1000) * 1e-6 + second));
    long double hours = static_cast<long double>(time - before) / 3.6e12L;
    if (k == 99) hours += static_cast<long double>(end - time) / 3.6e12L;
    cpu += p * hours / 1000, gpu += g * hours / 1000;
    kg += 1.58L * (p + g) * hours / 1000 * filled / 1000, mean += filled / 100;
    before = time;
  }
  ImpactOptions options;
  options.start_ns = start, options.end_ns = end;
  auto const run = read_impact_tracker(log + "not json\n{\"no\": 1}\n\n", options);
  auto const six = [](long double value) {
    return fmt::format("{:.6g}", static_cast<double>(value));
  };
  EXPECT_EQ(six(run.kwh_cpu), six(cpu));
  EXPECT_EQ(six(run.kwh_gpu), six(gpu));
  EXPECT_EQ(six(run.kwh_total), six(1.58L * (cpu + gpu)));
  EXPECT_EQ(six(run.kg_co2), six(kg));
  EXPECT_EQ(six(run.mean_intensity), six(mean));
  EXPECT_EQ(six(run.hours), "0.321014") << "the published hours of Pong 3";
  EXPECT_EQ(run.unreadable, 2);
  EXPECT_NE(six(kg), six(1.58L * (cpu + gpu) * mean / 1000)) << "carbon is a sum of products";
  EXPECT_NEAR(run.cpu_hours, 991.0 / 3600, 1e-12);
}

TEST(ImpactTracker, TextStampsAndBadRunsAreTold) {
  auto const run = read_impact_tracker(
      R"({"timestamp": "2019-10-31 12:00:00", "rapl_estimated_attributable_power_draw": 100})"
      "\n"
      R"({"timestamp": "2019-10-31 13:00:00", "rapl_estimated_attributable_power_draw": 300})",
      {});
  EXPECT_DOUBLE_EQ(run.kwh_cpu, 0.3)
      << "right rectangles: the sample speaks for the time before it";
  EXPECT_EQ(run.without_gpu, 2);
  EXPECT_DOUBLE_EQ(run.mean_intensity, 301);
  EXPECT_EQ(wrong_outcome(core::ExitCode::bad_input, "no sample",
                          [] { read_impact_tracker("[]\n", {}); }),
            "");
  ImpactOptions late;
  late.start_ns = *parse_time_ns("2030-01-01");
  EXPECT_EQ(wrong_outcome(core::ExitCode::bad_input, "inside its samples",
                          [&] { read_impact_tracker("{\"timestamp\": 1572548470}", late); }),
            "");
}

TEST(Json, ParsesWhatLogsHoldAndRefusesTheRest) {
  auto const value = parse_json(R"( {"a": [1, -2.5e1, "x\"\n"], "b": {"c": NaN, "d": true}} )");
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(value->find("a")->find("1")->number(), -25);
  EXPECT_EQ(value->find("a")->find("2")->text(), "x\"\n");
  EXPECT_FALSE(value->find("b")->find("c")->number().has_value());
  for (std::string const text :
       {"", "{", "{\"a\" 1}", "[1,]", "{} {}", "\"open", "{\"a\": nul}", "[1 2]", "\"\\"})
    EXPECT_FALSE(parse_json(text).has_value()) << text;
  EXPECT_FALSE(parse_json(std::string(100'000, '[')).has_value()) << "depth is bounded";
}

std::filesystem::path profile_folder() {
  return std::filesystem::path(CROSSJOULE_SHARED_DIR) / "data/cpu-load";
}

TEST(LoadProfile, ErrorsOfTheEstimatorAreThePublishedOnes) {
  if (!std::filesystem::exists(profile_folder()))
    GTEST_SKIP() << "no " << profile_folder().string();
  std::map<std::string, std::array<std::string, 2>> const want = {
      {"AMD_EPYC_8024P_8C", {"35.8 +16.4", "40.5 +7.2"}},
      {"AMD_Threadripper", {"13.1 +1.8", "15.6 -7.4"}},
      {"E5-2620", {"30.9 +33.5", "51.9 +57.8"}}};
  std::vector<LoadProfile> plugged;
  int files = 0;
  for (auto const& [machine, texts] : want)
    for (auto const& file : std::filesystem::directory_iterator(profile_folder() / machine)) {
      bool const is_all = file.path().string().find("all_cores") != std::string::npos;
      auto const profile = read_load_profile(detail::read_log(file.path()), "profile", 0);
      EXPECT_EQ(profile.dropped, 1);
      EXPECT_EQ(profile.rows, 11);
      EXPECT_EQ(fmt::format("{:.1f} {:+.1f}", 100 * profile.errors[0].mean_absolute_share,
                            100 * profile.errors[0].bias_share),
                texts[is_all ? 0 : 1])
          << file.path();
      EXPECT_EQ(profile.wall.has_value(), machine == "AMD_Threadripper");
      if (profile.wall) plugged.push_back(profile);
      ++files;
    }
  EXPECT_EQ(files, 6);
  auto const line = fit_wall(plugged);
  ASSERT_TRUE(line.has_value());
  EXPECT_EQ(
      fmt::format("{:.2f} {:.4f} {:.3f} {}", line->offset_watt, line->slope, line->r2, line->rows),
      "131.28 0.9603 0.789 20");
}

TEST(LoadProfile, ThePublishedTableNoticesTheFirstRow) {
  if (!std::filesystem::exists(profile_folder()))
    GTEST_SKIP() << "no " << profile_folder().string();
  auto const folder = profile_folder() / "E5-2620";
  auto text = detail::read_log(std::filesystem::directory_iterator(folder)->path());
  double const clean = read_load_profile(text, "profile", 0).errors[0].mean_absolute_share;
  // the first row twice: one of them stays
  auto const end = text.find('\n') + 1, next = text.find('\n', end) + 1;
  text.insert(end, text.substr(end, next - end));
  auto const profile = read_load_profile(text, "profile", 0);
  EXPECT_GT(std::abs(profile.errors[0].mean_absolute_share - clean), 0.01);
}

TEST(Naive, EstimatorsAreTheirFormulas) {
  EXPECT_DOUBLE_EQ(codecarbon_watt(100, 0.5), 100 * (0.1 + 0.9 * 0.125));
  EXPECT_DOUBLE_EQ(constant_watt(100, 0.9), 50);
  EXPECT_DOUBLE_EQ(tdp_watt(100, 0.1), 100);
  EXPECT_DOUBLE_EQ(codecarbon_memory_watt(16), 6);
}

}  // namespace
}  // namespace crossjoule::meter
