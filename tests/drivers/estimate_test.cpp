// SPDX-License-Identifier: BSD-3-Clause
// The verb `estimate`: its record, its table, its refusals.
#include "core/points.hpp"
#include "core/record.hpp"
#include "drivers/verbs.hpp"
#include "models/build.hpp"
#include "models/text.hpp"
#include "points.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>

namespace crossjoule::drivers {
namespace {

class EstimateVerb : public testing::Test {
 protected:
  EstimateVerb()
      : path_(std::filesystem::temp_directory_path() / fmt::format("estimate_{}.h5", getpid())) {}
  ~EstimateVerb() override { std::filesystem::remove(path_); }

  std::string estimated(std::string const& toml, Call::Format format = Call::Format::table) const {
    Call call;
    call.verb = "estimate";
    call.config = core::Config::from_text(toml, "study.toml");
    call.output = path_.string();
    call.format = format;
    testing::internal::CaptureStdout();
    try {
      EXPECT_EQ(estimate(call, core::Comm::serial()), core::ExitCode::ok);
    } catch (...) {
      testing::internal::GetCapturedStdout();
      throw;
    }
    return testing::internal::GetCapturedStdout();
  }

  std::filesystem::path path_;
};

TEST_F(EstimateVerb, WithoutConfigurationEstimatesSvddOnBothChipsInAllModes) {
  auto const text = estimated("");
  for (auto part :
       {"NONE IS MEASURED", "hermes-64", "four-phase", "one-phase (peak)", "hermes-core", "layer0"})
    EXPECT_NE(text.find(part), std::string::npos) << part;
  auto const file = core::H5File::open(path_);
  EXPECT_EQ(core::read_network(file).digest, models::digest(models::svdd()));
  EXPECT_EQ(core::read_points(file).size(), 3u * 3 * (6 + 1))
      << "lines x boundaries x (batches + rate)";
  EXPECT_TRUE(file.is_group("/result/estimate/hermes-64/four-phase"));
  EXPECT_EQ(file.read_attribute_integer("/cost", "stationary_weights"), 204416);
}

TEST_F(EstimateVerb, OneModeOfOnePresetIsOneLine) {
  estimated("[chip]\npreset = \"hermes-64/four-phase\"\n[estimate]\nbatches = [1]\nrate_hz = 0");
  auto const points = core::read_points(core::H5File::open(path_));
  ASSERT_EQ(points.size(), 3u);
  EXPECT_NEAR(points[0].latency.value.value * 1e9, 2084.126, 0.0005);
}

TEST_F(EstimateVerb, JsonIsOneDocumentWithTheFigures) {
  auto const text = estimated("[chip]\npreset = \"hermes-core\"\n", Call::Format::json);
  EXPECT_EQ(text.front(), '{');
  for (auto part : {"\"verb\": \"estimate\"", "\"replicas\": 6", "\"tiles\": 6", "\"static\"",
                    "\"missing_terms\""})
    EXPECT_NE(text.find(part), std::string::npos) << part;
}

TEST_F(EstimateVerb, BadInputIsRefusedBeforeAnythingIsWritten) {
  struct Bad {
    char const *toml, *complaint;
  };
  for (auto const& bad :
       {Bad{"[chip]\npreset = \"hermes-65\"", "hermes-64"},
        Bad{"[chip]\npreset = \"hermes-64/no-phase\"", "four-phase"},
        Bad{"[chip]\npresets = []", "no chip"},
        Bad{"[chip]\npresets = [\"hermes-64\", \"hermes-64/four-phase\"]", "2 times"},
        Bad{"[chip]\nfiles = [\"absent.toml\"]", "absent.toml"},
        Bad{"[estimate]\nbatches = []", "batches"}, Bad{"[estimate]\nbatches = [0]", "batches"},
        Bad{"[estimate]\nrate_hz = -1.0", "rate_hz"}, Bad{"[estimate]\nrate_hz = nan", "rate_hz"},
        Bad{"[estimate]\nbatch = [1]", "batches"},
        Bad{"[assumed.host_idle_watts]\nvalue = 1.0", "study.toml"}}) {
    EXPECT_NE(refusal([&] { estimated(bad.toml); }).find(bad.complaint), std::string::npos)
        << bad.toml;
    EXPECT_FALSE(std::filesystem::exists(path_));
  }
}

}  // namespace
}  // namespace crossjoule::drivers
