// SPDX-License-Identifier: BSD-3-Clause
#include "meter/values.hpp"

#include <gtest/gtest.h>

namespace crossjoule::meter {
namespace {

TEST(Values, NumbersAreWhole) {
  EXPECT_DOUBLE_EQ(*parse_number(" 1.5e3 "), 1500);
  EXPECT_DOUBLE_EQ(*parse_number("+2"), 2);
  for (char const* text : {"", "nan", "inf", "[N/A]", "1,5", "12x", "-", "1e999", "0x10"})
    EXPECT_FALSE(parse_number(text).has_value()) << text;
}

TEST(Values, PowersAndEnergiesCarryTheirUnits) {
  EXPECT_DOUBLE_EQ(*parse_watt("61.20 W"), 61.2);
  EXPECT_DOUBLE_EQ(*parse_watt("900 mW"), 0.9);
  EXPECT_DOUBLE_EQ(*parse_watt("1.2kW"), 1200);
  EXPECT_DOUBLE_EQ(*parse_watt("5", 1e-3), 5e-3);
  EXPECT_FALSE(parse_watt("5 A").has_value());
  EXPECT_FALSE(parse_watt("[Not Supported]").has_value());
  EXPECT_DOUBLE_EQ(*parse_joule("2 kWh"), 7.2e6);
  EXPECT_DOUBLE_EQ(*watt_of_heading("power.draw [W]"), 1);
  EXPECT_DOUBLE_EQ(*watt_of_heading("VDD_IN_mW"), 1e-3);
  EXPECT_FALSE(watt_of_heading("utilization.gpu [%]").has_value());
}

TEST(Values, TimesOfAllKindsAreOneMoment) {
  std::int64_t const moment = 1'572'548'470'769'862'000;  // 2019-10-31T19:01:10.769862Z
  EXPECT_EQ(parse_time_ns("2019-10-31T19:01:10.769862Z"), moment);
  EXPECT_EQ(parse_time_ns("2019/10/31 19:01:10.769862"), moment);
  EXPECT_EQ(parse_time_ns("2019-10-31 12:01:10.769862", -7 * 3600), moment);
  EXPECT_EQ(parse_time_ns("2019-10-31T21:01:10.769862+02:00"), moment);
  EXPECT_EQ(parse_time_ns("1572548470.769862"), moment);
  EXPECT_EQ(parse_time_ns("1572548470769"), moment / 1'000'000 * 1'000'000);
  EXPECT_EQ(parse_time_ns("1572548470769862"), moment);
  EXPECT_EQ(parse_time_ns("1572548470769862000"), moment);
  EXPECT_EQ(utc_text(moment), "2019-10-31T19:01:10.769Z");
  EXPECT_EQ(parse_time_ns("2022-01-01"), 1'640'995'200'000'000'000);
  for (char const* text : {"", "yesterday", "2022-13-01", "2022-02-30 00:00", "2022-01-01T25:00",
                           "-5", "2022-01-01 00:00:00 PST", "99999999999999999999"})
    EXPECT_FALSE(parse_time_ns(text).has_value()) << text;
}

TEST(Csv, QuotesSeparatorsAndLineEndsOfAllKinds) {
  CsvReader reader("a, b ,\"c,\"\"d\"\"\n e\"\r\n\n1,,3\nlast");
  EXPECT_EQ(*reader.next(), (std::vector<std::string>{"a", "b", "c,\"d\"\n e"}));
  EXPECT_EQ(*reader.next(), (std::vector<std::string>{"1", "", "3"}));
  EXPECT_EQ(reader.line(), 4);
  EXPECT_EQ(*reader.next(), std::vector<std::string>{"last"});
  EXPECT_FALSE(reader.next().has_value());
  CsvReader open("\"never closed");
  EXPECT_EQ(*open.next(), std::vector<std::string>{"never closed"});
  EXPECT_FALSE(open.next().has_value());
}

}  // namespace
}  // namespace crossjoule::meter
