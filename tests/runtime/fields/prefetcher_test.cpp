// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/fields/prefetcher.hpp"

#include "core/error.hpp"
#include "support.hpp"

#include <gtest/gtest.h>
#include <numeric>

namespace crossjoule::runtime {
namespace {

using core::ExitCode;
using testing::files_of;
using testing::Made;
using testing::noise;
using testing::refused;
using testing::stamps;
using testing::TemporaryFolder;
using testing::write_fields;

class PrefetcherTest : public ::testing::Test {
 protected:
  FieldSource source(Made const& made, std::int64_t targets = 2) {
    FieldOptions options;
    options.input = files_of({write_fields(folder_ / "a.h5", made)});
    options.channels_out = {"v"};
    options.targets = targets;
    return FieldSource(options);
  }
  TemporaryFolder folder_;
};

std::vector<std::int64_t> shuffled(std::int64_t count) {
  std::vector<std::int64_t> order;
  for (std::int64_t i = 0; i < count; ++i) order.push_back(i * 7 % count);
  return order;
}

/// Every batch against states that are read directly.
void expect_batches(FieldSource const& source, Prefetcher& prefetcher,
                    std::vector<std::int64_t> const& order, std::size_t batch) {
  prefetcher.begin(order);
  auto const in = static_cast<std::size_t>(source.state_size(Channels::in));
  auto const out = static_cast<std::size_t>(source.state_size(Channels::out));
  std::size_t done = 0;
  while (auto const* found = prefetcher.next()) {
    ASSERT_EQ(found->samples.size(), std::min(batch, order.size() - done));
    ASSERT_EQ(found->inputs.size(), found->samples.size() * in);
    for (std::size_t i = 0; i < found->samples.size(); ++i, ++done) {
      EXPECT_EQ(found->samples[i], order[done]);
      std::vector<float> wanted(in);
      source.read(order[done], 0, Channels::in, wanted);
      EXPECT_TRUE(std::equal(wanted.begin(), wanted.end(), found->inputs.begin() + i * in));
      wanted.resize(out);
      for (std::size_t k = 0; k < found->targets.size(); ++k) {
        source.read(order[done], static_cast<std::int64_t>(k) + 1, Channels::out, wanted);
        EXPECT_TRUE(std::equal(wanted.begin(), wanted.end(), found->targets[k].begin() + i * out));
      }
    }
  }
  EXPECT_EQ(done, order.size());
  EXPECT_EQ(prefetcher.next(), nullptr);
}

TEST_F(PrefetcherTest, GivesTheBatchesOfTheOrder) {
  auto const fields = source({.steps = 15, .value = noise});
  for (std::size_t batch : {1, 2, 5, 13, 40}) {
    Prefetcher prefetcher(fields, static_cast<std::int64_t>(batch));
    for (std::int64_t count : {13, 1, 0, 6})  // epochs reuse the buffers
      expect_batches(fields, prefetcher, shuffled(count), batch);
    // 3 x 4 points without coordinates are a global grid: its last row is left out
    EXPECT_EQ(Prefetcher::bytes(fields, 5), 2 * 5 * 4 * (16 + 2 * 8));
  }
  EXPECT_EQ(refused(ExitCode::bad_input, {"batch of 0"}, [&] { Prefetcher(fields, 0); }), "");
}

TEST_F(PrefetcherTest, EndsWhereverItIs) {
  auto const fields = source({.steps = 40, .value = noise});
  for (int taken = 0; taken < 6; ++taken) {
    Prefetcher prefetcher(fields, 3);
    prefetcher.begin(shuffled(38));
    for (int i = 0; i < taken; ++i) ASSERT_NE(prefetcher.next(), nullptr);
    if (taken % 2 == 0) continue;                        // dropped while it reads
    expect_batches(fields, prefetcher, shuffled(8), 3);  // or begun anew
  }
  Prefetcher const idle(fields, 3);
}

TEST_F(PrefetcherTest, ThrowsTheErrorOfItsThreadInPlace) {
  auto const fields = source({.steps = 12,
                              .times_s = stamps("2019-01-01", 12),
                              .value = [](auto t, auto, auto, auto) { return t == 7 ? NAN : 1.0; }},
                             1);
  Prefetcher prefetcher(fields, 2);
  std::vector<std::int64_t> order(11);
  std::iota(order.begin(), order.end(), std::int64_t{0});
  for (int again = 0; again < 2; ++again) {
    prefetcher.begin(order);
    for (int i = 0; i < 3; ++i) ASSERT_NE(prefetcher.next(), nullptr);  // samples 0 to 5
    for (int i = 0; i < 2; ++i)
      EXPECT_EQ(refused(ExitCode::bad_input, {"a.h5", "2019-01-02T18:00Z", "channel"},
                        [&] { prefetcher.next(); }),
                "");
  }
  prefetcher.begin({0, 1});
  EXPECT_NE(prefetcher.next(), nullptr);
  prefetcher.begin({99});
  EXPECT_EQ(refused(ExitCode::internal, {"sample 99"}, [&] { prefetcher.next(); }), "");
}

TEST_F(PrefetcherTest, ReadsWhileItsCallerReadsAndWrites) {
  auto const fields = source({.steps = 30, .value = noise});
  Prefetcher prefetcher(fields, 2);
  prefetcher.begin(shuffled(28));
  std::vector<float> state(static_cast<std::size_t>(fields.state_size(Channels::in)));
  for (int i = 0; prefetcher.next() != nullptr; ++i) {
    fields.read(i, 0, Channels::in, state);
    auto file = core::H5File::create(folder_ / (fmt::format("checkpoint{}.h5", i)));
    file.write("state", state, {"1", "a state"});
    file.commit();
  }
}

}  // namespace
}  // namespace crossjoule::runtime
