// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/fields/field_statistics.hpp"

#include "brute_force.hpp"
#include "core/error.hpp"
#include "learn.hpp"
#include "runtime/fields/channel_statistics.hpp"

#include <gtest/gtest.h>
#include <numeric>

namespace crossjoule::runtime {
namespace {

using core::ExitCode;
using testing::brute_force;
using testing::files_of;
using testing::learn;
using testing::Made;
using testing::noise;
using testing::refused;
using testing::stamps;
using testing::TemporaryFolder;
using testing::with_bins;
using testing::write_fields;

/// Sums of float32 in double, against long double: largest error seen 4e-14.
constexpr double allowed_error = 1e-12;

/// A large mean with little noise on it, and a small channel: what loses digits in bad sums.
double hard(std::int64_t t, std::int64_t c, std::int64_t r, std::int64_t k) {
  return c == 0 ? 101325 + noise(t, c, r, k) : 2e-5 * (1 + 0.1 * noise(t, c, r, k));
}

std::vector<std::int64_t> all_steps(std::int64_t count) {
  std::vector<std::int64_t> steps(static_cast<std::size_t>(count));
  std::iota(steps.begin(), steps.end(), std::int64_t{0});
  return steps;
}

/// Largest error relative to the size of what is compared.
double worst(std::span<float const> found, std::vector<double> const& wanted) {
  double error = found.size() == wanted.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(found.size(), wanted.size()); ++i)
    error = std::max(error, std::abs(found[i] - wanted[i]) / (1e-9 + std::abs(wanted[i])));
  return error;
}

TEST(FieldStatistics, AgreesWithBruteForce) {
  TemporaryFolder folder;
  for (auto const& [cycle, hours] : {std::pair{Cycle::none, 6.0},
                                     {Cycle::hour_of_day, 6.0},
                                     {Cycle::month, 24 * 20.0},
                                     {Cycle::day_of_year, 24 * 100.0},
                                     {Cycle::day_and_hour, 36.0}}) {
    Made const made{.steps = 150,
                    .rows = 3,
                    .columns = 5,
                    .times_s = stamps("2019-03-01", 150, hours),
                    .value = hard};
    FieldFiles const files(files_of({write_fields(folder / "a.h5", made)}));
    auto const plan = plan_statistics(files, {}, cycle);
    auto const wanted = brute_force(made, all_steps(150), cycle);
    std::map<std::int64_t, std::vector<float>> bins;
    auto const found = with_bins(files, plan, core::Comm::serial(), bins);
    EXPECT_EQ(plan.steps, 150);
    ASSERT_EQ(bins.size(), wanted.bins.size()) << to_string(cycle);
    for (auto const& [key, bin] : wanted.bins) EXPECT_LT(worst(bins[key], bin), 1e-7) << key;
    EXPECT_LT(worst(found.time_mean, wanted.time_mean), 1e-7);
    for (std::size_t c = 0; c < 2; ++c) {
      EXPECT_NEAR(found.mean[c] / wanted.mean[c], 1, allowed_error);
      EXPECT_NEAR(found.deviation[c] / wanted.deviation[c], 1, 1e-9);
      EXPECT_EQ(found.minimum[c], wanted.minimum[c]);
      EXPECT_EQ(found.maximum[c], wanted.maximum[c]);
    }
  }
}

TEST(FieldStatistics, ComparisonNoticesOneStepMore) {
  Made const made{.steps = 20, .value = hard};
  TemporaryFolder folder;
  FieldFiles const files(files_of({write_fields(folder / "a.h5", made)}));
  auto const found =
      compute_statistics(files, plan_statistics(files, {}, Cycle::none), core::Comm::serial());
  auto const wanted = brute_force(made, all_steps(19), Cycle::none);
  EXPECT_GT(std::abs(found.deviation[0] / wanted.deviation[0] - 1), 1e-5);
  EXPECT_GT(worst(found.time_mean, wanted.time_mean), 1e-7);
}

TEST(FieldStatistics, CountsTheRangeAlone) {
  Made made{.steps = 30, .times_s = stamps("2019-03-01", 30)};
  TemporaryFolder folder;
  FieldFiles const files(files_of({write_fields(folder / "a.h5", made)}));
  TimeRange range;
  range.from = parse_time("2019-03-02");
  range.until = parse_time("2019-03-05");
  auto const plan = plan_statistics(files, range, Cycle::hour_of_day);
  EXPECT_EQ(plan.steps, 12);
  EXPECT_EQ(plan.bins.size(), 4U);
  auto steps = all_steps(16);
  steps.erase(steps.begin(), steps.begin() + 4);
  auto const found = compute_statistics(files, plan, core::Comm::serial());
  EXPECT_NEAR(found.mean[0], brute_force(made, steps, Cycle::none).mean[0], 1e-9);
}

TEST(FieldStatistics, AConstantChannelHasDeviationZero) {
  Made const made{
      .value = [](auto t, auto c, auto r, auto k) { return c == 0 ? 0.1 : noise(t, c, r, k); }};
  TemporaryFolder folder;
  FieldFiles const files(files_of({write_fields(folder / "a.h5", made)}));
  auto const found =
      compute_statistics(files, plan_statistics(files, {}, Cycle::none), core::Comm::serial());
  EXPECT_EQ(found.deviation[0], 0);
  EXPECT_EQ(found.mean[0], static_cast<double>(0.1F));
  EXPECT_GT(found.deviation[1], 0);
}

TEST(FieldStatistics, ChoosesASuitableCycle) {
  TemporaryFolder folder;
  auto const chosen = [&](std::int64_t steps, double hours) {
    Made made{
        .steps = steps, .rows = 1, .columns = 1, .times_s = stamps("2019-03-01", steps, hours)};
    FieldFiles const files(files_of({write_fields(folder / "a.h5", made)}));
    return suitable_cycle(files, files.runs_within({}));
  };
  EXPECT_EQ(chosen(40, 6), Cycle::hour_of_day);
  EXPECT_EQ(chosen(4, 6), Cycle::none);
  EXPECT_EQ(chosen(40, 7), Cycle::none);
  EXPECT_EQ(chosen(132, 730.5), Cycle::month);
  EXPECT_EQ(chosen(10, 730.5), Cycle::none);
  EXPECT_EQ(chosen(731, 24), Cycle::day_of_year);
  EXPECT_EQ(chosen(1500, 12), Cycle::day_and_hour);
  FieldFiles const timeless(files_of({write_fields(folder / "n.h5", {})}));
  EXPECT_EQ(suitable_cycle(timeless, timeless.runs_within({})), Cycle::none);
  EXPECT_EQ(refused(ExitCode::bad_input, {"n.h5", "no time stamps"},
                    [&] { plan_statistics(timeless, {}, Cycle::month); }),
            "");
}

TEST(Climatology, ReadsBackTheBinsOfItsRecord) {
  TemporaryFolder folder;
  Made const made{
      .steps = 48, .rows = 3, .columns = 5, .times_s = stamps("2019-12-30", 48), .value = noise};
  FieldFiles const files(files_of({write_fields(folder / "a.h5", made)}));
  auto const wanted = brute_force(made, all_steps(48), Cycle::day_and_hour);
  learn(files, {}, Cycle::day_and_hour, folder.path());
  Climatology const climatology(folder.path());
  EXPECT_EQ(climatology.cycle(), Cycle::day_and_hour);
  EXPECT_EQ(climatology.bins(), 48);
  std::vector<float> box(1 * 2 * 4);
  climatology.read(*parse_time("2031-01-02T06"), climatology.places_of({"v"}), 2, 4, box);
  auto const& bin = wanted.bins.at(10'000'000 + 200'000 + 21'600);
  for (std::size_t r = 0; r < 2; ++r)
    for (std::size_t k = 0; k < 4; ++k) EXPECT_NEAR(box[r * 4 + k], bin[15 + r * 5 + k], 1e-6);
  EXPECT_EQ(refused(ExitCode::bad_input, {"statistics.h5", "2019-06-01T00:00Z", "1 June 00:00"},
                    [&] {
                      climatology.read(*parse_time("2019-06-01"), climatology.places_of({"v"}), 2,
                                       4, box);
                    }),
            "");
  EXPECT_EQ(
      refused(ExitCode::bad_input, {"channel w", "u, v"}, [&] { climatology.places_of({"w"}); }),
      "");
  EXPECT_EQ(
      refused(ExitCode::bad_input, {"a.h5", "/climatology"}, [&] { Climatology{folder / "a.h5"}; }),
      "");
  auto const statistics = read_channel_statistics(folder.path());
  EXPECT_EQ(statistics.channels, made.names);
  EXPECT_NEAR(statistics.mean[1], brute_force(made, all_steps(48), Cycle::none).mean[1], 1e-12);
}

TEST(Climatology, NamesBins) {
  auto const text = [](Cycle cycle) {
    return bin_text(cycle, bin_key(cycle, *parse_time("2020-02-29T18:30")));
  };
  EXPECT_EQ(text(Cycle::none), "all");
  EXPECT_EQ(text(Cycle::month), "February");
  EXPECT_EQ(text(Cycle::hour_of_day), "18:30");
  EXPECT_EQ(text(Cycle::day_of_year), "29 February");
  EXPECT_EQ(text(Cycle::day_and_hour), "29 February 18:30");
  for (auto const& name : cycle_names()) EXPECT_EQ(to_string(cycle_from(name)), name);
  EXPECT_EQ(refused(ExitCode::bad_input, {"weekly", "month"}, [] { cycle_from("weekly"); }), "");
}

}  // namespace
}  // namespace crossjoule::runtime
