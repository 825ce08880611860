// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/forecast/forecast_file.hpp"

#include "core/testing/temporary_folder.hpp"

#include <gtest/gtest.h>

namespace crossjoule::runtime {
namespace {

TEST(ForecastFile, OneVariablePerChannelWithItsAxes) {
  core::testing::TemporaryFolder const folder;
  ForecastAxes const axes{.starts_s = {3600, 7200},
                          .leads_h = {6, 12, 18},
                          .members = 2,
                          .channels = {"t2m", "time", "q/500"},
                          .units = {"K", "", "kg kg-1"},
                          .grid = {2, 4, {10, -10}, {0, 90, 180, 270}}};
  ForecastFile file(folder / "f.h5", axes, core::Overwrite::no);
  std::vector<float> values(3 * 2 * 3 * 2 * 4);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  file.add(values);
  for (float& value : values) value += 1000;
  file.add(values);
  file.commit();

  auto const read = core::H5File::open(folder / "f.h5");
  EXPECT_EQ(read.shape("/t2m"), (std::vector<std::int64_t>{2, 2, 3, 2, 4}));
  EXPECT_TRUE(read.exists("/time_"));  // a channel of that name stands aside
  EXPECT_TRUE(read.exists("/q_500"));
  auto const second = read.read<float>("/time_");
  EXPECT_EQ(second[0], 48);  // (channel, member, lead, row, column)
  EXPECT_EQ(second[48], 1048);
  EXPECT_EQ(read.read_attribute_text("/t2m", "units"), "K");
  EXPECT_EQ(read.read<double>("/valid_time"),
            (std::vector<double>{25200, 46800, 68400, 28800, 50400, 72000}));
}

TEST(ForecastFile, OneMemberHasNoAxisOfIt) {
  core::testing::TemporaryFolder const folder;
  ForecastAxes const axes{.starts_s = {4},
                          .has_times = false,
                          .leads_h = {1},
                          .channels = {"x"},
                          .units = {""},
                          .grid = {2, 3, {}, {}}};
  ForecastFile file(folder / "f.h5", axes, core::Overwrite::no);
  file.add(std::vector<float>{1, 2, 3, 4, 5, 6});
  file.commit();
  auto const read = core::H5File::open(folder / "f.h5");
  EXPECT_EQ(read.shape("/x"), (std::vector<std::int64_t>{1, 1, 2, 3}));
  EXPECT_FALSE(read.exists("/valid_time"));
  EXPECT_EQ(read.read<double>("/lat"), (std::vector<double>{0, 1}));
}

}  // namespace
}  // namespace crossjoule::runtime
