// SPDX-License-Identifier: BSD-3-Clause
#include "core/error.hpp"
#include "meter/meter.hpp"
#include "tests/meter/scripted.hpp"

namespace crossjoule::meter {
namespace {

MeterOptions parse(std::string const& text) {
  auto config = core::Config::from_text("[meter]\n" + text, "study.toml");
  auto const options = read_options(config.section("meter"));
  config.refuse_leftovers();
  return options;
}

TEST(MeterOptions, DefaultsAndValues) {
  auto const defaults = parse("");
  EXPECT_EQ(defaults.sysfs_root, "/");
  EXPECT_DOUBLE_EQ(defaults.period_s, 0.1);
  EXPECT_EQ(defaults.require, Requirement::any);
  auto const options =
      parse("sysfs_root = '/tmp'\nperiod_s = 0.5\nrequire = 'measured'\nmemory_gb = 4");
  EXPECT_EQ(options.sysfs_root, "/tmp");
  EXPECT_EQ(options.require, Requirement::measured);
  EXPECT_DOUBLE_EQ(options.memory_gb, 4);
}

TEST(MeterOptions, BadValuesAreRefused) {
  for (char const* text :
       {"period_s = 0", "period_s = 5", "period_s = nan", "memory_gb = -1", "require = 'maybe'",
        "sysfs_root = '/no/such/root'", "perod_s = 0.1", "nvml_library = './evil.so'"})
    EXPECT_THROW(parse(text), core::Error) << text;
}

}  // namespace
}  // namespace crossjoule::meter
