// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/sweep.hpp"

#include "core/error.hpp"
#include "models/build.hpp"
#include "runtime/params.hpp"
#include "tests/runtime/session.hpp"

#include <gtest/gtest.h>

namespace crossjoule::runtime {
namespace {

/// A sweep of a small network over made-up samples, metered without any sensor.
std::vector<SweepPoint> small_sweep(std::vector<std::int64_t> const& batches) {
  auto const session = tests::session();
  auto const graph = models::mlp({4, {8, 2}, {}, models::Objective::squared_distance, 0.5});
  auto const parameters = initial_parameters<float>(ParamLayout(graph), graph, 1);
  Matrix<float> const pool{3, 4,
                           std::vector<float>(12, 0.25f)};  // fewer rows than the largest batch
  SweepOptions options;
  options.batches = batches;
  options.seconds_per_point = 0.02;
  meter::Meter meter;
  return sweep<float>(graph, parameters, pool, options, kernels::Device::cpu, core::Comm::serial(),
                      meter);
}

TEST(Sweep, TimesEveryModeAndBatch) {
  auto const points = small_sweep({1, 10});
  ASSERT_EQ(points.size(), 4u);
  for (auto const& point : points) {
    EXPECT_EQ(point.busy_ranks, 1);
    EXPECT_GE(point.iterations, 5);
    EXPECT_GT(point.p50.value, 0);
    EXPECT_LE(point.p50, point.p95);
    EXPECT_LE(point.p95, point.p99);
    EXPECT_LE(point.latency.low, point.latency.value);
    EXPECT_LE(point.latency.value, point.latency.high);
    EXPECT_LE(point.seconds_per_sample.low, point.seconds_per_sample.value);
    EXPECT_EQ(point.samples, static_cast<double>(point.iterations * point.batch));
    // a batch's median latency and the throughput of one rank tell the same time, loosely
    EXPECT_GT(point.seconds_per_sample.value.value * static_cast<double>(point.batch),
              0.3 * point.p50.value);
  }
}

TEST(Sweep, BytesCountThePlanTheEventsAndTheAnswersOfTheLargestBatch) {
  auto const graph = models::svdd();
  SweepOptions options;
  options.batches = {1000, 20, 7};
  auto const plan =
      predicted_bytes<float>(graph, {.purpose = Purpose::inference, .max_batch = 1000});
  EXPECT_EQ(sweep_bytes<float>(graph, options, 10), plan.total() + 4 * (1000 * 76 + 1000));
  EXPECT_EQ(sweep_bytes<float>(graph, options, 4096), plan.total() + 4 * (4096 * 76 + 1000));
  options.modes.clear();  // then nothing runs
  EXPECT_EQ(sweep_bytes<float>(graph, options, 10), 0);
}

TEST(Sweep, PointsCarryTheMetersKindAndTheirBoundary) {
  auto const points = points_of(small_sweep({7}), "some CPU", "cpu", "fp32");
  ASSERT_EQ(points.size(), 4u);  // two modes, two boundaries
  for (auto const& point : points) {
    EXPECT_EQ(point.batch, 7);
    EXPECT_EQ(point.latency.kind, core::Kind::measured_counter);
    ASSERT_TRUE(point.joules_per_sample.present());
    EXPECT_GT(point.joules_per_sample.value.value, 0);
    EXPECT_LE(point.joules_per_sample.low, point.joules_per_sample.value);
  }
  EXPECT_EQ(points[0].boundary, core::Boundary::chip);
  EXPECT_EQ(points[1].boundary, core::Boundary::system);
  EXPECT_LE(points[0].joules_per_sample.value,
            points[1].joules_per_sample.value);  // system contains the chip
}

TEST(Sweep, NoBatchNoPoint) { EXPECT_TRUE(small_sweep({}).empty()); }

TEST(SweepOptions, AnUnknownModeAndAZeroBatchAreRefused) {
  EXPECT_THROW(read_sweep_options(core::Config::from_text("modes = [\"both\"]", "s.toml")),
               core::Error);
  EXPECT_THROW(read_sweep_options(core::Config::from_text("batches = [0]", "s.toml")), core::Error);
}

}  // namespace
}  // namespace crossjoule::runtime
