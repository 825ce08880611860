// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/published.hpp"

#include "points.hpp"

#include <gtest/gtest.h>

namespace crossjoule::drivers {
namespace {

std::string const good = R"toml([[row]]
platform = "an FPGA"
network = "something else"
citation = "A. Author (2030)"
reading = "primary"
latency = { value = 80e-9, low = 75e-9, high = 85e-9, unit = "s" }
)toml";

std::string reading_of(std::string text, std::string const& from = "", std::string const& to = "") {
  if (!from.empty()) text.replace(text.find(from), from.size(), to);
  return refusal([&] { read_published(core::Config::from_text(text, "rows.toml")); });
}

TEST(Published, AGoodRowIsRead) {
  auto const rows = read_published(core::Config::from_text(good, "rows.toml"));
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_DOUBLE_EQ(rows[0].latency.value.value, 80e-9);
  EXPECT_FALSE(rows[0].joules_per_sample.present());
  EXPECT_FALSE(rows[0].same_network("")) << "an unknown network is never the same";
  EXPECT_FALSE(rows[0].same_network("d1"));
}

TEST(Published, BadRowsAreRefusedWithTheirPlace) {
  struct Bad {
    char const *from, *to, *complaint;
  };
  for (auto const& bad :
       {Bad{"citation = \"A. Author (2030)\"\n", "", "citation"},
        Bad{"platform = \"an FPGA\"\n", "", "platform"}, Bad{", unit = \"s\"", "", "no unit"},
        Bad{"unit = \"s\"", "unit = \"ns\"", "must be \"s\""},
        Bad{"low = 75e-9", "low = 81e-9", "must rise"}, Bad{"low = 75e-9", "low = -1.0", "low"},
        Bad{"value = 80e-9", "value = nan", "value"},
        Bad{"reading = \"primary\"", "reading = \"heard\"", "heard"},
        Bad{"latency", "latencies", "no figure"}, Bad{"reading", "redaing", "redaing"},
        Bad{"[[row]]", "[[rows]]", "row"}}) {
    auto const message = reading_of(good, bad.from, bad.to);
    EXPECT_NE(message.find(bad.complaint), std::string::npos) << bad.from << ": " << message;
    EXPECT_NE(message.find("rows.toml"), std::string::npos) << bad.from << ": " << message;
  }
  EXPECT_EQ(reading_of(good), "");
}

TEST(Published, TheStudysRowsAreReadAndNoneClaimsOurNetwork) {
  auto const rows = read_published(std::filesystem::path(CROSSJOULE_SOURCE_DIR) /
                                   "experiments/anomaly_detection/published.toml");
  ASSERT_GE(rows.size(), 3u);
  EXPECT_DOUBLE_EQ(rows[0].latency.value.value, 80e-9);
  for (auto const& row : rows) {
    EXPECT_TRUE(row.digest.empty()) << row.platform;
    EXPECT_FALSE(row.citation.empty());
  }
}

}  // namespace
}  // namespace crossjoule::drivers
