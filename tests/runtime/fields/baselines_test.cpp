// SPDX-License-Identifier: BSD-3-Clause
// Baselines against plain loops, and against the figures that the READMEs of real data state.
#include "runtime/fields/baselines.hpp"

#include "core/error.hpp"
#include "learn.hpp"
#include "support.hpp"

#include <gtest/gtest.h>
#include <numeric>

namespace crossjoule::runtime {
namespace {

using testing::files_of;
using testing::learn;
using testing::Made;
using testing::noise;
using testing::stamps;
using testing::TemporaryFolder;
using testing::write_fields;

BaselineScore const& find(std::vector<BaselineScore> const& scores, std::int64_t lead,
                          std::string const& channel, Baseline baseline) {
  for (auto const& score : scores)
    if (score.lead == lead && score.channel == channel && score.baseline == baseline) return score;
  throw std::runtime_error("no such score");
}

/// Everything by loops over stored values, weights and hour bins.
TEST(Baselines, AgreeWithPlainLoops) {
  TemporaryFolder folder;
  std::int64_t const steps = 40, train = 28, rows = 3, columns = 4;
  Made const made{.steps = steps,
                  .times_s = stamps("2019-03-01", steps),
                  .lat = {60, 10, -40},
                  .value = [](auto t, auto c, auto r, auto k) {
                    return std::cos(0.7 * static_cast<double>(t + c)) + noise(t / 2, c, r, k) +
                           0.1 * noise(t, c, r, k);
                  }};
  auto const files =
      std::make_shared<FieldFiles const>(files_of({write_fields(folder / "a.h5", made)}));
  BaselineOptions options;
  options.train = {{}, {}, 0, train};
  options.test = {{}, {}, train, steps};
  options.leads = {3};
  learn(*files, options.train, Cycle::hour_of_day, folder.path());
  auto const scores =
      compute_baselines(files, Climatology(folder.path()), options, core::Comm::serial());

  auto const x = [&](auto t, auto c, auto r, auto k) {
    return static_cast<double>(static_cast<float>(made.value(t, c, r, k)));
  };
  double const cosines = std::cos(M_PI / 3) + std::cos(M_PI / 18) + std::cos(M_PI / 4.5);
  for (std::int64_t c = 0; c < 2; ++c) {
    auto const mean = [&](std::int64_t t, auto r, auto k) {
      double sum = 0, count = 0;
      for (std::int64_t s = t % 4; s < train; s += 4, ++count) sum += x(s, c, r, k);
      return sum / count;
    };
    auto const anomaly = [&](auto t, auto r, auto k) { return x(t, c, r, k) - mean(t, r, k); };
    auto const area = [&](auto const& term) {
      double sum = 0;
      for (std::int64_t r = 0; r < rows; ++r)
        for (std::int64_t k = 0; k < columns; ++k)
          sum += std::cos(made.lat[static_cast<std::size_t>(r)] * M_PI / 180) / cosines *
                 term(r, k) / static_cast<double>(columns);
      return sum;
    };
    double product = 0, square = 0;
    for (std::int64_t t = 0; t + 3 < train; ++t) {
      product += area([&](auto r, auto k) { return anomaly(t, r, k) * anomaly(t + 3, r, k); });
      square += area([&](auto r, auto k) { return anomaly(t, r, k) * anomaly(t, r, k); });
    }
    double const factor = product / square;
    double persistence = 0, damped = 0, per_target = 0, acc = 0;
    for (std::int64_t t = train; t + 3 < steps; ++t) {
      persistence +=
          area([&](auto r, auto k) { return std::pow(x(t, c, r, k) - x(t + 3, c, r, k), 2); });
      double const one = area([&](auto r, auto k) {
        return std::pow(factor * anomaly(t, r, k) - anomaly(t + 3, r, k), 2);
      });
      damped += one;
      per_target += std::sqrt(one);
      auto const shifted = [&](auto r, auto k) { return x(t, c, r, k) - mean(t + 3, r, k); };
      double const xy = area([&](auto r, auto k) { return shifted(r, k) * anomaly(t + 3, r, k); });
      double const xx = area([&](auto r, auto k) { return std::pow(shifted(r, k), 2); });
      double const yy = area([&](auto r, auto k) { return std::pow(anomaly(t + 3, r, k), 2); });
      acc += xy / std::sqrt(xx * yy);
    }
    double const targets = static_cast<double>(steps - train - 3);
    auto const& name = made.names[static_cast<std::size_t>(c)];
    auto const& p = find(scores, 3, name, Baseline::persistence);
    auto const& d = find(scores, 3, name, Baseline::damped_anomaly);
    EXPECT_EQ(p.targets, steps - train - 3);
    EXPECT_NEAR(p.rmse, std::sqrt(persistence / targets), 1e-7);
    EXPECT_NEAR(p.acc, acc / targets, 1e-6);
    EXPECT_NEAR(d.factor, factor, 1e-6);
    EXPECT_NEAR(d.rmse, std::sqrt(damped / targets), 1e-6);
    EXPECT_NEAR(d.rmse_per_target, per_target / targets, 1e-6);
    EXPECT_TRUE(std::isnan(find(scores, 3, name, Baseline::climatology).acc));
  }
}

class RealData : public ::testing::Test {
 protected:
  std::filesystem::path file(std::string const& name) {
    auto const path = std::filesystem::path(CROSSJOULE_SHARED_DIR) / "data" / name;
    return std::filesystem::exists(path) ? path : std::filesystem::path{};
  }
  TemporaryFolder folder_;
};
#define SKIP_WITHOUT(path) \
  if ((path).empty()) GTEST_SKIP() << "the real data do not lie beside the repository"

/// Figures of the READMEs have four decimals.
constexpr double printed = 0.51e-4;

TEST_F(RealData, TemperatureOverTheUkHasTheFiguresOfItsReadme) {
  auto const path = file("era5/t2m-uk-2019-03.h5");
  SKIP_WITHOUT(path);
  auto const files = std::make_shared<FieldFiles const>(files_of({path}));
  EXPECT_EQ(files->step_seconds(), 3600);
  EXPECT_EQ(files->units(), std::vector<std::string>{"K"});
  BaselineOptions options;
  options.train.until = parse_time("2019-03-25");
  options.test.from = parse_time("2019-03-25");
  options.leads = {1, 3, 6, 12, 24, 48, 72};
  auto const plan = plan_statistics(*files, {}, Cycle::none);
  auto const whole = compute_statistics(*files, plan, core::Comm::serial());
  EXPECT_NEAR(whole.minimum[0], 265.680, 0.51e-3);
  EXPECT_NEAR(whole.mean[0], 280.774, 0.51e-3);
  EXPECT_NEAR(whole.maximum[0], 291.559, 0.51e-3);
  EXPECT_NEAR(whole.deviation[0], 2.288, 0.51e-3);
  EXPECT_EQ(suitable_cycle(*files, files->runs_within(options.train)), Cycle::hour_of_day);
  auto const train = learn(*files, options.train, Cycle::hour_of_day, folder_.path());
  EXPECT_NEAR(train.mean[0], 280.6598, printed);
  EXPECT_NEAR(train.deviation[0], 2.2788, printed);
  auto const scores =
      compute_baselines(files, Climatology(folder_.path()), options, core::Comm::serial());
  struct Line {
    std::int64_t lead, targets;
    double persistence, anomaly, damped, factor, climatology;
  };
  for (auto const& line : {Line{1, 167, 0.5776, 0.4253, 0.4229, 0.9782, 1.8037},
                           {3, 165, 1.5681, 1.0837, 1.0427, 0.8855, 1.8129},
                           {6, 162, 2.7198, 1.8063, 1.6302, 0.7442, 1.8256},
                           {12, 156, 3.6938, 2.4739, 2.0230, 0.5522, 1.8512},
                           {24, 144, 1.5380, 1.5380, 1.5354, 0.3628, 1.8889},
                           {48, 120, 1.8698, 1.8698, 1.9019, -0.0012, 1.9008},
                           {72, 96, 2.0426, 2.0426, 1.9592, -0.0827, 1.8967}}) {
    auto const score = [&](Baseline b) { return find(scores, line.lead, "t2m", b); };
    EXPECT_EQ(score(Baseline::persistence).targets, line.targets);
    EXPECT_NEAR(score(Baseline::persistence).rmse, line.persistence, printed);
    EXPECT_NEAR(score(Baseline::anomaly_persistence).rmse, line.anomaly, printed);
    EXPECT_NEAR(score(Baseline::damped_anomaly).rmse, line.damped, printed);
    EXPECT_NEAR(score(Baseline::damped_anomaly).factor, line.factor, printed);
    EXPECT_NEAR(score(Baseline::climatology).rmse, line.climatology, printed);
  }
  auto const& six = find(scores, 6, "t2m", Baseline::persistence);
  EXPECT_NEAR(six.rmse_per_target, 2.4533, printed);
  EXPECT_NEAR(six.acc, 0.2961, printed);
  EXPECT_NEAR(find(scores, 1, "t2m", Baseline::persistence).acc, 0.9417, printed);
  EXPECT_NEAR(find(scores, 24, "t2m", Baseline::damped_anomaly).rmse_per_target, 1.5007, printed);
}

TEST_F(RealData, MonthlyWindsHaveTheFiguresOfTheirReadme) {
  auto const path = file("fnoc/wind-global-monthly-1982-1992.h5");
  SKIP_WITHOUT(path);
  auto const files = std::make_shared<FieldFiles const>(files_of({path}));
  EXPECT_EQ(files->runs().size(), 1U);
  BaselineOptions options;
  options.train = {{}, {}, 0, 108};
  options.test = {{}, {}, 108, 24};
  options.within = Within::targets;
  options.leads = {1, 2, 3, 12};
  EXPECT_EQ(suitable_cycle(*files, files->runs_within(options.train)), Cycle::month);
  auto const train = learn(*files, options.train, Cycle::month, folder_.path());
  EXPECT_NEAR(train.mean[0], 0.03567, 0.51e-5);
  EXPECT_NEAR(train.mean[1], -0.08598, 0.51e-5);
  EXPECT_NEAR(train.deviation[0], 4.49786, 0.51e-5);
  EXPECT_NEAR(train.deviation[1], 2.65443, 0.51e-5);
  auto const scores =
      compute_baselines(files, Climatology(folder_.path()), options, core::Comm::serial());
  auto const rmse = [&](std::int64_t lead, char const* channel, Baseline b) {
    EXPECT_EQ(find(scores, lead, channel, b).targets, 24);
    return find(scores, lead, channel, b).rmse;
  };
  EXPECT_NEAR(rmse(1, "u", Baseline::climatology), 2.0542, printed);
  EXPECT_NEAR(rmse(1, "v", Baseline::climatology), 1.6378, printed);
  std::vector<double> const u = {2.3597, 2.8844, 3.2989, 2.5052},
                            v = {1.8508, 2.2453, 2.5556, 1.9468};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(rmse(options.leads[i], "u", Baseline::persistence), u[i], printed);
    EXPECT_NEAR(rmse(options.leads[i], "v", Baseline::persistence), v[i], printed);
  }
  EXPECT_NEAR(rmse(3, "u", Baseline::anomaly_persistence), 2.5715, printed);
  EXPECT_NEAR(rmse(1, "u", Baseline::damped_anomaly), 1.9390, printed);
  EXPECT_NEAR(rmse(1, "v", Baseline::damped_anomaly), 1.5172, printed);
  EXPECT_NEAR(find(scores, 1, "v", Baseline::damped_anomaly).factor, 0.3165, printed);
  EXPECT_NEAR(find(scores, 1, "u", Baseline::anomaly_persistence).acc, 0.337, 0.51e-3);
}

TEST_F(RealData, TwentyChannelsHaveTheFiguresOfTheirReadme) {
  auto const path = file("era5/europe-20ch-2020-01-01.h5");
  SKIP_WITHOUT(path);
  auto const files = std::make_shared<FieldFiles const>(files_of({path}));
  EXPECT_EQ(files->channels().size(), 20U);
  BaselineOptions options;
  options.leads = {1, 6};
  auto const found = learn(*files, {}, Cycle::none, folder_.path());
  EXPECT_NEAR(found.mean[3], 99966, 0.51);
  EXPECT_NEAR(found.deviation[19] / 1.3212e-05, 1, 1e-4);
  EXPECT_NEAR(found.maximum[19] / 0.00012937, 1, 1e-4);
  auto const scores =
      compute_baselines(files, Climatology(folder_.path()), options, core::Comm::serial());
  EXPECT_NEAR(find(scores, 1, "sp", Baseline::persistence).rmse, 34.752, 0.51e-3);
  EXPECT_NEAR(find(scores, 6, "u10", Baseline::persistence).rmse, 1.3306, printed);
  EXPECT_NEAR(find(scores, 6, "q300", Baseline::persistence).rmse / 1.3926e-05, 1, 1e-4);
}

TEST_F(RealData, GlobalMembersAreRunsOfTheirOwn) {
  auto const path = file("era5/global-3deg");
  SKIP_WITHOUT(path);
  auto input = files_of({path});
  EXPECT_EQ(testing::refused(core::ExitCode::bad_input,
                             {"global-3deg: no year files", "10 other", "member-0.h5"},
                             [&] { FieldFiles{input}; }),
            "");
  input.pattern = "member-?.h5";
  auto const files = std::make_shared<FieldFiles const>(input);
  EXPECT_EQ(files->runs().size(), 10U);
  FieldOptions view;
  view.patch = 4;
  FieldSource const source(files, view);
  EXPECT_EQ(source.rows(), 60);  // the 61st row is the south pole
  EXPECT_EQ(source.samples(), 30);
  BaselineOptions options;
  options.leads = {1, 2, 3};
  auto const found = learn(*files, {}, Cycle::none, folder_.path());
  EXPECT_NEAR(found.mean[0], 53977.15, 0.51e-2);
  EXPECT_NEAR(found.deviation[3], 14.402, 0.51e-3);
  auto const scores =
      compute_baselines(files, Climatology(folder_.path()), options, core::Comm::serial());
  EXPECT_NEAR(find(scores, 1, "z500", Baseline::persistence).rmse, 391.54, 0.51e-2);
  EXPECT_NEAR(find(scores, 2, "z850", Baseline::persistence).rmse, 444.83, 0.51e-2);
  EXPECT_NEAR(find(scores, 3, "t850", Baseline::persistence).rmse, 3.5107, printed);
  // all starts and targets are pairs of the train range: the factor of lead 3 has ten of them
  EXPECT_EQ(find(scores, 3, "t500", Baseline::damped_anomaly).targets, 10);
}

}  // namespace
}  // namespace crossjoule::runtime
