// SPDX-License-Identifier: BSD-3-Clause
// Forecasters that read the states before the start.
#include "core/error.hpp"
#include "models/afno.hpp"
#include "models/unroll.hpp"
#include "runtime/forecast/cases.hpp"
#include "runtime/forecast/field_rows.hpp"
#include "runtime/forecast/forecaster.hpp"
#include "runtime/params.hpp"
#include "tests/runtime/fields/learn.hpp"
#include "tests/runtime/fields/support.hpp"
#include "tests/runtime/session.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <numbers>

namespace crossjoule::runtime {
namespace {

using testing::noise;
using testing::refused;
using testing::stamps;
using testing::TemporaryFolder;
using testing::write_fields;

constexpr std::int64_t steps = 14, rows = 4, columns = 6, plane = rows * columns;
constexpr double mean_u = 0.25, mean_v = -0.5, scale_u = 2, scale_v = 4;

class HistoryOfFields : public ::testing::Test {
 protected:
  HistoryOfFields() {
    write_fields(folder_ / "2001.h5", {.steps = steps,
                                       .rows = rows,
                                       .columns = columns,
                                       .times_s = stamps("2001-01-01", steps),
                                       .lat = {30, 10, -10, -30},
                                       .lon = {0, 60, 120, 180, 240, 300},
                                       .value = noise});
  }
  std::shared_ptr<FieldSource const> source(std::int64_t targets, std::int64_t history,
                                            std::int64_t lead = 2) const {
    FieldOptions o;
    o.input.files = {folder_.path() / "2001.h5"};
    o.channels_in = {"u", "v"};
    o.channels_out = {"u"};
    o.targets = targets;
    o.lead = lead;
    o.history = history;
    auto made = std::make_shared<FieldSource>(o);
    made->normalise_with({{"u", "v"}, {mean_u, mean_v}, {scale_u, scale_v}, "test"});
    return made;
  }
  TemporaryFolder folder_;
};
class HistoryOfStates : public HistoryOfFields,
                        public ::testing::WithParamInterface<std::int64_t> {};
INSTANTIATE_TEST_SUITE_P(States, HistoryOfStates, ::testing::Values(1, 2, 3));

/// What the network is given at a step of the file, point by point: u and v now, u one lead before,
/// two leads before, ..., sine and cosine of the local time.
std::vector<double> by_hand(std::int64_t step, std::int64_t lead, std::int64_t history) {
  std::vector<double> values;
  auto const add = [&](auto const& value) {
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::int64_t k = 0; k < columns; ++k) values.push_back(value(r, k));
  };
  auto const u = [&](std::int64_t at) {
    add([&](auto r, auto k) { return (noise(at, 0, r, k) - mean_u) / scale_u; });
  };
  u(step);
  add([&](auto r, auto k) { return (noise(step, 1, r, k) - mean_v) / scale_v; });
  for (std::int64_t before = 1; before < history; ++before) u(step - before * lead);
  auto const angle = [&](std::int64_t k) {
    return 2 * std::numbers::pi *
           (0.25 * static_cast<double>(step % 4) + static_cast<double>(k) / columns);
  };
  add([&](auto, auto k) { return std::sin(angle(k)); });
  add([&](auto, auto k) { return std::cos(angle(k)); });
  return values;
}

TEST_P(HistoryOfStates, RowsHoldTheStatesInTheStatedOrder) {
  auto const history = GetParam();
  auto const fields = source(2, history);
  auto const prepared =
      std::make_shared<Preparation const>(*fields, PreparationOptions{.clocks = {"day"}});
  FieldRows<double> data(fields, prepared, 2), direct(fields, prepared, 1);
  auto const inputs = 2 + (history - 1) + 2;
  ASSERT_EQ(data.features(), (inputs + (1 + 2) + 2) * plane);
  ASSERT_EQ(data.rows(), steps - 2 * 2 - 2 * (history - 1));
  std::vector<std::int64_t> const order{3, 0, 0, 2, 5};
  data.expect(order);
  std::vector<double> row(static_cast<std::size_t>(data.features())), again(row.size());
  for (auto const sample : order) {
    data.read(sample, row);
    direct.read(sample, again);
    EXPECT_EQ(row, again);  // read ahead or not
    auto const start = sample + 2 * (history - 1);
    EXPECT_EQ(fields->step_of(sample), start);
    auto want = by_hand(start, 2, history);
    auto const later = by_hand(start + 2, 2, 1), last = by_hand(start + 4, 2, 1);
    want.insert(want.end(), later.begin() + plane, later.end());  // v and clocks, no history
    want.insert(want.end(), later.begin(), later.begin() + plane);
    want.insert(want.end(), last.begin(), last.begin() + plane);
    ASSERT_EQ(want.size(), row.size());
    for (std::size_t i = 0; i < row.size(); ++i) EXPECT_NEAR(row[i], want[i], 1e-6) << i;
  }
}

/// Anomalies of the states before are from the climatology of their own times: each is the newest
/// state of the sample before.
TEST_F(HistoryOfFields, EachStateIsAnAnomalyAtItsOwnTime) {
  auto const fields = source(1, 3, 1);
  std::filesystem::create_directory(folder_ / "stats");
  testing::learn(fields->files(), {}, Cycle::hour_of_day, folder_ / "stats");
  auto const plane_of = [&](PreparationOptions const& options, std::int64_t sample,
                            std::int64_t channel) {
    FieldRows<float> data(fields, std::make_shared<Preparation const>(*fields, options), 1);
    std::vector<float> row(static_cast<std::size_t>(data.features()));
    data.read(sample, row);
    auto const begin = row.begin() + channel * plane;
    return std::vector<float>(begin, begin + plane);
  };
  PreparationOptions const anomalies{.anomalies = folder_ / "stats"};
  for (std::int64_t const sample : {2, 5}) {
    EXPECT_EQ(plane_of(anomalies, sample, 2), plane_of(anomalies, sample - 1, 0));
    EXPECT_EQ(plane_of(anomalies, sample, 3), plane_of(anomalies, sample - 2, 0));
    EXPECT_NE(plane_of(anomalies, sample, 2), plane_of({}, sample, 2));
  }
}

TEST_P(HistoryOfStates, RollOutsAreRepeatedSingleStepsToTheBit) {
  auto const session = tests::session();
  constexpr std::int64_t lead = 2, begin = 5, ahead = 4, members = 3;
  auto const history = GetParam();
  auto const every = source(0, 1, lead);
  Preparation const prepared(*every, {.clocks = {"day"}});
  auto const graph =
      models::without_objective(models::afno({.rows = rows,
                                              .columns = columns,
                                              .channels_in = 2 + history - 1 + 2,
                                              .channels_out = 1,
                                              .patch = 2,
                                              .embed = 8,
                                              .depth = 1,
                                              .blocks = 2,
                                              .predicts = models::AfnoOptions::Predicts::change}));
  auto const parameters = initial_parameters<float>(ParamLayout(graph), graph, 1);
  std::vector<std::vector<float>> seen;
  Rollout<float> rollout(graph, parameters, kernels::Device::cpu, 2);
  Forecaster<float> forecaster(*every, prepared, rollout, {.members = members}, history);
  for (int twice = 0; twice < 2; ++twice) {  // nothing is left over from an earlier start
    seen.clear();
    forecaster.run(begin + twice, ahead, [&](std::int64_t, std::span<float const> all) {
      seen.emplace_back(all.begin(), all.begin() + plane);
    });
  }

  Plan<float> plan(graph, {});
  plan.set_parameters(parameters);
  std::int64_t const start = begin + 1;
  std::vector<std::vector<float>> states;  // from new to old
  auto const read = [&](std::int64_t step, Channels which) {
    std::vector<float> state(static_cast<std::size_t>(every->state_size(which)));
    every->read(step, 0, which, state);
    return state;
  };
  for (std::int64_t k = 0; k < history; ++k)
    states.push_back(read(start - k * lead, Channels::out));
  for (std::int64_t step = 0; step < ahead; ++step) {
    auto const now = start + step * lead;
    std::vector<float> input = states[0], planes(2 * plane), next(plane), fields(plane);
    auto const known = read(now, Channels::in);
    input.insert(input.end(), known.begin() + plane, known.end());
    for (std::int64_t k = 1; k < history; ++k)
      input.insert(input.end(), states[static_cast<std::size_t>(k)].begin(),
                   states[static_cast<std::size_t>(k)].end());
    prepared.extras(every->files().time_of(now), planes);
    input.insert(input.end(), planes.begin(), planes.end());
    plan.infer(input, 1, next, {});
    every->to_physical(Channels::out, next, fields);
    EXPECT_EQ(seen[static_cast<std::size_t>(step)], fields) << step;
    states.insert(states.begin(), next);
    states.pop_back();
  }
}

/// The noise is on the newest state: a network that looks at the one before alone first sees it a
/// step later.
TEST_F(HistoryOfFields, EnsemblesPerturbTheNewestStateAlone) {
  auto const session = tests::session();
  auto const every = source(0, 1, 1);
  Preparation const prepared(*every, {});
  models::Graph graph{"before", {}};
  graph.add("input", {}, models::Input{{{{"channel", 3}, {"row", rows}, {"column", columns}}}});
  graph.add("output", {0}, models::TakeChannels{2, 1});  // u, v, u before
  Rollout<float> rollout(graph, {}, kernels::Device::cpu, 1);
  Forecaster<float> forecaster(*every, prepared, rollout, {.members = 3, .amplitude = 1}, 2);
  std::vector<std::vector<float>> seen;
  forecaster.run(4, 3, [&](std::int64_t, std::span<float const> all) {
    seen.emplace_back(all.begin(), all.end());
  });
  auto const member = [&](std::size_t step, std::int64_t m) {
    return std::vector<float>(seen[step].begin() + m * plane, seen[step].begin() + (m + 1) * plane);
  };
  for (std::int64_t const m : {1, 2}) {
    EXPECT_EQ(member(0, m), member(0, 0));  // u(3)
    EXPECT_NE(member(1, m), member(1, 0));  // u(4), perturbed
    EXPECT_EQ(member(2, m), member(0, 0));  // u(3) again
  }
  EXPECT_NE(member(1, 1), member(1, 2));
  std::vector<float> want(plane);
  every->read_physical(4, 0, Channels::out, want);
  for (std::size_t i = 0; i < want.size(); ++i) EXPECT_NEAR(member(1, 0)[i], want[i], 1e-6);
}

/// Every start by trial: history and targets in one run; the history in the range too, unless the
/// targets alone must be.
TEST(HistoryOfCases, LiesInTheRunAndInTheRange) {
  TemporaryFolder const folder;
  write_fields(folder / "2001.h5", {.steps = 10, .times_s = stamps("2001-01-01", 10)});
  write_fields(folder / "2002.h5", {.steps = 12, .times_s = stamps("2002-01-01", 12)});
  auto const files = std::make_shared<FieldFiles const>(testing::files_of({folder.path()}));
  int compared = 0;
  for (std::int64_t const history : {1, 2, 3})
    for (std::int64_t const lead : {1, 2})
      for (auto const within : {Within::states, Within::targets})
        for (std::int64_t const first : {0, 4, 11, 13}) {
          TimeRange const range{.first = first, .count = 8};
          std::vector<std::int64_t> want;
          for (std::int64_t start = 0; start < 22; ++start) {
            auto const oldest = start - (history - 1) * lead, target = start + lead;
            bool const one_run = oldest >= 0 && (oldest < 10) == (target < 10) && target < 22;
            auto const inside = [&](std::int64_t step) {
              return step >= first && step < first + 8;
            };
            bool const states = within == Within::targets || (inside(oldest) && inside(start));
            if (one_run && states && inside(target)) want.push_back(start);
          }
          CaseOptions const options{
              .range = range, .within = within, .lead = lead, .steps = 1, .history = history};
          FieldOptions const fields{
              .range = range, .lead = lead, .history = history, .within = within};
          ++compared;
          if (want.empty()) {
            EXPECT_THROW(find_cases(*files, options), core::Error);
            EXPECT_THROW(FieldSource(files, fields), core::Error);
            continue;
          }
          EXPECT_EQ(find_cases(*files, options).starts, want);
          FieldSource const source(files, fields);
          std::vector<std::int64_t> found;
          for (std::int64_t i = 0; i < source.samples(); ++i) found.push_back(source.step_of(i));
          EXPECT_EQ(found, want) << history << lead << first;
        }
  EXPECT_EQ(compared, 48);
  FieldOptions const too_long{.lead = 5, .history = 3};
  EXPECT_EQ(refused(core::ExitCode::bad_input, {"16 steps", "3 states", "data.history"},
                    [&] { FieldSource(files, too_long); }),
            "");
  EXPECT_EQ(refused(core::ExitCode::bad_input, {"no initial time", "10 steps earlier"},
                    [&] { find_cases(*files, {.lead = 5, .steps = 1, .history = 3}); }),
            "");
}

TEST_F(HistoryOfFields, IsPartOfTheContract) {
  auto const fields = source(1, 3);
  auto const contract = FieldContract::of(*fields, {});
  {
    auto file = core::H5File::create(folder_ / "record.h5");
    contract.write(file);
    file.commit();
  }
  auto const read = FieldContract::read(core::H5File::open(folder_ / "record.h5"));
  EXPECT_EQ(read.history, 3);
  EXPECT_NO_THROW(read.check_history(3, *fields));
  EXPECT_EQ(refused(core::ExitCode::bad_input, {"history = 2", "3 states"},
                    [&] { read.check_history(2, *fields); }),
            "");
}

}  // namespace
}  // namespace crossjoule::runtime
