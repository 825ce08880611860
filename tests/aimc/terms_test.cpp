// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/terms.hpp"

#include "chips.hpp"

#include <gtest/gtest.h>

namespace crossjoule::aimc {
namespace {

Terms assumptions(std::string const& text) {
  auto config = core::Config::from_text(text, "study.toml");
  auto table = config.section("assumed");
  auto const terms = take_assumptions(table);
  config.refuse_leftovers();
  return terms;
}

std::string const one_term =
    "[assumed]\nstatic_watts_per_tile = { value = 2e-3, low = 1e-3, high = 4e-3, unit = \"W\", "
    "reason = \"a guess\" }\n";

TEST(Terms, NothingGivenMeansEverythingMissing) {
  auto const terms = assumptions("");
  EXPECT_EQ(terms.missing(core::Boundary::device), "");
  EXPECT_EQ(terms.missing(core::Boundary::chip),
            "digital_joules_per_output; digital_seconds_per_layer; link_joules_per_byte; "
            "static_watts_per_tile");
  EXPECT_NE(terms.missing(core::Boundary::system).find("host_idle_watts; host_share"),
            std::string::npos);
  EXPECT_EQ(terms.assumed(core::Boundary::system), "");
}

TEST(Terms, AnAssumptionIsKeptWithItsReason) {
  auto const terms = assumptions(one_term);
  auto const& figure = terms[Term::static_watts_per_tile];
  EXPECT_EQ(figure.value, 2e-3);
  EXPECT_EQ(figure.kind, core::Kind::assumed);
  EXPECT_EQ(figure.citation, "a guess");
  EXPECT_EQ(terms.assumed(core::Boundary::chip), "static_watts_per_tile");
  EXPECT_EQ(terms.missing(core::Boundary::chip).find("static"), std::string::npos);
}

TEST(Terms, WhatTheChipGivesIsNotOverridden) {
  std::string text = made_up_chip();
  text +=
      "[terms]\nstatic_watts_per_tile = { value = 1.0, low = 1.0, high = 1.0, unit = \"W\", "
      "kind = \"published\", citation = \"A: table 3\" }\n";
  auto const chip = chip_from_text(text, "made-up.toml");
  auto const terms = merged(chip.terms, assumptions(one_term));
  EXPECT_EQ(terms[Term::static_watts_per_tile].value, 1.0);
  EXPECT_EQ(terms.assumed(core::Boundary::system), "");
  EXPECT_EQ(merged({}, assumptions(one_term))[Term::static_watts_per_tile].value, 2e-3);
}

struct Bad {
  char const *table, *complaint;
};
class BadAssumption : public testing::TestWithParam<Bad> {};

TEST_P(BadAssumption, IsRefused) {
  auto const message = refusal([&] { assumptions(std::string("[assumed]\n") + GetParam().table); });
  EXPECT_NE(message.find(GetParam().complaint), std::string::npos) << message;
  EXPECT_NE(message.find("study.toml"), std::string::npos) << message;
}

INSTANTIATE_TEST_SUITE_P(
    Terms, BadAssumption,
    testing::Values(
        Bad{"host_share = { value = 1.5, low = 1.5, high = 1.5, unit = \"1\", reason = \"x\" }",
            "must lie in"},
        Bad{"host_idle_watts = { value = 1, low = 1, high = 1, unit = \"kW\", reason = \"x\" }",
            "must be \"W\""},
        Bad{"host_idle_watts = { value = 1, low = 1, high = 1, unit = \"W\" }", "no reason"},
        Bad{"host_idle_watts = { value = 1, low = -1, high = 1, unit = \"W\", reason = \"x\" }",
            "must lie in"},
        Bad{"host_idle_watts = { value = 1, high = 1, unit = \"W\", reason = \"x\" }", "no low"},
        Bad{"host_idle_watts = { value = nan, low = 1, high = 1, unit = \"W\", reason = \"x\" }",
            "value"},
        Bad{"host_idel_watts = { value = 1, low = 1, high = 1, unit = \"W\", reason = \"x\" }",
            "host_idle_watts"}));

TEST(Terms, AnEmptyTableGivesNothingSoThatTheDumpOfDefaultsReadsBack) {
  auto config = core::Config();
  auto table = config.section("assumed");
  take_assumptions(table);
  auto const dump = config.dump_default();
  for (auto const& law : term_laws()) EXPECT_NE(dump.find(law.name), std::string::npos);
  EXPECT_EQ(assumptions(dump).assumed(core::Boundary::system), "");
}

}  // namespace
}  // namespace crossjoule::aimc
