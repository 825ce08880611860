// SPDX-License-Identifier: BSD-3-Clause
#include "meter/trace.hpp"

#include "core/testing/expect_error.hpp"
#include "core/testing/temporary_folder.hpp"
#include "meter/backends.hpp"
#include "meter/meter.hpp"
#include "tests/meter/scripted.hpp"

namespace crossjoule::meter {
namespace {

using core::testing::wrong_outcome;

TEST(Trace, GapsDuplicatesDisorderAndMixedUnitsAreCounted) {
  auto const channels = parse_trace(
      "# device = node\n# id = pdu-3\n# accuracy = 0.01\nt_utc_ns,watts\n"
      "1000000000000000000,100\n1000000001000000000,0.1 kW\n1000000001000000000,7\n"
      "1000000000500000000,7\n1000000002000000000,nan\n1000000002000000000,-5\nnever,5\n"
      "1000000003000000000,100000 mW\n1000000004000000000,100 A\n1000000060000000000,100 W\n",
      "pdu.csv");
  ASSERT_EQ(channels.size(), 1u);
  auto const& one = channels[0];
  EXPECT_EQ(one.info.id, "pdu-3");
  EXPECT_DOUBLE_EQ(one.info.gain, 0.01);
  EXPECT_EQ(one.readings.size(), 4u);
  for (auto const& reading : one.readings) EXPECT_DOUBLE_EQ(reading.watt, 100);
  EXPECT_EQ(one.duplicates, 1);
  EXPECT_EQ(one.out_of_order, 1);
  EXPECT_EQ(one.unreadable, 4);
  EXPECT_EQ(one.gaps, 1);
}

TEST(Trace, RefusesWhatIsNone) {
  for (auto const& [text, part] : {std::pair<char const*, char const*>{"", "empty"},
                                   {"a,b\n1,2\n", "heading"},
                                   {"t_ns,watts\n", "no reading"},
                                   {"# accuracy = much\nt_ns,watts\n1000000000,1\n", "accuracy"},
                                   {"# device = moon\nt_ns,watts\n1000000000,1\n", "device"}})
    EXPECT_EQ(wrong_outcome(core::ExitCode::bad_input, part, [&] { parse_trace(text, "x.csv"); }),
              "");
  EXPECT_EQ(wrong_outcome(core::ExitCode::bad_input, "replay:FILE",
                          [] { parse_trace_source("pdu.csv"); }),
            "");
  EXPECT_EQ(parse_trace_source("external:a:b.csv").file, "a:b.csv");
}

TEST(Replay, PlaysTheRecordingWithTheMetersClock) {
  core::testing::TemporaryFolder const folder;
  std::ofstream(folder / "t.csv") << "# device = package\n# id = package-0\nt_ns,watts\n"
                                     "5000000000,100\n6000000000,100\n6100000000,300\n"
                                     "8000000000,300\n8100000000,100\n20000000000,100\n";
  FakeRoot root;
  auto const clock = std::make_shared<ScriptedClock>();
  MeterOptions options;
  options.traces = {parse_trace_source("replay:" + (folder / "t.csv").string())};
  Meter meter(options, parts_for(root, clock));
  EXPECT_EQ(meter.headline().rfind("REPLAY package, measured-sampled", 0), 0u) << meter.headline();
  auto region = meter.begin(Phase::train);
  for (int k = 0; k < 50; ++k) clock->pass(0.1), meter.sample();
  auto const energy = region.close();
  EXPECT_NEAR(energy.chip.value.value, 300 + 2 * 300, 45);
  EXPECT_EQ(energy.chip.kind, core::Kind::measured_sampled);
  EXPECT_LE(energy.chip.low.value, 900);
  EXPECT_GE(energy.chip.high.value, 900);
}

TEST(External, FollowsAFileThatGrows) {
  core::testing::TemporaryFolder const folder;
  auto const path = folder / "pdu.csv";
  std::ofstream(path) << "# device = node\nt_utc_ns,watts\n1000000000000000000,500\n"
                         "1000000001000000000,500\n";
  ScriptedClock clock;
  auto const found = find_traces({{TraceSource::Role::external, path}}, clock);
  ASSERT_EQ(found.sensors.size(), 1u);
  auto& sensor = *found.sensors[0];
  EXPECT_TRUE(sensor.info().is_sampled);
  EXPECT_EQ(sensor.read()->counter, 0u);
  std::ofstream more(path, std::ios::app);
  more << "1000000002000000000,700\n1000000003000000000,7" << std::flush;  // half a line
  EXPECT_EQ(sensor.read()->counter, 600'000'000u);
  more << "00\n1000000002500000000,9\ngarbage\n1000000004000000000,0.7 kW\n" << std::flush;
  EXPECT_EQ(sensor.read()->counter, 600'000'000u + 2 * 700'000'000u);
}

}  // namespace
}  // namespace crossjoule::meter
