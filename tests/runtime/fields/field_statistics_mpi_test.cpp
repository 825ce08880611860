// SPDX-License-Identifier: BSD-3-Clause
// The same bits of statistics, bins and baselines on any number of ranks.
#include "brute_force.hpp"
#include "learn.hpp"
#include "runtime/fields/baselines.hpp"

#include <gtest/gtest.h>
#include <cstring>

namespace crossjoule::runtime {
namespace {

using testing::files_of;
using testing::learn;
using testing::Made;
using testing::noise;
using testing::stamps;
using testing::with_bins;
using testing::write_fields;

core::Comm const& all() {
  static core::Comm const comm = core::Comm::world();
  return comm;
}

/// One folder for all ranks, named by rank 0, with files that rank 0 writes.
class Shared : public ::testing::Test {
 protected:
  void SetUp() override {
    if (all().is_root()) own_.emplace();
    std::string name = own_ ? own_->path().string() : "";
    std::vector<char> letters(name.begin(), name.end());
    all().broadcast(letters);
    path_ = std::string(letters.begin(), letters.end());
  }
  void TearDown() override { all().barrier(); }

  FieldFilesOptions made(std::int64_t steps) {
    Made const what{.steps = steps,
                    .rows = 7,
                    .columns = 5,
                    .times_s = stamps("2019-03-01", steps),
                    .value = noise};
    if (all().is_root()) write_fields(path_ / "a.h5", what);
    all().barrier();
    return files_of({path_ / "a.h5"});
  }

  std::optional<testing::TemporaryFolder> own_;
  std::filesystem::path path_;
};

TEST_F(Shared, StatisticsHaveTheBitsOfOneRank) {
  // fewer blocks than ranks, one block per bin, several, a last one that is not full
  for (std::int64_t steps : {1, 5, 70, 330}) {
    FieldFiles const files(made(steps));
    for (Cycle cycle : {Cycle::none, Cycle::hour_of_day}) {
      auto const plan = plan_statistics(files, {}, cycle);
      std::map<std::int64_t, std::vector<float>> serial_bins, bins;
      auto const serial = with_bins(files, plan, core::Comm::serial(), serial_bins);
      auto const found = with_bins(files, plan, all(), bins);
      EXPECT_EQ(found.mean, serial.mean);
      EXPECT_EQ(found.deviation, serial.deviation);
      EXPECT_EQ(found.minimum, serial.minimum);
      EXPECT_EQ(found.maximum, serial.maximum);
      if (!all().is_root()) continue;
      EXPECT_EQ(found.time_mean, serial.time_mean);
      EXPECT_EQ(bins, serial_bins);
    }
    all().barrier();
  }
}

TEST_F(Shared, BaselinesHaveTheBitsOfOneRank) {
  auto const files = std::make_shared<FieldFiles const>(made(60));
  if (all().is_root()) learn(*files, {}, Cycle::hour_of_day, path_);
  all().barrier();
  Climatology const climatology(path_);
  BaselineOptions options;
  options.leads = {1, 7};
  auto const serial = compute_baselines(files, climatology, options, core::Comm::serial());
  auto const found = compute_baselines(files, climatology, options, all());
  ASSERT_EQ(found.size(), serial.size());
  ASSERT_EQ(found.size(), 2U * 2 * baseline_count);
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].rmse, serial[i].rmse);
    EXPECT_EQ(found[i].rmse_per_target, serial[i].rmse_per_target);
    EXPECT_EQ(found[i].factor, serial[i].factor);
    EXPECT_EQ(std::memcmp(&found[i].acc, &serial[i].acc, sizeof(double)), 0);
  }
}

}  // namespace
}  // namespace crossjoule::runtime

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  auto const comm = crossjoule::core::Comm::world();
  int const failures = RUN_ALL_TESTS();
  return comm.sum(failures) == 0 ? 0 : 1;
}
