// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/record.hpp"

#include "chips.hpp"
#include "models/build.hpp"
#include "models/cost.hpp"
#include "models/text.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <cmath>
#include <filesystem>

namespace crossjoule::aimc {
namespace {

TEST(EstimateRecord, HoldsWhatTheEstimateSays) {
  auto const path =
      std::filesystem::temp_directory_path() / fmt::format("aimc_record_{}.h5", getpid());
  auto const graph = models::svdd();
  auto const chip = preset("hermes-64");
  std::vector<Estimate> const estimates = {
      estimate(graph, chip, chip.mode("four-phase"), {}, {{1, 100}, 4e7}),
      estimate(graph, chip, chip.mode("one-phase"), {}, {{1, 100}, 4e7})};
  {
    core::Record record(path, "estimate", core::Config(), core::Overwrite::yes);
    record.network(models::identity(graph), models::to_text(graph));
    write(record, estimates);
    record.commit();
  }
  auto const file = core::H5File::open(path);
  file.check_digests();
  std::string const group = "/result/estimate/hermes-64/four-phase";
  EXPECT_EQ(file.read_attribute_integer(group, "tiles"), 6);
  EXPECT_EQ(file.read_attribute_integer(group, "fixed_rate_replicas"), 21);
  EXPECT_EQ(file.read_attribute_text("/result/estimate/hermes-64/one-phase", "standing"), "peak");
  EXPECT_EQ(file.read<std::int64_t>(group + "/layers/outputs"),
            (std::vector<std::int64_t>{512, 256, 128, 13}));
  auto const mvm = file.read<double>(group + "/parts/device/mvm_value");
  ASSERT_EQ(mvm.size(), 2u);
  EXPECT_NEAR(mvm[1] * 1e9, 317.1097, 0.00005);
  EXPECT_TRUE(std::isnan(file.read<double>(group + "/parts/chip/digital_value")[0]))
      << "absent is never 0";
  EXPECT_EQ(file.read_attribute_text(group + "/terms/static_watts_per_tile", "kind"), "assumed");
  EXPECT_EQ(file.read_attribute_text(group + "/terms/host_idle_watts", "kind"), "absent");
  EXPECT_NEAR(file.read_attribute_number(group + "/interval", "value"), 521.0316e-9, 0.00005e-9);

  auto const points = core::read_points(file);
  ASSERT_EQ(points.size(), 18u);
  EXPECT_EQ(points[0].mode, "four-phase");
  EXPECT_EQ(points[0].latency.value, estimates[0].batches[0].boundaries[0].latency.value);
  EXPECT_FALSE(points[2].missing_terms.empty());
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace crossjoule::aimc
