// SPDX-License-Identifier: BSD-3-Clause
#include "core/table.hpp"

#include <gtest/gtest.h>
#include <limits>

namespace crossjoule::core {
namespace {

TEST(Table, NumbersStandRightTextLeft) {
  Table table({"name", "value"});
  table.row({"a", "1.5 us"}).row({"long name", "12.25 us"}).row({"c"});
  EXPECT_EQ(table.text(),
            "name          value\n"
            "---------  --------\n"
            "a            1.5 us\n"
            "long name  12.25 us\n"
            "c\n");
}

TEST(Table, CountsCharactersNotBytes) {
  Table table({"process", "n"});
  table.row({"h±→τν", "1"}).row({"zz", "2"});
  std::string const text = table.text();
  EXPECT_NE(text.find("h±→τν    1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("zz       2\n"), std::string::npos) << text;
}

TEST(Table, CsvQuotesWhatNeedsIt) {
  Table table({"a", "b,c"});
  table.row({"say \"x\"", "two\nlines"});
  EXPECT_EQ(table.csv(), "a,\"b,c\"\r\n\"say \"\"x\"\"\",\"two\nlines\"\r\n");
}

TEST(Si, ThreeDigitsAndAPrefix) {
  struct Row {
    double value;
    char const *unit, *text;
  };
  for (Row const& row : {Row{15.6e-6, "s", "15.6 us"},
                         {0, "s", "0 s"},
                         {1, "J", "1.00 J"},
                         {999.4e-6, "J", "999 uJ"},
                         {999.6e-6, "J", "1.00 mJ"},
                         {-2.5e3, "W", "-2.50 kW"},
                         {1.2345e9, "FLOP/s", "1.23 GFLOP/s"},
                         {7e-15, "J", "7.00 fJ"},
                         {12.5, "mm2", "12.5 mm2"},
                         {0.0125, "mm2", "0.013 mm2"},
                         {0.5, "1", "0.500"},
                         {std::numeric_limits<double>::quiet_NaN(), "s", "-"},
                         {std::numeric_limits<double>::infinity(), "s", "inf s"}})
    EXPECT_EQ(si(row.value, row.unit), row.text) << row.value;
}

TEST(WithInterval, OnePrefixForAllThree) {
  Quantity<Joules> const energy{Joules{0.16e-3}, Joules{0.31e-3}, Joules{0.62e-3}, Kind::modelled};
  EXPECT_EQ(with_interval(energy), "310 [160, 620] uJ");
  EXPECT_EQ(with_interval(Quantity<Seconds>::exactly(Seconds{15.6e-6}, Kind::assumed)), "15.6 us");
  EXPECT_EQ(with_interval(Quantity<Joules>{}), "-");  // absent, never 0
}

}  // namespace
}  // namespace crossjoule::core
